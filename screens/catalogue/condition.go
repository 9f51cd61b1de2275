package catalogue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

// A Condition is a typed tree, checked when it is loaded. Its value is
// three-valued: what an answer nobody gave would say is neither true nor false.
type Condition struct {
	op       op
	parts    []*Condition // all, any, not
	question string       // is, range, answered, declined, olderThan, age
	derived  *Derived     // in place of an answer: what question names is worked out
	part     string       // is: of the answer; "": all of it
	values   []Value      // is: one of them
	period   diag.Period  // olderThan
	purpose  string       // consent
	said     string       // range: the comparison as written
	bounds   []Decimal    // range: what is compared with, as written
	sizes    bool         // range: of sizes, which are kept as text
	low      Decimal      // range: the least that is in it
	high     Decimal      // range: the greatest
	names    []string     // client, locale, moment
	min, max int          // count; max -1: no limit; age: min is years
	from, to time.Time    // between: from inclusive, to exclusive
	reads    []string     // questions, sorted
	size     int          // of the tree, named conditions written out
	consents bool         // reads a consent
}

type op int8

const (
	opAll op = iota + 1
	opAny
	opNot
	opIs
	opRange
	opAnswered
	opDeclined
	opOlderThan
	opConsent
	opClient
	opLocale
	opMoment
	opCount
	opBetween
	opAge
)

// Reads are the questions whose answers the condition can depend on, sorted.
// They are known without evaluating it. A count of answers depends on none in particular.
func (c *Condition) Reads() []string {
	if c == nil {
		return nil
	}
	return slices.Clone(c.reads)
}

// ReadsOf says whether the condition can depend on the answer to a question.
func (c *Condition) ReadsOf(question string) bool {
	return c != nil && slices.Contains(c.reads, question)
}

// Uses says whether the condition reads a value that is worked out, by its id.
func (c *Condition) Uses(derived string) bool {
	if c == nil {
		return false
	}
	return c.derived != nil && c.derived.ID == derived || slices.ContainsFunc(c.parts, func(p *Condition) bool { return p.Uses(derived) })
}

// Eval is the value of the condition for a customer's state in a visit. It is
// total: it always ends, and has a value whatever the state holds. A nil condition is true.
func (c *Condition) Eval(s State, v Facts, now time.Time) Truth { return c.eval(s, v, now, nil) }

// eval is Eval and Explain: there is one evaluator. t is where the trace is
// written to; nil: nowhere.
func (c *Condition) eval(s State, v Facts, now time.Time, t *Trace) Truth {
	is := True
	if c != nil {
		is = c.value(s, v, now, t)
	}
	if t != nil {
		t.Condition, t.Truth = c, is
	}
	return is
}

func (c *Condition) value(s State, v Facts, now time.Time, t *Trace) Truth {
	switch c.op {
	case opAll:
		is := True
		for _, p := range c.parts {
			is = is.And(p.eval(s, v, now, t.part()))
		}
		return is
	case opAny:
		is := False
		for _, p := range c.parts {
			is = is.Or(p.eval(s, v, now, t.part()))
		}
		return is
	case opNot:
		return c.parts[0].eval(s, v, now, t.part()).Not()
	case opIs, opRange, opAnswered, opDeclined, opOlderThan, opAge:
		a := s.Answers[c.question]
		if c.derived != nil {
			a = c.derived.standing(s, now)
		}
		is, why, until := c.answer(a, now)
		if c.derived != nil {
			until = a.Expires
		}
		if t.note(why, until); t != nil {
			t.Answer = a
		}
		return is
	case opConsent:
		t.note(BecauseConsent, time.Time{})
		return truth(s.Consents[c.purpose])
	case opClient:
		return member(v.Client, c.names, t)
	case opMoment:
		return member(string(v.Moment), c.names, t)
	case opLocale:
		for tag := v.Locale; tag != ""; tag = diag.Parent(tag) {
			if slices.Contains(c.names, tag) {
				t.note(BecauseVisit, time.Time{})
				return True
			}
		}
		return member(v.Locale, nil, t)
	case opCount:
		n := 0
		var until time.Time // when the first of them runs out
		for _, a := range s.Answers {
			if a.Fresh(now) && !a.Elsewhere {
				n++
				if !a.Expires.IsZero() && (until.IsZero() || a.Expires.Before(until)) {
					until = a.Expires
				}
			}
		}
		if t.note(BecauseCount, until); t != nil {
			t.Count = n
		}
		return truth(n >= c.min && (c.max < 0 || n <= c.max))
	case opBetween:
		switch {
		case now.Before(c.from):
			t.note(BecauseDate, c.from)
		case now.Before(c.to):
			t.note(BecauseDate, c.to)
		default:
			t.note(BecauseDate, time.Time{})
		}
		return truth(!now.Before(c.from) && now.Before(c.to))
	}
	t.note(BecauseNothing, time.Time{})
	return Unknown
}

