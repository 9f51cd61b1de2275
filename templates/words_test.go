package templates

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

func TestSay(t *testing.T) {
	s := newSet(t, Options{})
	for _, c := range []struct {
		lang, key string
		args      []any
		want      string
	}{
		{"en", "login.lead", []any{"brand", "Kopi Club"}, "to continue to Kopi Club"},
		{"th", "login.lead", []any{"brand", "Kopi Club"}, "เพื่อไปต่อที่ Kopi Club"},
		{"en", "answers.seen", []any{"count", 0}, "No shop can see it."},
		{"en", "answers.seen", []any{"count", 1}, "One shop can see it."},
		{"en", "answers.seen", []any{"count", 2}, "2 shops can see it."},
		{"th", "answers.seen", []any{"count", 1}, "1 ร้านเห็นได้"},
		{"en", "answer.too_many", []any{"count", 1}, "Choose 1 at most"},
		{"en", "rate.limited", []any{"wait", 4 * time.Minute}, "Too many tries. You can try again in 4 minutes, or get a code by email."},
		{"ar", "answers.seen", []any{"count", 0}, "لا يراها أي متجر."},
		{"ar", "answers.seen", []any{"count", 1}, "يراها متجر واحد."},
		{"ar", "answers.seen", []any{"count", 2}, "يراها متجران."},
		{"ar", "answers.seen", []any{"count", 3}, "تراها 3 متاجر."},
		{"ar", "answers.seen", []any{"count", 11}, "يراها 11 متجرًا."},
		{"ar", "answers.seen", []any{"count", 100}, "يراها 100 متجر."},
		{"ar", "answers.seen", []any{"count", 103}, "تراها 103 متاجر."},
		{"ar", "password.too_short", []any{"count", 8}, "الحد الأدنى 8 أحرف"},
		{"ar", "rate.limited", []any{"wait", 2 * time.Minute}, "محاولات كثيرة جدًا. يمكن المحاولة مرة أخرى بعد دقيقتين، أو طلب رمز بالبريد الإلكتروني."},
		{"ar", "login.lead", []any{"brand", "Kopi Club"}, "للمتابعة إلى \u2068Kopi Club\u2069"}, // isolated: it runs the other way
		{"ar", "login.lead", []any{"brand", "نادي كوبي"}, "للمتابعة إلى نادي كوبي"},
		{"ar", "answer.day", []any{"max", 30}, "يلزم إدخال يوم بين 1 و30"},
		{"xx", "back", nil, "Back"},
		{"en", "no.such.words", nil, "no.such.words"},
	} {
		if got := s.Say(c.lang, c.key, c.args...); got != c.want {
			t.Errorf("Say(%s, %s, %v) = %q, want %q", c.lang, c.key, c.args, got, c.want)
		}
	}
}

// TestSayRefuses: a page says what is missing instead of showing a gap.
func TestSayRefuses(t *testing.T) {
	s := newSet(t, Options{})
	p := &Page{Lang: "en", words: s.words}
	for _, c := range []struct {
		key  string
		args []any
		want string
	}{
		{"login.lead", nil, "nothing fills {brand}"},
		{"login.lead", []any{"brand"}, "a value is missing its name"},
		{"login.lead", []any{1, 2}, "1 is not a name"},
		{"no.such.words", nil, "not found"},
	} {
		if _, err := p.Say(c.key, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Say(%s, %v): %v, want %s", c.key, c.args, err, c.want)
		}
	}
}

