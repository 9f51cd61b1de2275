package catalogue

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
)

const planning = `
purposes:
  ahead: {text: {en: keep it ready, th: เตรียมไว้}}
questions:
  shoes:
    kind: plan
    when:
      - {id: month, label: {en: Within a month, th: ภายในหนึ่งเดือน}}
      - {id: year, label: {en: Later this year, th: ภายในปีนี้}}
      - {id: looking, label: {en: Just looking, th: แค่ดูก่อน}, no_plan: true}
    fresh: 3mo%[1]s
  machine:
    kind: plan
    options:
      - {id: espresso, label: {en: Espresso machine, th: เครื่องเอสเปรสโซ}}
      - {id: drip, label: {en: Drip machine, th: เครื่องดริป}}
      - {other: true}
    limit: 20
    when: month
    to: today+2y
    sure: [{id: "3", label: {en: Sure, th: ก}}, {id: "2", label: {en: Perhaps, th: ข}}, {id: "1", label: {en: Dreaming, th: ค}}]
    fresh: 3mo%[1]s
  trip:
    kind: plan
    what: text
    when: [{id: soon, label: {en: Soon, th: เร็วๆ นี้}}, {id: later, label: {en: Later, th: ไว้ก่อน}}]
    fresh: 6mo%[1]s
conditions:
  buyers: {answer: shoes.when, any_of: [month, year]}
  sure: {answer: shoes.sure, is: sure}
  barista: {all: [{answer: machine.what, is: espresso}, {answer: machine.when, is: 2028-03}]}
  some: {answer: trip, answered: true}
screens:
  one: {ask: [shoes]}
  two: {ask: [machine], show_if: buyers}
  three: {ask: [trip]}
campaigns:
  welcome: {when: [registration], show: [one, two, three], at_most: 3}
`

func planningSet(t testing.TB, old, new string) (*Set, *diag.Findings) {
	t.Helper()
	src := fmt.Sprintf(planning, "\n    ask: {en: A?, th: ก}\n    name: {en: N, th: ก}\n    why: {en: W., th: ก}\n    purpose: ahead")
	if old != "" {
		if !strings.Contains(src, old) {
			t.Fatalf("%q is not in the set", old)
		}
		src = strings.Replace(src, old, new, 1)
	}
	var out diag.Findings
	s := Load("plans.yaml", []byte(src), testOptions("kopi"), &out)
	Join(map[string]*Set{"kopi": s}, &out)
	return s, &out
}

func goodPlanning(t testing.TB) *Set {
	t.Helper()
	s, out := planningSet(t, "", "")
	if out.String() != "" {
		t.Fatal(out)
	}
	return s
}

func TestParsePlan(t *testing.T) {
	s := goodPlanning(t)
	for _, x := range []struct{ question, form, want string }{ // want: the value's JSON, or fields and codes
		{"shoes", "q.shoes.when=month&q.shoes.sure=perhaps", `{"sure":"perhaps","when":"month"}`},
		{"shoes", "q.shoes.when=looking", `{"when":"looking"}`},
		{"shoes", "q.shoes.when=looking&q.shoes.sure=sure", `{"when":"looking"}`}, // who has no plan is not sure of it
		{"shoes", "", "q.shoes.when answer.plan.when; q.shoes.sure answer.plan.sure"},
		{"shoes", "q.shoes.when=month", "q.shoes.sure answer.plan.sure"},
		{"shoes", "q.shoes.when=today&q.shoes.sure=sure", "q.shoes.when answer.not_offered"},
		{"shoes", "q.shoes.when=month&q.shoes.when=year&q.shoes.sure=sure", "q.shoes.when answer.too_many"},
		{"shoes", "q.shoes.when=month&q.shoes.sure=sure&q.shoes.sure=perhaps", "q.shoes.sure answer.too_many"},
		{"shoes", "q.shoes.when=month&q.shoes.sure=maybe", "q.shoes.sure answer.not_offered"},
		{"shoes", "q.shoes=month", "q.shoes.when answer.plan.when; q.shoes.sure answer.plan.sure"},
		{"shoes", "q.shoes.what=gold&q.shoes.when=month&q.shoes.sure=sure", `{"sure":"sure","when":"month"}`}, // it has no what

		{"machine", "q.machine.what=drip&q.machine.month=3&q.machine.year=2571&q.machine.sure=2", `{"sure":"2","what":"drip","when":"2028-03"}`},
		{"machine", "q.machine.what=other&q.machine.what.other=Moka&q.machine.month=2&q.machine.year=2028&q.machine.sure=1", `{"sure":"1","what":"other:Moka","when":"2028-02"}`},
		{"machine", "q.machine.what.other=Moka&q.machine.month=2&q.machine.year=2028&q.machine.sure=1", `{"sure":"1","what":"other:Moka","when":"2028-02"}`},
		{"machine", "", "q.machine.what answer.plan.what; q.machine.month answer.month_year; q.machine.sure answer.plan.sure"},
		{"machine", "q.machine.what=gold&q.machine.month=13&q.machine.year=2028&q.machine.sure=", "q.machine.what answer.not_offered; q.machine.month answer.month; q.machine.sure answer.plan.sure"},
		{"machine", "q.machine.what=other&q.machine.month=2&q.machine.year=28&q.machine.sure=1", "q.machine.what.other answer.other_empty; q.machine.year answer.year"},
		{"machine", "q.machine.what=drip&q.machine.month=1&q.machine.year=2028&q.machine.sure=1", "q.machine.month answer.month_early"},
		{"machine", "q.machine.what=drip&q.machine.month=4&q.machine.year=2030&q.machine.sure=1", "q.machine.month answer.month_late"},
		{"machine", "q.machine.what=other:gold&q.machine.month=2&q.machine.year=2028&q.machine.sure=1", "q.machine.what answer.not_offered"},

		{"trip", "q.trip.what=+Hanoi+&q.trip.when=soon&q.trip.sure=likely", `{"sure":"likely","what":"Hanoi","when":"soon"}`},
		{"trip", "q.trip.what=+&q.trip.when=soon&q.trip.sure=likely", "q.trip.what answer.plan.words"},
		{"trip", "q.trip.what=%00&q.trip.when=soon&q.trip.sure=likely", "q.trip.what answer.characters"},
		{"trip", "q.trip.what=" + strings.Repeat("x", 101) + "&q.trip.when=soon&q.trip.sure=likely", "q.trip.what answer.too_long"},
	} {
		form, err := url.ParseQuery(x.form)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsedPlan(t, s.Question(x.question), form); got != x.want {
			t.Errorf("%s: %s, want %s", x.form, got, x.want)
		}
	}
}

