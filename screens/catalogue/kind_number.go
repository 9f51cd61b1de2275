package catalogue

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// numeric is a number within a range, in steps, perhaps with a unit: 70.5 kg. It
// is kept without the unit, which is the definition's.
type numeric struct{}

func (numeric) Name() string { return "number" }

func (numeric) keys() []string { return []string{"min", "max", "step", "unit"} }

func (numeric) parse(q *Question, form url.Values, field string) (Value, error) {
	s, err := only(form, field)
	if err != nil {
		return Value{}, err
	}
	bad := func(code string) *problem.Problem {
		return problem.At(field, code).With("min", q.quantity(q.Min)).With("max", q.quantity(q.Max))
	}
	readings := readNumber(q.withoutUnit(s))
	if len(readings) == 0 {
		return Value{}, bad("answer.number")
	}
	if q.Step.IsWhole() {
		readings = readings[len(readings)-1:] // who is asked for whole numbers sets thousands apart
	}
	var fit []Decimal
	for _, r := range readings {
		if r.exact && q.fits(r.is) {
			fit = append(fit, r.is)
		}
	}
	switch {
	case len(fit) == 2 && fit[0].String() != strings.TrimSpace(s): // else it is written as we write it
		return Value{}, problem.At(field, "answer.number.which").With("one", fit[0].String()).With("other", fit[1].String())
	case len(fit) > 0:
		return Amount(fit[0]), nil
	}
	d := readings[0].is
	switch below := d - (d-q.Min)%q.Step; {
	case d < q.Min:
		return Value{}, bad("answer.number.min")
	case d > q.Max:
		return Value{}, bad("answer.number.max")
	case q.Step == one:
		return Value{}, bad("answer.number.whole")
	default:
		return Value{}, bad("answer.number.step").With("below", q.quantity(below)).With("above", q.quantity(min(below+q.Step, q.Max)))
	}
}

func (numeric) accepts(q *Question, v Value) bool { return v.form == formNumber && q.fits(v.num) }

func (numeric) show(q *Question, v Value, lang string, _ Dates) string {
	return q.quantity(v.num).In(lang)
}

func (numeric) draw(q *Question, v *templates.Question, form url.Values, lang string) {
	v.Text, v.Unit = form.Get(q.Field()), q.Units().In(lang)
	v.Width = max(len(q.Min.String()), len(q.Max.String()))
	if q.Step.IsWhole() {
		v.Keys = "numeric"
	} else {
		v.Keys = "decimal"
		v.Width += len((q.Step % one).String()) - 1
	}
	if q.Min < 0 {
		v.Keys = "text" // the pads of digits have no minus on some phones
	}
}

func (numeric) load(q *Question, raw *rawQuestion, l *loading) {
	q.Unit, q.Step = raw.Unit, one
	l.text(&q.Unit, raw.At, "unit", false)
	l.unit(q.Unit, raw.At.Field("unit"))
	if !l.limits(q, raw) {
		return
	}
	at := raw.At.Field("step")
	if at.Set() && !l.decimal(at, &q.Step) {
		return
	}
	switch {
	case q.Step <= 0:
		at.Errorf("a step is more than 0; write 1 for whole numbers, 0.5 for halves")
	case q.Min%q.Step != 0:
		raw.At.Field("min").Errorf("%s is no multiple of the step, %s; write %s", q.Min, q.Step, nearby(q.Min, q.Step, q.Max))
	case q.Max%q.Step != 0:
		raw.At.Field("max").Errorf("%s is no multiple of the step, %s; write %s", q.Max, q.Step, nearby(q.Max, q.Step, q.Min))
	}
}

// nearby names the multiples of a step beside a bound that is none, so far as the
// other bound is none of them.
func nearby(d, step, other Decimal) string {
	below := d - (d%step+step)%step
	switch above := below + step; {
	case below == other || below < -largest:
		return above.String()
	case above == other || above > largest:
		return below.String()
	default:
		return below.String() + " or " + above.String()
	}
}

// limits reads the least and the greatest number, and says whether they can be
// gone on with. Both are written: what cannot be is best told while it is typed.
func (l *loading) limits(q *Question, raw *rawQuestion) bool {
	whole := true
	for name, into := range map[string]*Decimal{"min": &q.Min, "max": &q.Max} {
		at := raw.At.Field(name)
		if !at.Set() {
			at.Errorf("is missing; write the %s that can be answered", map[string]string{"min": "least", "max": "greatest"}[name])
			whole = false
			continue
		}
		whole = l.decimal(at, into) && whole
	}
	if whole && q.Min >= q.Max {
		raw.At.Field("max").Errorf("%s is not more than min, %s; write the greater of the two here", q.Max, q.Min)
		return false
	}
	return whole
}

// decimal reads a number of a definition. What is no plain value has been reported.
func (l *loading) decimal(at diag.Node, into *Decimal) bool {
	s, ok := at.Scalar()
	if !ok {
		return false
	}
	d, err := ParseDecimal(s)
	if err != nil {
		near := ""
		if list := readNumber(s); len(list) > 0 && list[0].exact && list[0].is <= largest && list[0].is >= -largest {
			near = "; did you mean " + list[0].is.String() + "?"
		}
		at.Errorf("%q cannot be a number here; write one such as 12 or 0.5, of six decimal places and a thousand million at most%s", clip(s), near)
		return false
	}
	*into = d
	return true
}

func (numeric) want(q *Question, at diag.Node) (Value, bool) { return wantNumber(q, at) }

