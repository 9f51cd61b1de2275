package catalogue

import (
	"slices"
	"strconv"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

// A Derived is a value worked out from answers: points added up, an age, a band, a
// kind of customer. It is nobody's statement, is kept nowhere, and is there only while
// every answer behind it is.
type Derived struct {
	ID      string
	Brand   string // whose set it stands in
	Claim   string // name it is released under; default: ID
	Name    Text   // as customers read it: "Age"
	Purpose string // of the brand; that of one of the sources
	Special bool   // special data is among the sources

	points  []points      // sum
	of      *Question     // age_of, and band_of a date
	from    *Derived      // band_of a number that is worked out
	bands   []int         // band_of: where each begins, ascending
	cases   []derivedCase // match: the first that is true
	other   Value         // match: where none is; none: no value
	like    *Question     // a question that could have the value as its answer: for conditions and words
	sources []*Question   // all that it reads, those of other derived values too, by id
	aged    *Condition    // that the customer is old enough for all sources; nil: for anybody
	size    int           // of all conditions written out
	at      diag.Node
}

// points are what an answer adds to a sum: so much for each option that was
// chosen, or where of is nil the number itself.
type points struct {
	question *Question
	of       map[string]Decimal // by option; "yes" and "no" of a boolean
}

type derivedCase struct {
	when *Condition
	is   Value
}

// Sources are the questions whose answers it is worked out from, by id. Each of them
// must have one.
func (d *Derived) Sources() []*Question { return slices.Clone(d.sources) }

// Reads are the ids of the sources, sorted.
func (d *Derived) Reads() []string {
	var out []string
	for _, q := range d.sources {
		out = append(out, q.ID)
	}
	return out
}

// Value is what the answers come to. It is a pure function of its arguments. ok is
// false where that is unknown: an answer behind it is missing, declined, unsure, taken
// back, stale, not to be had any more or told elsewhere, or what was answered comes
// to nothing, such as the age of somebody born tomorrow.
func (d *Derived) Value(s State, now time.Time) (v Value, ok bool) {
	a := d.standing(s, now)
	return a.Value, a.Fresh(now)
}

// standing is how the value stands with a customer, as an answer would: told when
// the last of its sources was, and good until the first of them runs out or time
// changes it. Where it is unknown, it is how the first source stands that is to blame,
// without its value; Expires is then when time alone may make it known. Who is too
// young for a source, or may be, has none.
func (d *Derived) standing(s State, now time.Time) Standing {
	out := Standing{Outcome: Answered}
	if d.aged != nil {
		a := s.Answers[d.aged.question]
		is, _, until := d.aged.answer(a, now)
		if is != True {
			return Standing{Expires: until}
		}
		out.Expires = until
	}
	for _, q := range d.sources {
		a := s.Answers[q.ID]
		switch {
		case a.Elsewhere:
			return Standing{Elsewhere: true}
		case !a.Fresh(now):
			if a.Value = (Value{}); a.Outcome != Answered {
				a.Expires = time.Time{}
			}
			return a
		case q.Kind == nil || !q.Accepts(a.Value):
			return Standing{}
		}
		if a.At.After(out.At) {
			out.At = a.At
		}
		out.Expires = sooner(out.Expires, a.Expires)
	}
	var until time.Time
	out.Value, until = d.work(s, now)
	out.Expires = sooner(out.Expires, until)
	if out.Value.IsZero() {
		return Standing{Expires: out.Expires}
	}
	return out
}

// work is the value of sources that all have an answer, and when time alone may
// change it; none where they come to nothing.
func (d *Derived) work(s State, now time.Time) (v Value, until time.Time) {
	switch {
	case d.points != nil:
		var sum Decimal
		for _, p := range d.points {
			sum += p.add(s.Answers[p.question.ID].Value)
		}
		return Amount(sum), until
	case d.cases != nil:
		return d.match(s, now)
	}
	var n Decimal
	if d.from != nil {
		a := d.from.standing(s, now)
		if !a.Fresh(now) || a.Value.form != formNumber {
			return Value{}, a.Expires
		}
		n, until = a.Value.num, a.Expires
	} else {
		born, ok := date{}.read(s.Answers[d.of.ID].Value)
		if !ok {
			return Value{}, until
		}
		if day := birthday(born, born.Year()); now.Before(day) {
			return Value{}, day
		}
		years := age(born, now)
		n, until = Whole(years), birthday(born, born.Year()+years+1)
	}
	if d.bands == nil {
		return Amount(n), until
	}
	i := len(d.bands) - 1
	for i >= 0 && n < Whole(d.bands[i]) {
		i--
	}
	if i < 0 {
		return Value{}, until
	}
	return Word(bandName(d.bands, i)), until
}

// match is the value of the first case that is true. One that is unknown hides those
// after it.
func (d *Derived) match(s State, now time.Time) (v Value, until time.Time) {
	for _, c := range d.cases {
		var t Trace
		is := c.when.eval(s, Facts{}, now, &t)
		for _, at := range t.untils(nil) {
			if at.After(now) {
				until = sooner(until, at)
			}
		}
		switch is {
		case True:
			return c.is, until
		case Unknown:
			return Value{}, until
		}
	}
	return d.other, until
}

// add is what an answer adds to the sum.
func (p points) add(v Value) Decimal {
	switch {
	case p.of == nil:
		return v.num
	case v.form == formBool && v.yes:
		return p.of["yes"]
	case v.form == formBool:
		return p.of["no"]
	}
	var sum Decimal
	for _, word := range v.words() {
		if o, ok := p.of[word]; ok {
			sum += o
		} else {
			sum += p.of["other"] // what was typed stands in place of the option
		}
	}
	return sum
}

// age is how many birthdays there were since the day of birth.
func age(born, now time.Time) int {
	years := now.UTC().Year() - born.Year()
	if now.Before(birthday(born, born.Year()+years)) {
		years--
	}
	return years
}

// bandName is what a band is called: "18-24", of one year "18", the last "65+".
func bandName(bands []int, i int) string {
	from := strconv.Itoa(bands[i])
	switch {
	case i == len(bands)-1:
		return from + "+"
	case bands[i+1] == bands[i]+1:
		return from
	}
	return from + "-" + strconv.Itoa(bands[i+1]-1)
}

// sooner is the earlier of two times, of which zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// DerivedBy looks a derived value up by id; nil if there is none.
func (s *Set) DerivedBy(id string) *Derived {
	return find(s.Derived, func(d *Derived) bool { return d.ID == id })
}

// Derived is the derived value that a brand's clients may get under a claim; nil if
// there is none. Another brand's never is.
func (c *Catalogue) Derived(brand, claim string) *Derived {
	if s := c.sets[brand]; s != nil {
		return find(s.Derived, func(d *Derived) bool { return d.Claim == claim })
	}
	return nil
}
