package screens

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/store"
)

var decideStart = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// compile reads one condition against testdata/kopi.yaml's questions.
func compile(t testing.TB, base *Set, yaml string) *Condition {
	t.Helper()
	src := "conditions:\n  c: " + yaml + "\n"
	var out diag.Findings
	l := &loading{o: testOptions("kopi"), set: base, compiled: map[string]*Condition{}}
	l.root = diag.Decode("c.yaml", []byte(src), &l.raw, &out)
	for _, q := range base.Questions {
		l.raw.Questions.Keys = append(l.raw.Questions.Keys, q.ID)
	}
	l.raw.Purposes.Of = map[string]rawPurpose{"personalise": {}, "gift": {}}
	c := l.condition(l.raw.Conditions.Of["c"].at)
	if s := out.String(); s != "" || c == nil {
		t.Fatalf("%s: %s", yaml, s)
	}
	return c
}

func TestConditionEval(t *testing.T) {
	kopi := testCatalogue(t).Set("kopi")
	now := decideStart
	answered := func(v Value, daysAgo int) Standing {
		return Standing{Outcome: Answered, Value: v, At: now.AddDate(0, 0, -daysAgo)}
	}
	oat := State{Answers: map[string]Standing{"coffee_milk": answered(Word("oat"), 10)}}
	declined := State{Answers: map[string]Standing{"coffee_milk": {Outcome: Declined, At: now}}}
	withdrawn := State{Answers: map[string]Standing{"coffee_milk": {Outcome: Withdrawn, At: now}}}
	skipped := State{Answers: map[string]Standing{"coffee_milk": {Skipped: now}}}
	stale := State{Answers: map[string]Standing{"coffee_milk": {Outcome: Answered, Value: Word("oat"), At: now.AddDate(-2, 0, 0), Expires: now.AddDate(-1, 0, 0)}}}
	elsewhere := State{Answers: map[string]Standing{"birthday": {Outcome: Answered, Value: Word("--03-14"), At: now, Elsewhere: true}}}
	noElsewhere := State{Answers: map[string]Standing{"birthday": {Outcome: Declined, At: now, Elsewhere: true}}}
	other := State{Answers: map[string]Standing{"coffee_milk": answered(Word("other:soya"), 0), "coffee_when": answered(Words([]string{"morning", "other:3 am"}), 400)}}
	sign := Facts{Moment: SignIn, Client: "kopi-web", Locale: "th-TH"}

	for _, x := range []struct {
		condition string
		state     State
		facts     Facts
		want      Truth
	}{
		{"{answer: coffee_milk, is: oat}", oat, sign, True},
		{"{answer: coffee_milk, is: black}", oat, sign, False},
		{"{answer: coffee_milk, any_of: [black, oat]}", oat, sign, True},
		{"{answer: coffee_milk, is: oat}", State{}, sign, Unknown},
		{"{answer: coffee_milk, is: oat}", declined, sign, Unknown},
		{"{answer: coffee_milk, is: oat}", withdrawn, sign, Unknown},
		{"{answer: coffee_milk, is: oat}", skipped, sign, Unknown},
		{"{answer: coffee_milk, is: oat}", stale, sign, Unknown},
		{"{not: {answer: coffee_milk, is: oat}}", State{}, sign, Unknown},
		{"{not: {answer: coffee_milk, is: black}}", oat, sign, True},
		{"{answer: coffee_milk, is: other}", other, sign, True},
		{"{answer: coffee_milk, is: other}", oat, sign, False},
		{"{answer: coffee_when, is: morning}", other, sign, True},
		{"{answer: coffee_when, is: noon}", other, sign, False},
		{"{answer: coffee_when, is: other}", other, sign, True},
		{"{answer: at_home, is: true}", State{Answers: map[string]Standing{"at_home": answered(YesNo(true), 0)}}, sign, True},
		{"{answer: at_home, is: false}", State{Answers: map[string]Standing{"at_home": answered(YesNo(true), 0)}}, sign, False},
		{"{answer: birthday, is: '--03-14'}", State{Answers: map[string]Standing{"birthday": answered(Word("--03-14"), 0)}}, sign, True},

		{"{answer: coffee_milk, answered: true}", oat, sign, True},
		{"{answer: coffee_milk, answered: true}", State{}, sign, False},
		{"{answer: coffee_milk, answered: true}", declined, sign, False},
		{"{answer: coffee_milk, answered: true}", stale, sign, False},
		{"{answer: coffee_milk, answered: false}", State{}, sign, True},
		{"{answer: given_name, answered: true}", State{}, sign, False},
		{"{answer: coffee_milk, declined: true}", declined, sign, True},
		{"{answer: coffee_milk, declined: true}", skipped, sign, False},
		{"{answer: coffee_milk, declined: false}", oat, sign, True},

		{"{answer: coffee_milk, older_than: 9d}", oat, sign, True},
		{"{answer: coffee_milk, older_than: 10d}", oat, sign, True},
		{"{answer: coffee_milk, older_than: 11d}", oat, sign, False},
		{"{answer: coffee_milk, older_than: 18mo}", stale, sign, True},
		{"{answer: coffee_milk, older_than: 1d}", State{}, sign, Unknown},
		{"{answer: coffee_milk, older_than: 1d}", declined, sign, Unknown},

		// What another brand was told is no knowledge here, whatever is asked of it.
		{"{answer: birthday, is: '--03-14'}", elsewhere, sign, Unknown},
		{"{answer: birthday, answered: true}", elsewhere, sign, Unknown},
		{"{answer: birthday, answered: false}", elsewhere, sign, Unknown},
		{"{answer: birthday, older_than: 1s}", elsewhere, sign, Unknown},
		{"{answer: birthday, declined: true}", noElsewhere, sign, Unknown},
		{"{answers: {at_least: 1}}", elsewhere, sign, False},

		{"{consent: gift}", State{Consents: map[string]bool{"gift": true}}, sign, True},
		{"{consent: gift}", State{Consents: map[string]bool{"gift": false}}, sign, False},
		{"{consent: gift}", State{}, sign, False},
		{"{client: kopi-web}", State{}, sign, True},
		{"{client: [kopi-app, kopi-web]}", State{}, sign, True},
		{"{client: kopi-app}", State{}, sign, False},
		{"{client: kopi-app}", State{}, Facts{}, Unknown},
		{"{locale: th}", State{}, sign, True},
		{"{locale: en}", State{}, sign, False},
		{"{locale: en}", State{}, Facts{}, Unknown},
		{"{moment: sign_in}", State{}, sign, True},
		{"{moment: registration}", State{}, sign, False},
		{"{answers: {at_least: 2}}", other, sign, True},
		{"{answers: {at_least: 2}}", oat, sign, False},
		{"{answers: {at_most: 0}}", stale, sign, True},
		{"{between: [2026-03-01, 2026-03-01]}", State{}, sign, True},
		{"{between: [2026-03-02, 2026-04-01]}", State{}, sign, False},
		{"{between: [2026-02-01, 2026-02-28]}", State{}, sign, False},

		{"{all: [{answer: coffee_milk, is: oat}, {client: kopi-web}]}", oat, sign, True},
		{"{all: [{answer: coffee_milk, is: oat}, {client: kopi-web}]}", State{}, sign, Unknown},
		{"{all: [{answer: coffee_milk, is: oat}, {client: kopi-app}]}", State{}, sign, False},
		{"{any: [{answer: coffee_milk, is: oat}, {client: kopi-web}]}", State{}, sign, True},
		{"{any: [{answer: coffee_milk, is: oat}, {client: kopi-app}]}", State{}, sign, Unknown},
	} {
		c := compile(t, kopi, x.condition)
		if got := c.Eval(x.state, x.facts, now); got != x.want {
			t.Errorf("%s is %s, want %s", x.condition, got, x.want)
		}
	}
	var none *Condition
	if none.Eval(State{}, Facts{}, now) != True || none.Reads() != nil {
		t.Error("no condition holds for everybody")
	}
}