// parsedPlan is the value's JSON, or the fields and codes of all problems; a
// value is accepted, shown, written, filled in and read again as the same.
func parsedPlan(t *testing.T, q *Question, form url.Values) string {
	t.Helper()
	v, err := q.ParseOn(form, today)
	if err != nil {
		if !v.IsZero() {
			t.Errorf("%s: a value beside the problem", q.ID)
		}
		list, ok := errors.AsType[problem.List](err)
		if !ok {
			one, ok := errors.AsType[*problem.Problem](err)
			if !ok {
				t.Fatalf("%s: %T %v", q.ID, err, err)
			}
			list = problem.List{one}
		}
		var out []string
		for _, p := range list {
			out = append(out, p.Field+" "+p.Code)
		}
		return strings.Join(out, "; ")
	}
	again(t, q, v, nil)
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var back Value
	if err := json.Unmarshal(b, &back); err != nil || !back.Equal(v) {
		t.Errorf("written and read it is another: %s, %v", b, err)
	}
	return string(b)
}

func TestPlanAccepts(t *testing.T) {
	s := goodPlanning(t)
	of := func(pairs ...string) Value {
		m := map[string]Value{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = Word(pairs[i+1])
		}
		return Parts(m)
	}
	for _, x := range []struct {
		question string
		value    Value
		want     bool
	}{
		{"shoes", of("when", "month", "sure", "sure"), true},
		{"shoes", of("when", "looking"), true},
		{"shoes", of("when", "looking", "sure", "sure"), false},
		{"shoes", of("when", "month"), false},
		{"shoes", of("sure", "sure"), false},
		{"shoes", of("when", "month", "sure", "sure", "what", "x"), false},
		{"shoes", of("when", "month", "sure", "sure", "more", "x"), false},
		{"shoes", Word("month"), false},
		{"shoes", Value{}, false},
		{"shoes", Parts(map[string]Value{"when": Words([]string{"month"}), "sure": Word("sure")}), false},
		{"machine", of("what", "other:Moka", "when", "2031-01", "sure", "1"), true}, // outside of bounds that move it still stands
		{"machine", of("what", "other:", "when", "2028-01", "sure", "1"), false},
		{"machine", of("what", "drip", "when", "soon", "sure", "1"), false},
		{"machine", of("when", "2028-01", "sure", "1"), false},
		{"trip", of("what", "Hanoi", "when", "soon", "sure", "likely"), true},
		{"trip", of("what", " Hanoi", "when", "soon", "sure", "likely"), false},
	} {
		q := s.Question(x.question)
		_, released := q.Release(x.value)
		if got := q.Accepts(x.value); got != x.want || released != x.want || !x.want && q.Show(x.value, "en", nil) != "" {
			t.Errorf("%s %v: accepted %v, released %v", x.question, x.value.Any(), got, released)
		}
	}
	if q := s.Question("machine"); q.AcceptsOn(of("what", "drip", "when", "2028-01", "sure", "1"), today) {
		t.Error("what is over can be planned")
	}
	if got := s.Question("machine").Show(of("what", "drip", "when", "2028-03", "sure", "2"), "en", slashes{}); got != "Drip machine · en 0/3/2028 · Perhaps" {
		t.Error(got)
	}
	if got := s.Question("shoes").Show(of("when", "looking"), "th", nil); got != "แค่ดูก่อน" {
		t.Error(got)
	}
}

