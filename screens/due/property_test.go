package due

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/screentest"
	"github.com/proffer-id/proffer/store"
)

// lively is Kopi's questions with campaigns of every sort.
func lively(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	src := screentest.File(t, "kopi.yaml")
	return screentest.Set(t, "kopi", src[:strings.Index(src, "campaigns:")]+`campaigns:
  welcome:
    when: [registration, {sign_in: 3}, link]
    who: {client: [kopi-web, kopi-app]}
    show: [coffee, when, birthday]
    priority: 10
    snooze: 7d
    offer: free_drink
    arms: {plain: 30, turned: {share: 40, show: [birthday, coffee, when]}, short: {share: 30, show: [birthday]}}
  gaps: {when: [missing_claim, expired], show: [coffee, when, birthday, home], at_most: 2, cooldown: 3d, lifetime: 50}
  season: {when: [{between: [2026-02-20, 2026-03-10]}, ask], who: lapsed, show: [home], stop_after_decline: true, cooldown: never}
  again: {when: [sign_in, ask, link], show: [home, coffee, when], stop_after_decline: true, snooze: 1d, cooldown: 5d}
  delivery: {when: [sign_in], who: {client: kopi-delivery}, show: [name], blocking: true, priority: 20}
offers:
  free_drink: {text: {en: A free drink for taking part, th: เครื่องดื่มฟรีหนึ่งแก้วเมื่อร่วมตอบ}}
`)
}

// hold checks what is true of every decision, whatever is known of the customer.
func hold(t *testing.T, def *catalogue.Catalogue, s catalogue.State, v catalogue.Facts) Decision {
	t.Helper()
	now, set := screentest.Start, def.Set("kopi")
	before, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	d := decision(def, "kopi", s, v, now)
	if after, _ := json.Marshal(s); string(after) != string(before) {
		t.Fatal("the state was changed")
	}
	if again := decision(def, "kopi", s, v, now); !cmp.Equal(d, again) {
		t.Fatalf("not the same twice:\n%s\n%s", brief(d), brief(again))
	}
	quiet := d
	if quiet.Reasons = nil; !cmp.Equal(quiet, Next(def, "kopi", s, v, now)) {
		t.Fatalf("decided otherwise without reasons: %s", brief(d))
	}
	for _, c := range set.Campaigns {
		if !slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Campaign == c.ID }) {
			t.Fatalf("nothing is said of %s: %s", c.ID, brief(d))
		}
	}
	if !d.Due() {
		return d
	}
	base, h := set.Campaign(d.Campaign), s.Campaigns[d.Campaign]
	c := base.In(d.Arm)
	going := v.Visit != (store.ID{}) && h.Visit == v.Visit
	if (len(base.Arms) > 0) != (c.Arm != "") || d.Arm != base.Assign("kopi", s.Seed, h.Arm) {
		t.Fatalf("arm %q: %s", d.Arm, brief(d))
	}
	if len(d.Questions) == 0 || d.AtMost < 1 || d.AtMost > catalogue.MaxQuestions || d.Optional == c.Blocking || !slices.Contains(c.Show, d.Screen) || d.Snooze && (c.Blocking || c.Snooze.IsZero()) {
		t.Fatal(brief(d))
	}
	asked := 0
	if v.Visit != (store.ID{}) {
		for _, h := range s.Campaigns {
			if h.Visit == v.Visit {
				asked += len(h.Asked)
			}
		}
	}
	// Budgets: of the visit, of the campaign, of the customer over all brands.
	if asked+len(d.Questions) > catalogue.MaxQuestions || asked+len(d.Questions) > d.AtMost || d.First != (asked == 0) {
		t.Fatalf("%d asked already: %s", asked, brief(d))
	}
	if spent := recent(s.Asked, def.Attention.Every.Before(now)); !c.Blocking && spent+len(d.Questions) > def.Attention.Screens {
		t.Fatalf("%d of %d asked: %s", spent, def.Attention.Screens, brief(d))
	}
	if !c.Blocking && (v.Silent || !going && h.Offers >= c.Lifetime || h.Sleeps(c, now) || c.StopAfterDecline && h.Declined) {
		t.Fatalf("is held back, and due: %+v: %s", h, brief(d))
	}
	if !going && v.Link != "" && v.Link != c.ID {
		t.Fatalf("a link to %s leads to %s", v.Link, brief(d))
	}
	// Applicable: what brings it, whom it is for, what the screen hangs on.
	if _, ok := set.Brought(base, &s, &v, now); !going && !ok && !h.LeftHalfWay(base) {
		t.Fatalf("nothing brings it: %s", brief(d))
	}
	if !going && !h.LeftHalfWay(base) && c.Who.Eval(s, v, now) != catalogue.True || set.Screen(d.Screen).ShowIf.Eval(s, v, now) != catalogue.True {
		t.Fatalf("is not for this customer: %s", brief(d))
	}
	for _, q := range d.Questions {
		a := s.Answers[q]
		if a.Holds(set.Question(q), now) || a.Outcome == catalogue.Declined || going && slices.Contains(h.Asked, q) {
			t.Fatalf("asks %s, which is %s: %s", q, a.Outcome, brief(d))
		}
		if d.Still && (a.Outcome != catalogue.Answered || a.Elsewhere || a.Outdated(set.Question(q))) {
			t.Fatalf("confirms %s, which is %q: %s", q, a.Outcome, brief(d))
		}
		if c.Narrow() && !c.Brings(set.Question(q), &s, &v, now) {
			t.Fatalf("asks %s, which nobody lacks: %s", q, brief(d))
		}
	}
	return d
}

// Campaigns of every sort and customers of every sort: a decision is a function of
// its arguments, within every budget, and names nothing that may not be asked.
func TestDecideHolds(t *testing.T) {
	def := lively(t)
	r := screentest.Chance{Rand: rand.New(rand.NewPCG(11, 12)), Set: def.Set("kopi")}
	due := map[string]int{}
	for range 8000 {
		due[hold(t, def, r.State(), r.Facts()).Campaign]++
	}
	for _, c := range r.Set.Campaigns {
		if due[c.ID] < 30 {
			t.Errorf("%s was due %d times only: the test says little of it", c.ID, due[c.ID])
		}
	}
}

// bytesSource is chance as a fuzzer chooses it; when that runs out, any other.
type bytesSource struct {
	b    []byte
	rest *rand.PCG
}

func (s *bytesSource) Uint64() uint64 {
	if len(s.b) == 0 {
		return s.rest.Uint64()
	}
	n := uint64(s.b[0]) << 56 // the first bits choose among few
	s.b = s.b[1:]
	return n
}

// FuzzDecide lets a fuzzer make up the customer and the visit.
func FuzzDecide(f *testing.F) {
	def := lively(f)
	seed := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		b := make([]byte, 400)
		for i := range b {
			b[i] = byte(seed.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := screentest.Chance{Rand: rand.New(&bytesSource{b, rand.NewPCG(3, 4)}), Set: def.Set("kopi")}
		hold(t, def, r.State(), r.Facts())
	})
}
