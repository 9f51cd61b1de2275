package templates

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func newSet(t *testing.T, o Options) *Set {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEveryPage executes every sample in every language, as a start does, and
// writes it.
func TestEveryPage(t *testing.T) {
	s := newSet(t, Options{})
	for _, lang := range s.Languages() {
		for _, sample := range s.Samples(lang, Brand{ID: "kopi", Name: "Kopi Club"}) {
			var b bytes.Buffer
			if err := s.Write(&b, sample.View); err != nil {
				t.Errorf("%s in %s: %v", sample.Name, lang, err)
			}
			if b.Len() < 500 {
				t.Errorf("%s in %s: %d bytes", sample.Name, lang, b.Len())
			}
		}
	}
}

// TestOverrides: a brand's own page is used for that brand alone, and what is
// wrong with one stops the start with file and line.
func TestOverrides(t *testing.T) {
	page, err := pageFiles.ReadFile("login.html")
	if err != nil {
		t.Fatal(err)
	}
	hi := strings.Replace(string(page), `<h1>{{.Say "login.heading"}}</h1>`, "<h1>Hi</h1>", 1)
	own := fstest.MapFS{"login.html": {Data: []byte(hi)}}
	s := newSet(t, Options{Overrides: map[string]fs.FS{"kopi": own}})
	for brand, want := range map[string]bool{"kopi": true, "sole": false} {
		var b bytes.Buffer
		if err := s.Write(&b, &Login{Page: Page{Lang: "en", Brand: Brand{ID: brand}}}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "<h1>Hi</h1>"); got != want {
			t.Errorf("brand %s: own page %v, want %v", brand, got, want)
		}
	}
	for name, c := range map[string]struct{ file, src, want string }{
		"a field that is not there": {"login.html", "{{template \"visit\" .}}{{define \"title\"}}x{{end}}\n{{define \"main\"}}\n{{.Mail}}{{end}}", "templates of brand kopi: login.html:3: executing "},
		"words nobody wrote":        {"parts/foot.html", "{{define \"foot\"}}\n{{.Say \"foot.nothing\"}}{{end}}", "templates of brand kopi: parts/foot.html:2: executing "},
		"a brace left open":         {"verify.html", "{{if .Email}}", "templates of brand kopi: verify.html:1: unexpected EOF"},
		"a page of no name":         {"logni.html", "x", "templates of brand kopi: logni.html takes the place of no page; there are: answers.html, "},
	} {
		_, err := New(Options{Overrides: map[string]fs.FS{"kopi": fstest.MapFS{c.file: {Data: []byte(c.src)}}}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestSamplesCover: every page has a sample, and no two share a name.
func TestSamplesCover(t *testing.T) {
	s := newSet(t, Options{})
	names, files := map[string]bool{}, map[string]bool{}
	for _, sample := range s.Samples("en", Brand{}) {
		if names[sample.Name] {
			t.Errorf("two samples %s", sample.Name)
		}
		names[sample.Name], files[sample.View.File()] = true, true
	}
	for file := range s.own {
		if !files[file] {
			t.Errorf("no sample of %s", file)
		}
	}
}

func TestPageHelpers(t *testing.T) {
	s := newSet(t, Options{})
	p := &Page{Lang: "en", words: s.words}
	if p.Number(3) != "three" || p.Number(12) != "12" {
		t.Errorf("numbers: %s, %s", p.Number(3), p.Number(12))
	}
	for lang, want := range map[string]string{"en": "ltr", "th": "ltr", "ar": "rtl", "ar-EG": "rtl", "he": "rtl"} {
		if got := (&Page{Lang: lang}).Dir(); got != want {
			t.Errorf("direction of %s: %s, want %s", lang, got, want)
		}
	}
	a := &Ask{Page: Page{words: s.words, Problems: []Problem{{"q.b.day", "wrong day"}}}, Questions: []Question{{ID: "q.a"}, {ID: "q.b", Kind: "month_day"}}, Why: "why"}
	if b := a.Piece(a.Questions[1]); b.Error != "wrong day" || b.Alone || b.Why != "" || a.Target("q.b.day") != "#q.b" {
		t.Errorf("the problem of a day: %+v", b)
	}
}