// wantNumber reads a number that a question can have, for a condition.
func wantNumber(q *Question, at diag.Node) (Value, bool) {
	s, _ := at.Scalar()
	d, err := ParseDecimal(s)
	switch {
	case err != nil:
		at.Errorf("%s is a %s: write a number from %s to %s", q.ID, q.Kind.Name(), q.Min, q.Max)
		return Value{}, false
	case !q.fits(d):
		at.Errorf("nobody can answer %s to %s: it goes from %s to %s in steps of %s", d, q.ID, q.Min, q.Max, q.Step)
		return Value{}, false
	}
	return Amount(d), true
}

// fits says whether a number is in the question's range and one of its steps.
func (q *Question) fits(d Decimal) bool {
	return d >= q.Min && d <= q.Max && q.Step > 0 && (d-q.Min)%q.Step == 0
}

// A quantity is a number with the unit of its question, said in the language of
// the sentence that it stands in.
type quantity struct {
	is   Decimal
	unit Text
}

// Units are the words of the unit by language, as they stand beside a field: in
// the form for numbers that have no other.
func (q *Question) Units() Text {
	units := Text{}
	for lang, text := range q.Unit {
		if m, err := parseCounted(text); err == nil {
			units[lang] = m.units()[0]
		}
	}
	return units
}

func (q *Question) quantity(d Decimal) quantity { return quantity{d, q.Unit} }

// In is the quantity in a language: "70.5 kg", "20%", "1 cup".
func (x quantity) In(lang string) string {
	unit := x.unit.In(lang)
	m, err := parseCounted(unit)
	if unit == "" || err != nil { // which loading reports
		return x.is.In(lang)
	}
	return m.in(lang, x.is)
}

// withoutUnit cuts the unit off, which stands beside the field and is typed
// by some all the same.
func (q *Question) withoutUnit(s string) string {
	if len(s) > 200 {
		return s
	}
	s = strings.TrimSpace(s)
	for _, unit := range q.Unit {
		m, err := parseCounted(unit)
		if err != nil {
			continue
		}
		for _, words := range m.units() {
			if n := len(s) - len(words); n > 0 && strings.EqualFold(s[n:], words) {
				return s[:n]
			}
		}
	}
	return s
}

// A reading is one number that somebody may have meant.
type reading struct {
	is    Decimal
	exact bool // it has no more decimal places than can be kept
}

// readNumber reads a number as people type it: in digits of any script, with the
// decimal mark of any language, with thousands set apart or not. "1,234" has two
// readings, 1.234 first. What is no number has none.
func readNumber(typed string) []reading {
	s, negative, ok := plainNumber(typed)
	if !ok {
		return nil
	}
	var list []reading
	read := func(whole, fraction string) {
		d, exact := decimal(whole, fraction)
		if negative {
			d = -d
		}
		list = append(list, reading{d, exact})
	}
	last := strings.LastIndexAny(s, ".,")
	if last < 0 {
		if whole, ok := ungroup(s, " "); ok {
			read(whole, "")
		}
		return list
	}
	mark, before, after := s[last:last+1], s[:last], s[last+1:]
	if !strings.Contains(before, mark) && isDigits(after) { // the decimal mark stands once
		apart := " "
		if i := strings.IndexAny(before, ".,"); i >= 0 {
			apart = before[i : i+1]
		}
		if whole, ok := ungroup(before, apart); ok || before == "" && after != "" {
			read(whole, after)
		}
	}
	if whole, ok := ungroup(s, mark); ok {
		read(whole, "")
	}
	return list
}

// ungroup joins the digits of a whole number whose thousands may be set apart.
func ungroup(s, apart string) (digits string, ok bool) {
	groups := strings.Split(s, apart)
	for i, g := range groups {
		first := i == 0 && (len(groups) == 1 && g != "" || len(g) >= 1 && len(g) <= 3 && g[0] != '0')
		if !isDigits(g) || !first && (i == 0 || len(g) != 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// plainNumber writes what was typed in ASCII digits, points, commas, and blanks
// between them, and cuts off the sign. ok is false if anything else stands there.
func plainNumber(typed string) (s string, negative, ok bool) {
	if len(typed) > 200 { // no number anybody means
		return "", false, false
	}
	var b strings.Builder
	for _, r := range typed {
		d, isDigit := digit(r)
		switch {
		case isDigit:
			b.WriteByte(byte('0' + d))
		case strings.ContainsRune(".\u066B\uFF0E", r): // Arabic decimal mark, full width
			b.WriteByte('.')
		case strings.ContainsRune(",\u060C\uFF0C", r): // the commas of the same
			b.WriteByte(',')
		case strings.ContainsRune("'\u2019\u066C", r) || unicode.IsSpace(r): // Swiss and Arabic thousands; blanks of any width
			b.WriteByte(' ')
		case strings.ContainsRune("-\u2212\u2010\u2011\u2012\u2013\uFF0D", r): // what stands for a minus on keyboards
			b.WriteByte('-')
		case r == '+' || r == '\uFF0B':
			b.WriteByte('+')
		case strings.ContainsRune("\u200E\u200F\u061C\u2066\u2067\u2068\u2069", r): // marks of direction come with what is pasted
		default:
			return "", false, false
		}
	}
	s = strings.TrimSpace(b.String())
	if rest, found := strings.CutPrefix(s, "-"); found {
		s, negative = rest, true
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	s = strings.TrimLeft(s, " ")
	return s, negative, s != "" && !strings.ContainsAny(s, "+-")
}
