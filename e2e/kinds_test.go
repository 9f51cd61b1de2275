package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// TestKinds has every kind of question answered by real visits, a page each: by
// keyboard alone in every language, in a window of 320 px, where each page is looked
// at as it arrives and with a problem, in light and dark, from left to right and from
// right to left (how Thai lies on a page, TestSamples sees); and with scripts off. The
// shop then has what was said, word for word.
func TestKinds(t *testing.T) {
	t.Parallel()
	d := kindsDemo(t)
	for _, lang := range []string{"en", "th", "ar"} {
		t.Run(lang+"-keyboard", func(t *testing.T) {
			t.Parallel()
			o := &tour{t: t, lang: lang, shots: os.Getenv("PROFFER_TEST_SHOTS"), p: chrome.Page(t, browser.Look{Width: 320})}
			register(t, o.p, d, d.Kopi, address(t))
			o.p.Look(browser.Look{Lang: lang, Width: 320})
			for _, v := range kindVisits() {
				o.p.Open(v.address(t, d))
				for _, s := range v.steps {
					o.narrow("kind-" + s.page)
					if s.wrong != nil {
						o.p.Type(s.wrong.in(lang), s.button)
						o.narrow("kind-" + s.page + "-problem")
					}
					o.p.Type(s.keys.in(lang), s.button)
				}
			}
			hasAll(t, o.p, d)
			o.p.Open(d.Provider + "/preferences/answers")
			o.p.See(map[string]string{"en": "28 February 2099", "th": "28 กุมภาพันธ์ พ.ศ. 2642", "ar": "28 فبراير 2099"}[lang], "UK 8")
			o.narrow("kinds-answers")
			for _, id := range []string{"date", "pictures", "size"} {
				o.p.Open(d.Provider + "/preferences/answers/" + id + "/change?brand=kopi")
				o.narrow("kind-" + id + "-change")
			}
		})
	}
	t.Run("scripts-off", func(t *testing.T) {
		t.Parallel()
		p := chrome.Page(t, browser.Look{Width: 375, NoScript: true})
		register(t, p, d, d.Kopi, address(t))
		for _, v := range kindVisits() {
			p.Open(v.address(t, d))
			for _, s := range v.steps {
				form, err := url.ParseQuery(s.form)
				if err != nil {
					t.Fatal(err)
				}
				p.Send(form, s.button)
			}
		}
		hasAll(t, p, d)
	})
}

// narrow looks at the page in a window of 320 px, light and dark. Of a dark page only
// the colours are another's.
func (o *tour) narrow(name string) {
	o.t.Helper()
	o.stops++
	if o.p.Fits(name); o.lang == "th" {
		return
	}
	o.p.Axe(name)
	o.p.Look(browser.Look{Lang: o.lang, Width: 320, Dark: true})
	o.p.Contrast(name)
	o.shoot(name)
	o.p.Look(browser.Look{Lang: o.lang, Width: 320})
}

// in puts the keys for the language: where an era of its own is counted by, years of that.
func (k keys) in(lang string) browser.Keys {
	out := browser.Keys{}
	for at, what := range k {
		out[at] = strings.Replace(what, "2099", map[string]string{"en": "2099", "th": "2642", "ar": "2099"}[lang], 1)
	}
	return out
}

// hasAll compares what the shop receives with what the visits said.
func hasAll(t *testing.T, p *browser.Page, d *demo) {
	t.Helper()
	p.Open(d.Kopi + "/sign-in")
	got := zp(t, received(t, p).UserInfo)
	for _, v := range kindVisits() {
		for question, want := range v.want {
			if b, err := json.Marshal(got[question]); err != nil || string(b) != want {
				t.Errorf("%s is %s, want %s", question, b, want)
			}
			delete(got, question)
		}
	}
	if len(got) > 0 {
		t.Errorf("the shop also has %v", got)
	}
}

