package catalogue

import (
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

// loadMill is what is found in the set of numbers and scales with one thing changed.
func loadMill(t *testing.T, old, new string) (*Set, string) {
	t.Helper()
	if !strings.Contains(millSet, old) {
		t.Fatalf("%q is not in the set", old)
	}
	var out diag.Findings
	s := Load("mill.yaml", []byte(strings.Replace(millSet, old, new, 1)), testOptions("mill"), &out)
	Join(map[string]*Set{"mill": s}, &out)
	return s, strings.TrimSpace(out.String())
}

func TestRangeCondition(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	standing := func(v Value) State {
		return State{Answers: map[string]Standing{"weight": {Outcome: Answered, Value: v, At: now}, "strength": {Outcome: Answered, Value: v, At: now}}}
	}
	for _, x := range []struct {
		condition, text string
		values          string // of the answers tried, true ones first, then a bar, then the others
	}{
		{"{answer: weight, at_least: 7.5}", "weight at least 7.5", "7.5 8 90 | 0.5 7"},
		{"{answer: weight, more_than: 7.5}", "weight more than 7.5", "8 90 | 7.5 0.5"},
		{"{answer: weight, at_most: 7.5}", "weight at most 7.5", "0.5 7.5 | 8 90"},
		{"{answer: weight, less_than: 7.5}", "weight less than 7.5", "0.5 7 | 7.5 90"},
		{"{answer: weight, between: [5, 7.5]}", "weight between 5 and 7.5", "5 7.5 6 | 4.5 8"},
		{"{answer: weight, is: 7.50}", "weight is 7.5", "7.5 | 7 8"},
		{"{answer: weight, any_of: [7, 8]}", "weight is 7|8", "7 8 | 7.5"},
		{"{answer: strength, between: [2, 4]}", "strength between 2 and 4", "2 3 4 | 1 5"},
		{"{not: {answer: strength, at_least: 4}}", "not(strength at least 4)", "1 2 3 | 4 5"},
	} {
		s, found := loadMill(t, "{answer: cups, at_least: 3}", x.condition)
		if found != "" {
			t.Fatalf("%s: %s", x.condition, found)
		}
		c := s.Condition("many")
		if c.String() != x.text {
			t.Errorf("%s is %q in words, want %q", x.condition, c, x.text)
		}
		yes, no, _ := strings.Cut(x.values, "|")
		for want, list := range map[Truth]string{True: yes, False: no} {
			for _, v := range strings.Fields(list) {
				d, err := ParseDecimal(v)
				if err != nil {
					t.Fatal(err)
				}
				if got := c.Eval(standing(Amount(d)), Facts{}, now); got != want {
					t.Errorf("%s with %s is %s, want %s", x.condition, v, got, want)
				}
			}
		}
		nobody := []State{
			{}, // never asked
			{Answers: map[string]Standing{"weight": {Outcome: Declined, At: now}, "strength": {Outcome: Declined, At: now}}},
			{Answers: map[string]Standing{"weight": {Outcome: Answered, Value: Amount(Whole(3)), At: now, Expires: now}, "strength": {Elsewhere: true, Outcome: Answered, Value: Amount(Whole(3))}}},
		}
		for i, s := range nobody {
			if got := c.Eval(s, Facts{}, now); got != Unknown {
				t.Errorf("%s without an answer (%d) is %s", x.condition, i, got)
			}
		}
		if got := c.Eval(standing(Word("7.5")), Facts{}, now); strings.Contains(x.text, "is") == (got == Unknown) {
			t.Errorf("%s with words is %s", x.condition, got)
		}
	}
}

// A comparison with a shared question's number is checked when its definition is at hand.
func TestRangeConditionShared(t *testing.T) {
	owner := strings.Replace(millSet, "  weight:\n", "  weight:\n    scope: person\n", 1)
	guest := func(condition string) string {
		return `purposes:
  fit: {text: {en: show what fits, th: แสดงที่พอดี}}
questions:
  weight: {shared: true, purpose: fit, why: {en: So that it fits., th: เพื่อให้พอดี}}
conditions:
  heavy: ` + condition + `
screens:
  weight: {ask: [weight]}
campaigns:
  fit: {when: [registration], who: heavy, show: [weight]}
`
	}
	load := func(condition string) (*Set, string) {
		var out diag.Findings
		sets := map[string]*Set{
			"mill":  Load("mill.yaml", []byte(owner), testOptions("mill"), &out),
			"guest": Load("guest.yaml", []byte(guest(condition)), testOptions("guest"), &out),
		}
		Join(sets, &out)
		return sets["guest"], out.String()
	}
	s, found := load("{answer: weight, more_than: 20}")
	if found != "" {
		t.Fatal(found)
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	state := State{Answers: map[string]Standing{"weight": {Outcome: Answered, Value: Amount(Whole(21)), At: now}}}
	if got := s.Condition("heavy").Eval(state, Facts{}, now); got != True {
		t.Errorf("21 kg are heavy: %s", got)
	}
	if _, found := load("{answer: weight, more_than: 90}"); !strings.Contains(found, "guest.yaml:6:38: conditions.heavy.more_than: can never be true: weight goes from 0.5 to 90") {
		t.Error(found)
	}
	if _, found := load("{answer: weight, is: 0.7}"); !strings.Contains(found, "nobody can answer 0.7 to weight") {
		t.Error(found)
	}
}

func TestLoadNumberFindings(t *testing.T) {
	for _, x := range []struct{ name, old, new, want string }{
		{"no min", "    min: 0\n    max: 20\n", "    max: 20\n", `mill.yaml:4:3: questions.cups.min: is missing; write the least that can be answered`},
		{"no max", "    max: 20\n", "", `mill.yaml:4:3: questions.cups.max: is missing; write the greatest that can be answered`},
		{"min above max", "min: 0\n    max: 20\n", "min: 30\n    max: 20\n", `mill.yaml:7:10: questions.cups.max: 20 is not more than min, 30; write the greater of the two here`},
		{"not a number", "max: 20\n", "max: twenty\n", `mill.yaml:7:10: questions.cups.max: "twenty" cannot be a number here; write one such as 12 or 0.5, of six decimal places and a thousand million at most`},
		{"a comma", "step: 0.5", "step: '0,5'", `mill.yaml:19:11: questions.weight.step: "0,5" cannot be a number here; write one such as 12 or 0.5, of six decimal places and a thousand million at most; did you mean 0.5?`},
		{"too large", "max: 20\n", "max: 20000000000\n", `mill.yaml:7:10: questions.cups.max: "20000000000" cannot be a number here; write one such as 12 or 0.5, of six decimal places and a thousand million at most`},
		{"a list", "max: 20\n", "max: [20]\n", `mill.yaml:7:10: questions.cups.max: write a text here, not a list`},
		{"no step", "step: 0.5", "step: 0", `mill.yaml:19:11: questions.weight.step: a step is more than 0; write 1 for whole numbers, 0.5 for halves`},
		{"step against min", "step: 0.5", "step: 1", `mill.yaml:17:10: questions.weight.min: 0.5 is no multiple of the step, 1; write 0 or 1`},
		{"step against max", "max: 90\n", "max: 90.2\n", `mill.yaml:18:10: questions.weight.max: 90.2 is no multiple of the step, 0.5; write 90 or 90.5`},
		{"negative min", "min: -500\n    max: 9000\n    step: 0.001", "min: -5\n    max: 9000\n    step: 2", `mill.yaml:27:10: questions.height.min: -5 is no multiple of the step, 2; write -6 or -4`},
		{"unit in one language", "{en: kg, th: กก.}", "{en: kg}", `mill.yaml:20:11: questions.weight.unit: has no th; every text stands in en, th`},
		{"options of a number", "    min: 0\n    max: 20\n", "    min: 0\n    max: 20\n    options: [{id: a, label: {en: a, th: b}}]\n", `mill.yaml:8:14: questions.cups.options: says nothing for kind number; leave it out`},
		{"labels of a number", "    min: 0\n    max: 20\n", "    min: 0\n    max: 20\n    labels: {low: {en: a, th: b}}\n", `mill.yaml:8:13: questions.cups.labels: says nothing for kind number; leave it out`},
		{"mistyped key", "step: 0.5", "setp: 0.5", `mill.yaml:17:10: questions.weight.min: 0.5 is no multiple of the step, 1; write 0 or 1
mill.yaml:19:5: questions.weight.setp: unknown key "setp"; did you mean "step"?`},

		{"too many points", "min: 1\n    max: 5\n", "min: 1\n    max: 12\n", `mill.yaml:47:10: questions.strength.max: makes 12 points; a scale has 11 at most: write 11 or less, or choose kind: number`},
		{"no middle", "min: 1\n    max: 5\n", "min: 1\n    max: 6\n", `mill.yaml:48:57: questions.strength.labels.middle: 6 points have none in the middle; leave it out, or make them 5 or 7`},
		{"one point", "min: 1\n    max: 5\n", "min: 1\n    max: 1\n", `mill.yaml:47:10: questions.strength.max: 1 is not more than min, 1; write the greater of the two here`},
		{"half a point", "min: 1\n    max: 5\n", "min: 1.5\n    max: 5\n", `mill.yaml:46:10: questions.strength.min: points are whole numbers; write 1`},
		{"step of a scale", "min: 1\n    max: 5\n", "min: 1\n    max: 5\n    step: 1\n", `mill.yaml:48:11: questions.strength.step: a scale goes from point to point; leave it out, or choose kind: number`},
		{"unit of a scale", "min: 1\n    max: 5\n", "min: 1\n    max: 5\n    unit: {en: a, th: b}\n", `mill.yaml:48:11: questions.strength.unit: says nothing for kind scale; leave it out`},
		{"no end", ", high: {en: better, th: ดีขึ้น}}", "}", `mill.yaml:57:13: questions.mood.labels.high: is missing; write it in en, th`},
		{"an end in one language", "{en: worse, th: แย่ลง}", "{en: worse}", `mill.yaml:57:19: questions.mood.labels.low: has no th; every text stands in en, th`},
		{"mistyped end", "low: {en: worse", "lo: {en: worse", `mill.yaml:57:13: questions.mood.labels.low: is missing; write it in en, th
mill.yaml:57:14: questions.mood.labels.lo: unknown key "lo"; known here: low, middle, high`},

		{"never true", "at_least: 3}", "at_least: 21}", `mill.yaml:63:34: conditions.many.at_least: can never be true: cups goes from 0 to 20`},
		{"always true", "at_least: 3}", "at_most: 20}", `mill.yaml:63:33: conditions.many.at_most: is true of every answer: cups goes from 0 to 20; write answered: true`},
		{"no number to compare with", "at_least: 3}", "at_least: many}", `mill.yaml:63:34: conditions.many.at_least: cups is a number: write a number from 0 to 20`},
		{"nobody can answer that", "at_least: 3}", "is: 3.5}", `mill.yaml:63:28: conditions.many.is: nobody can answer 3.5 to cups: it goes from 0 to 20 in steps of 1`},
		{"between one number", "at_least: 3}", "between: 3}", `mill.yaml:63:33: conditions.many.between: write the least and the greatest number: [0, 20]`},
		{"between backwards", "at_least: 3}", "between: [4, 3]}", `mill.yaml:63:33: conditions.many.between: 4 is more than 3; write the lesser first`},
		{"two comparisons", "at_least: 3}", "at_least: 3, at_most: 4}", `mill.yaml:63:37: conditions.many.at_most: say one thing of an answer; put at_least and at_most under all`},
		{"mistyped comparison", "at_least: 3}", "atleast: 3}", `mill.yaml:63:24: conditions.many.atleast: unknown key "atleast"; did you mean "at_least"?`},
		{"nothing said", ", at_least: 3}", "}", `mill.yaml:63:9: conditions.many: say what of cups: is, any_of, answered, declined, older_than, at_least, at_most, more_than, less_than, between`},
	} {
		t.Run(x.name, func(t *testing.T) {
			if _, got := loadMill(t, x.old, x.new); got != x.want {
				t.Errorf("found\n%s\nwant\n%s", got, x.want)
			}
		})
	}
	if got := strings.TrimSpace(loadSmall(t, "is: tea}", "at_least: 3}")); got != `kopi.yaml:20:42: conditions.tea_drinker.at_least: drink is a single, and at_least compares numbers; write one of is, any_of, answered, declined, older_than` {
		t.Error(got)
	}
	if got := strings.TrimSpace(loadSmall(t, "kind: boolean\n", "kind: boolean\n    min: 3\n")); got != `kopi.yaml:15:10: questions.sugar.min: says nothing for kind boolean; leave it out` {
		t.Error(got)
	}
}
