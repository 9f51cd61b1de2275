package catalogue

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/store"
)

// orders are the ways to list options.
func orders() []string { return []string{"fixed", "shuffled", "alphabetical"} }

// order reads in which order a page lists the options: as they are written, by
// their labels in each language, or shuffled. "other" stays last.
func (l *loading) order(q *Question, raw *rawQuestion) {
	if raw.Order == "" || !slices.Contains(q.Kind.keys(), "order") {
		return
	}
	switch raw.Order {
	case "fixed":
	case "shuffled":
		q.shuffled = true
	case "alphabetical":
		q.order = map[string][]*Option{}
		for _, lang := range l.o.Languages {
			c := collate.New(language.Make(lang))
			q.order[lang] = q.arrange(func(a, b *Option) int { return c.CompareString(a.Label.In(lang), b.Label.In(lang)) })
		}
	default:
		raw.At.Field("order").Errorf("unknown order %q; write fixed, shuffled or alphabetical%s", clip(raw.Order), diag.DidYouMean(raw.Order, orders(), nil))
	}
}

// Order says in which order pages list the options: "fixed", "alphabetical" or "shuffled".
func (q *Question) Order() string {
	switch {
	case q.shuffled:
		return "shuffled"
	case q.order != nil:
		return "alphabetical"
	}
	return "fixed"
}

// arrange are the options that are offered, in an order, and "other" after them.
func (q *Question) arrange(compare func(a, b *Option) int) []*Option {
	list := slices.Clone(q.choices())
	slices.SortStableFunc(list, func(a, b *Option) int {
		switch {
		case a.Other == b.Other:
			return compare(a, b)
		case a.Other:
			return 1
		}
		return -1
	})
	return list
}

// Shuffled is the question as one visit sees it: with its options in an order of the
// visit's own, always the same, if the set says so; else the question itself.
// The order hangs on a hash, so that it is the same on every server and in every release.
func (q *Question) Shuffled(visit store.ID) *Question {
	if !q.shuffled || visit.IsZero() {
		return q
	}
	rank := map[string][32]byte{}
	for _, o := range q.Options {
		rank[o.ID] = sha256.Sum256([]byte("order\x00" + visit.String() + "\x00" + q.ID + "\x00" + o.ID))
	}
	own := *q
	own.shown = q.arrange(func(a, b *Option) int {
		x, y := rank[a.ID], rank[b.ID]
		return bytes.Compare(x[:], y[:])
	})
	return &own
}

// Arrangement are the ids of the options in the order of the visit; nil where they
// have the same order for everybody.
func (q *Question) Arrangement() []string {
	if q.shown == nil {
		return nil
	}
	return ids(q.shown)
}
