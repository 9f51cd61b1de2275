package consent_test

import (
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
	"github.com/proffer-id/proffer/templates"
)

// desk serves the pages of this room to one customer who is signed in.
type desk struct {
	*ground
	mux        *http.ServeMux
	visit      *web.Visit
	session    store.ID
	signedIn   bool
	candidates []consent.Candidate
	words      map[string]consent.Words
	received   []consent.Received
	worked     []consent.Worked
}

// pages are parsed and tried out once; for them it is always the first day.
var pages = sync.OnceValues(func() (*templates.Set, error) {
	return templates.New(templates.Options{Now: func() time.Time { return storetest.Epoch }})
})

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{ground: newGround(t), session: store.NewID(), signedIn: true, mux: http.NewServeMux()}
	d.visit = &web.Visit{ID: store.NewID(), Sealed: "sealed", Began: d.clock.Now(), Client: "kopi-web", Brand: "kopi"}
	pages, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"kopi": "Kopi Club", "sole": "Sole & Co"}
	site, err := web.New(web.Config{
		Issuer: "http://localhost:8080", Languages: pages.Languages(), Secret: d.db.Secret, Pages: pages,
		Brand:   func(id, _ string) templates.Brand { return templates.Brand{ID: id, Name: names[id]} },
		CSS:     func(string, string) string { return "/static/theme.css" },
		Account: func(*http.Request) string { return "nok@example.com" },
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := consent.New(consent.Deps{
		DB: d.db, Now: d.clock.Now, Site: site, Words: pages,
		Visit: func(*http.Request) (*web.Visit, error) { return d.visit, nil },
		Who: func(*store.Tx, *http.Request) (consent.Who, bool, error) {
			return consent.Who{Account: d.account, Session: d.session}, d.signedIn, nil
		},
		Candidates: func(_ *store.Tx, _ *web.Visit, _ store.ID, _ string) ([]consent.Candidate, error) {
			return d.candidates, nil
		},
		Describe: func(_ *store.Tx, _ store.ID, _, _ string, claims []string) (map[string]consent.Words, error) {
			return d.words, nil
		},
		Worked:    func(*store.Tx, store.ID, string, string) ([]consent.Worked, error) { return d.worked, nil },
		Grants:    func(*store.Tx, store.ID) ([]consent.Received, error) { return d.received, nil },
		BrandName: func(brand, _ string) string { return names[brand] },
		Desk:      func(*http.Request, *web.Visit, string) []templates.Section { return nil },
	})
	d.mux.Handle("GET /share", site.Handler(c.GetShare))
	d.mux.Handle("POST /share", site.Handler(c.PostShare))
	d.mux.Handle("GET /preferences/sharing", site.Handler(c.GetSharing))
	d.mux.Handle("POST /preferences/sharing/{brand}/stop", site.Handler(c.PostStop))
	return d
}

func (d *desk) get(path string) *httptest.ResponseRecorder {
	d.t.Helper()
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, httptest.NewRequestWithContext(d.t.Context(), http.MethodGet, path, nil))
	return w
}

func (d *desk) post(path string, form url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, r)
	if w.Code >= 500 {
		d.t.Errorf("POST %s: %d", path, w.Code)
	}
	return w
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// hidden are the fields that a form of the page carries.
func hidden(page string) url.Values {
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}

func with(form url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, v := range form {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out.Add(pairs[i], pairs[i+1])
	}
	return out
}

var (
	shoeSize = consent.Candidate{Claim: "shoe_size", Name: "Shoe size", Value: "EU 42", From: "You told Sole & Co on 3 May.", Purpose: consent.Purpose{ID: "personalise", Text: "show what fits"}}
	email    = consent.Candidate{Claim: "email", Name: "Email", Value: "nok@example.com"}
)

func TestShare_TickOneOfTwo(t *testing.T) {
	d := newDesk(t)
	d.candidates = []consent.Candidate{shoeSize, email}
	page := d.get("/share").Body.String()
	if !strings.Contains(page, "EU 42") || !strings.Contains(page, "nok@example.com") {
		t.Error("a value is not on the page")
	}
	w := d.post("/share", with(hidden(page), "claim", "shoe_size", "do", "share"))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/authorize?visit=sealed" {
		t.Fatalf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	got := d.releases("kopi")
	if got["shoe_size"].State != consent.Given || got["email"].State != consent.Refused {
		t.Errorf("shoe_size %s, email %s", got["shoe_size"].State, got["email"].State)
	}
	if s := d.purpose("kopi", "personalise"); s != consent.Given {
		t.Errorf("purpose %q", s)
	}
	d.view(func(tx *store.Tx) error {
		words, err := consent.Wording(tx, d.account, got["shoe_size"].Screen)
		if err == nil && (!strings.Contains(string(words), "show what fits") || strings.Contains(string(words), "EU 42")) {
			t.Errorf("the words kept lack the purpose, or have the value: %s", words)
		}
		return err
	})
	if w := d.get("/share"); w.Code != http.StatusSeeOther {
		t.Errorf("after both were decided the page answers %d", w.Code)
	}
}

