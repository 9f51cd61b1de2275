package catalogue

import (
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

// multi is several choices among options, any number unless it is said, at least
// one, kept in the order in which the question lists them.
type multi struct{}

func (multi) Name() string { return "multi" }

func (multi) keys() []string {
	return []string{"options", "order", "at_most", "at_least", "limit", "short"}
}

func (multi) parse(q *Question, form url.Values, field string) (Value, error) {
	ids := form[field]
	if len(ids) > len(q.Options) { // no form of ours, and not worth a look
		return Value{}, problem.At(field, "answer.too_many").With("count", q.most())
	}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
	if len(ids) == 0 && q.choice("other") != nil && strings.TrimSpace(form.Get(field+".other")) != "" {
		ids = []string{"other"} // where the page cannot hide the text field, typing into it is choosing it
	}
	if len(ids) == 0 {
		return Value{}, problem.At(field, "answer.none")
	}
	for _, id := range ids {
		if q.choice(id) == nil {
			return Value{}, problem.At(field, "answer.not_offered")
		}
	}
	var words []string
	for _, o := range q.Options {
		if !slices.Contains(ids, o.ID) {
			continue
		}
		word, err := chosen(q, form, field, o.ID)
		if err != nil {
			return Value{}, err
		}
		words = append(words, word)
	}
	switch n := len(words); {
	case n > q.most():
		return Value{}, problem.At(field, "answer.too_many").With("count", q.most())
	case n < q.AtLeast:
		return Value{}, problem.At(field, "answer.too_few").With("count", q.AtLeast)
	}
	return Words(words), nil
}

// most is how many options may be chosen.
func (q *Question) most() int {
	if q.AtMost > 0 {
		return q.AtMost
	}
	return len(q.Options)
}

func (multi) accepts(q *Question, v Value) bool {
	if v.form != formList || len(v.list) == 0 || len(v.list) < q.AtLeast || len(v.list) > q.most() {
		return false
	}
	seen := map[string]bool{}
	for _, word := range v.list {
		id := word
		if strings.HasPrefix(word, otherPrefix) {
			id = otherPrefix
		}
		if seen[id] || !offered(q, word) {
			return false
		}
		seen[id] = true
	}
	return true
}

func (multi) show(q *Question, v Value, lang string, _ Dates) string {
	labels := make([]string, len(v.list))
	for i, word := range v.list {
		labels[i] = label(q, word, lang)
	}
	return templates.Listed(lang, labels...)
}

func (multi) load(q *Question, raw *rawQuestion, l *loading) {
	l.options(q, raw, 2)
	l.counts(q, raw)
	l.otherLimit(q, raw)
}

func (multi) want(q *Question, at diag.Node) (Value, bool) { return wantOption(q, at) }
