package catalogue

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

const working = `
purposes:
  suit: {text: {en: suit you, th: จัดให้ตรงใจ}}
questions:
  born: {kind: date, ask: {en: Born?, th: ก}, name: {en: Born, th: ก}, why: {en: W., th: ก}, purpose: suit}
  cups: {kind: number, min: 0, max: 9, step: 0.5, ask: {en: Cups?, th: ก}, name: {en: Cups, th: ก}, why: {en: W., th: ก}, purpose: suit}
  home: {kind: boolean, ask: {en: Home?, th: ก}, name: {en: Home, th: ก}, why: {en: W., th: ก}, purpose: suit}
  times:
    kind: multi
    options: [{id: morning, label: {en: Morning, th: ก}}, {id: night, label: {en: Night, th: ข}}, {other: true}]
    ask: {en: When?, th: ก}
    name: {en: When, th: ก}
    why: {en: W., th: ก}
    purpose: suit
derived:
  age: {name: {en: Age, th: อายุ}, purpose: suit, age_of: born}
  band: {name: {en: Age band, th: ช่วงอายุ}, purpose: suit, band_of: born, bands: [0, 18, 25, 35, 50, 65], claim: age_band}
  thirst: {name: {en: Thirst, th: ก}, purpose: suit, sum: {cups: value, times: {morning: 2, night: -1, other: 0.5}, home: {'yes': 10, 'no': 0}}}
  thirsty: {name: {en: Thirsty, th: ก}, purpose: suit, band_of: thirst, bands: [0, 1, 5, 10]}
  style:
    name: {en: Style, th: ก}
    purpose: suit
    match:
      - {if: young, is: lively}
      - {if: {answer: home, is: true}, is: calm}
    else: plain
    words: {lively: {en: Lively, th: ร่าเริง}, calm: {en: Calm, th: สงบ}, plain: {en: Plain, th: เรียบง่าย}}
  adult: {name: {en: Adult, th: ก}, purpose: suit, match: [{if: {answer: age, at_least: 18}, is: true}], else: false}
  only: {name: {en: Only, th: ก}, purpose: suit, match: [{if: {answer: cups, at_least: 5}, is: true}]}
conditions:
  young: {answer: age, less_than: 30}
  of_age: {answer: adult, is: true}
  middle: {answer: band, any_of: [25-34, 35-49]}
  calm: {answer: style, is: calm}
  worked: {answer: thirst, answered: true}
screens:
  first: {ask: [born]}
  second: {ask: [cups], show_if: of_age}
  third: {ask: [home]}
  fourth: {ask: [times]}
campaigns:
  welcome: {when: [sign_in], show: [first, second, third, fourth], at_most: 3}
`

func workingSet(t testing.TB) *Set {
	t.Helper()
	var out diag.Findings
	s := Load("kopi.yaml", []byte(working), testOptions("kopi"), &out)
	Join(map[string]*Set{"kopi": s}, &out)
	if text := out.String(); text != "" {
		t.Fatal(text)
	}
	return s
}

var thatDay = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func answeredWith(v Value) Standing {
	return Standing{Outcome: Answered, Value: v, At: thatDay.AddDate(0, -1, 0)}
}