// answer is what a condition on one question says, why, and until when that holds
// if nothing is answered meanwhile. What another brand was told is unknown,
// whatever it is.
func (c *Condition) answer(a Standing, now time.Time) (is Truth, why Because, until time.Time) {
	why = BecauseAnswer
	switch {
	case a.Elsewhere:
		return Unknown, BecauseElsewhere, time.Time{}
	case a.Outcome == Declined:
		why = BecauseDeclined
	case a.Outcome == Withdrawn:
		why = BecauseRemoved
	case a.Outcome != Answered:
		why = BecauseNoAnswer
	case !a.Fresh(now):
		why = BecauseStale
	default:
		until = a.Expires
	}
	switch {
	case c.op == opAnswered:
		return truth(a.Fresh(now)), why, until
	case c.op == opDeclined:
		return truth(a.Outcome == Declined), why, time.Time{}
	case a.Outcome != Answered:
		return Unknown, why, time.Time{}
	case c.op == opOlderThan:
		return truth(c.older(a.At, now)), BecauseAge, c.agesAt(a.At, now)
	case !a.Fresh(now):
		return Unknown, why, time.Time{}
	case c.op == opRange:
		return c.holds(a.Value), why, until
	case c.op == opAge:
		is, then := c.old(a.Value, now)
		if is == False && (until.IsZero() || then.Before(until)) {
			until = then
		}
		return is, BecauseYears, until
	}
	value := a.Value.canonical()
	if c.part != "" {
		value = value.Part(c.part)
	}
	for _, want := range c.values {
		if matches(value, want) {
			return True, why, until
		}
	}
	return False, why, until
}

// older says whether what was said at a moment is older than the period by now.
func (c *Condition) older(at, now time.Time) bool { return !at.After(c.period.Before(now)) }

// agesAt is when that comes true; zero if it is already. A month before the
// last of March is not a month after the last of February: a few days are tried.
func (c *Condition) agesAt(at, now time.Time) time.Time {
	if c.older(at, now) {
		return time.Time{}
	}
	then := c.period.After(at)
	for range 4 {
		if c.older(at, then) {
			break
		}
		then = then.AddDate(0, 0, 1)
	}
	return then
}

// possible are the values the condition may have when only some questions can
// ever be answered: what reachability is found with.
func (c *Condition) possible(askable func(question string) bool) (canBeTrue, canBeFalse bool) {
	if c == nil {
		return true, false
	}
	all := func() bool { return !slices.ContainsFunc(c.reads, func(q string) bool { return !askable(q) }) }
	switch c.op {
	case opAll:
		canBeTrue = true
		for _, p := range c.parts {
			t, f := p.possible(askable)
			canBeTrue, canBeFalse = canBeTrue && t, canBeFalse || f
		}
		return canBeTrue, canBeFalse
	case opAny:
		canBeFalse = true
		for _, p := range c.parts {
			t, f := p.possible(askable)
			canBeTrue, canBeFalse = canBeTrue || t, canBeFalse && f
		}
		return canBeTrue, canBeFalse
	case opNot:
		t, f := c.parts[0].possible(askable)
		return f, t
	case opIs, opRange, opOlderThan, opAge:
		return all(), all()
	case opAnswered, opDeclined:
		return all(), true
	}
	return true, true
}

func member(name string, names []string, t *Trace) Truth {
	if name == "" {
		t.note(BecauseNotKnown, time.Time{})
		return Unknown
	}
	t.note(BecauseVisit, time.Time{})
	return truth(slices.Contains(names, name))
}

// String is the condition on one line, for reasons and tests.
func (c *Condition) String() string {
	if c == nil {
		return "everybody"
	}
	list := func(word string) string {
		var parts []string
		for _, p := range c.parts {
			parts = append(parts, p.String())
		}
		return word + "(" + strings.Join(parts, ", ") + ")"
	}
	switch c.op {
	case opAll:
		return list("all")
	case opAny:
		return list("any")
	case opNot:
		return list("not")
	case opIs:
		var values []string
		for _, v := range c.values { // of the definition, not of a customer
			switch x := v.Any().(type) {
			case string:
				values = append(values, x)
			case []string:
				values = append(values, strings.Join(x, ", ")+" first")
			case bool:
				values = append(values, strconv.FormatBool(x))
			case float64:
				values = append(values, v.num.String())
			}
		}
		name := c.question
		if c.part != "" {
			name += "." + c.part
		}
		return name + " is " + strings.Join(values, "|")
	case opRange:
		return c.rangeString()
	case opAnswered:
		return c.question + " answered"
	case opDeclined:
		return c.question + " declined"
	case opOlderThan:
		return c.question + " older than " + c.period.String()
	case opAge:
		return fmt.Sprintf("%s tells an age of %d at least", c.question, c.min)
	case opConsent:
		return "consent " + c.purpose
	case opClient, opLocale, opMoment:
		return map[op]string{opClient: "client ", opLocale: "locale ", opMoment: "moment "}[c.op] + strings.Join(c.names, "|")
	case opCount:
		if c.max < 0 {
			return fmt.Sprintf("at least %d answers", c.min)
		}
		return fmt.Sprintf("%d to %d answers", c.min, c.max)
	}
	return c.from.Format(time.DateOnly) + " to " + c.to.AddDate(0, 0, -1).Format(time.DateOnly)
}
