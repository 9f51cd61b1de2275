package catalogue

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

// A question with a min_age is for nobody who is younger, nor for anybody whose age
// is not known (GDPR, art. 8; Thailand's PDPA, s. 20). What tells the age is another
// question of the set, which is asked first, of everybody, and in words that do not
// say what hangs on it.

// The ages that a min_age can be.
const (
	leastAge = 1
	mostAge  = 99
)

// aged is the condition that a customer is known to be so old.
func (s *Set) aged(years int) *Condition {
	return &Condition{op: opAge, question: s.AgeQuestion, min: years, reads: []string{s.AgeQuestion}, size: 1}
}

// OldEnough says whether a customer whose answers stand like this is known to be as
// old as a question of the set has it. Of the answers, only the one to AgeQuestion
// is looked at.
func (s *Set) OldEnough(q *Question, answers map[string]Standing, now time.Time) bool {
	return q.MinAge == 0 || s.aged(q.MinAge).Eval(State{Answers: answers}, Facts{}, now) == True
}

// old says whether who was born on the day, or in the month, of an answer is as old
// as the condition says, and when they will be. Of a month it takes the last day:
// then everybody is who was born in it.
func (c *Condition) old(v Value, now time.Time) (is Truth, then time.Time) {
	born, ok := dayIn(v, time.DateOnly)
	if !ok {
		if born, ok = dayIn(v, monthOnly); !ok {
			return Unknown, time.Time{}
		}
		born = born.AddDate(0, 1, -1)
	}
	then = birthday(born, born.Year()+c.min)
	return truth(!now.Before(then)), then
}

// birthday is when who was born on a day is a year older. The day has to have begun
// everywhere: nobody is taken for older than they are. Who was born on 29 February is
// a year older on 1 March where there is none.
func birthday(born time.Time, year int) time.Time {
	return time.Date(year, born.Month(), born.Day(), 0, 0, 0, 0, time.UTC).Add(-earliest)
}

// minAge reads the age of a question.
func (l *loading) minAge(q *Question, raw *rawQuestion) {
	if raw.MinAge == nil {
		return
	}
	q.MinAge = *raw.MinAge
	in := raw.At.Field("min_age")
	switch {
	case q.MinAge < leastAge || q.MinAge > mostAge:
		in.Errorf("write an age in years, %d to %d", leastAge, mostAge)
	case q.Scope == ScopePerson:
		in.Errorf("a question for all brands cannot have an age: the others do not know how old the customer is; write scope: brand")
	}
}

// ages finds the question that tells the age, checks it, and has every screen with a
// min_age wait for its answer.
func (l *loading) ages() {
	in := l.root.Field("age_question")
	q := l.set.Question(l.raw.AgeQuestion)
	if q != nil && q.MinAge > 0 {
		q.at.Field("min_age").Errorf("%s tells how old a customer is and is asked of everybody; leave this out", q.ID)
		q.MinAge = 0
	}
	var young []*Question // with a min_age
	for _, q := range l.set.Questions {
		if q.MinAge > 0 {
			young = append(young, q)
		}
	}
	mixed := l.mixed()
	switch {
	case !in.Set():
		for _, q := range young {
			q.at.Field("min_age").Errorf("nothing tells how old a customer is; name a question of kind date or year_month at the top of the set: age_question: %s", l.tellsAge())
		}
		return
	case q == nil:
		if _, ok := l.raw.Questions.Get(l.raw.AgeQuestion); !ok && !in.IsMap() && !in.IsList() {
			in.Errorf("unknown question %q%s", clip(l.raw.AgeQuestion), diag.DidYouMean(l.raw.AgeQuestion, l.raw.Questions.Keys, l.at("questions")))
		}
		return
	case len(young) == 0:
		in.Warnf("no question has a min_age; leave this out")
	}
	l.set.AgeQuestion = q.ID
	if q.Kind != nil {
		l.neutral(q, young, in)
	} else {
		l.set.late = append(l.set.late, func(out *diag.Findings) {
			if q.Kind != nil {
				l.neutral(q, young, in.To(out))
			}
		})
	}
	askedFirst := l.askedFirst()
	for _, s := range l.set.Screens {
		if years := l.minAgeOf(s); years > 0 && askedFirst && !mixed {
			s.ShowIf = s.ShowIf.and(l.set.aged(years))
		}
	}
}

