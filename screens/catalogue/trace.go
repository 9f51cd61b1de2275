package catalogue

import (
	"slices"
	"time"
)

// A Trace is what a condition came to, and what of: a tree of the condition's own
// form, written by the evaluator while it evaluates. The zero value is that of no
// condition, which is true.
type Trace struct {
	Condition *Condition // nil: none, true for everybody
	Truth     Truth
	Parts     []Trace   // of all, any and not
	Because   Because   // of what has no parts
	Answer    Standing  // how the question stood that it reads
	Count     int       // of answers: how many there are
	Until     time.Time // when the time alone may change it; zero: never
}

// Because names what a part of a condition was decided by.
type Because string

// All there are. Those on an answer come first.
const (
	BecauseElsewhere Because = "elsewhere" // told to another brand, which nobody else hears of
	BecauseNoAnswer  Because = "no_answer" // never answered, or skipped
	BecauseDeclined  Because = "declined"
	BecauseRemoved   Because = "removed"
	BecauseStale     Because = "stale"  // answered, and its time ran out
	BecauseAnswer    Because = "answer" // there is one, and it was compared
	BecauseAge       Because = "age"    // of the answer
	BecauseYears     Because = "years"  // that the customer has, by the answer
	BecauseConsent   Because = "consent"
	BecauseVisit     Because = "visit"     // client, locale or moment
	BecauseNotKnown  Because = "not_known" // the same, and the visit does not say
	BecauseCount     Because = "count"     // of answers
	BecauseDate      Because = "date"      // today's
	BecauseNothing   Because = "nothing"   // no such condition is known
)

// Explain is Eval with what it came of.
func (c *Condition) Explain(s State, v Facts, now time.Time) Trace {
	var t Trace
	c.eval(s, v, now, &t)
	return t
}

// part is the place for the trace of the next part; nil where none is kept.
func (t *Trace) part() *Trace {
	if t == nil {
		return nil
	}
	t.Parts = append(t.Parts, Trace{})
	return &t.Parts[len(t.Parts)-1]
}

// note keeps why, and until when, where a trace is kept.
func (t *Trace) note(why Because, until time.Time) {
	if t != nil {
		t.Because, t.Until = why, until
	}
}

// Changes is when the condition will have another value if nothing happens but
// that time passes; zero if that is never.
func (c *Condition) Changes(s State, v Facts, now time.Time) time.Time {
	trace := c.Explain(s, v, now)
	for range 8 { // a date comes and goes, an answer ages and runs out
		var next time.Time
		for _, at := range trace.untils(nil) {
			if at.After(now) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
		if next.IsZero() {
			return next
		}
		now = next
		then := c.Explain(s, v, now)
		if then.Truth != trace.Truth {
			return now
		}
		trace.Parts, trace.Until = then.Parts, then.Until
	}
	return time.Time{}
}

// untils are the moments at which a part may change.
func (t *Trace) untils(out []time.Time) []time.Time {
	if !t.Until.IsZero() {
		out = append(out, t.Until)
	}
	for i := range t.Parts {
		out = t.Parts[i].untils(out)
	}
	return out
}

// Leaves are the parts without parts, in order.
func (t *Trace) Leaves() []*Trace {
	if len(t.Parts) == 0 {
		return []*Trace{t}
	}
	var out []*Trace
	for i := range t.Parts {
		out = append(out, t.Parts[i].Leaves()...)
	}
	return slices.Clip(out)
}