// Kleene's tables, spelled out.
func TestTruth(t *testing.T) {
	all := []Truth{False, Unknown, True}
	and := [3][3]Truth{{False, False, False}, {False, Unknown, Unknown}, {False, Unknown, True}}
	or := [3][3]Truth{{False, Unknown, True}, {Unknown, Unknown, True}, {True, True, True}}
	for i, a := range all {
		for j, b := range all {
			if a.And(b) != and[i][j] || a.Or(b) != or[i][j] {
				t.Errorf("%s, %s: and %s, or %s", a, b, a.And(b), a.Or(b))
			}
			if a.And(b).Not() != a.Not().Or(b.Not()) || a.Or(b).Not() != a.Not().And(b.Not()) {
				t.Errorf("de Morgan: %s, %s", a, b)
			}
		}
		if a.Not() != [3]Truth{True, Unknown, False}[i] {
			t.Errorf("not %s is %s", a, a.Not())
		}
	}
}

// chance makes random conditions, states and facts about testdata/kopi.yaml.
type chance struct {
	*rand.Rand
	set *Set
}

func (r chance) condition(depth int) *Condition {
	if depth > 0 && r.IntN(3) > 0 {
		c := &Condition{op: []op{opAll, opAny, opNot}[r.IntN(3)]}
		n := 1
		if c.op != opNot {
			n = r.IntN(4)
		}
		for range n {
			p := r.condition(depth - 1)
			c.parts, c.reads = append(c.parts, p), sorted(append(c.reads, p.reads...))
		}
		return c
	}
	q := r.set.Questions[r.IntN(len(r.set.Questions))]
	c := &Condition{op: opIs + op(r.IntN(int(opBetween-opIs)+1)), question: q.ID, values: []Value{r.value(q)},
		period: diag.Period{Days: r.IntN(400)}, purpose: "gift", names: []string{"kopi-web", "th", "TH", "sign_in"},
		min: r.IntN(3), max: r.IntN(4) - 1, from: decideStart.AddDate(0, 0, -r.IntN(9)), to: decideStart.AddDate(0, 0, r.IntN(9))}
	if c.op <= opOlderThan {
		c.reads = []string{q.ID}
	}
	return c
}

