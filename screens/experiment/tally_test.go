package experiment

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/screentest"
	"github.com/proffer-id/proffer/store"
)

// trial is a tally of an experiment on small.yaml's questions: drink, and sugar of
// those alone who drink tea.
func trial(t testing.TB, more string) *Tally {
	t.Helper()
	src := screentest.File(t, "small.yaml")
	src = src[:strings.Index(src, "screens:")] + `screens:
  drink: {ask: [drink]}
  sugar: {ask: [sugar], show_if: {answer: drink, is: tea}}
campaigns:
  a: {when: [sign_in], show: [drink, sugar], arms: {plain: 50, gift: {share: 50, offer: cup}}` + more + `}
offers:
  cup: {text: {en: A cup, th: ถ้วย}}
`
	set := screentest.Set(t, "kopi", src).Set("kopi")
	return New(set, set.Campaign("a"), diag.Period{Days: 30}, screentest.Start)
}

// said is an entry of the arm plain, ago days before Start.
func said(question string, o catalogue.Outcome, word string, ago int) Entry {
	at := screentest.Start.AddDate(0, 0, -ago)
	e := Entry{Question: question, Outcome: o, Campaign: "a", Arm: "plain", Visit: store.ID{byte(ago), 1}, Asked: at.Add(-7 * time.Second), At: at}
	if word != "" {
		e.Value = catalogue.Word(word)
	}
	return e
}

// later is an entry that no campaign asked for.
func later(question string, o catalogue.Outcome, word string, ago int) Entry {
	e := said(question, o, word, ago)
	e.Campaign, e.Arm, e.Visit = "", "", store.ID{}
	return e
}

// until is an entry with a time that runs out, days before Start.
func until(e Entry, ago int) Entry {
	e.Expires = screentest.Start.AddDate(0, 0, -ago)
	return e
}

// What one customer did counts as it should: each case alone, as "did/of" by measure.
func TestAdd(t *testing.T) {
	const yes, no, skip = catalogue.Answered, catalogue.Declined, catalogue.Skipped
	for _, x := range []struct {
		name    string
		entries []Entry
		settled []string
		want    string // finished answered skipped declined changed confirmed
	}{
		{"looked only", nil, nil, "0/1 0/1 0/1 0/1 0/0 0/0"},
		{"knew it all, and looked", nil, []string{"drink"}, "0/1 0/1 0/1 0/1 0/0 0/0"},
		{"answered lately", []Entry{said("drink", yes, "tea", 3)}, nil, "1/1 1/1 0/1 0/1 0/0 0/0"},
		{"answered long ago", []Entry{said("drink", yes, "tea", 40)}, nil, "1/1 1/1 0/1 0/1 0/1 0/0"},
		{"skipped", []Entry{said("drink", skip, "", 40)}, nil, "1/1 0/1 1/1 0/1 0/0 0/0"},
		{"declined", []Entry{said("drink", no, "", 40)}, nil, "1/1 0/1 0/1 1/1 0/0 0/0"},
		{"not sure", []Entry{said("drink", catalogue.Unsure, "", 40)}, nil, "1/1 0/1 0/1 0/1 0/0 0/0"},
		{"the second question alone", []Entry{said("sugar", no, "", 40)}, nil, "0/1 0/1 0/1 1/1 0/0 0/0"},
		{"the second, the first known", []Entry{said("sugar", no, "", 40)}, []string{"drink"}, "1/1 0/1 0/1 1/1 0/0 0/0"},
		{"changed", []Entry{said("drink", yes, "tea", 40), later("drink", yes, "coffee", 11)}, nil, "1/1 1/1 0/1 0/1 1/1 0/0"},
		{"changed on the last day", []Entry{said("drink", yes, "tea", 40), later("drink", yes, "coffee", 10)}, nil, "1/1 1/1 0/1 0/1 1/1 0/0"},
		{"changed too late to count", []Entry{said("drink", yes, "tea", 40), later("drink", yes, "coffee", 9)}, nil, "1/1 1/1 0/1 0/1 0/1 0/0"},
		{"taken back", []Entry{said("drink", yes, "tea", 40), later("drink", catalogue.Withdrawn, "", 30)}, nil, "1/1 1/1 0/1 0/1 1/1 0/0"},
		{"said once more", []Entry{said("drink", yes, "tea", 40), later("drink", yes, "tea", 30)}, nil, "1/1 1/1 0/1 0/1 0/1 0/0"},
		{"put right in the visit", []Entry{said("drink", yes, "tea", 40), said("drink", yes, "coffee", 40)}, nil, "1/1 1/1 0/1 0/1 0/1 0/0"},
		{"put right, then changed", []Entry{said("drink", yes, "tea", 40), said("drink", yes, "coffee", 40), later("drink", yes, "tea", 20)}, nil, "1/1 1/1 0/1 0/1 1/1 0/0"},
		{"another question changed", []Entry{said("drink", yes, "tea", 40), later("sugar", yes, "tea", 20)}, nil, "1/1 1/1 0/1 0/1 0/1 0/0"},
		{"confirmed", []Entry{until(said("drink", yes, "tea", 80), 70), later("drink", yes, "tea", 60)}, nil, "1/1 1/1 0/1 0/1 0/1 1/1"},
		{"told otherwise", []Entry{until(said("drink", yes, "tea", 80), 70), later("drink", yes, "coffee", 60)}, nil, "1/1 1/1 0/1 0/1 0/1 0/1"},
		{"would not say it again", []Entry{until(said("drink", yes, "tea", 80), 70), later("drink", no, "", 60)}, nil, "1/1 1/1 0/1 0/1 0/1 0/1"},
		{"skipped the confirmation", []Entry{until(said("drink", yes, "tea", 80), 70), later("drink", skip, "", 60)}, nil, "1/1 1/1 0/1 0/1 0/1 0/0"},
		{"ran out, nobody asked", []Entry{until(said("drink", yes, "tea", 80), 70)}, nil, "1/1 1/1 0/1 0/1 0/1 0/0"},
		{"before there were arms", []Entry{func() Entry { e := said("drink", yes, "tea", 40); e.Arm = ""; return e }()}, []string{"drink"}, "0/1 0/1 0/1 0/1 0/0 0/0"},
	} {
		tally := trial(t, "")
		tally.Add(Customer{Arm: "plain", Entries: x.entries, Settled: x.settled})
		var got []string
		for _, m := range Measures() {
			got = append(got, fmt.Sprintf("%d/%d", tally.arms[0].did[m], tally.arms[0].of[m]))
		}
		if s := strings.Join(got, " "); s != x.want {
			t.Errorf("%s: %s, want %s", x.name, s, x.want)
		}
		if n := len(tally.arms[0].seconds); n != 0 && tally.arms[0].seconds[0] != 7 {
			t.Errorf("%s: took %v", x.name, tally.arms[0].seconds)
		}
	}
	tally := trial(t, "")
	other := said("drink", yes, "tea", 40)
	other.Arm = "gift"
	tally.Add(Customer{Arm: "plain", Entries: []Entry{other}})
	tally.Add(Customer{Arm: "gone", Entries: []Entry{said("drink", yes, "tea", 40)}})
	if tally.moved != 1 || tally.arms[0].offered+tally.arms[1].offered != 0 {
		t.Errorf("moved %d, %+v", tally.moved, tally.arms)
	}
}