func TestRich(t *testing.T) {
	s := newSet(t, Options{})
	p := &Page{Lang: "en", words: s.words}
	link, err := p.Link("/a?b=1&c=2", "terms.link")
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Rich("register.terms_only", "terms", link)
	if want := `By creating an account you agree to the <a href="/a?b=1&amp;c=2">terms</a>.`; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	got, err = p.Rich("signed_in_as", "email", "<b>@example.com")
	if want := "Signed in as <bdi>&lt;b&gt;@example.com</bdi>."; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// TestWordsFindings: everything that is wrong in words files is said at once,
// with file and line.
func TestWordsFindings(t *testing.T) {
	en, err := parseWords("words/en.yaml", []byte("# head\na: \"A {x}\"\nb: \"B\"\nc: {one: \"c\", other: \"{count} cs\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	th, err := parseWords("words/th.yaml", []byte("a: \"A {y}\"\nc: \"{count}\"\nd: \"D\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := errors.Join(compareWords("en", "th", en, th)...).Error()
	want := `words/th.yaml:1: a: nothing fills {y} (words/en.yaml:2)
words/th.yaml: b is missing (words/en.yaml:3)
words/th.yaml:3: d is not in words/en.yaml`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	_, err = parseWords("words/en.yaml", []byte("a: {two: \"x\", many: 3}\nb: [1]\nc: {none: \"x\", other: \"y\"}\n"))
	want = `words/en.yaml:1: a: many is not a plural form with words
words/en.yaml:1: a: the form "other" is missing
words/en.yaml:2: b: not words
words/en.yaml:2: b: the form "other" is missing
words/en.yaml:3: c: none is not a plural form with words`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	if _, err := New(Options{Languages: []string{"en", "xx"}}); err == nil || err.Error() != `no words for language "xx"; there are: en, ar, th` {
		t.Errorf("unknown language: %v", err)
	}
}

// TestWordsSorted: one entry a line, sorted, in the same order in every language.
func TestWordsSorted(t *testing.T) {
	for _, lang := range Languages() {
		src, err := wordFiles.ReadFile("words/" + lang + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for line := range strings.Lines(string(src)) {
			if !strings.HasPrefix(line, "#") {
				key, _, _ := strings.Cut(line, ":")
				keys = append(keys, key)
			}
		}
		if !slices.IsSorted(keys) {
			t.Errorf("words/%s.yaml is not sorted", lang)
		}
	}
}

// TestWordsPlurals: what one language counts, every language counts with all the
// forms it has: two in English, one in Thai, six in Arabic.
func TestWordsPlurals(t *testing.T) {
	all := map[string]map[string]word{}
	for _, lang := range Languages() {
		words, err := readWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		all[lang] = words
	}
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	for lang, words := range all {
		var needs []string
		for n := range 1000 {
			if form := names[plural.Cardinal.MatchPlural(language.MustParse(lang), n, 0, 0, 0, 0)]; !slices.Contains(needs, form) {
				needs = append(needs, form)
			}
		}
		for key, one := range words {
			if len(one.forms) == 1 && len(all["en"][key].forms) == 1 {
				continue // nothing in it changes with the number
			}
			for _, form := range needs {
				if one.forms[form] == "" {
					t.Errorf("words/%s.yaml:%d: %s has no form %q", lang, one.line, key, form)
				}
			}
			if len(one.forms) > len(needs) {
				t.Errorf("words/%s.yaml:%d: %s has %d forms; the language has %d", lang, one.line, key, len(one.forms), len(needs))
			}
		}
	}
}

// TestWordsTranslated: every sentence is in its language's own letters.
func TestWordsTranslated(t *testing.T) {
	for lang, script := range map[string]*unicode.RangeTable{"th": unicode.Thai, "ar": unicode.Arabic} {
		words, err := readWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		for key, one := range words {
			for form, text := range one.forms {
				bare := text
				for _, p := range one.places {
					bare = strings.ReplaceAll(bare, "{"+p+"}", "")
				}
				if key == "date.order" || strings.IndexFunc(bare, unicode.IsLetter) < 0 {
					continue
				}
				if strings.IndexFunc(bare, func(r rune) bool { return unicode.Is(script, r) }) < 0 {
					t.Errorf("words/%s.yaml:%d: %s (%s) is not translated: %s", lang, one.line, key, form, text)
				}
				if strings.ContainsAny(bare, "٠١٢٣٤٥٦٧٨٩๐๑๒๓๔๕๖๗๘๙") {
					t.Errorf("words/%s.yaml:%d: %s has other digits than the pages: %s", lang, one.line, key, text)
				}
			}
		}
	}
}

// TestWordsUsed: no sentence is kept that nothing says. A key stands in a page
// or in Go source as it is; those that are put together are named by their stem.
func TestWordsUsed(t *testing.T) {
	s := newSet(t, Options{})
	stems := []string{"month.", "number.", "duration.", "size.", "mail.code.button.", "mail.why.typed.", "mail.password_changed.lead."}
	said := map[string]bool{}
	quoted := regexp.MustCompile(`"([a-z0-9_.]+)"`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "third_party" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		page := strings.HasSuffix(path, ".html")
		if !page && (!strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go")) {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range quoted.FindAllSubmatch(src, -1) {
			said[string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range s.words.forms["en"] {
		base := strings.TrimSuffix(strings.TrimSuffix(key, ".none"), ".heading")
		if said[key] || said[base] || slices.ContainsFunc(stems, func(stem string) bool { return strings.HasPrefix(key, stem) }) {
			continue
		}
		t.Errorf("nothing says %s", key)
	}
}
