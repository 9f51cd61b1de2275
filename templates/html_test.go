package templates

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from what is written now (-update writes it anew):\n%s", path, got)
	}
}

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// eachPage renders every sample in every language.
func eachPage(t *testing.T, f func(t *testing.T, name, lang, page string)) {
	t.Helper()
	s := newSet(t, Options{Now: noon})
	for _, lang := range s.Languages() {
		for _, sample := range s.Samples(lang, Brand{ID: "kopi", Name: "Kopi Club", Tagline: "Coffee", Mark: "/mark.svg", Panel: "/panel.svg"}) {
			PageOf(sample.View).Nonce = "fresh"
			var b bytes.Buffer
			if err := s.Write(&b, sample.View); err != nil {
				t.Fatalf("%s in %s: %v", sample.Name, lang, err)
			}
			f(t, sample.Name, lang, b.String())
		}
	}
}

func TestPageGolden(t *testing.T) {
	chosen := []string{"login", "register-problems", "ask-coffee", "ask-style", "ask-name", "ask-hot", "ask-birthday-problem", "ask-number-problem", "ask-scale",
		"ask-pictures", "ask-pictures-one", "ask-rank", "ask-rank-problem", "ask-shoes", "ask-shirt-problem",
		"ask-date", "ask-date-problem", "ask-year-month-problem", "ask-country", "ask-plan", "ask-plan-month", "ask-consent-channels", "ask-special-problem", "ask-story", "check", "share", "carried", "answers", "answers-worked", "sharing"}
	eachPage(t, func(t *testing.T, name, lang, page string) {
		if slices.Contains(chosen, name) {
			golden(t, name+"."+lang+".html", page)
		}
	})
	files, err := filepath.Glob("testdata/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		if !strings.HasPrefix(name, "mail-") && !slices.Contains(chosen, name) {
			t.Errorf("%s is compared with nothing", file)
		}
	}
}

