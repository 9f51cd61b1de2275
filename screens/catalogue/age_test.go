package catalogue

import (
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

const aged = `
age_question: born
purposes: {p: {text: {en: suit you, th: เหมาะกับคุณ}}}
questions:
  born: {kind: date, to: today, ask: {en: When were you born?, th: คุณเกิดวันไหน}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: p}
  milk: {kind: boolean, ask: {en: M?, th: ก}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: p}
  wine: {kind: boolean, min_age: 16, ask: {en: A?, th: ก}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: p}
screens:
  born: {ask: [born]}
  milk: {ask: [milk]}
  wine: {ask: [wine], show_if: {not: {answer: milk, is: true}}}
campaigns:
  welcome: {when: [sign_in], show: [born, milk, wine]}
`

func agedSet(t testing.TB, pairs ...string) (*Set, string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(aged, pairs[i]) {
			t.Fatalf("%q is not in the set", pairs[i])
		}
	}
	var out diag.Findings
	s := Load("aged.yaml", []byte(strings.NewReplacer(pairs...).Replace(aged)), testOptions("kopi"), &out)
	Join(map[string]*Set{"kopi": s}, &out)
	return s, out.String()
}

// The condition that a min_age is, on and around the birthday.
func TestOldEnough(t *testing.T) {
	s, found := agedSet(t)
	if found != "" {
		t.Fatal(found)
	}
	told := func(v string) Standing { return Standing{Outcome: Answered, Value: Word(v)} }
	for _, x := range []struct {
		name string
		born Standing
		now  string
		want bool
	}{
		{"nothing is known", Standing{}, "2026-11-24T12:00:00Z", false},
		{"skipped", Standing{Skipped: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, "2026-11-24T12:00:00Z", false},
		{"declined", Standing{Outcome: Declined}, "2026-11-24T12:00:00Z", false},
		{"taken back", Standing{Outcome: Withdrawn}, "2026-11-24T12:00:00Z", false},
		{"not sure", Standing{Outcome: Unsure}, "2026-11-24T12:00:00Z", false},
		{"told to another brand", Standing{Outcome: Answered, Value: Word("1980-01-01"), Elsewhere: true}, "2026-11-24T12:00:00Z", false},
		{"ran out", Standing{Outcome: Answered, Value: Word("1980-01-01"), Expires: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, "2026-11-24T12:00:00Z", false},
		{"no day", told("soya"), "2026-11-24T12:00:00Z", false},
		{"the day before", told("2010-11-24"), "2026-11-23T23:59:59Z", false},
		{"the birthday, not everywhere", told("2010-11-24"), "2026-11-24T11:59:59Z", false},
		{"the birthday, everywhere", told("2010-11-24"), "2026-11-24T12:00:00Z", true},
		{"years later", told("1960-11-24"), "2026-11-24T12:00:00Z", true},
		{"not born yet", told("2030-01-01"), "2026-11-24T12:00:00Z", false},
		{"a leap day, in a leap year", told("2012-02-29"), "2028-02-29T12:00:00Z", true},
		{"the day before a leap day", told("2012-02-29"), "2028-02-28T23:59:59Z", false},
		{"a month, on its last day but one", told("2010-11"), "2026-11-29T23:59:59Z", false},
		{"a month, on its last day", told("2010-11"), "2026-11-30T12:00:00Z", true},
	} {
		now, err := time.Parse(time.RFC3339, x.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.OldEnough(s.Question("wine"), map[string]Standing{"born": x.born}, now); got != x.want {
			t.Errorf("%s: %t", x.name, got)
		}
		if !s.OldEnough(s.Question("milk"), map[string]Standing{"born": x.born}, now) {
			t.Errorf("%s: milk has no age", x.name)
		}
	}
	// On a leap day of no leap year, nobody is older before March.
	c := s.aged(18)
	for now, want := range map[string]Truth{"2030-02-28T23:59:59Z": False, "2030-03-01T12:00:00Z": True} {
		at, _ := time.Parse(time.RFC3339, now)
		if got := c.Eval(State{Answers: map[string]Standing{"born": told("2012-02-29")}}, Facts{}, at); got != want {
			t.Errorf("%s: %s", now, got)
		}
	}
}

// The age stands in the condition of its screen, with what the file says.
func TestAgeCondition(t *testing.T) {
	s, found := agedSet(t)
	if found != "" {
		t.Fatal(found)
	}
	c := s.Screen("wine").ShowIf
	if got, want := c.String(), "all(not(milk is true), born tells an age of 16 at least)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if !c.ReadsOf("born") || !c.ReadsOf("milk") || s.Screen("milk").ShowIf != nil {
		t.Error("the screens read what they should not, or do not what they should")
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	state := State{Answers: map[string]Standing{"born": {Outcome: Answered, Value: Word("2011-05-03"), At: now}, "milk": {Outcome: Answered, Value: YesNo(false), At: now}}}
	trace := c.Explain(state, Facts{}, now)
	told := Telling{Set: s, Lang: "en", Now: now}.Tell(&trace)
	leaf := told.Parts[1]
	if leaf.Why != "by the answer “2011-05-03” the customer is younger than 16, until 3 May 2027" || leaf.Truth != "false" {
		t.Errorf("%+v", leaf)
	}
	if at := c.Changes(state, Facts{}, now); !at.Equal(time.Date(2027, 5, 3, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("changes at %s", at)
	}
	a := state.Answers["born"]
	a.Expires = now.AddDate(0, 1, 0)
	state.Answers["born"] = a
	if at := c.Changes(state, Facts{}, now); !at.Equal(a.Expires) {
		t.Errorf("with an answer that runs out first, changes at %s", at)
	}
	trace = c.Explain(state, Facts{}, now.AddDate(1, 0, 0))
	if trace.Parts[1].Truth != Unknown {
		t.Errorf("an answer that ran out tells %s", trace.Parts[1].Truth)
	}
}

// Whatever the day, an age once reached is never lost again.
func FuzzOldEnough(f *testing.F) {
	s, found := agedSet(f)
	if found != "" {
		f.Fatal(found)
	}
	f.Add("2012-02-29", int64(1_800_000_000))
	f.Add("2010-11", int64(0))
	f.Add("no day", int64(-5))
	f.Fuzz(func(t *testing.T, born string, at int64) {
		now := time.Unix(at%(1<<33), 0).UTC()
		answers := map[string]Standing{"born": {Outcome: Answered, Value: Word(born)}}
		q := s.Question("wine")
		is := s.OldEnough(q, answers, now)
		if is && !s.OldEnough(q, answers, now.Add(time.Hour)) {
			t.Errorf("%s: of age at %s, and not an hour later", born, now)
		}
		if is && !strings.HasPrefix(born, "19") && !strings.HasPrefix(born, "20") && !strings.HasPrefix(born, "21") && !strings.HasPrefix(born, "22") {
			t.Errorf("%q tells an age", born)
		}
	})
}

func TestAgeQuestion(t *testing.T) {
	for _, x := range []struct{ name, old, new, want string }{
		{"a month", "kind: date, to: today,", "kind: year_month,", ""},
		{"no day of a year", "kind: date, to: today,", "kind: month_day,", "born is a month_day, which tells no age"},
		{"special", "kind: date,", "kind: date, sensitivity: special,", "needs an agreement first"},
		{"its number in Thai digits", "คุณเกิดวันไหน", "คุณอายุ ๑๖ หรือยัง", "the words of born (th) have the number 16"},
		{"another number", "When were you born?", "When were you born? In 1616?", ""},
		{"nobody has an age", "min_age: 16, ", "", "warning: age_question: no question has a min_age"},
		{"no such question", "age_question: born", "age_question: bron", `did you mean "born"?`},
		{"two ages on one screen", "{ask: [milk]}", "{ask: [milk, wine]}", "milk is for another age"},
		{"asked too late", "[born, milk, wine]", "[milk, wine, born]", "nothing before it asks born"},
		{"not asked", "[born, milk, wine]", "[milk, wine]", "put born before this one"},
		{"its screen's own words", "born: {ask: [born]}", "born: {ask: [born], texts: {born: {ask: {en: 16 yet?, th: ก}}}}", "the words of born (en) have the number 16"},
	} {
		_, found := agedSet(t, x.old, x.new)
		if x.want == "" && found != "" || !strings.Contains(found, x.want) {
			t.Errorf("%s: %q, want %q", x.name, found, x.want)
		}
	}
}