// and is the condition with another one.
func (c *Condition) and(other *Condition) *Condition {
	if c == nil {
		return other
	}
	return &Condition{
		op: opAll, parts: []*Condition{c, other}, size: c.size + other.size + 1, consents: c.consents || other.consents,
		reads: sorted(slices.Concat(c.reads, other.reads)),
	}
}

// tellsAge is a question of the set that could tell the age, or a name for one.
func (l *loading) tellsAge() string {
	for _, q := range l.set.Questions {
		if k, ok := q.Kind.(dated); ok && q.MinAge == 0 && !q.Special && (k == date{} || k == yearMonth{}) {
			return q.ID
		}
	}
	return "born"
}

// minAgeOf is the age that a screen is for; 0: any.
func (l *loading) minAgeOf(s *Screen) int {
	years := 0
	for _, id := range s.Ask {
		if q := l.set.Question(id); q != nil {
			years = max(years, q.MinAge)
		}
	}
	return years
}

// mixed reports questions for different ages on one screen.
func (l *loading) mixed() bool {
	found := false
	for _, s := range l.set.Screens {
		years := l.minAgeOf(s)
		for i, id := range s.Ask {
			if q := l.set.Question(id); q != nil && q.MinAge != years {
				s.at.Field("ask").Index(i).Errorf("%s is for another age than what stands beside it, which has min_age: %d; give it a screen of its own", id, years)
				found = true
			}
		}
	}
	return found
}

// askedFirst reports screens with a min_age before which a campaign does not ask how
// old the customer is.
func (l *loading) askedFirst() bool {
	all := true
	for _, c := range l.set.Campaigns {
		at := l.root.Field("campaigns").Field(c.ID)
		all = l.askedFirstIn(c.Show, at.Field("show")) && all
		for _, a := range c.Arms {
			all = l.askedFirstIn(a.Show, at.Field("arms").Field(a.ID).Field("show")) && all
		}
	}
	return all
}

func (l *loading) askedFirstIn(show []string, in diag.Node) bool {
	age, all := l.set.AgeQuestion, true
	asks := func(s *Screen) bool { return s != nil && slices.Contains(s.Ask, age) }
	for i, id := range show {
		s := l.set.Screen(id)
		if s == nil {
			continue
		}
		years := l.minAgeOf(s)
		if years == 0 || slices.ContainsFunc(show[:i], func(id string) bool { return asks(l.set.Screen(id)) }) {
			continue
		}
		all = false
		put := "put a screen that asks it before this one"
		if first := find(l.set.Screens, asks); first != nil {
			put = "put " + first.ID + " before this one"
		}
		in.Index(i).Errorf("%s is for those of %d years at least, and nothing before it asks %s, which tells that; %s", id, years, age, put)
	}
	return all
}

// neutral checks the question that tells the age: everybody can be asked it, and
// nothing about it says what hangs on the answer.
func (l *loading) neutral(q *Question, young []*Question, in diag.Node) {
	switch k := q.Kind.(type) {
	case date, yearMonth:
	default:
		in.Errorf("%s is a %s, which tells no age; name a question of kind date or year_month", q.ID, k.Name())
		return
	}
	switch {
	case q.Special:
		in.Errorf("%s is special data, which needs an agreement first; ask for the age with a question of its own", q.ID)
	case !q.To.back.IsZero() && len(young) > 0:
		in.Errorf("%s has to: %s, which tells who is younger that they are; write to: today, and leave the age to min_age", q.ID, q.To)
	}
	texts := []Text{q.Ask, q.Name, q.Hint, q.Why}
	for _, s := range l.set.Screens {
		w := s.Texts[q.ID]
		texts = append(texts, w.Ask, w.Hint, w.Why)
	}
	for _, lang := range l.set.Languages {
		for _, other := range young {
			if slices.ContainsFunc(texts, func(t Text) bool { return says(t.In(lang), other.MinAge) }) {
				in.Errorf("the words of %s (%s) have the number %d in them, the min_age of %s; ask without saying what hangs on the answer", q.ID, lang, other.MinAge, other.ID)
				break
			}
		}
	}
}

// says says whether a number stands in a text, in the digits of any script.
func says(text string, number int) bool {
	plain := strings.Map(func(r rune) rune {
		if d, ok := digit(r); ok {
			return '0' + rune(d)
		}
		return ' '
	}, text)
	return slices.Contains(strings.Fields(plain), strconv.Itoa(number))
}
