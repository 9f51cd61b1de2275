package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/proffer-id/proffer/internal/diag"
)

// A counted is a text with a number in it, in a form for each plural that its
// language knows, as in ICU's MessageFormat: "{n, plural, =0 {none} one {# cup}
// other {# cups}}". # stands for the number. A text without braces is the form of
// all numbers, and stands after them: "kg" is "# kg".
type counted struct {
	exact map[Decimal]string
	forms map[plural.Form]string // Other is always there
}

// pluralForms are ICU's words for them (CLDR, "Language Plural Rules").
var pluralForms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

const pluralExample = "{n, plural, one {# cup} other {# cups}}"

// parseCounted reads a text. The error says how to write it.
func parseCounted(text string) (counted, error) {
	m := counted{exact: map[Decimal]string{}, forms: map[plural.Form]string{}}
	if !strings.ContainsAny(text, "{}") {
		m.forms[plural.Other] = after(text)
		return m, nil
	}
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "{")
	if ok {
		inner, ok = strings.CutSuffix(inner, "}")
	}
	head := strings.SplitN(inner, ",", 3)
	if !ok || len(head) != 3 || !isName(strings.TrimSpace(head[0])) || strings.TrimSpace(head[1]) != "plural" {
		return m, fmt.Errorf("braces are for plurals alone; write such as %q", pluralExample)
	}
	for rest := strings.TrimSpace(head[2]); rest != ""; {
		name, more, found := strings.Cut(rest, "{")
		form, past, closed := strings.Cut(more, "}")
		name = strings.TrimSpace(name)
		switch {
		case !found || !closed || strings.Contains(form, "{"):
			return m, fmt.Errorf("a form is a word and its text in braces; write such as %q", pluralExample)
		case strings.TrimSpace(form) == "":
			return m, fmt.Errorf("the form %s has no words", name)
		}
		if err := m.add(name, form); err != nil {
			return m, err
		}
		rest = strings.TrimSpace(past)
	}
	switch other := m.forms[plural.Other]; {
	case other == "":
		return m, fmt.Errorf("the form other is missing; it is for all numbers that no other form is for")
	case !strings.Contains(other, "#"):
		return m, fmt.Errorf("the form other has no #, which stands for the number; write such as %q", pluralExample)
	}
	return m, nil
}

// add keeps a form by its name, "few" or "=2".
func (m *counted) add(name, form string) error {
	if number, ok := strings.CutPrefix(name, "="); ok {
		d, err := ParseDecimal(number)
		if err != nil {
			return fmt.Errorf("%q is no number; write such as =0", clip(name))
		}
		if m.exact[d] != "" {
			return fmt.Errorf("the form %s is there twice", name)
		}
		m.exact[d] = form
		return nil
	}
	is, ok := pluralForms[name]
	if !ok {
		return fmt.Errorf("%q is no plural; there are zero, one, two, few, many, other, and exact numbers such as =0%s", clip(name), diag.DidYouMean(name, slices.Collect(maps.Keys(pluralForms)), nil))
	}
	if m.forms[is] != "" {
		return fmt.Errorf("the form %s is there twice", name)
	}
	m.forms[is] = form
	return nil
}

// after is the form of a unit that stands after every number.
func after(unit string) string {
	if strings.HasPrefix(unit, "%") {
		return "#" + unit
	}
	return "# " + unit
}

// in is a number in the form that a language has for it. The blank beside the
// number does not break.
func (m counted) in(lang string, d Decimal) string {
	form, ok := m.exact[d]
	if !ok {
		form, ok = m.forms[pluralOf(lang, d)]
	}
	if !ok {
		form = m.forms[plural.Other]
	}
	form = strings.NewReplacer("# ", "#\u00a0", " #", "\u00a0#").Replace(form)
	return strings.ReplaceAll(form, "#", d.In(lang))
}

// units are the words of all forms without the number, that of other first.
func (m counted) units() []string {
	words := []string{withoutNumber(m.forms[plural.Other])}
	for _, form := range slices.Concat(slices.Sorted(maps.Values(m.forms)), slices.Sorted(maps.Values(m.exact))) {
		if w := withoutNumber(form); strings.Contains(form, "#") && w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}

func withoutNumber(form string) string { return strings.TrimSpace(strings.ReplaceAll(form, "#", "")) }

// lacking are the plurals of a language that the counted has no form for, or has
// and the language does not know.
func (m counted) lacking(lang string) (missing, unknown []string) {
	if len(m.forms) == 1 {
		return nil, nil // one form for all was meant
	}
	known := formsOf(lang)
	for _, name := range slices.Sorted(maps.Keys(pluralForms)) {
		_, has := m.forms[pluralForms[name]]
		switch knows := known[pluralForms[name]]; {
		case knows && !has:
			missing = append(missing, name)
		case has && !knows:
			unknown = append(unknown, name)
		}
	}
	return missing, unknown
}

// formsOf are the plurals that a language knows, found by trying numbers. CLDR's
// rules look at the last two digits, at a million, and at fractions.
func formsOf(lang string) map[plural.Form]bool {
	known := map[plural.Form]bool{plural.Other: true}
	for n := range 201 {
		known[pluralOf(lang, Whole(n))] = true
	}
	known[pluralOf(lang, Whole(1_000_000))] = true
	for tenths := range 30 {
		known[pluralOf(lang, Decimal(tenths)*one/10)] = true
	}
	return known
}

// pluralOf is the form of a number, as CLDR has it for cardinals.
func pluralOf(lang string, d Decimal) plural.Form {
	tag, err := language.Parse(lang)
	if err != nil {
		return plural.Other
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(d.String(), "-"), ".")
	i, _ := strconv.Atoi(whole) // digits, ten at most
	f, _ := strconv.Atoi("0" + fraction)
	return plural.Cardinal.MatchPlural(tag, i%10_000_000, len(fraction), len(fraction), f, f)
}

// unit checks a text that stands beside a number.
func (l *loading) unit(t Text, at diag.Node) {
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		here := at
		if at.IsMap() {
			here = at.Field(lang)
		}
		m, err := parseCounted(t[lang])
		if err != nil {
			here.Errorf("%v", err)
			continue
		}
		missing, unknown := m.lacking(lang)
		if len(missing) > 0 {
			here.Errorf("%s also has the form %s; without it write one form alone", lang, strings.Join(missing, ", "))
		}
		if len(unknown) > 0 {
			here.Errorf("%s has no form %s; leave it out", lang, strings.Join(unknown, ", "))
		}
	}
}
