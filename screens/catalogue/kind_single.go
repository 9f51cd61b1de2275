package catalogue

import (
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
)

// single is one choice among options, perhaps with one's own words beside "other".
type single struct{}

func (single) Name() string { return "single" }

func (single) keys() []string { return []string{"options", "order", "limit", "short"} }

func (single) parse(q *Question, form url.Values, field string) (Value, error) {
	id, err := only(form, field)
	if err != nil {
		return Value{}, err
	}
	if id == "" && q.choice("other") != nil && strings.TrimSpace(form.Get(field+".other")) != "" {
		id = "other" // where the page cannot hide the text field, typing into it is choosing it
	}
	if id == "" {
		return Value{}, problem.At(field, "answer.none")
	}
	word, err := chosen(q, form, field, id)
	if err != nil {
		return Value{}, err
	}
	return Word(word), nil
}

func (single) accepts(q *Question, v Value) bool { return v.form == formText && offered(q, v.text) }

func (single) show(q *Question, v Value, lang string, _ Dates) string {
	return label(q, v.text, lang)
}

func (single) load(q *Question, raw *rawQuestion, l *loading) {
	l.options(q, raw, 2)
	l.otherLimit(q, raw)
}

func (single) want(q *Question, at diag.Node) (Value, bool) { return wantOption(q, at) }

// chosen is the word kept for an option that was sent: its id, or what was typed
// beside "other".
func chosen(q *Question, form url.Values, field, id string) (string, error) {
	o := q.choice(id)
	switch {
	case o == nil:
		return "", problem.At(field, "answer.not_offered")
	case !o.Other:
		return id, nil
	}
	typed, err := only(form, field+".other")
	if err != nil {
		return "", err
	}
	words, err := clean(typed, q.Limit, false, field+".other")
	if err != nil {
		return "", err
	}
	if words == "" {
		return "", problem.At(field+".other", "answer.other_empty")
	}
	return otherPrefix + words, nil
}

// offered says whether a kept word is an option's, retired or not, or fit to
// stand beside "other".
func offered(q *Question, word string) bool {
	if words, ok := strings.CutPrefix(word, otherPrefix); ok {
		return q.Option("other") != nil && isClean(words, q.Limit, false)
	}
	o := q.Option(word)
	return o != nil && !o.Other
}

// label is a kept word as it is shown.
func label(q *Question, word, lang string) string {
	if words, ok := strings.CutPrefix(word, otherPrefix); ok {
		return words
	}
	return q.Option(word).Label.In(lang)
}

// wantOption reads the id of an option in a condition. "other" stands for
// whatever was typed.
func wantOption(q *Question, at diag.Node) (Value, bool) {
	id, ok := at.Scalar()
	if !ok {
		at.Errorf("write the id of an option of %s", q.ID)
		return Value{}, false
	}
	if q.Option(id) == nil {
		var ids []string
		for _, o := range q.Options {
			ids = append(ids, o.ID)
		}
		at.Errorf("%q is no option of %s%s", clip(id), q.ID, diag.DidYouMean(id, ids, func(id string) string { return q.Option(id).pos }))
		return Value{}, false
	}
	return Word(id), true
}

// matches says whether a kept value has the option or is the value.
func matches(v, want Value) bool {
	switch want.form {
	case formText:
	case formList: // of a rank: what stands first
		return len(v.list) >= len(want.list) && slices.Equal(v.list[:len(want.list)], want.list)
	default:
		return v.Equal(want)
	}
	for _, word := range v.words() {
		if word == want.text || want.text == "other" && strings.HasPrefix(word, otherPrefix) {
			return true
		}
	}
	return false
}
