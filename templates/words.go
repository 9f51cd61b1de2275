package templates

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	parser "github.com/nicksnyder/go-i18n/v2/i18n/template"
	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/proffer-id/proffer/internal/diag"
)

//go:embed words/*.yaml
var wordFiles embed.FS

// Words are the fixed sentences of all languages, by key. A sentence has places
// to fill, "{brand}"; one with a number in it has a form for each plural its
// language knows, chosen by "count" (CLDR rules), and where "no shop" is better
// said than "0 shops" an entry of its own, "<key>.none".
type Words struct {
	say   map[string]*i18n.Localizer
	forms map[string]map[string]int // by language and key: how many plural forms
}

// A word is one entry of a words file.
type word struct {
	line   int
	forms  map[string]string // "other" and, with a number, "one", "few", …
	places []string          // sorted names in braces
}

// loadWords reads words/<tag>.yaml of each language and checks them against the
// first: every key in every language, no place to fill that the first has not.
// All findings come at once, each with file and line.
func loadWords(languages []string) (*Words, error) {
	w := &Words{say: map[string]*i18n.Localizer{}, forms: map[string]map[string]int{}}
	all := map[string]map[string]word{}
	var errs []error
	for _, lang := range languages {
		words, err := readWords(base(lang))
		errs = append(errs, err)
		all[lang] = words
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, lang := range languages[1:] {
		errs = append(errs, compareWords(languages[0], lang, all[languages[0]], all[lang])...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	bundle := i18n.NewBundle(language.MustParse(languages[0]))
	for _, lang := range languages {
		tag, err := language.Parse(lang)
		if err != nil {
			return nil, fmt.Errorf("language %q: %w", lang, err)
		}
		w.forms[lang] = map[string]int{}
		for key, one := range all[lang] {
			f := one.forms
			w.forms[lang][key] = len(f)
			if err := bundle.AddMessages(tag, &i18n.Message{ID: key, Zero: f["zero"], One: f["one"], Two: f["two"], Few: f["few"], Many: f["many"], Other: f["other"]}); err != nil {
				return nil, fmt.Errorf("words of %s: %w", lang, err)
			}
		}
		w.say[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return w, nil
}

// readWords reads one file. Every entry is one line, so that a line number is
// found by its key.
func readWords(lang string) (map[string]word, error) {
	file := "words/" + lang + ".yaml"
	src, err := wordFiles.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("no words for language %q; there are: %s", lang, strings.Join(Languages(), ", "))
	}
	return parseWords(file, src)
}

func parseWords(file string, src []byte) (map[string]word, error) {
	var raw map[string]any
	if err := yaml.Unmarshal(src, &raw); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	lines := map[string]int{}
	for i, text := range strings.Split(string(src), "\n") {
		if key, _, ok := strings.Cut(text, ":"); ok {
			lines[key] = i + 1
		}
	}
	out := map[string]word{}
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		one := word{line: lines[key], forms: map[string]string{}}
		switch v := raw[key].(type) {
		case string:
			one.forms["other"] = v
		case map[string]any:
			for form, text := range v {
				s, ok := text.(string)
				if !ok || !slices.Contains([]string{"zero", "one", "two", "few", "many", "other"}, form) {
					errs = append(errs, fmt.Errorf("%s:%d: %s: %s is not a plural form with words", file, one.line, key, form))
				}
				one.forms[form] = s
			}
		default:
			errs = append(errs, fmt.Errorf("%s:%d: %s: not words", file, one.line, key))
		}
		if one.forms["other"] == "" {
			errs = append(errs, fmt.Errorf("%s:%d: %s: the form \"other\" is missing", file, one.line, key))
		}
		for _, text := range one.forms {
			for _, p := range split(text) {
				if p.name != "" && !slices.Contains(one.places, p.name) {
					one.places = append(one.places, p.name)
				}
			}
		}
		slices.Sort(one.places)
		out[key] = one
	}
	return out, errors.Join(errs...)
}

// compareWords says what b's words lack or have too much, compared with a's.
func compareWords(a, b string, first, other map[string]word) []error {
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(first)) {
		o, ok := other[key]
		if !ok {
			errs = append(errs, fmt.Errorf("words/%s.yaml: %s is missing (words/%s.yaml:%d)", b, key, a, first[key].line))
			continue
		}
		for _, p := range o.places {
			if !slices.Contains(first[key].places, p) {
				errs = append(errs, fmt.Errorf("words/%s.yaml:%d: %s: nothing fills {%s} (words/%s.yaml:%d)", b, o.line, key, p, a, first[key].line))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(other)) {
		if _, ok := first[key]; !ok {
			errs = append(errs, fmt.Errorf("words/%s.yaml:%d: %s is not in words/%s.yaml", b, other[key].line, key, a))
		}
	}
	return errs
}

// Languages lists the languages there are words for: English, which the others
// are held against, then the rest by tag.
func Languages() []string {
	entries, _ := wordFiles.ReadDir("words") // embedded: it is there
	out := []string{"en"}
	for _, e := range entries {
		if tag := strings.TrimSuffix(e.Name(), ".yaml"); tag != "en" {
			out = append(out, tag)
		}
	}
	return out
}

// base is the language whose words a variety is shown: en for en-GB.
func base(lang string) string {
	shipped := Languages()
	for tag := lang; tag != ""; tag = diag.Parent(tag) {
		if slices.Contains(shipped, tag) {
			return tag
		}
	}
	return lang
}

// LanguageName is how a language calls itself: ไทย, British English.
func LanguageName(lang string) string {
	if name, ok := map[string]string{"en": "English", "th": "ไทย", "ar": "العربية"}[lang]; ok {
		return name
	}
	if tag, err := language.Parse(lang); err == nil {
		if name := display.Self.Name(tag); name != "" {
			return name
		}
	}
	return lang
}

// has says whether there are words for key.
func (w *Words) has(lang, key string) bool { return w.forms[lang][key] > 0 }

// text returns the words of key as plain text. args are names and values in
// turn; a time.Duration and a Day are said in words, and what has In(lang) in the
// language. A value that runs against the language's direction is isolated.
func (w *Words) text(lang, key string, args []any) (string, error) {
	return w.fill(lang, key, args, false)
}

// html returns the words of key as HTML: values are escaped and isolated from
// the direction of the text around them, unless they are HTML themselves.
func (w *Words) html(lang, key string, args []any) (template.HTML, error) {
	s, err := w.fill(lang, key, args, true)
	return template.HTML(s), err
}

func (w *Words) fill(lang, key string, args []any, html bool) (string, error) {
	say, ok := w.say[lang]
	if !ok {
		return "", fmt.Errorf("no words for language %q", lang)
	}
	v := values{html: html, lang: lang, named: map[string]any{}}
	c := &i18n.LocalizeConfig{MessageID: key, TemplateData: v, TemplateParser: places{}}
	if len(args)%2 != 0 {
		return "", fmt.Errorf("words %s: a value is missing its name or a name its value", key)
	}
	for i := 0; i < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			return "", fmt.Errorf("words %s: %v is not a name", key, args[i])
		}
		v.named[name] = args[i+1]
		switch x := args[i+1].(type) {
		case time.Duration:
			v.named[name] = duration(w, lang, x)
		case interface{ In(lang string) string }: // a number or a text that knows languages
			v.named[name] = x.In(lang)
		}
		if d, ok := args[i+1].(Day); ok {
			v.named[name] = w.day(lang, d)
		}
		if name == "count" {
			if none := key + ".none"; args[i+1] == 0 && w.has(lang, none) {
				c.MessageID = none
			} else if w.forms[lang][key] > 1 { // one form serves every number
				c.PluralCount = args[i+1]
			}
		}
	}
	s, err := say.Localize(c)
	if err != nil {
		return "", fmt.Errorf("words %s in %s: %w", key, lang, err)
	}
	return s, nil
}

// values are what fills the places of one sentence.
type values struct {
	html  bool
	lang  string
	named map[string]any
}

// places is go-i18n's template language for us: a name in braces.
type places struct{}

func (places) Cacheable() bool { return true }

func (places) Parse(src, _, _ string) (parser.ParsedTemplate, error) { return split(src), nil }

// A part of a sentence is a place to fill, or text.
type part struct{ name, text string }

type parts []part

// split cuts a sentence at its places. A brace that closes nothing is text.
func split(s string) parts {
	var out parts
	for {
		before, rest, ok := strings.Cut(s, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return append(out, part{text: s})
		}
		out = append(out, part{text: before}, part{name: name})
		s = after
	}
}

// Execute fills the places from values.
func (p parts) Execute(data any) (string, error) {
	v, ok := data.(values)
	if !ok {
		return "", fmt.Errorf("cannot be filled from %T", data)
	}
	var b strings.Builder
	for _, one := range p {
		if one.name == "" {
			if v.html {
				template.HTMLEscape(&b, []byte(one.text))
			} else {
				b.WriteString(one.text)
			}
			continue
		}
		x, ok := v.named[one.name]
		if !ok {
			return "", fmt.Errorf("nothing fills {%s}", one.name)
		}
		switch h, isHTML := x.(template.HTML); {
		case !v.html:
			b.WriteString(isolated(v.lang, fmt.Sprint(x)))
		case isHTML:
			b.WriteString(string(h))
		default:
			b.WriteString("<bdi>" + template.HTMLEscapeString(fmt.Sprint(x)) + "</bdi>")
		}
	}
	return b.String(), nil
}