// crowd adds n customers to an arm, of whom the first so many answered, and the next
// so many declined.
func crowd(t *Tally, arm string, n, answered, declined int) {
	for i := range n {
		c := Customer{Arm: arm}
		e := said("drink", catalogue.Answered, "tea", 40)
		e.Arm = arm
		switch {
		case i < answered:
			c.Entries = []Entry{e}
		case i < answered+declined:
			e.Outcome, e.Value = catalogue.Declined, catalogue.Value{}
			c.Entries = []Entry{e}
		}
		t.Add(c)
	}
}

func codes(r Report) (out []string) {
	for _, n := range r.Warnings {
		out = append(out, string(n.Code))
	}
	return out
}

func says(r Report, m Measure, arm string) string {
	i := slices.IndexFunc(r.Differences, func(d Difference) bool { return d.Measure == m && d.Arm == arm })
	return r.Differences[i].Says
}

func TestReport(t *testing.T) {
	for _, x := range []struct {
		name, more             string
		plain, gift            [3]int // customers, answered, declined
		notes, state, answered string
	}{
		{"nobody", ", arms_until: 400", [3]int{}, [3]int{}, "early few", "running: do not stop early", "too few to tell"},
		{"a handful", ", arms_until: 400", [3]int{9, 9, 0}, [3]int{8, 4, 0}, "early few", "running: do not stop early", "too few to tell"},
		{"half way, however clear", ", arms_until: 1000", [3]int{250, 50, 50}, [3]int{260, 200, 20}, "early", "running: do not stop early", "too early to tell: anything from 49 points more to 63 points more"},
		{"at the end, clear", ", arms_until: 500", [3]int{250, 50, 50}, [3]int{260, 200, 20}, "", "as many as planned were asked", "more of them, by 49 to 63 points"},
		{"at the end, clear the other way", ", arms_until: 500", [3]int{250, 200, 20}, [3]int{260, 50, 50}, "", "as many as planned were asked", "fewer of them, by 53 to 67 points"},
		{"at the end, not clear", ", arms_until: 500", [3]int{250, 100, 20}, [3]int{250, 104, 20}, "", "as many as planned were asked", "no difference is shown: anything from 7 points fewer to 10 points more"},
		{"no end", "", [3]int{250, 50, 50}, [3]int{260, 200, 20}, "no_end", "no end was planned", "more of them, by 49 to 63 points"},
		{"no end, few", "", [3]int{50, 20, 20}, [3]int{60, 20, 20}, "no_end few", "too few to tell", "too early to tell: anything from 24 points fewer to 11 points more"},
		{"lopsided", ", arms_until: 500", [3]int{400, 100, 20}, [3]int{200, 50, 20}, "lopsided", "as many as planned were asked", "no difference is shown: anything from 7.1 points fewer to 7.6 points more"},
	} {
		tally := trial(t, x.more)
		crowd(tally, "plain", x.plain[0], x.plain[1], x.plain[2])
		crowd(tally, "gift", x.gift[0], x.gift[1], x.gift[2])
		r := tally.Report()
		if got := strings.Join(codes(r), " "); got != x.notes || r.State() != x.state {
			t.Errorf("%s: notes %q, %s", x.name, got, r.State())
		}
		if got := says(r, Answered, "gift"); got != x.answered {
			t.Errorf("%s: %s", x.name, got)
		}
	}
}

