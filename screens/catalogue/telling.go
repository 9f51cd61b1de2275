package catalogue

import (
	"fmt"
	"strings"
	"time"
)

// A Telling puts traces in words that a marketer reads: which answer, what it was,
// since when. The words are English; values and labels are in the language of Lang.
type Telling struct {
	Set   *Set
	Lang  string
	Dates Dates // for days among the values
	Facts Facts // of the visit that the trace is of
	Now   time.Time
}

// A Told is a trace in words, a tree of the same form.
type Told struct {
	Condition string    `json:"condition"`      // "coffee_milk is black|oat", or "all", "any" and "not"
	Name      string    `json:"name,omitzero"`  // what the set calls it: "settled_in"
	Truth     string    `json:"truth"`          // "true", "false" or "unknown"
	Why       string    `json:"why,omitzero"`   // of what has no parts
	Until     time.Time `json:"until,omitzero"` // when the time alone may change it
	Parts     []Told    `json:"parts,omitzero"`
}

// Tell is the trace in words.
func (e Telling) Tell(t *Trace) Told {
	out := Told{Condition: t.Condition.String(), Truth: t.Truth.String(), Until: t.Until}
	for _, c := range e.Set.Conditions {
		if t.Condition != nil && c.Condition == t.Condition {
			out.Name = c.ID
		}
	}
	if len(t.Parts) == 0 {
		out.Why = e.why(t)
		return out
	}
	out.Condition = map[op]string{opAll: "all", opAny: "any", opNot: "not"}[t.Condition.op]
	for i := range t.Parts {
		out.Parts = append(out.Parts, e.Tell(&t.Parts[i]))
	}
	return out
}

// Day is a day as these sentences say it: "1 February 2027".
func Day(t time.Time) string { return t.Format("2 January 2006") }

// why says what a part without parts was decided by.
func (e Telling) why(t *Trace) string {
	c, a := t.Condition, t.Answer
	if c == nil {
		return "it is for everybody"
	}
	if c.derived != nil {
		return e.worked(t)
	}
	switch t.Because {
	case BecauseElsewhere:
		return c.question + " was told to another brand and not shared with this one, which does not hear of it"
	case BecauseNoAnswer:
		if !a.Skipped.IsZero() {
			return fmt.Sprintf("%s has no answer; it was skipped on %s", c.question, Day(a.Skipped))
		}
		return c.question + " has no answer"
	case BecauseDeclined:
		return fmt.Sprintf("on %s the customer said they would rather not say", Day(a.At))
	case BecauseRemoved:
		return fmt.Sprintf("the answer to %s was taken back on %s", c.question, Day(a.At))
	case BecauseStale:
		return fmt.Sprintf("the answer to %s, told on %s, ran out on %s", c.question, Day(a.At), Day(a.Expires))
	case BecauseAnswer:
		return fmt.Sprintf("the answer is %s, told on %s%s", e.value(c.question, a.Value), Day(a.At), lasts(", good until ", t.Until))
	case BecauseAge:
		return fmt.Sprintf("%s was told on %s%s", c.question, Day(a.At), lasts(", and is older than that from ", t.Until))
	case BecauseYears:
		if t.Truth == False {
			return fmt.Sprintf("by the answer %s the customer is younger than %d%s", e.value(c.question, a.Value), c.min, lasts(", until ", t.Until))
		}
		return fmt.Sprintf("by the answer %s the customer is %d at least%s", e.value(c.question, a.Value), c.min, lasts(", good until ", t.Until))
	case BecauseConsent:
		if t.Truth == True {
			return "the customer agreed to " + c.purpose
		}
		return "the customer has not agreed to " + c.purpose
	case BecauseVisit:
		return e.visit(c.op)
	case BecauseNotKnown:
		return "the visit does not say its " + map[op]string{opClient: "client", opLocale: "language", opMoment: "moment"}[c.op]
	case BecauseCount:
		return fmt.Sprintf("%d answered", t.Count)
	case BecauseDate:
		return "it is " + Day(e.Now)
	}
	return "nothing is known of it"
}

// visit says what a visit is.
func (e Telling) visit(o op) string {
	switch o {
	case opClient:
		return "the client is " + e.Facts.Client
	case opLocale:
		return "the language is " + e.Facts.Locale
	}
	return "it is at " + strings.ReplaceAll(string(e.Facts.Moment), "_", "-")
}

func lasts(words string, until time.Time) string {
	if until.IsZero() {
		return ""
	}
	return words + Day(until)
}

// worked says how what is worked out stands. The answers behind it are not told: one
// of them may not be for everybody who reads what follows from it.
func (e Telling) worked(t *Trace) string {
	d, a := t.Condition.derived, t.Answer
	from := d.ID + " is worked out from " + strings.Join(d.Reads(), ", ")
	switch t.Because {
	case BecauseElsewhere:
		return from + ", of which one was told to another brand and not shared with this one, which does not hear of it"
	case BecauseDeclined:
		return from + ", of which the customer would rather not say one, since " + Day(a.At)
	case BecauseRemoved:
		return from + ", of which one was taken back on " + Day(a.At)
	case BecauseStale:
		return from + ", of which one ran out on " + Day(a.Expires)
	case BecauseAnswer:
		return fmt.Sprintf("%s, and is “%s” by what was told until %s%s", from, d.Show(a.Value, e.Lang), Day(a.At), lasts(", good until ", t.Until))
	}
	if d.aged != nil {
		return fmt.Sprintf("%s for those known to be %d at least, and there is no value", from, d.aged.min)
	}
	return from + ", and there is no value"
}

// value is an answer as its question shows it.
func (e Telling) value(question string, v Value) string {
	if q := e.Set.Question(question); q != nil && q.Kind != nil {
		if s := q.Show(v, e.Lang, e.Dates); s != "" {
			return "“" + s + "”"
		}
	}
	return "one that is not offered any more"
}