// TestPageStrict holds the pages to the content security policy: no style
// attribute, no inline style or script, no handler attribute. A script is a file
// and carries the nonce.
func TestPageStrict(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)<style|<script[^>]*>[^<]|<script [^s]|\sstyle\s*=|\son[a-z]+\s*=|javascript:`)
	eachPage(t, func(t *testing.T, name, lang, page string) {
		for tag := range strings.SplitSeq(page, "<script ") {
			if strings.HasPrefix(tag, "src=") && !strings.HasPrefix(tag, `src="/static/0/password.js" nonce="fresh" defer></script>`) {
				t.Errorf("%s in %s has the script %.80s", name, lang, tag)
			}
		}
		if m := forbidden.FindString(page); m != "" {
			t.Errorf("%s in %s has %q", name, lang, m)
		}
		if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "<no value>") {
			t.Errorf("%s in %s has a value that was refused", name, lang)
		}
	})
}

// TestPageAccessible walks every page for what a machine can check: one h1, a
// title that begins with it, a language, unique ids, a label for every control,
// references that lead somewhere, headings that skip no level.
func TestPageAccessible(t *testing.T) {
	eachPage(t, func(t *testing.T, name, lang, page string) {
		root, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		d := outline(root)
		fail := func(format string, args ...any) {
			t.Helper()
			t.Errorf(name+" in "+lang+": "+format, args...)
		}
		if len(d.h1) != 1 {
			fail("%d h1", len(d.h1))
		} else if !strings.Contains(d.title, d.h1[0]) {
			fail("title %q does not say h1 %q", d.title, d.h1[0])
		}
		if d.lang != lang {
			fail("lang is %q", d.lang)
		}
		for id, n := range d.ids {
			if n > 1 {
				fail("id %q stands %d times", id, n)
			}
		}
		for _, c := range d.controls {
			if !d.labels[attr(c, "id")] && !within(c, "label") && attr(c, "aria-label") == "" {
				fail("%s %q has no label", c.Data, attr(c, "name"))
			}
			if attr(c, "autocomplete") == "" && attr(c, "type") != "radio" && attr(c, "type") != "checkbox" {
				fail("%s %q has no autocomplete", c.Data, attr(c, "name"))
			}
			if attr(c, "placeholder") != "" {
				fail("%s %q has placeholder text", c.Data, attr(c, "name"))
			}
			if attr(c, "type") == "password" && attr(c, "value") != "" {
				fail("a password was sent back")
			}
		}
		for _, ref := range d.refs {
			if d.ids[ref] == 0 {
				fail("nothing has the id %q that is referred to", ref)
			}
		}
		for i := 1; i < len(d.levels); i++ {
			if d.levels[i] > d.levels[i-1]+1 {
				fail("h%d follows h%d", d.levels[i], d.levels[i-1])
			}
		}
		if strings.HasSuffix(name, "problem") || strings.HasSuffix(name, "problems") {
			if !strings.Contains(page, `role="alert" tabindex="-1" autofocus`) {
				fail("no summary of problems")
			}
			if d.title[0:1] == d.h1[0][0:1] && strings.HasPrefix(d.title, d.h1[0]) {
				fail("title %q does not begin with the error", d.title)
			}
		}
	})
}

// A sketch is what the checks need to know of a page.
type sketch struct {
	title, lang string
	h1          []string
	ids         map[string]int
	labels      map[string]bool
	controls    []*html.Node
	refs        []string
	levels      []int
}

func outline(root *html.Node) sketch {
	d := sketch{ids: map[string]int{}, labels: map[string]bool{}}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" {
			d.ids[id]++
		}
		for _, a := range []string{"aria-describedby", "aria-labelledby", "for"} {
			d.refs = append(d.refs, strings.Fields(attr(n, a))...)
		}
		switch n.Data {
		case "html":
			d.lang = attr(n, "lang")
		case "title":
			d.title = words(n)
		case "h1":
			d.h1 = append(d.h1, words(n))
			d.levels = append(d.levels, 1)
		case "h2":
			if !within(n, "div") || attr(n, "id") != "summary-heading" {
				d.levels = append(d.levels, 2)
			}
		case "h3":
			d.levels = append(d.levels, 3)
		case "label":
			d.labels[attr(n, "for")] = true
		case "input", "select", "textarea":
			if attr(n, "type") != "hidden" {
				d.controls = append(d.controls, n)
			}
		case "a":
			if ref, ok := strings.CutPrefix(attr(n, "href"), "#"); ok {
				d.refs = append(d.refs, ref)
			}
		}
	}
	return d
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func within(n *html.Node, name string) bool {
	for p := range n.Ancestors() {
		if p.Data == name {
			return true
		}
	}
	return false
}

func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(isolates.Replace(b.String())), " ")
}

// isolates are what plain text has where HTML has bdi.
var isolates = strings.NewReplacer("\u2068", "", "\u2069", "")

// TestHostileValues puts markup and schemes where people and brands write.
func TestHostileValues(t *testing.T) {
	s := newSet(t, Options{})
	const evil = `"><script>alert(1)</script>`
	p := Page{Lang: "en", Brand: Brand{Name: evil, Terms: "javascript:alert(1)"}, Account: evil, Privacy: "javascript:alert(1)", SignOut: "/signout"}
	p.Problems = []Problem{{"email", evil}}
	for _, v := range []View{
		&Login{Page: p, Email: evil},
		&Register{Page: p, Email: evil, MinChars: 8},
		&Verify{Page: p, Email: evil, Works: time.Minute},
		&Ask{Page: p, Questions: []Question{{ID: "q.x", Kind: "text", Ask: evil, Text: evil}}, Why: evil, UsedFor: evil},
		&Share{Page: p, Claims: []ShareClaim{{ID: evil, Name: evil, Value: evil, Purpose: evil}, {ID: "b"}}},
		&Still{Page: p, Name: evil, Value: evil},
	} {
		var b bytes.Buffer
		if err := s.Write(&b, v); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "<script>") || strings.Contains(b.String(), `href="javascript:`) {
			t.Errorf("%s lets markup through:\n%s", v.File(), b.String())
		}
	}
}