// With more arms each difference is told with more care, and a closed arm holds
// nothing up.
func TestReportOfThreeArms(t *testing.T) {
	two := trial(t, "")
	three := trial(t, "")
	three.arms = append(three.arms, &arm{Arm: &catalogue.Arm{ID: "closed"}})
	for _, tally := range []*Tally{two, three} {
		crowd(tally, "plain", 200, 100, 20)
		crowd(tally, "gift", 200, 130, 20)
	}
	a, b := two.Report(), three.Report()
	if a.Level != 0.95 || b.Level != 0.975 || len(b.Differences) != 2*len(a.Differences) {
		t.Errorf("levels %v, %v; %d and %d differences", a.Level, b.Level, len(a.Differences), len(b.Differences))
	}
	for i, d := range a.Differences {
		if w := b.Differences[i]; !d.Hidden && (w.Low >= d.Low || w.High <= d.High) {
			t.Errorf("%s: %v of two, %v of three", d.Measure, d.Interval, w.Interval)
		}
	}
	if got := codes(b); !slices.Equal(got, []string{"no_end"}) || b.Offered != 400 {
		t.Errorf("%q, %d", got, b.Offered)
	}
}

// No number below ten can be read off a report, nor worked out of it: whichever of the
// hidden counts there is, the report is the same to the letter.
func TestSmallCellsAreHidden(t *testing.T) {
	report := func(n, answered, declined int) string {
		tally := trial(t, "")
		crowd(tally, "plain", 300, 150, 50)
		crowd(tally, "gift", n, answered, declined)
		for _, a := range tally.arms {
			for _, m := range []Measure{Finished, Changed} { // what depends on what is varied
				a.did[m], a.of[m] = 0, 0
			}
			a.seconds = nil
		}
		b, err := json.Marshal(tally.Report())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, of := range []struct {
		name string
		at   func(hidden int) string
		most int
	}{
		{"customers", func(k int) string { return report(k, 0, 0) }, 9},
		{"customers, all of whom answered", func(k int) string { return report(k, k, 0) }, 9},
		{"who declined", func(k int) string { return report(300, 100, k) }, 9},
		{"who did not answer", func(k int) string { return report(300, 300-k, 0) }, 9},
		{"who answered, of a dozen", func(k int) string { return report(12, k, 0) }, 9},
	} {
		want := of.at(0)
		for k := 1; k <= of.most; k++ {
			if got := of.at(k); got != want {
				t.Errorf("%s: %d can be told from none:\n%s", of.name, k, cmp.Diff(want, got))
			}
		}
		if of.name != "who answered, of a dozen" && of.at(10) == want {
			t.Errorf("%s: ten are hidden, too", of.name)
		}
	}
}

// Whatever is counted, a report holds together.
func TestReportHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		tally := trial(t, []string{"", ", arms_until: 300"}[r.IntN(2)])
		for _, arm := range []string{"plain", "gift"} {
			n := r.IntN(250)
			answered := r.IntN(n + 1)
			crowd(tally, arm, n, answered, r.IntN(n-answered+1))
		}
		got := tally.Report()
		for _, a := range got.Arms {
			for m, s := range a.Did {
				if s.Low > s.Rate && s.Hidden == "" || s.High < s.Rate || s.Low < 0 || s.High > 1 || s.Hidden == "" && (s.Count < Fewest || s.Of-s.Count < Fewest) || s.Hidden != "" && s.Count+int(s.Rate) != 0 {
					t.Fatalf("%s %s: %+v", a.ID, m, s)
				}
			}
		}
		for _, d := range got.Differences {
			if d.Low > d.By || d.High < d.By || got.Early && !strings.HasPrefix(d.Says, "too ") {
				t.Fatalf("%+v", d)
			}
		}
	}
}

func TestWords(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := Number(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	if Customers(1) != "1 customer" || Customers(1200) != "1,200 customers" || Points(1) != "1 point" || Points(0.5) != "0.5 points" || side(0) != "none" || side(-1) != "1 point fewer" {
		t.Error("plurals")
	}
}
