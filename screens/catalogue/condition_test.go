package catalogue

import (
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

// start is the day on which these tests stand.
var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

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
	now := start
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
