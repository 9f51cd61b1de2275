package shop

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/relying"
)

func answers(t *testing.T, zp string) relying.Answers {
	t.Helper()
	a, err := relying.ReadAnswers([]byte(`{"zp":`+zp+`}`), "zp")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func names(s Shelf) (out []string) {
	for _, p := range s.Products {
		out = append(out, p.Name)
	}
	return out
}

func said(rows []Row) map[string]string {
	out := map[string]string{}
	for _, r := range rows {
		out[r.Name] = r.Value
	}
	return out
}

func TestKopiFront(t *testing.T) {
	all := len(kopiMenu())
	for _, c := range []struct {
		zp      string
		heading string
		first   []string
		lead    string
	}{
		{`{"coffee_milk":"condensed","birthday":"--03-14"}`, "Your kopi, with condensed milk.", []string{"Kopi", "Kopi peng", "Robusta for kopi, 250 g"}, "A free drink is waiting in the week of 14 March."},
		{`{"coffee_milk":"black"}`, "Your kopi, black.", []string{"Kopi O", "House roast, 250 g", "Robusta for kopi, 250 g"}, ""},
		{`{"coffee_milk":"oat","home_brew":false}`, "Your coffee, with oat milk.", []string{"Oat cortado", "Flat white"}, ""},
		{`{"coffee_when":["morning"]}`, "The kettle is on.", nil, "The first pot is ready at seven."},
		{`{}`, "The kettle is on.", nil, ""},
		{`{"coffee_milk":"soy"}`, "The kettle is on.", nil, ""}, // an option that came later
	} {
		f := kopiFront(Customer{SignedIn: true, Answers: answers(t, c.zp)})
		if f.Heading[1] != c.heading || f.Lead != c.lead {
			t.Errorf("%s: %q, %q", c.zp, f.Heading, f.Lead)
		}
		if c.first == nil {
			if f.Rest != nil || len(f.First.Products) != all {
				t.Errorf("%s: not the plain shelf: %q", c.zp, names(f.First))
			}
			continue
		}
		if !slices.Equal(names(f.First), c.first) {
			t.Errorf("%s: first %q, want %q", c.zp, names(f.First), c.first)
		}
		for _, p := range f.First.Products {
			if p.Tag == "" {
				t.Errorf("%s: %s does not say why it stands first", c.zp, p.Name)
			}
		}
		if f.Rest == nil || slices.ContainsFunc(f.Rest.Products, func(p Product) bool { return slices.Contains(c.first, p.Name) }) {
			t.Errorf("%s: something stands on two shelves, or the rest is missing", c.zp)
		}
	}
	if f := kopiFront(Customer{}); f.Rest != nil || len(f.First.Products) != all || f.Lead == "" {
		t.Errorf("signed out: %+v", f)
	}
}

func TestSoleFront(t *testing.T) {
	for _, c := range []struct {
		zp      string
		heading []string
		first   []string
		rest    int
		lead    string
	}{
		{`{"shoe_size":"42","style":["run","trail"],"plan":"month"}`, []string{"Six pairs in EU 42.", "Running and trail first."}, []string{"Tempo", "Tempo Volt", "Ridge 3"}, 3, "Thinking of buying this month? Delivery before Friday."},
		{`{"shoe_size":"43","style":["trail"],"plan":"looking"}`, []string{"Five pairs in EU 43.", "Trail first."}, nil, 0, ""}, // no trail shoe in 43
		{`{"style":["court"]}`, []string{"Welcome back.", "Court first."}, []string{"Court Low"}, 5, ""},
		{`{"birthday":"--02-29"}`, []string{"Welcome back.", "Good to see you."}, nil, 0, "10% off is yours in the week of 29 February."},
		{`{}`, []string{"Welcome back.", "Good to see you."}, nil, 0, ""},
	} {
		f := soleFront(Customer{SignedIn: true, Answers: answers(t, c.zp)})
		if f.Lead != c.lead {
			t.Errorf("%s: %q", c.zp, f.Lead)
		}
		if c.first != nil {
			if !slices.Equal(f.Heading, c.heading) {
				t.Errorf("%s: %q", c.zp, f.Heading)
			}
			if !slices.Equal(names(f.First), c.first) || f.Rest == nil || len(f.Rest.Products) != c.rest {
				t.Errorf("%s: %q, then %v", c.zp, names(f.First), f.Rest)
			}
		} else if f.Rest != nil {
			t.Errorf("%s: two shelves", c.zp)
		}
	}
	for size, gone := range map[string]string{"42": "", "41": "Court Low", "43": "Ridge 3", "47": "Avenue"} {
		f := soleFront(Customer{SignedIn: true, Answers: answers(t, `{"shoe_size":"`+size+`"}`)})
		for _, p := range f.First.Products {
			if p.Name == gone || !strings.HasPrefix(p.Tag, "EU "+size) {
				t.Errorf("size %s: %s, %q", size, p.Name, p.Tag)
			}
		}
	}
}

func TestRows(t *testing.T) {
	kopi := said(kopiRows(Customer{SignedIn: true, Answers: answers(t, `{"coffee_milk":"condensed","birthday":"--03-14"}`)}))
	if kopi["Coffee"] != "condensed milk" || kopi["Birthday"] != "14 March" || kopi["Email"] != "not shared" {
		t.Errorf("%v", kopi)
	}
	sole := said(soleRows(Customer{SignedIn: true, Email: "nok@example.com", Answers: answers(t, `{"shoe_size":"42","style":["trail","run","other:dancing"]}`)}))
	if sole["Shoe size"] != "EU 42" || sole["Wears"] != "running, trail, dancing" || sole["Buying"] != "not shared" || sole["Coffee"] != "not shared" || sole["Email"] != "nok@example.com" {
		t.Errorf("%v", sole)
	}
	// An absent zp proves nothing.
	if unknown := said(soleRows(Customer{SignedIn: true}))["Coffee"]; unknown != "not known" {
		t.Errorf("without zp, coffee is %q", unknown)
	}
	// A question that came to the configuration later stands there by itself.
	a := answers(t, `{"coffee_milk":"oat","pastry":["kaya_toast","other:curry puff"],"dog":true}`)
	rows := said(others(kopiRows(Customer{Answers: a}), a))
	if rows["Pastry"] != "kaya toast, curry puff" || rows["Dog"] != "yes" || len(rows) != 2 {
		t.Errorf("%v", rows)
	}
}

func TestLinesMarkWhatWasSaid(t *testing.T) {
	text := func(lines []Line, said bool) (out []string) {
		for _, l := range lines {
			if l.Said == said {
				out = append(out, l.Text)
			}
		}
		return out
	}
	payload := []byte(`{"iss":"https://id.example","zp":{"style":["run","trail"],"size":"42","note":"\"zp\": {"},"zz":{"a":1}}`)
	if got := text(lines(payload), true); !slices.Equal(got, []string{`"style": ["run", "trail"]`, `"size": "42"`, `"note": "\"zp\": {"`}) {
		t.Errorf("marked: %q", got)
	}
	for _, none := range []string{`{"zp":{},"sub":"x"}`, `{"sub":"\"zp\": {"}`, `{"a":{"b":1}}`} {
		if got := text(lines([]byte(none)), true); got != nil {
			t.Errorf("%s: marked %q", none, got)
		}
	}
	var back bytes.Buffer
	for _, l := range lines(payload) {
		back.WriteString(l.Text)
		if l.Comma {
			back.WriteByte(',')
		}
	}
	var was, is any
	if err := json.Unmarshal(back.Bytes(), &is); err != nil {
		t.Fatalf("%s: %v", back.Bytes(), err)
	}
	if err := json.Unmarshal(payload, &was); err != nil {
		t.Fatal(err)
	}
	if a, b := mustJSON(t, was), mustJSON(t, is); a != b {
		t.Errorf("the lines say %s, the token %s", b, a)
	}
	look := lines2text(firstLook([]byte(`{"sub":"k7Qm3GdVjWb9sQ2xk1LzTA","iss":"https://id.example","nonce":"n","zp":{"size":"42"}}`)))
	if strings.Contains(look, "nonce") || strings.Contains(look, "GdVj") || !strings.Contains(look, "k7Qm…only here") {
		t.Errorf("first look: %s", look)
	}
}

func lines2text(in []Line) string {
	var b strings.Builder
	for _, l := range in {
		b.WriteString(l.Indent + l.Text + "\n")
	}
	return b.String()
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBehind(t *testing.T) {
	for _, c := range []struct {
		token, info string
		want        bool
	}{
		{`{"zp":{"a":"1"}}`, `{"zp":{"a":"1"}}`, false},
		{`{"zp":{"a":"1"}}`, `{"zp":{"a":"2"}}`, true},
		{`{"zp":{"a":"1"}}`, `{"zp":{}}`, true},
		{`{"zp":{"a":"1"}}`, `{"zp":{"a":"1","b":"2"}}`, true},
		{`{"zp":{"a":"1"},"zp_more":true}`, `{"zp":{"a":"1","b":"2"}}`, false}, // b was never to be in it
		{`{}`, `{"zp":{"a":"1"}}`, false},
		{`{"zp":{"a":"1"}}`, `{}`, false},
	} {
		token, err := relying.ReadAnswers([]byte(c.token), "zp")
		if err != nil {
			t.Fatal(err)
		}
		info, err := relying.ReadAnswers([]byte(c.info), "zp")
		if err != nil {
			t.Fatal(err)
		}
		if got := behind(token, info); got != c.want {
			t.Errorf("%s, %s: %v", c.token, c.info, got)
		}
	}
}

// Every picture and style sheet a page names is there, and no page needs what
// its own policy forbids.
func TestPages(t *testing.T) {
	reference := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`)
	for _, b := range []Brand{Kopi(), Sole()} {
		s, err := New(Options{Brand: b, ID: b.ID + "-web", Issuer: "http://localhost:8080", Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		get := func(path string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			return w
		}
		for _, path := range []string{"/", "/?state=turned-back", "/?state=%3Cscript%3E", "/terms", "/privacy", "/help"} {
			w := get(path)
			body := w.Body.String()
			if w.Code != 200 || !strings.Contains(body, "<h1>") {
				t.Errorf("%s %s: %d", b.ID, path, w.Code)
			}
			if strings.Contains(body, "<style") || strings.Contains(body, "style=") || strings.Contains(body, "<script") {
				t.Errorf("%s %s: style or script inside the page", b.ID, path)
			}
			for _, m := range reference.FindAllStringSubmatch(body, -1) {
				if w := get(m[1]); w.Code != 200 {
					t.Errorf("%s %s: %s answers %d", b.ID, path, m[1], w.Code)
				}
			}
		}
		if w := get("/nowhere"); w.Code != 404 {
			t.Errorf("%s /nowhere: %d", b.ID, w.Code)
		}
		// A foreign site cannot press our buttons.
		for _, path := range []string{"/refresh", "/sign-out"} {
			r := httptest.NewRequest("POST", path, nil)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != 403 {
				t.Errorf("%s POST %s from another site: %d", b.ID, path, w.Code)
			}
		}
	}
	// All products of both shops have their picture.
	for _, p := range append(kopiMenu(), products(soleStock(), 0)...) {
		if _, err := fs.Stat(assets, strings.TrimPrefix(p.Picture, "/")); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}