func TestDerived(t *testing.T) {
	s := workingSet(t)
	cups := func(d string) Value {
		n, err := ParseDecimal(d)
		if err != nil {
			t.Fatal(err)
		}
		return Amount(n)
	}
	type answers = map[string]Value
	for _, x := range []struct {
		id   string
		of   answers
		want string // JSON; "" for none
	}{
		{"age", answers{"born": Word("1990-11-24")}, "36"},
		{"age", answers{"born": Word("1990-11-25")}, "35"},
		{"age", answers{"born": Word("2026-11-24")}, "0"},
		{"age", answers{"born": Word("2026-11-25")}, ""},
		{"age", answers{"cups": cups("3")}, ""},
		{"band", answers{"born": Word("2008-11-25")}, `"0-17"`},
		{"band", answers{"born": Word("2008-11-24")}, `"18-24"`},
		{"band", answers{"born": Word("1950-01-01")}, `"65+"`},
		{"thirst", answers{"cups": cups("2.5"), "times": Words([]string{"morning", "other:at dawn"}), "home": YesNo(true)}, "15"},
		{"thirst", answers{"cups": cups("0"), "times": Words([]string{"night"}), "home": YesNo(false)}, "-1"},
		{"thirst", answers{"cups": cups("2.5"), "home": YesNo(true)}, ""},
		{"thirsty", answers{"cups": cups("0"), "times": Words([]string{"other:x"}), "home": YesNo(false)}, `"0"`},
		{"thirsty", answers{"cups": cups("0"), "times": Words([]string{"night"}), "home": YesNo(false)}, ""},
		{"thirsty", answers{"cups": cups("2.5"), "times": Words([]string{"morning"}), "home": YesNo(false)}, `"1-4"`},
		{"style", answers{"born": Word("2000-01-01"), "home": YesNo(true)}, `"lively"`},
		{"style", answers{"born": Word("1980-01-01"), "home": YesNo(true)}, `"calm"`},
		{"style", answers{"born": Word("1980-01-01"), "home": YesNo(false)}, `"plain"`},
		{"style", answers{"born": Word("2000-01-01")}, ""}, // would be lively whatever home is: but every source must be told
		{"style", answers{"born": Word("2030-01-01"), "home": YesNo(true)}, ""},
		{"adult", answers{"born": Word("2000-01-01")}, "true"},
		{"adult", answers{"born": Word("2020-01-01")}, "false"},
		{"only", answers{"cups": cups("5")}, "true"},
		{"only", answers{"cups": cups("4.5")}, ""},
		{"only", answers{"cups": cups("99")}, ""}, // cannot be answered any more
	} {
		state := State{Answers: map[string]Standing{}}
		for id, v := range x.of {
			state.Answers[id] = answeredWith(v)
		}
		got := ""
		if v, ok := s.DerivedBy(x.id).Value(state, thatDay); ok {
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
			if s.DerivedBy(x.id).Show(v, "th") == "" {
				t.Errorf("%s of %v has no words", x.id, x.of)
			}
		}
		if got != x.want {
			b, _ := json.Marshal(x.of)
			t.Errorf("%s of %s is %s, want %s", x.id, b, got, x.want)
		}
	}
	leap := time.Date(2004, 2, 29, 0, 0, 0, 0, time.UTC)
	for now, want := range map[string]int{"2026-02-28T12": 21, "2026-03-01T11": 21, "2026-03-01T12": 22, "2028-02-29T11": 23, "2028-02-29T12": 24} {
		day, err := time.Parse("2006-01-02T15", now)
		if err != nil {
			t.Fatal(err)
		}
		if got := age(leap, day); got != want {
			t.Errorf("born on a leap day: %d on %s, want %d", got, now, want)
		}
	}
	if got := s.DerivedBy("style").Show(Word("calm"), "th"); got != "สงบ" {
		t.Errorf("calm in words: %q", got)
	}
	for id, want := range map[string]string{
		"age": "the age by born", "band": "the band of the age by born: 0-17, 18-24, 25-34, 35-49, 50-64, 65+",
		"thirst": "the sum of cups; times (morning 2, night -1, other 0.5); home (no 0, yes 10)", "thirsty": "the band of thirst: 0, 1-4, 5-9, 10+",
		"style": "lively if age less than 30; calm if home is true; else plain", "only": "true if cups at least 5",
	} {
		if got := s.DerivedBy(id).How(); got != want {
			t.Errorf("%s is worked out as %q, want %q", id, got, want)
		}
	}
	if got := s.DerivedBy("thirsty").Reads(); !slices.Equal(got, []string{"cups", "home", "times"}) {
		t.Errorf("reads %v", got)
	}
}

