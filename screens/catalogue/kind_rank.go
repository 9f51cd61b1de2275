package catalogue

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// rank puts options in order: the first matters most. There are at_most places,
// each a list to choose from; those at the end may stay empty.
type rank struct{}

// mostPlaces is how many places one can fill with care.
const mostPlaces = 7

func (rank) Name() string { return "rank" }

func (rank) keys() []string { return []string{"options", "order", "at_most"} }

// place is the form field of the n-th place, counted from 1.
func place(field string, n int) string { return field + "." + strconv.Itoa(n) }

// placeAt is where a problem of the n-th place stands: that of the first is the
// question's own.
func placeAt(field string, n int) string {
	if n == 1 {
		return field
	}
	return place(field, n)
}

func (rank) parse(q *Question, form url.Values, field string) (Value, error) {
	var list []string
	for n := 1; n <= q.places(); n++ {
		id, err := only(form, place(field, n))
		if err != nil {
			return Value{}, problem.At(placeAt(field, n), "answer.too_many").With("count", 1)
		}
		switch o := q.choice(id); {
		case id == "":
			continue
		case o == nil:
			return Value{}, problem.At(placeAt(field, n), "answer.not_offered")
		case len(list) < n-1:
			return Value{}, problem.At(placeAt(field, len(list)+1), "answer.rank.gap").With("place", len(list)+1)
		case slices.Contains(list, id):
			return Value{}, problem.At(placeAt(field, n), "answer.rank.twice").With("option", o.Label)
		}
		list = append(list, id)
	}
	if len(list) == 0 {
		return Value{}, problem.At(field, "answer.rank.none")
	}
	return Words(list), nil
}

func (rank) accepts(q *Question, v Value) bool {
	if v.form != formList || len(v.list) == 0 || len(v.list) > q.places() {
		return false
	}
	for i, id := range v.list {
		if q.Option(id) == nil || slices.Contains(v.list[:i], id) {
			return false
		}
	}
	return true
}

// places are how many options can be put in order.
func (q *Question) places() int {
	if q.AtMost > 0 {
		return q.AtMost
	}
	return min(len(q.choices()), mostPlaces)
}

func (rank) show(q *Question, v Value, lang string, _ Dates) string {
	labels := make([]string, len(v.list))
	for i, id := range v.list {
		labels[i] = Whole(i+1).In(lang) + ". " + label(q, id, lang)
	}
	return strings.Join(labels, ", ")
}

func (rank) fill(q *Question, form url.Values, v Value, _ string) {
	for i, id := range v.list {
		form.Set(place(q.Field(), i+1), id)
	}
}

func (rank) draw(q *Question, v *templates.Question, form url.Values, _ string) {
	for n := 1; n <= q.places(); n++ {
		v.Places = append(v.Places, templates.Place{Number: n, Chosen: form.Get(place(q.Field(), n))})
	}
}

func (rank) load(q *Question, raw *rawQuestion, l *loading) {
	l.options(q, raw, 2)
	at := raw.At.Field("options")
	for i, o := range raw.Options {
		if o.Other {
			at.Index(i).Field("other").Errorf("what customers say in their own words cannot be put in order; leave the option out")
		}
		if in := at.Index(i).Field("hint"); in.Set() {
			in.Errorf("a list to choose from shows labels alone; say it in the label")
		}
	}
	if raw.AtMost == nil {
		return
	}
	q.AtMost = *raw.AtMost
	switch most := min(len(q.choices()), mostPlaces); {
	case q.AtMost == 1:
		raw.At.Field("at_most").Errorf("one place is no order; choose kind: single")
	case q.AtMost < 1 || q.AtMost > most:
		raw.At.Field("at_most").Errorf("write 2 to %d places, no more than there are options, or leave it out", most)
	}
}

// want is the option that stands first.
func (rank) want(q *Question, at diag.Node) (Value, bool) {
	v, ok := wantOption(q, at)
	if !ok {
		return Value{}, false
	}
	return Words(v.words()), true
}