func TestShare_Nothing(t *testing.T) {
	d := newDesk(t)
	d.candidates = []consent.Candidate{shoeSize, email}
	d.post("/share", with(hidden(d.get("/share").Body.String()), "do", "nothing", "claim", "shoe_size"))
	for _, claim := range []string{"shoe_size", "email"} {
		if s := d.releases("kopi")[claim].State; s != consent.Refused {
			t.Errorf("%s is %q", claim, s)
		}
	}
	if s := d.purpose("kopi", "personalise"); s != consent.Refused {
		t.Errorf("purpose %q", s)
	}
}

func TestShare_OneClaimNeedsNoBox(t *testing.T) {
	d := newDesk(t)
	d.candidates = []consent.Candidate{shoeSize}
	page := d.get("/share").Body.String()
	if strings.Contains(page, "checkbox") {
		t.Error("one claim has a box")
	}
	d.post("/share", with(hidden(page), "do", "share"))
	if s := d.releases("kopi")["shoe_size"].State; s != consent.Given {
		t.Errorf("release %q", s)
	}
}

// A refusal beside a purpose that was given for something else takes nothing away.
func TestShare_RefusalLeavesOtherClaimsOfThePurpose(t *testing.T) {
	d := newDesk(t)
	d.record(personalise("coffee_milk"))
	d.candidates = []consent.Candidate{shoeSize}
	d.post("/share", with(hidden(d.get("/share").Body.String()), "do", "nothing"))
	if s := d.purpose("kopi", "personalise"); s != consent.Given {
		t.Errorf("purpose %q", s)
	}
	if s := d.releases("kopi")["coffee_milk"].State; s != consent.Given {
		t.Errorf("coffee_milk %q", s)
	}
}

func TestGauntlet_Z04_ConsentByCraftedPost(t *testing.T) {
	fresh := func(t *testing.T) (*desk, url.Values) {
		d := newDesk(t)
		d.candidates = []consent.Candidate{shoeSize, email}
		return d, hidden(d.get("/share").Body.String())
	}
	for name, c := range map[string]struct {
		form   func(d *desk, form url.Values) url.Values
		status int
	}{
		"a claim that is not on the page": {func(_ *desk, f url.Values) url.Values { return with(f, "do", "share", "claim", "birthday") }, 422},
		"one of them added": {func(_ *desk, f url.Values) url.Values {
			return with(f, "do", "share", "claim", "email", "claim", "birthday")
		}, 422},
		"share, nothing ticked": {func(_ *desk, f url.Values) url.Values { return with(f, "do", "share") }, 422},
		"no button":             {func(_ *desk, f url.Values) url.Values { return with(f, "claim", "email") }, 422},
		"no token": {func(_ *desk, f url.Values) url.Values {
			f.Del("form_token")
			return with(f, "do", "share", "claim", "email")
		}, 403},
		"another visit's token": {func(d *desk, f url.Values) url.Values {
			v := *d.visit
			v.ID = store.NewID()
			d.visit = &v
			return with(f, "do", "share", "claim", "email")
		}, 403},
		"a hash made up": {func(_ *desk, f url.Values) url.Values {
			f.Set("shown", strings.Repeat("0", 32))
			return with(f, "do", "share", "claim", "email")
		}, 409},
		"the value changed since": {func(d *desk, f url.Values) url.Values {
			changed := shoeSize
			changed.Value = "EU 43"
			d.candidates = []consent.Candidate{changed, email}
			return with(f, "do", "share", "claim", "email")
		}, 409},
		"the purpose changed since": {func(d *desk, f url.Values) url.Values {
			changed := shoeSize
			changed.Purpose.ID = "marketing"
			d.candidates = []consent.Candidate{changed, email}
			return with(f, "do", "share", "claim", "shoe_size")
		}, 409},
		"one more claim since": {func(d *desk, f url.Values) url.Values {
			d.candidates = append(d.candidates, consent.Candidate{Claim: "birthday"})
			return with(f, "do", "share", "claim", "birthday")
		}, 409},
	} {
		t.Run(name, func(t *testing.T) {
			d, form := fresh(t)
			w := d.post("/share", c.form(d, form))
			if w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			if n := len(d.releases("kopi")); n != 0 {
				t.Errorf("%d releases are recorded", n)
			}
			if n := len(d.states("kopi", "personalise")); n != 0 {
				t.Errorf("%d consent events are recorded", n)
			}
		})
	}
}

func TestShare_ProblemKeepsTicks(t *testing.T) {
	d := newDesk(t)
	d.candidates = []consent.Candidate{shoeSize, email}
	w := d.post("/share", with(hidden(d.get("/share").Body.String()), "do", "share", "claim", "email", "claim", "birthday"))
	if !regexp.MustCompile(`value="email" checked`).MatchString(w.Body.String()) {
		t.Error("the tick at email is lost")
	}
}

