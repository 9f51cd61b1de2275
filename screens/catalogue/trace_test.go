package catalogue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each part of a condition says what it came of, and until when.
func TestExplain(t *testing.T) {
	kopi := testCatalogue(t).Set("kopi")
	now := start
	oat := Standing{Outcome: Answered, Value: Word("oat"), At: now.AddDate(0, 0, -10), Expires: now.AddDate(0, 6, 0)}
	with := func(a Standing) State { return State{Answers: map[string]Standing{"coffee_milk": a}} }
	facts := Facts{Moment: SignIn, Client: "kopi-web", Locale: "th-TH"}
	for _, x := range []struct {
		condition string
		state     State
		facts     Facts
		want      string
	}{
		{"{answer: coffee_milk, is: oat}", with(oat), facts, "true: the answer is “Oat milk”, told on 19 February 2026, good until 1 September 2026"},
		{"{answer: coffee_milk, any_of: [black, condensed]}", with(oat), facts, "false: the answer is “Oat milk”, told on 19 February 2026, good until 1 September 2026"},
		{"{answer: coffee_milk, is: oat}", State{}, facts, "unknown: coffee_milk has no answer"},
		{"{answer: coffee_milk, is: oat}", with(Standing{Skipped: now}), facts, "unknown: coffee_milk has no answer; it was skipped on 1 March 2026"},
		{"{answer: coffee_milk, is: oat}", with(Standing{Outcome: Declined, At: now}), facts, "unknown: on 1 March 2026 the customer said they would rather not say"},
		{"{answer: coffee_milk, declined: true}", with(Standing{Outcome: Declined, At: now}), facts, "true: on 1 March 2026 the customer said they would rather not say"},
		{"{answer: coffee_milk, answered: true}", with(Standing{Outcome: Withdrawn, At: now}), facts, "false: the answer to coffee_milk was taken back on 1 March 2026"},
		{"{answer: coffee_milk, is: oat}", with(Standing{Outcome: Answered, Value: Word("oat"), At: now.AddDate(-2, 0, 0), Expires: now}), facts, "unknown: the answer to coffee_milk, told on 1 March 2024, ran out on 1 March 2026"},
		{"{answer: coffee_milk, is: oat}", with(Standing{Outcome: Answered, Value: Word("gone"), At: now}), facts, "false: the answer is one that is not offered any more, told on 1 March 2026"},
		{"{answer: coffee_milk, is: oat}", with(Standing{Outcome: Answered, Value: Word("oat"), At: now, Elsewhere: true}), facts, "unknown: coffee_milk was told to another brand and not shared with this one, which does not hear of it"},
		{"{answer: coffee_milk, older_than: 14d}", with(oat), facts, "false: coffee_milk was told on 19 February 2026, and is older than that from 5 March 2026"},
		{"{answer: coffee_milk, older_than: 7d}", with(oat), facts, "true: coffee_milk was told on 19 February 2026"},
		{"{consent: personalise}", State{Consents: map[string]bool{"personalise": true}}, facts, "true: the customer agreed to personalise"},
		{"{consent: gift}", State{}, facts, "false: the customer has not agreed to gift"},
		{"{client: kopi-delivery}", State{}, facts, "false: the client is kopi-web"},
		{"{client: kopi-web}", State{}, Facts{}, "unknown: the visit does not say its client"},
		{"{locale: th}", State{}, facts, "true: the language is th-TH"},
		{"{moment: registration}", State{}, facts, "false: it is at sign-in"},
		{"{answers: {at_least: 1}}", with(oat), facts, "true: 1 answered"},
		{"{between: [2026-12-01, 2026-12-31]}", State{}, facts, "false: it is 1 March 2026"},
	} {
		c := compile(t, kopi, x.condition)
		trace := c.Explain(x.state, x.facts, now)
		told := Telling{Set: kopi, Lang: "en", Facts: x.facts, Now: now}.Tell(&trace)
		if got := told.Truth + ": " + told.Why; got != x.want {
			t.Errorf("%s\n  %s\n  want %s", x.condition, got, x.want)
		}
	}
	var none *Condition
	trace := none.Explain(State{}, Facts{}, now)
	if told := (Telling{Set: kopi, Now: now}).Tell(&trace); told.Truth != "true" || told.Why != "it is for everybody" {
		t.Errorf("no condition: %+v", told)
	}
}

// A tree is told as a tree, with the names that the set gives its parts.
func TestExplainTree(t *testing.T) {
	kopi := testCatalogue(t).Set("kopi")
	c := compile(t, kopi, "{all: [{any: [{answer: coffee_milk, is: oat}, {locale: en}]}, {not: {consent: gift}}]}")
	trace := c.Explain(State{}, Facts{Locale: "th"}, start)
	told := Telling{Set: kopi, Lang: "en", Facts: Facts{Locale: "th"}, Now: start}.Tell(&trace)
	want := Told{Condition: "all", Truth: "unknown", Parts: []Told{
		{Condition: "any", Truth: "unknown", Parts: []Told{
			{Condition: "coffee_milk is oat", Truth: "unknown", Why: "coffee_milk has no answer"},
			{Condition: "locale en", Truth: "false", Why: "the language is th"},
		}},
		{Condition: "not", Truth: "true", Parts: []Told{{Condition: "consent gift", Truth: "false", Why: "the customer has not agreed to gift"}}},
	}}
	if d := cmp.Diff(want, told); d != "" {
		t.Error(d)
	}
	for _, named := range kopi.Conditions {
		trace := named.Condition.Explain(State{}, Facts{}, start)
		if got := (Telling{Set: kopi, Now: start}).Tell(&trace).Name; got != named.ID {
			t.Errorf("%s is called %q", named.ID, got)
		}
	}
	if n := len(trace.Leaves()); n != 3 {
		t.Errorf("%d leaves, want 3", n)
	}
}

// What holds back says until when: an answer that ages, one that runs out, a date.
func TestConditionChanges(t *testing.T) {
	kopi := testCatalogue(t).Set("kopi")
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	answered := func(at, expires time.Time) State {
		return State{Answers: map[string]Standing{"coffee_milk": {Outcome: Answered, Value: Word("oat"), At: at, Expires: expires}}}
	}
	for _, x := range []struct {
		condition string
		state     State
		now, want time.Time
	}{
		{"{answer: coffee_milk, older_than: 7d}", answered(day(3, 1), time.Time{}), day(3, 2), day(3, 8)},
		{"{answer: coffee_milk, older_than: 1mo}", answered(day(1, 31), time.Time{}), day(2, 2), day(3, 1)},
		{"{answer: coffee_milk, older_than: 7d}", answered(day(3, 1), time.Time{}), day(3, 9), time.Time{}},
		{"{answer: coffee_milk, is: oat}", answered(day(3, 1), day(5, 1)), day(3, 9), day(5, 1)},
		{"{all: [{answer: coffee_milk, older_than: 7d}, {between: [2026-04-01, 2026-04-30]}]}", answered(day(3, 1), time.Time{}), day(3, 2), day(4, 1)},
		{"{not: {between: [2026-04-01, 2026-04-30]}}", State{}, day(4, 2), day(5, 1)},
		{"{between: [2026-04-01, 2026-04-30]}", State{}, day(5, 2), time.Time{}},
		{"{client: kopi-web}", State{}, day(5, 2), time.Time{}},
	} {
		c := compile(t, kopi, x.condition)
		if got := c.Changes(x.state, Facts{Client: "kopi-pos"}, x.now); !got.Equal(x.want) {
			t.Errorf("%s changes %s, want %s", x.condition, got, x.want)
		}
	}
}
