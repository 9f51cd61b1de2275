package catalogue

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

const optionSet = `
purposes: {shelf: {text: {en: sort the shelf, th: จัดชั้น}}}
questions:
  days:
    kind: multi
    at_least: 2
    at_most: 3
    ask: {en: Which days suit you?, th: คุณสะดวกวันไหน}
    name: {en: Days, th: วัน}
    why: {en: To come when you are in., th: เพื่อไปเมื่อคุณอยู่}
    purpose: shelf
    options:
      - {id: mon, label: {en: Monday, th: จันทร์}}
      - {id: tue, label: {en: Tuesday, th: อังคาร}}
      - {id: wed, label: {en: Wednesday, th: พุธ}}
      - {id: sat, label: {en: Saturday, th: เสาร์}, retired: true}
      - {other: true}
  milk:
    kind: single
    ask: {en: Which milk?, th: นมอะไร}
    name: {en: Milk, th: นม}
    why: {en: To have it., th: เพื่อเตรียมไว้}
    purpose: shelf
    options:
      - {id: soya, label: {en: Soya, th: ถั่วเหลือง}, retired: true}
      - {id: oat, label: {en: Oat, th: โอ๊ต}}
      - {id: cow, label: {en: Cow, th: วัว}}
      - {other: true, retired: true}
conditions: {soya: {answer: milk, is: soya}}
screens: {milk: {ask: [milk]}, days: {ask: [days], show_if: {not: soya}}}
campaigns: {welcome: {when: [sign_in], show: [milk, days], cooldown: 30d, lifetime: 3}}
`

// oneSet loads a set that stands alone.
func oneSet(t testing.TB, src string) *Set {
	t.Helper()
	var out diag.Findings
	s := Load("kopi.yaml", []byte(src), testOptions("kopi"), &out)
	Join(map[string]*Set{"kopi": s}, &out)
	if found := out.String(); found != "" {
		t.Fatal(found)
	}
	return s
}

func TestParseOptions(t *testing.T) {
	s := oneSet(t, optionSet)
	for _, x := range []struct{ question, form, want string }{
		{"days", "q.days=mon", "q.days answer.too_few"},
		{"days", "q.days=mon&q.days=mon", "q.days answer.too_few"},
		{"days", "", "q.days answer.none"},
		{"days", "q.days=tue&q.days=mon", `["mon","tue"]`},
		{"days", "q.days=mon&q.days=other&q.days.other=Sunday", `["mon","other:Sunday"]`},
		{"days", "q.days=mon&q.days=tue&q.days=wed&q.days=other&q.days.other=x", "q.days answer.too_many"},
		{"days", "q.days=mon&q.days=sat", "q.days answer.not_offered"},
		{"milk", "q.milk=soya", "q.milk answer.not_offered"},
		{"milk", "q.milk=oat", `"oat"`},
		{"milk", "q.milk=other&q.milk.other=goat", "q.milk answer.not_offered"},
		{"milk", "q.milk.other=goat", "q.milk answer.none"},
	} {
		form, err := url.ParseQuery(x.form)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed(t, s.Question(x.question), form); got != x.want {
			t.Errorf("%s: %s, want %s", x.form, got, x.want)
		}
	}
}

// What was chosen before an option was retired is shown, released and read; it
// is not offered, and not confirmed as it stands.
func TestRetiredOptions(t *testing.T) {
	s := oneSet(t, optionSet)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		question string
		value    Value
		shown    string
	}{
		{"milk", Word("soya"), "Soya"},
		{"milk", Word("other:goat"), "goat"},
		{"days", Words([]string{"mon", "sat"}), "Monday, Saturday"},
	} {
		q := s.Question(x.question)
		if got := q.Show(x.value, "en", nil); got != x.shown {
			t.Errorf("%v is shown as %q", x.value.Any(), got)
		}
		if _, ok := q.Release(x.value); !ok {
			t.Errorf("%v does not leave in a claim", x.value.Any())
		}
		if q.AcceptsOn(x.value, now) {
			t.Errorf("%v can be answered anew", x.value.Any())
		}
		form := url.Values{}
		q.Fill(form, x.value, "en")
		for _, o := range q.View("en", form, "").Options {
			if o.Value == "soya" || o.Value == "sat" || x.question == "milk" && (o.Other || o.Checked) {
				t.Errorf("%s offers %s", x.question, o.Value)
			}
		}
	}
	if !s.Question("milk").AcceptsOn(Word("oat"), now) || s.Question("days").Accepts(Words([]string{"mon"})) {
		t.Error("accepts")
	}
	state := State{Answers: map[string]Standing{"milk": {Outcome: Answered, Value: Word("soya"), At: now}}}
	if got := s.Condition("soya").Eval(state, Facts{}, now); got != True {
		t.Errorf("who drinks soya is %s", got)
	}
}