func (r chance) value(q *Question) Value {
	switch q.Kind.Name() {
	case "single":
		return Word(q.Options[r.IntN(len(q.Options)-1)].ID)
	case "multi":
		return Words([]string{q.Options[r.IntN(len(q.Options)-1)].ID})
	case "boolean":
		return YesNo(r.IntN(2) == 0)
	case "month_day":
		return MonthDay(1+r.IntN(12), 1+r.IntN(28))
	}
	return Word(fmt.Sprint("word ", r.IntN(9)))
}

func (r chance) state() State {
	s := State{Answers: map[string]Standing{}, Consents: map[string]bool{}, Campaigns: map[string]History{}}
	for _, q := range r.set.Questions {
		if r.IntN(3) > 0 {
			s.Answers[q.ID] = r.standing(q)
		}
	}
	if r.IntN(2) == 0 {
		s.Consents["gift"] = r.IntN(2) == 0
	}
	for _, c := range r.set.Campaigns {
		if r.IntN(2) == 0 {
			h := History{Offers: r.IntN(4), Offered: r.time(), Skipped: r.IntN(4) == 0}
			if r.IntN(3) == 0 {
				h.Visit = store.ID{1}
			}
			for _, q := range r.set.Questions {
				if r.IntN(4) == 0 {
					h.Asked = append(h.Asked, q.ID)
				}
			}
			s.Campaigns[c.ID] = h
		}
	}
	for range r.IntN(8) {
		s.Asked = append(s.Asked, r.time())
	}
	return s
}