// What is worked out is in conditions what an answer is: compared while it is known,
// else unknown, with the reason of the source that is to blame.
func TestDerivedConditions(t *testing.T) {
	s := workingSet(t)
	born := answeredWith(Word("1991-11-25"))
	state := State{Answers: map[string]Standing{"born": born, "home": answeredWith(YesNo(true))}}
	for name, want := range map[string]Truth{"young": False, "of_age": True, "middle": True, "calm": True, "worked": False} {
		if got := s.Condition(name).Eval(state, Facts{}, thatDay); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := s.Condition("calm").Reads(); !slices.Equal(got, []string{"born", "home"}) {
		t.Errorf("calm reads %v", got)
	}
	told := Telling{Set: s, Lang: "en", Now: thatDay}
	x := s.Condition("of_age").Explain(state, Facts{}, thatDay)
	if got := told.Tell(&x).Why; !strings.Contains(got, "“Yes”") {
		t.Errorf("told: %s", got)
	}
	young := State{Answers: map[string]Standing{"born": answeredWith(Word("2008-12-01"))}}
	if got, want := s.Condition("of_age").Changes(young, Facts{}, thatDay), time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("comes of age at %s, want %s", got, want)
	}
	for why, st := range map[Because]Standing{
		BecauseElsewhere: {Outcome: Answered, Value: born.Value, Elsewhere: true},
		BecauseDeclined:  {Outcome: Declined},
		BecauseRemoved:   {Outcome: Withdrawn},
		BecauseNoAnswer:  {},
		BecauseStale:     {Outcome: Answered, Value: born.Value, Expires: thatDay},
	} {
		x := s.Condition("of_age").Explain(State{Answers: map[string]Standing{"born": st}}, Facts{}, thatDay)
		if x.Truth != Unknown || x.Because != why || !x.Answer.Value.IsZero() {
			t.Errorf("%s: %s because %s", why, x.Truth, x.Because)
		}
	}
}

// What follows from an answer that is for the older is known only of who is known to be
// old enough, and the conditions say when that will be.
func TestDerivedYoung(t *testing.T) {
	src := strings.NewReplacer("\npurposes:", "\nage_question: born\npurposes:", "cups: {kind: number,", "cups: {kind: number, min_age: 16,").Replace(working)
	var out diag.Findings
	s := Load("kopi.yaml", []byte(src), testOptions("kopi"), &out)
	Join(map[string]*Set{"kopi": s}, &out)
	if text := out.String(); text != "" {
		t.Fatal(text)
	}
	with := func(born Standing) State {
		return State{Answers: map[string]Standing{"born": born, "cups": answeredWith(Amount(Whole(7))), "home": answeredWith(YesNo(true)), "times": answeredWith(Words([]string{"night"}))}}
	}
	only := &Condition{op: opIs, question: "only", derived: s.DerivedBy("only"), values: []Value{YesNo(true)}}
	for _, x := range []struct {
		name  string
		born  Standing
		known bool
		until time.Time // when it may be
	}{
		{"old enough", answeredWith(Word("2010-11-24")), true, time.Time{}},
		{"tomorrow", answeredWith(Word("2010-11-25")), false, time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)},
		{"a child", answeredWith(Word("2019-01-31")), false, time.Date(2035, 1, 31, 12, 0, 0, 0, time.UTC)},
		{"not told", Standing{}, false, time.Time{}},
		{"rather not", Standing{Outcome: Declined, At: thatDay}, false, time.Time{}},
		{"taken back", Standing{Outcome: Withdrawn, At: thatDay}, false, time.Time{}},
		{"ran out", Standing{Outcome: Answered, Value: Word("1980-01-01"), Expires: thatDay}, false, time.Time{}},
		{"told to another brand", Standing{Outcome: Answered, Value: Word("1980-01-01"), Elsewhere: true}, false, time.Time{}},
	} {
		state := with(x.born)
		for _, id := range []string{"only", "thirst", "thirsty"} { // all that reads cups
			d := s.DerivedBy(id)
			v, ok := d.Value(state, thatDay)
			if ok != x.known || v.IsZero() == ok {
				t.Errorf("%s: %s is known: %v", x.name, id, ok)
			}
		}
		if v, ok := s.DerivedBy("adult").Value(state, thatDay); ok != x.born.Fresh(thatDay) && !x.born.Elsewhere {
			t.Errorf("%s: what does not read cups is %v, %v", x.name, v, ok)
		}
		trace := only.Explain(state, Facts{}, thatDay)
		if known := trace.Truth != Unknown; known != x.known || !trace.Until.Equal(x.until) {
			t.Errorf("%s: %s until %s, want %s", x.name, trace.Truth, trace.Until, x.until)
		}
		told := Telling{Set: s, Lang: "en", Now: thatDay}.Tell(&trace).Why
		if want := "only is worked out from cups for those known to be 16 at least, and there is no value"; !x.known && told != want {
			t.Errorf("%s: told as %q", x.name, told)
		}
	}
}

