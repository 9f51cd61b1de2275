package catalogue

import (
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// size is a size of shoes or clothes, answered in a notation of the customer's own
// choice: one list, its sizes grouped by notation. Kept are the canonical size and the
// notation; shown is the size in that notation; given to sites, and compared, is the
// canonical size alone. That alone is a value too, as a site may carry it in: it is shown
// in the canonical notation.
type size struct{}

// The parts of a size.
const (
	partSize     = "size"     // canonical: "42"
	partNotation = "notation" // as it was said: "uk"
)

func (size) Name() string { return "size" }

func (size) keys() []string { return []string{"from", "to", "system", "notations"} }

func (size) parse(q *Question, form url.Values, field string) (Value, error) {
	sent, err := only(form, field)
	if err != nil {
		return Value{}, err
	}
	if sent == "" {
		return Value{}, problem.At(field, "answer.size")
	}
	notation, is, _ := strings.Cut(sent, ":")
	if !slices.Contains(q.Sizes.Notations, notation) || q.Sizes.called(is, notation) == "" {
		return Value{}, problem.At(field, "answer.not_offered")
	}
	return Parts(map[string]Value{partSize: Word(is), partNotation: Word(notation)}), nil
}

// canonical is a size without its notation, and any other value as it is.
func (v Value) canonical() Value {
	if is := v.Part(partSize); !is.IsZero() {
		return is
	}
	return v
}

// said is a size in the notation in which it was said; "" if it is none of the question's.
func (q *Question) said(v Value) string {
	notation := q.Sizes.known[0]
	if v.form == formParts {
		in := v.Part(partNotation)
		if len(v.parts) != 2 || in.form != formText {
			return ""
		}
		notation = in.text
	}
	is := v.canonical()
	if is.form != formText {
		return ""
	}
	return q.Sizes.called(is.text, notation)
}

// accepts takes notations that are offered no more: the size is what it was.
func (size) accepts(q *Question, v Value) bool { return q.said(v) != "" }

func (size) show(q *Question, v Value, _ string, _ Dates) string { return q.said(v) }

func (size) draw(q *Question, v *templates.Question, form url.Values, _ string) {
	for _, notation := range q.Sizes.Notations {
		group := templates.Group{Notation: notation}
		for _, is := range q.Sizes.canonical() {
			value := notation + ":" + is
			if said := q.Sizes.called(is, notation); said != "" {
				group.Options = append(group.Options, templates.Option{Value: value, Label: said, Checked: form.Get(q.Field()) == value})
			}
		}
		v.Groups = append(v.Groups, group)
	}
}

func (size) fill(q *Question, form url.Values, v Value, _ string) {
	notation := q.Sizes.known[0]
	if v.form == formParts {
		notation = v.Part(partNotation).text
	}
	form.Set(q.Field(), notation+":"+v.canonical().text)
}

// asShown are the sizes as the page lists them.
func (s *Sizes) asShown(lang string, say Say) map[string]any {
	var groups []any
	for _, notation := range s.Notations {
		var sizes []string
		for _, is := range s.canonical() {
			if said := s.called(is, notation); said != "" {
				sizes = append(sizes, said)
			}
		}
		group := map[string]any{"sizes": sizes}
		if len(s.Notations) > 1 {
			group["notation"] = say(lang, "size."+notation)
		}
		groups = append(groups, group)
	}
	return map[string]any{"system": s.System, "choose": say(lang, "size.choose"), "groups": groups}
}

func (size) load(q *Question, raw *rawQuestion, l *loading) {
	var names []string
	for _, s := range sizeSystems() {
		names = append(names, s.System)
	}
	at := raw.At.Field("system")
	q.Sizes = sizeSystem(raw.System)
	switch {
	case q.Sizes != nil:
	case raw.System != "":
		at.Errorf("unknown system %q; known here: %s%s", clip(raw.System), strings.Join(names, ", "), diag.DidYouMean(raw.System, names, nil))
	case !at.IsMap() && !at.IsList():
		at.Errorf("is missing; write one of %s", strings.Join(names, ", "))
	}
	if q.Sizes == nil {
		q.Sizes = sizeSystem(names[0]) // so that what else is wrong can be said
		return
	}
	l.sizesFromTo(q, raw)
	l.notations(q, raw)
}

// sizesFromTo leaves the sizes that the set asks for.
func (l *loading) sizesFromTo(q *Question, raw *rawQuestion) {
	first, last := 0, len(q.Sizes.rows)-1
	whole := true
	for _, end := range []struct {
		name, is string
		into     *int
	}{{"from", raw.From, &first}, {"to", raw.To, &last}} {
		at := raw.At.Field(end.name)
		if !at.Set() {
			continue
		}
		*end.into = q.Sizes.index(end.is)
		if *end.into < 0 {
			at.Errorf("%q is no size of %s, which go from %s to %s%s", clip(end.is), q.Sizes.System, q.Sizes.First(), q.Sizes.Last(), q.Sizes.meant(end.is))
			whole = false
		}
	}
	switch {
	case !whole:
	case first > last:
		raw.At.Field("to").Errorf("%s stands before %s; write the lesser as from", raw.To, raw.From)
	case first == last:
		raw.At.Field("to").Errorf("leaves one size to choose; write a greater one, or leave it out")
	default:
		q.Sizes.rows = q.Sizes.rows[first : last+1]
	}
}

// notations reads those that are offered, in their order.
func (l *loading) notations(q *Question, raw *rawQuestion) {
	at := raw.At.Field("notations")
	if !at.Set() {
		return
	}
	if at.IsList() && at.Len() == 0 {
		at.Errorf("write one at least, or leave the key out for all: %s", strings.Join(q.Sizes.known, ", "))
		return
	}
	var list []string
	for i, n := range raw.Notations {
		switch in := at.Index(i); {
		case slices.Contains(list, n):
			in.Errorf("%s stands here twice", n)
		case !slices.Contains(q.Sizes.known, n):
			in.Errorf("%q is no notation of %s; known here: %s%s", clip(n), q.Sizes.System, strings.Join(q.Sizes.known, ", "), diag.DidYouMean(n, q.Sizes.known, nil))
		case !slices.ContainsFunc(q.Sizes.canonical(), func(is string) bool { return q.Sizes.called(is, n) != "" }):
			in.Errorf("%s has no size from %s to %s", n, q.Sizes.First(), q.Sizes.Last())
		default:
			list = append(list, n)
		}
	}
	if len(list) > 0 {
		q.Sizes.Notations = list
	}
}

func (size) want(q *Question, at diag.Node) (Value, bool) {
	is, ok := at.Scalar()
	if !ok {
		at.Errorf("write a size of %s: %s to %s", q.ID, q.Sizes.First(), q.Sizes.Last())
		return Value{}, false
	}
	if q.Sizes.index(is) < 0 {
		at.Errorf("%q is no size of %s, which go from %s to %s%s", clip(is), q.ID, q.Sizes.First(), q.Sizes.Last(), q.Sizes.meant(is))
		return Value{}, false
	}
	return Word(is), true
}

// meant suggests the canonical size for one that is written in another notation, or nearly.
func (s *Sizes) meant(written string) string {
	plain := strings.ToUpper(strings.Join(strings.Fields(written), " "))
	for _, is := range s.canonical() {
		for _, notation := range s.known {
			if said := s.called(is, notation); said != "" && strings.ReplaceAll(said, " ", "") == strings.ReplaceAll(plain, " ", "") {
				return "; did you mean \"" + is + "\"?"
			}
		}
	}
	return diag.DidYouMean(written, s.canonical(), nil)
}