func TestPlanConditions(t *testing.T) {
	s := goodPlanning(t)
	for _, x := range []struct {
		condition string
		answer    string // JSON; "": none
		want      Truth
	}{
		{"buyers", "", Unknown},
		{"buyers", `{"when":"month","sure":"sure"}`, True},
		{"buyers", `{"when":"looking"}`, False},
		{"sure", `{"when":"looking"}`, False},
		{"sure", `{"when":"year","sure":"sure"}`, True},
		{"barista", `{"what":"espresso","when":"2028-03","sure":"1"}`, True},
		{"barista", `{"what":"other:espresso","when":"2028-03","sure":"1"}`, False},
	} {
		c := s.Condition(x.condition)
		state := State{Answers: map[string]Standing{}}
		if x.answer != "" {
			var v Value
			if err := json.Unmarshal([]byte(x.answer), &v); err != nil {
				t.Fatal(err)
			}
			state.Answers[c.Reads()[0]] = Standing{Outcome: Answered, Value: v, At: today}
		}
		if got := c.Eval(state, Facts{}, today); got != x.want {
			t.Errorf("%s of %s is %s", c, x.answer, got)
		}
	}
	if got := s.Condition("buyers").String(); got != "shoes.when is month|year" {
		t.Error(got)
	}
}

func TestLoadPlans(t *testing.T) {
	for _, x := range []struct{ old, new, want string }{
		{"what: text", "what: txt", `questions.trip.what: unknown what "txt"; write text for the customer's own words, options for choices, or leave both out where the question itself says what; did you mean "text"?`},
		{"when: month", "when: months", `questions.machine.when: unknown when "months"; write month, or a list of periods with an id and a label each; did you mean "month"?`},
		{"    when: month\n    to: today+2y\n", "", `questions.machine.when: is missing; write month, or a list of periods with an id and a label each`},
		{"    limit: 20\n    when: month", "    what: text\n    when: month", `questions.machine.what: what is text or one of the options, not both; take one of them out`},
		{"{id: looking,", "{id: month,", `questions.shoes.when[2].id: the option month stands here twice (plans.yaml:8)`},
		{", no_plan: true", ", other: true", `questions.shoes.when[2].id: the option with other: true is called other`},
		{"{id: drip,", "{id: drip, no_plan: true,", `questions.machine.options[1].no_plan: belongs to the when of a plan; leave it out`},
		{"{id: \"3\",", "{id: \"3\", no_plan: true,", `questions.machine.sure[0].no_plan: says nothing of how sure somebody is; it belongs to when`},
		{`, {id: "1", label: {en: Dreaming, th: ค}}`, "", `questions.machine.sure: write 3 options at least`},
		{"    fresh: 6mo\n", "", `questions.trip.fresh: is missing: a plan runs out; write how long it holds, such as fresh: 3mo`},
		{"    fresh: 6mo\n", "    fresh: 6mo\n    from: today\n", `questions.trip.from: only a plan with when: month has a first month`},
		{"{answer: shoes.when, any", "{answer: shoes.wen, any", `conditions.buyers.answer: an answer to shoes has no part "wen" that can be compared; known here: when, sure; did you mean "when"?`},
		{"{answer: shoes.sure, is: sure}", "{answer: shoes, is: sure}", `conditions.sure.is: shoes has parts; write of which one: answer: shoes.when, shoes.sure`},
		{"{answer: shoes.sure, is: sure}", "{answer: shoes.sure, is: sur}", `conditions.sure.is: "sur" is no option of shoes.sure; did you mean "sure"?`},
		{"{answer: shoes.sure, is: sure}", "{answer: shoes.sure, answered: true}", `conditions.sure.answered: can be said of the whole answer alone: write answer: shoes`},
		{"is: 2028-03}", "is: 2028-3}", `conditions.barista.all[1].is: machine.when is a month: write it as "2026-11"; did you mean "2028-03"?`},
		{"one: {ask: [shoes]}", "one: {ask: [shoes, trip]}", `screens.one.ask[0]: shoes is a plan: several questions in one; give it a screen of its own`},
	} {
		_, out := planningSet(t, x.old, x.new)
		if !strings.Contains(out.String(), x.want) {
			t.Errorf("%s: found\n%swant %s", x.new, out, x.want)
		}
	}
}

// A part that means something else makes a new version; a period in other words does not.
func TestVersionOfPlans(t *testing.T) {
	was := goodPlanning(t).Question("shoes").Version
	for new, same := range map[string]bool{"id: month, label: {en: In four weeks": true, "id: week, label: {en: Within a month": false} {
		s, _ := planningSet(t, "id: month, label: {en: Within a month", new)
		if got := s.Question("shoes").Version; (got == was) != same {
			t.Errorf("%s: version %s after %s", new, got, was)
		}
	}
}

func FuzzParsePlan(f *testing.F) {
	s := goodPlanning(f)
	for _, x := range []string{"q.machine.what=drip&q.machine.month=3&q.machine.year=2571&q.machine.sure=2", "q.shoes.when=looking", "q.trip.what=%E2%80%AE&q.trip.when=soon&q.trip.sure=sure",
		"q.machine.what=other&q.machine.what.other=x&q.machine.month=2&q.machine.year=2028&q.machine.sure=1"} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, q := range s.Questions {
			parsedPlan(t, q, form)
		}
	})
}