func TestGauntlet_Z10_ShareIsNeutral(t *testing.T) {
	d := newDesk(t)
	d.candidates = []consent.Candidate{shoeSize, email}
	page := d.get("/share").Body.String()
	if strings.Contains(page, " checked") {
		t.Error("a box is ticked")
	}
	buttons := regexp.MustCompile(`<button class="([^"]*)" name="do" value="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(buttons) != 2 || buttons[0][1] != buttons[1][1] {
		t.Errorf("the two answers do not look the same: %v", buttons)
	}
}

func TestShare_NobodySignedIn(t *testing.T) {
	d := newDesk(t)
	d.candidates = []consent.Candidate{shoeSize}
	form := with(hidden(d.get("/share").Body.String()), "do", "share")
	d.signedIn = false
	if w := d.post("/share", form); w.Code != http.StatusSeeOther {
		t.Errorf("status %d", w.Code)
	}
	if n := len(d.releases("kopi")); n != 0 {
		t.Errorf("%d releases are recorded", n)
	}
}

func TestSharing_StopOneThenAll(t *testing.T) {
	d := newDesk(t)
	d.record(personalise("coffee_milk", "coffee_when"))
	d.record(consent.Decision{Brand: "sole", State: consent.Given, Claims: []string{"shoe_size"}, Purpose: consent.Purpose{ID: "fit"}})
	d.words = map[string]consent.Words{
		"coffee_milk": {Name: "Coffee", Value: "With oat milk", Purpose: "start your shelf"},
		"coffee_when": {Name: "When", Value: "In the morning"},
		"shoe_size":   {Name: "Shoe size", Value: "42"},
	}
	d.received = []consent.Received{{Brand: "kopi", Last: d.clock.Now().Add(-time.Minute), Times: 3}}
	page := d.get("/preferences/sharing").Body.String()
	for _, want := range []string{"Coffee", "With oat milk", "start your shelf", "Kopi Club last got this today", "Sole &amp; Co"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	form := hidden(page)
	w := d.post("/preferences/sharing/kopi/stop?claim=coffee_milk", form)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	if page := d.get(w.Header().Get("Location")).Body.String(); !strings.Contains(page, "Stopped.") || strings.Contains(page, "With oat milk") {
		t.Error("the page does not say that sharing stopped, or still has the claim")
	}
	got := d.releases("kopi")
	if got["coffee_milk"].State != consent.Withdrawn || got["coffee_when"].State != consent.Given {
		t.Errorf("after one: %s, %s", got["coffee_milk"].State, got["coffee_when"].State)
	}
	d.post("/preferences/sharing/kopi/stop", form)
	if s := d.releases("kopi")["coffee_when"].State; s != consent.Withdrawn {
		t.Errorf("after all: %s", s)
	}
	if s := d.releases("sole")["shoe_size"].State; s != consent.Given {
		t.Errorf("another brand: %s", s)
	}
	before := d.states("kopi", "personalise")
	if w := d.post("/preferences/sharing/kopi/stop", form); w.Code != http.StatusSeeOther {
		t.Errorf("sent twice: %d", w.Code)
	}
	if after := d.states("kopi", "personalise"); !slices.Equal(before, after) {
		t.Errorf("sent twice: chain %v → %v", before, after)
	}
}

// What is worked out stands among what a brand gets, as that, with what ends it; it has
// no button of its own, and what may not leave is not there.
func TestSharing_Worked(t *testing.T) {
	d := newDesk(t)
	d.record(personalise("born"))
	d.words = map[string]consent.Words{"born": {Name: "Date of birth", Value: "14 March 1990"}}
	d.worked = []consent.Worked{
		{ID: "band", Words: consent.Words{Name: "Age group", Value: "35-49", Purpose: "suit you"}, From: []string{"Date of birth", "Country"}, Shared: true},
		{ID: "kind", Words: consent.Words{Name: "Kind of customer", Value: "Night owl"}, From: []string{"Coffee time"}},
	}
	page := d.get("/preferences/sharing").Body.String()
	for _, want := range []string{"Age group", "35-49", "You did not say this: it is worked out from: Date of birth, Country.", "?claim=born"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"Night owl", "claim=band"} {
		if strings.Contains(page, not) {
			t.Errorf("the page has %q", not)
		}
	}
}

func TestSharing_StopRefused(t *testing.T) {
	d := newDesk(t)
	d.record(personalise("coffee_milk"))
	d.words = map[string]consent.Words{"coffee_milk": {Name: "Coffee", Value: "Black"}}
	form := hidden(d.get("/preferences/sharing").Body.String())
	if w := d.post("/preferences/sharing/kopi/stop", url.Values{}); w.Code != http.StatusForbidden {
		t.Errorf("without a token: %d", w.Code)
	}
	if w := d.post("/preferences/sharing/nobody/stop", form); w.Code != http.StatusNotFound {
		t.Errorf("a brand that got nothing: %d", w.Code)
	}
	if s := d.releases("kopi")["coffee_milk"].State; s != consent.Given {
		t.Errorf("release %s", s)
	}
}

func TestSharing_Empty(t *testing.T) {
	d := newDesk(t)
	if page := d.get("/preferences/sharing").Body.String(); !strings.Contains(page, "No shop has received anything about you.") {
		t.Errorf("the empty page does not say so: %s", page)
	}
}