// Of any answers: the same comes out twice, nothing does while a source is not known,
// and what is not read does not matter.
func TestDerivedProperty(t *testing.T) {
	s := workingSet(t)
	r := rand.New(rand.NewPCG(1, 2))
	can := map[string][]Value{
		"born":  {Word("1990-11-24"), Word("2010-02-28"), Word("2026-12-01"), Word("never")},
		"cups":  {Amount(0), Amount(Whole(9)), Amount(Whole(5)), Amount(Whole(40)), Word("many")},
		"home":  {YesNo(true), YesNo(false), {}},
		"times": {Words([]string{"morning", "night"}), Words([]string{"noon"}), Words([]string{"other:late"})},
	}
	known := 0
	for range 4000 {
		state := State{Answers: map[string]Standing{}}
		for id, values := range can {
			st := Standing{Outcome: []Outcome{Answered, Answered, Answered, Answered, Answered, Answered, Declined, Unsure, Withdrawn, ""}[r.IntN(10)], Value: values[r.IntN(len(values))], Elsewhere: r.IntN(12) == 0}
			if r.IntN(4) == 0 {
				st.Expires = thatDay.Add(time.Duration(r.IntN(3)-1) * time.Hour)
			}
			state.Answers[id] = st
		}
		for _, d := range s.Derived {
			v, ok := d.Value(state, thatDay)
			if w, again := d.Value(state, thatDay); again != ok || !w.Equal(v) {
				t.Fatalf("%s is not the same twice", d.ID)
			}
			if ok == v.IsZero() {
				t.Fatalf("%s: known %v, none %v", d.ID, ok, v.IsZero())
			}
			other := State{Answers: map[string]Standing{}}
			for _, q := range d.Sources() {
				st := state.Answers[q.ID]
				other.Answers[q.ID] = st
				if ok && (st.Elsewhere || !st.Fresh(thatDay) || !q.Accepts(st.Value)) {
					t.Fatalf("%s is known, and %s is not: %+v", d.ID, q.ID, st)
				}
			}
			if w, same := d.Value(other, thatDay); same != ok || !w.Equal(v) {
				t.Fatalf("%s depends on more than it reads", d.ID)
			}
			if ok {
				known++
				if d.Show(v, "en") == "" {
					t.Fatalf("%s has a value without words", d.ID)
				}
			}
		}
	}
	if known < 1000 {
		t.Errorf("only %d values were known", known)
	}
}

// A chain of derived values, each read twice by the next, is refused before it
// takes long.
func TestDerivedChain(t *testing.T) {
	src := strings.Replace(working, "conditions:\n", "  d0: {name: {en: D, th: ก}, purpose: suit, age_of: born}\nconditions:\n", 1)
	for i := range 12 {
		one := "  d" + string(rune('b'+i)) + ": {name: {en: D, th: ก}, purpose: suit, match: [{if: {any: [{answer: FROM, is: true}, {answer: FROM, is: false}]}, is: true}]}\nconditions:\n"
		from := "d" + string(rune('a'+i))
		if i == 0 {
			from = "adult"
		}
		src = strings.Replace(src, "conditions:\n", strings.ReplaceAll(one, "FROM", from), 1)
	}
	var out diag.Findings
	Load("kopi.yaml", []byte(src), testOptions("kopi"), &out)
	if !strings.Contains(out.String(), "more than 500 parts") {
		t.Errorf("not refused: %s", out.String())
	}
}