func (r chance) standing(q *Question) Standing {
	a := Standing{Outcome: []Outcome{"", Answered, Answered, Declined, Withdrawn}[r.IntN(5)], At: r.time(), Elsewhere: q.Scope == ScopePerson && r.IntN(3) == 0}
	if a.Outcome == Answered {
		a.Value = r.value(q)
		if r.IntN(2) == 0 {
			a.Expires = r.time()
		}
	}
	if r.IntN(3) == 0 {
		a.Skipped = r.time()
	}
	return a
}

func (r chance) time() time.Time { return decideStart.AddDate(0, 0, r.IntN(80)-60) }

func (r chance) facts() Facts {
	return Facts{Visit: store.ID{byte(r.IntN(3))}, Moment: []Moment{SignIn, Registration}[r.IntN(2)], Silent: r.IntN(6) == 0,
		Client: []string{"", "kopi-web", "kopi-app", "kopi-delivery"}[r.IntN(4)], Locale: []string{"", "th", "en"}[r.IntN(3)]}
}

func TestConditionProperties(t *testing.T) {
	r := chance{rand.New(rand.NewPCG(1, 2)), testCatalogue(t).Set("kopi")}
	seen := map[Truth]int{}
	for range 5000 {
		c, s, v := r.condition(4), r.state(), r.facts()
		got := c.Eval(s, v, decideStart)
		seen[got]++
		if got < False || got > True {
			t.Fatalf("%s is %d", c, got)
		}
		if again := c.Eval(s, v, decideStart); again != got {
			t.Fatalf("%s is %s, then %s", c, got, again)
		}
		// De Morgan on trees.
		d := r.condition(3)
		not := func(c *Condition) *Condition { return &Condition{op: opNot, parts: []*Condition{c}} }
		left := not(&Condition{op: opAll, parts: []*Condition{c, d}}).Eval(s, v, decideStart)
		right := (&Condition{op: opAny, parts: []*Condition{not(c), not(d)}}).Eval(s, v, decideStart)
		if left != right {
			t.Fatalf("not all(%s, %s) is %s, any of their opposites %s", c, d, left, right)
		}
		// What a condition does not read does not change it; a count reads all.
		if !counts(c) {
			for _, q := range r.set.Questions {
				if !slices.Contains(c.Reads(), q.ID) {
					s.Answers[q.ID] = r.standing(q)
				}
			}
			if after := c.Eval(s, v, decideStart); after != got {
				t.Fatalf("%s reads %q, and changed from %s to %s with another answer", c, c.Reads(), got, after)
			}
		}
	}
	for _, truth := range []Truth{True, False, Unknown} {
		if seen[truth] < 200 {
			t.Errorf("%s came %d times only: the test says little", truth, seen[truth])
		}
	}
}

// More knowledge never turns true to false or false to true: it can only settle
// what was unknown. (Of is and older_than; whether something was answered is always known.)
func TestConditionKnowledgeOnlySettles(t *testing.T) {
	r := chance{rand.New(rand.NewPCG(3, 4)), testCatalogue(t).Set("kopi")}
	for range 3000 {
		c := r.condition(4)
		if !onlyOps(c, opAll, opAny, opNot, opIs, opOlderThan) {
			continue
		}
		s := r.state()
		q := r.set.Questions[r.IntN(len(r.set.Questions))]
		less := State{Answers: without(s.Answers, []string{q.ID})}
		before, after := c.Eval(less, Facts{}, decideStart), c.Eval(s, Facts{}, decideStart)
		if before != Unknown && after != before {
			t.Fatalf("%s was %s without an answer to %s, and is %s with it", c, before, q.ID, after)
		}
	}
}

// treeOf says whether every operator of a tree is one of those meant.
func treeOf(c *Condition, ok func(op) bool) bool {
	return ok(c.op) && !slices.ContainsFunc(c.parts, func(p *Condition) bool { return !treeOf(p, ok) })
}

func onlyOps(c *Condition, ops ...op) bool {
	return treeOf(c, func(o op) bool { return slices.Contains(ops, o) })
}

func counts(c *Condition) bool { return !treeOf(c, func(o op) bool { return o != opCount }) }