// Retiring an option changes no answer's meaning, a new minimum does.
func TestOptionVersions(t *testing.T) {
	before := oneSet(t, optionSet)
	for _, x := range []struct {
		old, new string
		same     bool
	}{
		{"{id: cow, label: {en: Cow, th: วัว}}", "{id: cow, label: {en: Cow, th: วัว}}\n      - {id: rice, label: {en: Rice, th: ข้าว}}", false},
		{", retired: true}\n      - {id: oat", "}\n      - {id: oat", true},
		{"at_least: 2", "at_least: 3", false},
	} {
		after := oneSet(t, strings.Replace(optionSet, x.old, x.new, 1))
		same := before.Question("milk").Version == after.Question("milk").Version && before.Question("days").Version == after.Question("days").Version
		if same != x.same {
			t.Errorf("%s for %s: same version is %t", x.new, x.old, same)
		}
	}
}

func FuzzParseOptions(f *testing.F) {
	s := oneSet(f, optionSet)
	for _, seed := range []string{"q.days=mon&q.days=tue", "q.days=sat&q.days=mon", "q.milk.other=x", "q.days=other&q.days.other=%00&q.days=mon"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) { fuzzParse(t, s, query) })
}

// fuzzParse holds every question of a set to this: whatever a form holds, it has a
// problem or a value that is accepted, written, read, shown and released, and that
// fills the form again.
func fuzzParse(t *testing.T, s *Set, query string) {
	form, err := url.ParseQuery(query)
	if err != nil {
		return
	}
	for _, q := range s.Questions {
		parsed(t, q, form)
		v, err := q.Parse(form)
		if err != nil {
			continue
		}
		if q.Show(v, "th", nil) == "" {
			t.Errorf("%s: nothing is shown", q.ID)
		}
		if _, ok := q.Release(v); !ok {
			t.Errorf("%s: accepted and not released", q.ID)
		}
		again := url.Values{}
		q.Fill(again, v, "th")
		if w, err := q.Parse(again); err != nil || !w.Equal(v) {
			t.Errorf("%s: filled in, %q is %v", q.ID, again, err)
		}
		q.View("th", again, "")
	}
}

// Not being sure is no answer: conditions do not know it, and it holds for as long as an
// answer would, or a year.
func TestUnsure(t *testing.T) {
	s := oneSet(t, strings.Replace(optionSet, "    kind: single\n", "    kind: single\n    unsure: true\n", 1))
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	q := s.Question("milk")
	if got := q.UnsureUntil(now); !q.Unsure || !got.Equal(now.AddDate(1, 0, 0)) {
		t.Errorf("asked again from %s", got)
	}
	q.Fresh = diag.Period{Months: 3}
	if got := q.UnsureUntil(now); !got.Equal(now.AddDate(0, 3, 0)) {
		t.Errorf("asked again from %s", got)
	}
	q.Fresh = diag.Period{Never: true}
	if got := q.UnsureUntil(now); !got.Equal(now.AddDate(1, 0, 0)) {
		t.Errorf("asked again from %s", got)
	}
	a := Standing{Outcome: Unsure, At: now, Expires: now.AddDate(1, 0, 0)}
	state := State{Answers: map[string]Standing{"milk": a}}
	if got := s.Condition("soya").Eval(state, Facts{}, now); got != Unknown {
		t.Errorf("whether it is soya is %s", got)
	}
	if a.Fresh(now) || !a.StillUnsure(now) || a.StillUnsure(a.Expires) {
		t.Error("how long it holds")
	}
}
