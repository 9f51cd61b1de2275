package catalogue

import (
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// choice looks an option up that is offered; nil if there is none or it is retired.
func (q *Question) choice(id string) *Option {
	if o := q.Option(id); o != nil && !o.Retired {
		return o
	}
	return nil
}

// choices are the options that are offered, in the order in which they are written.
func (q *Question) choices() []*Option { return standingOf(q.Options) }

// offeredIn are the options of a question as a page in the language lists them.
func (q *Question) offeredIn(lang string) []*Option {
	if q.shown != nil {
		return q.shown
	}
	for tag := lang; tag != ""; tag = diag.Parent(tag) {
		if list, ok := q.order[tag]; ok {
			return list
		}
	}
	return q.choices()
}

func standingOf(options []*Option) []*Option {
	if !slices.ContainsFunc(options, func(o *Option) bool { return o.Retired }) {
		return options
	}
	return slices.DeleteFunc(slices.Clone(options), func(o *Option) bool { return o.Retired })
}

// retired says whether a value that the question accepts has a retired option in it.
func (q *Question) retired(v Value) bool {
	if q.Plan != nil {
		return q.planRetired(v)
	}
	return slices.ContainsFunc(v.words(), func(word string) bool {
		o := q.Option(optionOf(word))
		return o != nil && o.Retired
	})
}

// counts reads how many options may be chosen, and how many must be.
func (l *loading) counts(q *Question, raw *rawQuestion) {
	n := len(q.choices())
	if raw.AtMost != nil {
		q.AtMost = *raw.AtMost
		if q.AtMost < 1 || q.AtMost > n {
			raw.At.Field("at_most").Errorf("write 1 to %d, the number of options, or leave it out", n)
			return
		}
	}
	if raw.AtLeast == nil {
		return
	}
	q.AtLeast = *raw.AtLeast
	switch most := q.most(); {
	case q.AtLeast == 1:
		raw.At.Field("at_least").Errorf("one is always needed, and who has none to choose skips the question; leave it out")
	case q.AtLeast < 1 || q.AtLeast > n:
		raw.At.Field("at_least").Errorf("write 2 to %d, the number of options, or leave it out", n)
	case q.AtLeast > most:
		raw.At.Field("at_least").Errorf("%d is more than at_most, %d; did you mean them the other way round?", q.AtLeast, most)
	}
}

// keepAll reports options that are retired where all are needed.
func (l *loading) keepAll(raw *rawQuestion, why string) {
	for i, o := range raw.Options {
		if o.Retired {
			raw.At.Field("options").Index(i).Field("retired").Errorf("%s; leave it out", why)
		}
	}
}

func ids(options []*Option) []string {
	var out []string
	for _, o := range options {
		out = append(out, o.ID)
	}
	return out
}

// optionOf is the id of the option that a kept word stands for.
func optionOf(word string) string {
	if strings.HasPrefix(word, otherPrefix) {
		return "other"
	}
	return word
}