// A new kind, or a new screen of testdata/kinds, needs its visit here.
func TestKindsAreAllVisited(t *testing.T) {
	t.Parallel()
	set := kindsSet(t)
	schema, err := exec.Command(binary, "screens", "schema").Output()
	if err != nil {
		t.Fatal(err)
	}
	var known struct {
		Defs struct {
			Question struct {
				Properties struct {
					Kind struct{ Enum []string }
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(schema, &known); err != nil {
		t.Fatal(err)
	}
	kinds := known.Defs.Question.Properties.Kind.Enum
	if len(kinds) == 0 {
		t.Fatalf("the schema knows no kinds:\n%s", schema)
	}
	_, questions, _ := strings.Cut(set, "\nquestions:\n")
	asked := map[string]string{} // kind of each question
	for _, m := range regexp.MustCompile(`(?m)^  (\w+):\n    kind: (\w+)$`).FindAllStringSubmatch(questions, -1) {
		asked[m[1]] = m[2]
	}
	said := map[string]bool{}
	for _, v := range kindVisits() {
		for question := range v.want {
			said[asked[question]] = true
			delete(asked, question)
		}
	}
	for _, kind := range kinds {
		if !said[kind] {
			t.Errorf("no visit answers a question of kind %s", kind)
		}
	}
	for question := range asked {
		t.Errorf("no visit answers %s", question)
	}
}

const kindsFolder = "../testdata/kinds"

func kindsSet(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(kindsFolder + "/set.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// kindsDemo starts a demo whose Kopi Club asks what testdata/kinds has, and receives all
// of it. Nobody gets tired of it.
func kindsDemo(t *testing.T) *demo {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	d, err := startDemo(binary, data)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	var claims strings.Builder
	for _, v := range kindVisits() {
		for question := range v.want {
			fmt.Fprintf(&claims, "          %s: {}\n", question)
		}
	}
	edit(t, filepath.Join(data, "config.yaml"), "{screens: 6, every: 30d}", "{screens: 100, every: 1d}", "        aliases: {coffee_milk: kopi_milk}\n", "")
	replace(t, filepath.Join(data, "config.yaml"), `          coffee_milk: \{id_token: true\}\n(?:          .*\n)*?          strength: \{\}\n`, claims.String())
	if err := os.RemoveAll(filepath.Join(data, "brands", "kopi", "cases")); err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(os.DirFS(kindsFolder), ".", func(name string, e fs.DirEntry, err error) error {
		to := filepath.Join(data, "brands", "kopi", name)
		if err != nil || e.IsDir() {
			return cmpErr(err, os.MkdirAll(to, 0o755))
		}
		b, err := os.ReadFile(filepath.Join(kindsFolder, name))
		return cmpErr(err, os.WriteFile(to, b, 0o644))
	})
	if err != nil {
		t.Fatal(err)
	}
	if d, err = startDemo(binary, data); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.stop() })
	return d
}

// cmpErr is the first of errors that is one.
func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// edit replaces texts of a file, given in pairs.
func edit(t *testing.T, file string, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		replace(t, file, regexp.QuoteMeta(pairs[i]), pairs[i+1])
	}
}

// replace replaces what matches a pattern in a file, which is there once.
func replace(t *testing.T, file, pattern, with string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	re := regexp.MustCompile(pattern)
	if n := len(re.FindAllIndex(b, -1)); n != 1 {
		t.Fatalf("%s has %d of %q", file, n, pattern)
	}
	if err := os.WriteFile(file, re.ReplaceAllLiteral(b, []byte(with)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// address is where a visit begins: its campaign's link, or what the shop would
// send the browser to with an answer it hands over.
func (v visit) address(t *testing.T, d *demo) string {
	t.Helper()
	if v.carries == "" {
		return d.Provider + "/ask/" + v.campaign + "?brand=kopi"
	}
	secret, err := os.ReadFile(filepath.Join(d.data, "data", "clients", "kopi-web.secret"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.Provider+"/carry-in", strings.NewReader(`{"answers": `+v.carries+`}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth("kopi-web", url.QueryEscape(strings.TrimSpace(string(secret))))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var got struct {
		Handle string `json:"carry_in"`
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || got.Handle == "" {
		t.Fatalf("/carry-in answers %s, %v", res.Status, err)
	}
	return d.Provider + "/authorize?" + url.Values{
		"client_id": {"kopi-web"}, "response_type": {"code"}, "redirect_uri": {d.Kopi + "/callback"}, "scope": {"openid zp"},
		"state": {"a state of the shop's own"}, "nonce": {"a nonce of the shop's own"}, "code_challenge_method": {"S256"},
		"code_challenge": {"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}, "carry_in": {got.Handle},
	}.Encode()
}

func down(n int) string { return strings.Join(slices.Repeat([]string{browser.Down}, n), "") }
