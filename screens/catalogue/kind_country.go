package catalogue

import (
	"net/url"
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
)

// country is one country of ISO 3166-1, kept as its alpha-2 code: "TH". Its names
// are not written in a set: each language has its own, and sorts them its own way.
type country struct{}

func (country) Name() string { return "country" }

func (country) keys() []string { return []string{"options", "autocomplete", "first"} }

func (country) parse(q *Question, form url.Values, field string) (Value, error) {
	code, err := only(form, field)
	if err != nil {
		return Value{}, err
	}
	switch {
	case code == "":
		return Value{}, problem.At(field, "answer.country")
	case q.Option(code) == nil:
		return Value{}, problem.At(field, "answer.not_offered")
	}
	return Word(code), nil
}

func (country) accepts(q *Question, v Value) bool {
	return v.form == formText && q.Option(v.text) != nil
}

func (country) show(q *Question, v Value, lang string, _ Dates) string {
	return q.Option(v.text).Label.In(lang)
}

func (country) load(q *Question, raw *rawQuestion, l *loading) {
	codes := countries()
	if in := raw.At.Field("options"); in.Set() {
		codes = nil
		for i, o := range raw.Options {
			at := in.Index(i)
			if o.Code == "" {
				at.Errorf("write the code of a country alone, such as TH: its name is known in every language")
				continue
			}
			l.code(&codes, at, o.Code, countries(), "")
		}
		if in.IsList() && len(raw.Options) < 2 {
			in.Errorf("write 2 countries at least, or leave the key out for all of them")
		}
	}
	var first []string
	for i, s := range raw.First {
		l.code(&first, raw.At.Field("first").Index(i), s, codes, " among the options")
	}
	q.First = len(first)
	q.Autocomplete = raw.Autocomplete
	if a := q.Autocomplete; a != "" && a != "country" && a != "off" {
		raw.At.Field("autocomplete").Errorf("a country is country or nothing to a browser, not %q%s", clip(a), diag.DidYouMean(a, []string{"country", "off"}, nil))
	}
	names := map[string]map[string]string{} // by language and code
	for _, lang := range l.o.Languages {
		names[lang] = countryNames(lang)
		if names[lang] == nil {
			raw.At.Field("kind").Errorf("there are no names of countries in %s; ask with kind: single instead", lang)
		}
	}
	slices.Sort(codes)
	for _, code := range codes {
		o := &Option{ID: code, Label: Text{}, pos: raw.At.Pos()}
		for lang, of := range names {
			if of != nil {
				o.Label[lang] = of[code]
			}
		}
		q.Options = append(q.Options, o)
	}
	q.order = map[string][]*Option{}
	for _, lang := range l.o.Languages {
		q.order[lang] = inOrder(q, first, lang)
	}
}

// inOrder are the options as a page in the language lists them: the first ones
// as they are written, the others as the language sorts names.
func inOrder(q *Question, first []string, lang string) []*Option {
	var top, rest []*Option
	for _, code := range first {
		if o := q.Option(code); o != nil {
			top = append(top, o)
		}
	}
	for _, o := range q.Options {
		if !slices.Contains(first, o.ID) {
			rest = append(rest, o)
		}
	}
	c := collate.New(language.Make(lang))
	slices.SortStableFunc(rest, func(a, b *Option) int { return c.CompareString(a.Label.In(lang), b.Label.In(lang)) })
	return append(top, rest...)
}

func (country) want(q *Question, at diag.Node) (Value, bool) {
	s, _ := at.Scalar()
	if q.Option(s) == nil {
		at.Errorf("%q is no country that %s offers%s", clip(s), q.ID, meantCountry(s, ids(q.Options)))
		return Value{}, false
	}
	return Word(s), true
}

// code adds a country's code to a list, if it is one of those there are.
func (l *loading) code(into *[]string, at diag.Node, s string, known []string, where string) {
	switch {
	case slices.Contains(*into, s):
		at.Errorf("%s stands here twice", s)
	case slices.Contains(known, s):
		*into = append(*into, s)
	case slices.Contains(countries(), s):
		at.Errorf("%s is not%s of this question", s, where)
	default:
		at.Errorf("%q is no country code of ISO 3166-1; write two capital letters, such as TH%s", clip(s), meantCountry(s, known))
	}
}

// meantCountry is the code that was probably meant: in capitals, for another
// standard's code, or for a name.
func meantCountry(s string, known []string) string {
	if len(s) > 64 {
		return ""
	}
	if r, err := language.ParseRegion(s); err == nil {
		if code := r.Canonicalize().String(); slices.Contains(known, code) && code != s {
			return diag.DidYouMean(code+"_", []string{code}, nil)
		}
	}
	names := countryNames("en")
	var list []string
	for _, code := range known {
		list = append(list, names[code])
	}
	near := s
	if !slices.Contains(list, s) {
		near = diag.Suggest(s, list)
	}
	for _, code := range known {
		if near != "" && names[code] == near {
			return diag.DidYouMean(code+"_", []string{code}, nil)
		}
	}
	return ""
}

// countryNames are the names of all countries in a language, by code; nil if
// there are none in it.
func countryNames(lang string) map[string]string {
	tag, err := language.Parse(lang)
	if err != nil {
		return nil
	}
	base, _ := tag.Base()
	namer := display.Regions(tag)
	if namer == nil || base.String() != "en" && namer.Name(language.MustParseRegion("TH")) == display.Regions(language.English).Name(language.MustParseRegion("TH")) {
		return nil
	}
	newer := renamed(base.String())
	out := map[string]string{}
	for _, code := range countries() {
		out[code] = namer.Name(language.MustParseRegion(code))
		if n, ok := newer[code]; ok {
			out[code] = n
		}
	}
	return out
}
