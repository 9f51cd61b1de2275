package catalogue

import (
	"net/url"

	"github.com/proffer-id/proffer/internal/diag"
)

// pictures are options that are shown: one of them where at_most is 1, kept as
// single keeps it, else several, kept as multi does.
type pictures struct{}

func (pictures) Name() string { return "pictures" }

func (pictures) keys() []string { return []string{"options", "order", "at_most", "at_least", "limit"} }

// as is the kind that answers are read and kept by.
func (pictures) as(q *Question) Kind {
	if q.AtMost == 1 {
		return single{}
	}
	return multi{}
}

func (k pictures) parse(q *Question, form url.Values, field string) (Value, error) {
	return k.as(q).parse(q, form, field)
}

func (k pictures) accepts(q *Question, v Value) bool { return k.as(q).accepts(q, v) }

func (k pictures) show(q *Question, v Value, lang string, say Dates) string {
	return k.as(q).show(q, v, lang, say)
}

func (pictures) load(q *Question, raw *rawQuestion, l *loading) {
	l.options(q, raw, 2)
	l.pictures(q, raw)
	l.counts(q, raw)
	l.otherLimit(q, raw)
}

func (pictures) want(q *Question, at diag.Node) (Value, bool) { return wantOption(q, at) }
