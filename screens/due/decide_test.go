package due

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

// brief is a decision on one line: what is due, and every reason.
func brief(d Decision) string {
	var b strings.Builder
	if d.Due() {
		fmt.Fprintf(&b, "%s/%s %s at most %d", d.Campaign, d.Screen, strings.Join(d.Questions, "+"), d.AtMost)
		for i, is := range []bool{d.First, d.Still, !d.Optional} {
			if is {
				b.WriteString([]string{" first", " still", " needed"}[i])
			}
		}
		if d.Offer != "" {
			b.WriteString(" for " + d.Offer)
		}
	} else {
		b.WriteString("nothing")
	}
	b.WriteString(" |")
	for _, r := range d.Reasons {
		at := r.Campaign
		if r.Screen != "" {
			at = r.Screen
		}
		if r.Question != "" {
			at = r.Question
		}
		fmt.Fprintf(&b, " %s:%s", at, r.Code)
		if !r.Until.IsZero() {
			fmt.Fprintf(&b, "(%d)", int(r.Until.Sub(screentest.Start).Hours()/24))
		}
	}
	return b.String()
}

// decision is what Explain decides.
func decision(def *catalogue.Catalogue, brand string, s catalogue.State, v catalogue.Facts, now time.Time) Decision {
	d, _ := Explain(def, brand, s, v, now)
	return d
}

func TestDecide(t *testing.T) {
	def := screentest.Catalogue(t)
	now := screentest.Start
	days := func(n int) time.Time { return now.AddDate(0, 0, n) }
	visit, before := store.ID{1}, store.ID{2}
	web := catalogue.Facts{Visit: visit, Moment: catalogue.SignIn, Client: "kopi-web", Locale: "en"}
	register := catalogue.Facts{Visit: visit, Moment: catalogue.Registration, Client: "kopi-web", Locale: "en"}
	oat := catalogue.Standing{Outcome: catalogue.Answered, Value: catalogue.Word("oat"), At: days(-1)}
	black := catalogue.Standing{Outcome: catalogue.Answered, Value: catalogue.Word("black"), At: days(-1)}
	welcome := func(h catalogue.History) map[string]catalogue.History {
		return map[string]catalogue.History{"welcome": h}
	}

	for _, x := range []struct {
		name  string
		brand string
		facts catalogue.Facts
		state catalogue.State
		want  string
	}{
		{"newcomer", "kopi", register, catalogue.State{},
			"welcome/coffee coffee_milk at most 3 first for free_drink | delivery:moment coffee_milk:asked home_brew:outranked"},
		{"the other client", "kopi", catalogue.Facts{Visit: visit, Moment: catalogue.SignIn, Client: "kopi-pos"}, catalogue.State{},
			"nothing | delivery:who welcome:who home_brew:who_unknown"},
		{"client not known", "kopi", catalogue.Facts{Visit: visit, Moment: catalogue.SignIn}, catalogue.State{},
			"nothing | delivery:who_unknown welcome:who_unknown home_brew:who_unknown"},
		{"prompt=none", "kopi", catalogue.Facts{Visit: visit, Moment: catalogue.SignIn, Client: "kopi-web", Silent: true}, catalogue.State{},
			"nothing | delivery:who welcome:silent home_brew:silent"},
		{"prompt=none, needed", "kopi", catalogue.Facts{Visit: visit, Moment: catalogue.SignIn, Client: "kopi-delivery", Silent: true}, catalogue.State{},
			"delivery/name given_name at most 1 first needed | given_name:asked welcome:outranked home_brew:outranked"},
		{"unknown brand", "nobody", web, catalogue.State{}, "nothing | :no_set"},

		{"offered, nothing decided yet", "kopi", web, catalogue.State{Campaigns: welcome(catalogue.History{Offers: 1, Offered: now, Visit: visit})},
			"welcome/coffee coffee_milk at most 3 first for free_drink | delivery:other_campaign welcome:under_way coffee_milk:asked home_brew:other_campaign"},
		{"answered: on to what depends on it", "kopi", web,
			catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": oat}, Campaigns: welcome(catalogue.History{Offers: 1, Offered: now, Visit: visit, Asked: []string{"coffee_milk"}})},
			"welcome/when coffee_when at most 3 for free_drink | delivery:other_campaign welcome:under_way coffee_milk:decided coffee_when:asked home_brew:other_campaign"},
		{"answered otherwise: past it", "kopi", web,
			catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": black}, Campaigns: welcome(catalogue.History{Offers: 1, Offered: now, Visit: visit, Asked: []string{"coffee_milk"}})},
			"welcome/birthday birthday at most 2 for free_drink | delivery:other_campaign welcome:under_way coffee_milk:decided when:show_if birthday:asked home_brew:other_campaign"},
		{"skipped: past what would read it", "kopi", web,
			catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": {Skipped: now}}, Campaigns: welcome(catalogue.History{Offers: 1, Offered: now, Visit: visit, Asked: []string{"coffee_milk"}, Skipped: true})},
			"welcome/birthday birthday at most 2 for free_drink | delivery:other_campaign welcome:under_way coffee_milk:decided when:show_if_unknown birthday:asked home_brew:other_campaign"},
		{"all three decided", "kopi", web,
			catalogue.State{Campaigns: welcome(catalogue.History{Offers: 1, Offered: now, Visit: visit, Asked: []string{"coffee_milk", "coffee_when", "birthday"}})},
			"nothing | delivery:other_campaign welcome:under_way welcome:visit_full home_brew:other_campaign"},
		{"nothing left: no other campaign begins", "kopi", web,
			catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": black, "birthday": {Outcome: catalogue.Declined, At: now}}, Campaigns: welcome(catalogue.History{Offers: 1, Offered: now, Visit: visit, Asked: []string{"coffee_milk", "birthday"}})},
			"nothing | delivery:other_campaign welcome:under_way coffee_milk:decided when:show_if birthday:decided welcome:nothing_left home_brew:other_campaign"},

		{"left half-way, next visit", "kopi", web,
			catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": oat}, Campaigns: welcome(catalogue.History{Offers: 1, Offered: days(-1), Visit: before, Asked: []string{"coffee_milk"}})},
			"welcome/when coffee_when at most 2 first for free_drink | delivery:who welcome:half_way coffee_milk:answered coffee_when:asked home_brew:outranked"},
		{"left after a skip: waits", "kopi", web,
			catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": oat, "coffee_when": {Skipped: days(-1)}}, Campaigns: welcome(catalogue.History{Offers: 1, Offered: days(-1), Visit: before, Asked: []string{"coffee_milk", "coffee_when"}, Skipped: true})},
			"nothing | delivery:who welcome:cooldown(29) home_brew:who"},
		{"closed the tab: waits", "kopi", web, catalogue.State{Campaigns: welcome(catalogue.History{Offers: 1, Offered: days(-1), Visit: before})},
			"nothing | delivery:who welcome:cooldown(29) home_brew:who_unknown"},
		{"cooldown over", "kopi", web, catalogue.State{Campaigns: welcome(catalogue.History{Offers: 1, Offered: days(-30), Visit: before})},
			"welcome/coffee coffee_milk at most 3 first for free_drink | delivery:who coffee_milk:asked home_brew:outranked"},
		{"clock was ahead: still waits", "kopi", web, catalogue.State{Campaigns: welcome(catalogue.History{Offers: 1, Offered: days(5), Visit: before})},
			"nothing | delivery:who welcome:cooldown(35) home_brew:who_unknown"},
		{"lifetime over", "kopi", web, catalogue.State{Campaigns: welcome(catalogue.History{Offers: 6, Offered: days(-300), Visit: before})},
			"nothing | delivery:who welcome:lifetime home_brew:who_unknown"},
		{"lifetime over half-way", "kopi", web, catalogue.State{Campaigns: welcome(catalogue.History{Offers: 6, Offered: days(-1), Visit: before, Asked: []string{"coffee_milk"}})},
			"nothing | delivery:who welcome:lifetime home_brew:who_unknown"},

		{"all answered", "kopi", web, catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": black, "birthday": {Outcome: catalogue.Answered, Value: catalogue.Word("--03-14"), At: now}}},
			"nothing | delivery:who coffee_milk:answered when:show_if birthday:answered welcome:nothing_left home_brew:who"},
		{"declined stops asking", "kopi", web, catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": {Outcome: catalogue.Declined, At: days(-900)}}},
			"welcome/birthday birthday at most 1 first for free_drink | delivery:who coffee_milk:declined when:show_if_unknown birthday:asked home_brew:outranked"},
		{"expired: confirm", "kopi", web, catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": {Outcome: catalogue.Answered, Value: catalogue.Word("oat"), At: days(-400), Expires: days(-35)}}},
			"welcome/coffee coffee_milk at most 3 first still for free_drink | delivery:who coffee_milk:expired home_brew:outranked"},
		{"expires this moment", "kopi", web, catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": {Outcome: catalogue.Answered, Value: catalogue.Word("oat"), At: days(-365), Expires: now}}},
			"welcome/coffee coffee_milk at most 3 first still for free_drink | delivery:who coffee_milk:expired home_brew:outranked"},
		{"expired elsewhere: ask anew", "kopi", web, catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": black,
			"birthday": {Outcome: catalogue.Answered, Value: catalogue.Word("--03-14"), At: days(-400), Expires: days(-35), Elsewhere: true}}},
			"welcome/birthday birthday at most 1 first for free_drink | delivery:who coffee_milk:answered when:show_if birthday:expired home_brew:outranked"},
		{"expired, skipped lately", "kopi", web, catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": {Outcome: catalogue.Answered, Value: catalogue.Word("oat"), At: days(-400), Expires: days(-35), Skipped: days(-3)}}},
			"welcome/birthday birthday at most 1 first for free_drink | delivery:who coffee_milk:skipped(27) when:show_if_unknown birthday:asked home_brew:outranked"},
		{"withdrawn lately", "kopi", web, catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": {Outcome: catalogue.Withdrawn, At: days(-3)}, "birthday": {Outcome: catalogue.Withdrawn, At: days(-31)}}},
			"welcome/birthday birthday at most 1 first for free_drink | delivery:who coffee_milk:withdrawn(27) when:show_if_unknown birthday:asked home_brew:outranked"},
		{"given to another brand", "kopi", web, catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": black, "birthday": {Outcome: catalogue.Answered, Value: catalogue.Word("--03-14"), At: now, Elsewhere: true}}},
			"nothing | delivery:who coffee_milk:answered when:show_if birthday:answered_elsewhere welcome:nothing_left home_brew:who"},

		{"attention spent", "kopi", web, catalogue.State{Asked: []time.Time{days(-1), days(-2), days(-3), days(-4), days(-5), days(-30)}},
			"nothing | delivery:who welcome:attention_spent home_brew:who_unknown"},
		{"attention nearly spent", "kopi", web, catalogue.State{Asked: []time.Time{days(-1), days(-2), days(-3), days(-4), days(-5), days(-31)}},
			"welcome/coffee coffee_milk at most 1 first for free_drink | delivery:who coffee_milk:asked home_brew:outranked"},
		{"attention by a clock ahead", "kopi", web, catalogue.State{Asked: []time.Time{days(1), days(2), days(3), days(4), days(5), days(6)}},
			"nothing | delivery:who welcome:attention_spent home_brew:who_unknown"},
		{"needed in spite of everything", "kopi", catalogue.Facts{Visit: visit, Moment: catalogue.SignIn, Client: "kopi-delivery"},
			catalogue.State{Asked: slices.Repeat([]time.Time{days(-1)}, 9), Campaigns: map[string]catalogue.History{"delivery": {Offers: 99, Offered: days(-1), Visit: before}}, Answers: map[string]catalogue.Standing{"given_name": {Skipped: days(-1)}}},
			"delivery/name given_name at most 1 first needed | given_name:asked welcome:outranked home_brew:outranked"},

		{"lapsed", "kopi", web, catalogue.State{Answers: map[string]catalogue.Standing{"coffee_milk": {Outcome: catalogue.Answered, Value: catalogue.Word("black"), At: days(-200)}, "birthday": {Outcome: catalogue.Declined}}},
			"home_brew/home at_home at most 1 first | delivery:who coffee_milk:answered when:show_if birthday:declined welcome:nothing_left at_home:asked"},
		{"at most, of the campaign", "sole", catalogue.Facts{Visit: visit, Moment: catalogue.Registration}, catalogue.State{},
			"shelf/size shoe_size at most 2 first | shoe_size:asked treat:outranked"},
		{"at most, of the campaign, done", "sole", catalogue.Facts{Visit: visit, Moment: catalogue.SignIn}, catalogue.State{Campaigns: map[string]catalogue.History{"shelf": {Offers: 1, Offered: now, Visit: visit, Asked: []string{"shoe_size", "plan"}}}},
			"nothing | treat:other_campaign shelf:under_way shelf:visit_full"},
		{"at most is no leaving half-way", "sole", catalogue.Facts{Visit: visit, Moment: catalogue.SignIn}, catalogue.State{Campaigns: map[string]catalogue.History{"shelf": {Offers: 1, Offered: days(-1), Visit: before, Asked: []string{"shoe_size", "plan"}}, "treat": {Offers: 1, Offered: days(-2), Visit: before}},
			Answers: map[string]catalogue.Standing{"shoe_size": {Outcome: catalogue.Answered, Value: catalogue.Word("42"), At: days(-1)}, "plan": {Outcome: catalogue.Answered, Value: catalogue.Word("year"), At: days(-1)}}},
			"nothing | treat:cooldown shelf:cooldown(13)"},
		{"never again", "sole", catalogue.Facts{Visit: visit, Moment: catalogue.SignIn}, catalogue.State{Campaigns: map[string]catalogue.History{"shelf": {Offers: 3}, "treat": {Offers: 1, Offered: days(-9000), Visit: before}},
			Answers: map[string]catalogue.Standing{"shoe_size": {Outcome: catalogue.Answered, Value: catalogue.Word("42"), At: days(-1)}, "plan": {Outcome: catalogue.Answered, Value: catalogue.Word("year"), At: days(-1)}}},
			"nothing | shelf:lifetime treat:cooldown"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got := decision(def, x.brand, x.state, x.facts, now)
			if d := cmp.Diff(x.want, brief(got)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// A screen of several questions shows what the visit has room for.
func TestDecideSeveralOnAScreen(t *testing.T) {
	src := strings.NewReplacer("first: {ask: [drink]}\n  second: {ask: [sugar], show_if: tea_drinker}", "both: {ask: [drink, sugar]}",
		"[first, second]", "[both]", "[registration]", "[sign_in]\n    at_most: 1").Replace(screentest.File(t, "small.yaml"))
	var out diag.Findings
	s := catalogue.Load("kopi.yaml", []byte(src), screentest.Options("kopi"), &out)
	c := catalogue.Join(map[string]*catalogue.Set{"kopi": s}, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	got := brief(decision(c, "kopi", catalogue.State{}, catalogue.Facts{Visit: store.ID{1}, Moment: catalogue.SignIn}, screentest.Start))
	if want := "welcome/both drink at most 1 first for cup | drink:asked sugar:asked"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	s.Campaigns[0].AtMost = 3
	got = brief(decision(c, "kopi", catalogue.State{Answers: map[string]catalogue.Standing{"drink": {Outcome: catalogue.Answered, Value: catalogue.Word("tea"), At: screentest.Start}}}, catalogue.Facts{Visit: store.ID{1}, Moment: catalogue.SignIn}, screentest.Start))
	if want := "welcome/both sugar at most 1 first for cup | drink:answered sugar:asked"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A life is one customer's visits to both brands, played as the pages play them.
type life struct {
	t       *testing.T
	r       *rand.Rand
	def     *catalogue.Catalogue
	now     time.Time
	states  map[string]*catalogue.State // by brand; person-wide answers stand in both
	visits  byte
	asked   []time.Time
	offered map[string][]time.Time
}

func newLife(t *testing.T, def *catalogue.Catalogue, seed uint64) *life {
	l := &life{t: t, r: rand.New(rand.NewPCG(seed, 7)), def: def, now: screentest.Start, states: map[string]*catalogue.State{}, offered: map[string][]time.Time{}}
	for _, b := range def.Brands() {
		l.states[b] = &catalogue.State{Answers: map[string]catalogue.Standing{}, Campaigns: map[string]catalogue.History{}}
	}
	return l
}

// visit walks one visit until nothing is due or the customer leaves, and returns
// the decisions. act says what the customer does: answered, skipped, declined, or "" to leave.
func (l *life) visit(brand string, v catalogue.Facts, act func(Decision) catalogue.Outcome) []Decision {
	l.visits++
	v.Visit = store.ID{l.visits, 9}
	s := l.states[brand]
	var walk []Decision
	for {
		s.Asked = l.asked
		d := decision(l.def, brand, *s, v, l.now)
		if !d.Due() {
			return walk
		}
		if walk = append(walk, d); len(walk) > 20 {
			l.t.Fatalf("the visit does not end: %s", brief(d))
		}
		h := s.Campaigns[d.Campaign]
		if h.Visit != v.Visit {
			c := l.def.Set(brand).Campaign(d.Campaign)
			if h.Offers > 0 && c.Waits(h.Offered, l.now) && !h.LeftHalfWay(c) {
				l.t.Fatalf("offered again before the cooldown: %s", brief(d))
			}
			l.offered[brand+d.Campaign] = append(l.offered[brand+d.Campaign], l.now)
		}
		h = h.WithOffer(v.Visit, d.Arm, l.now)
		s.Campaigns[d.Campaign] = h
		did := act(d)
		if did == "" {
			return walk
		}
		for _, id := range d.Questions {
			l.decide(brand, id, did)
			h = h.WithDecision(id, did)
			l.asked = append(l.asked, l.now)
		}
		s.Campaigns[d.Campaign] = h
		l.now = l.now.Add(20 * time.Second)
	}
}

func (l *life) decide(brand, id string, did catalogue.Outcome) {
	q := l.def.Question(brand, id)
	for b, s := range l.states {
		if b != brand && q.Scope != catalogue.ScopePerson {
			continue
		}
		a := s.Answers[id]
		if did == catalogue.Skipped {
			if b == brand {
				a.Skipped = l.now
			}
		} else {
			a = catalogue.Standing{Outcome: did, At: l.now, Elsewhere: b != brand}
			if did == catalogue.Answered {
				a.Value, a.Expires = (screentest.Chance{Rand: l.r}).Value(q), q.Fresh.After(l.now)
			}
		}
		s.Answers[id] = a
	}
}

// Over years of random visits to both brands: never more than three questions a
// visit, never more than the customer's attention bears, never an offer before its
// cooldown is over unless the last was left half-way, never more offers than a lifetime has.
func TestDecideLives(t *testing.T) {
	def := screentest.Catalogue(t)
	questions := 0
	for seed := range uint64(150) {
		l := newLife(t, def, seed)
		for range 40 {
			brand := def.Brands()[l.r.IntN(2)]
			l.now = l.now.Add(time.Duration(l.r.IntN(40*24)) * time.Hour / time.Duration(1+l.r.IntN(8)))
			before := len(l.asked)
			walk := l.visit(brand, catalogue.Facts{Moment: catalogue.SignIn, Client: "kopi-web", Locale: "en"}, func(Decision) catalogue.Outcome {
				return []catalogue.Outcome{catalogue.Answered, catalogue.Answered, catalogue.Skipped, catalogue.Declined, ""}[l.r.IntN(5)]
			})
			if n := len(l.asked) - before; n > catalogue.MaxQuestions || len(walk) > 0 && n > walk[0].AtMost {
				t.Fatalf("%d questions in a visit that said %d", n, walk[0].AtMost)
			}
		}
		questions += len(l.asked)
		for i, at := range l.asked {
			n := 0
			for _, other := range l.asked[i:] {
				if other.Before(at.AddDate(0, 0, 30)) {
					n++
				}
			}
			if n > def.Attention.Screens {
				t.Fatalf("%d questions within 30 days", n)
			}
		}
		for _, brand := range def.Brands() {
			for _, c := range def.Set(brand).Campaigns {
				if n := len(l.offered[brand+c.ID]); !c.Blocking && n > c.Lifetime {
					t.Fatalf("%s was offered %d times of %d", c.ID, n, c.Lifetime)
				}
			}
		}
	}
	if questions < 500 {
		t.Errorf("%d questions in all: the test says little", questions)
	}
}

// Who skips everything is asked again only after the cooldown, a lifetime at most,
// and then never more.
func TestDecideSkippingEverythingEnds(t *testing.T) {
	def := screentest.Catalogue(t)
	l := newLife(t, def, 1)
	v := catalogue.Facts{Moment: catalogue.SignIn, Client: "kopi-web", Locale: "en"}
	for range 1000 {
		l.visit("kopi", v, func(Decision) catalogue.Outcome { return catalogue.Skipped })
		l.now = l.now.AddDate(0, 0, 1)
	}
	offers := l.offered["kopiwelcome"]
	if len(offers) != 6 {
		t.Errorf("offered %d times, the lifetime is 6", len(offers))
	}
	for i := 1; i < len(offers); i++ {
		if offers[i].Sub(offers[i-1]) < 30*24*time.Hour {
			t.Errorf("offered again after %s", offers[i].Sub(offers[i-1]))
		}
	}
}

// Who declines everything is never asked again.
func TestDecideDeclineStops(t *testing.T) {
	l := newLife(t, screentest.Catalogue(t), 1)
	v := catalogue.Facts{Moment: catalogue.SignIn, Client: "kopi-web", Locale: "en"}
	first := len(l.visit("kopi", v, func(Decision) catalogue.Outcome { return catalogue.Declined }))
	if first == 0 {
		t.Fatal("nothing was asked")
	}
	for range 200 {
		l.now = l.now.AddDate(0, 0, 10)
		if walk := l.visit("kopi", v, func(Decision) catalogue.Outcome { return catalogue.Declined }); len(walk) > 0 {
			t.Fatalf("asked again: %s", brief(walk[0]))
		}
	}
}

// The attention budget is the account's: neither a new visit, nor another
// brand, nor signing in again and again gets round it.
func TestGauntlet_Z08_AttentionBudgetBypass(t *testing.T) {
	def := screentest.Catalogue(t)
	def.Attention.Screens = 2
	l := newLife(t, def, 1)
	for range 50 { // prompt=login in a loop, at both brands
		for _, brand := range def.Brands() {
			l.visit(brand, catalogue.Facts{Moment: catalogue.SignIn, Client: "kopi-web"}, func(Decision) catalogue.Outcome { return catalogue.Answered })
		}
		l.now = l.now.Add(time.Minute)
	}
	if len(l.asked) != 2 {
		t.Errorf("%d questions were asked, 2 may be", len(l.asked))
	}
}

// The condition of a campaign may read what the campaign asks: it is asked as it
// stood when it began, or nobody could go on.
func TestDecideHalfWayWhoReadsOwnQuestion(t *testing.T) {
	src := strings.NewReplacer("    offer: cup\n", "    who: {answer: drink, answered: false}\n", "[registration]", "[registration]").Replace(screentest.File(t, "small.yaml"))
	var out diag.Findings
	c := catalogue.Join(map[string]*catalogue.Set{"kopi": catalogue.Load("kopi.yaml", []byte(src), screentest.Options("kopi"), &out)}, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	l := newLife(t, c, 1)
	once := false
	l.visit("kopi", catalogue.Facts{Moment: catalogue.Registration}, func(Decision) catalogue.Outcome {
		if once {
			return ""
		}
		once = true
		l.states["kopi"].Answers["drink"] = catalogue.Standing{}
		return catalogue.Answered
	})
	l.states["kopi"].Answers["drink"] = catalogue.Standing{Outcome: catalogue.Answered, Value: catalogue.Word("tea"), At: l.now}
	l.now = l.now.AddDate(0, 0, 1)
	if walk := l.visit("kopi", catalogue.Facts{Moment: catalogue.SignIn}, func(Decision) catalogue.Outcome { return "" }); len(walk) != 1 || walk[0].Screen != "second" {
		t.Errorf("does not go on: %v", walk)
	}
}

func TestHistory(t *testing.T) {
	a, b := store.ID{1}, store.ID{2}
	h := catalogue.History{}.WithOffer(a, "", screentest.Start).WithOffer(a, "", screentest.Start.Add(time.Hour))
	if h.Offers != 1 || !h.Offered.Equal(screentest.Start) {
		t.Errorf("%+v", h)
	}
	one := h.WithDecision("x", catalogue.Skipped)
	two := one.WithDecision("x", catalogue.Answered).WithDecision("y", catalogue.Answered)
	if len(h.Asked) != 0 || len(one.Asked) != 1 || len(two.Asked) != 2 || !two.Skipped {
		t.Errorf("%+v %+v %+v", h, one, two)
	}
	if next := two.WithOffer(b, "", screentest.Start.Add(time.Hour)); next.Offers != 2 || next.Asked != nil || next.Skipped || next.Visit != b {
		t.Errorf("%+v", next)
	}
	var back catalogue.History
	text, err := json.Marshal(two)
	if err != nil || json.Unmarshal(text, &back) != nil || !cmp.Equal(back, two) {
		t.Errorf("%s %v", text, err)
	}
	if empty, _ := json.Marshal(catalogue.History{}); string(empty) != "{}" {
		t.Errorf("%s", empty)
	}
}

// What a question cannot be answered with any more: asked anew, whenever it was told;
// unless that was told another brand, of which nothing is said.
func TestOutdated(t *testing.T) {
	def := screentest.Catalogue(t)
	now := screentest.Start
	gone := catalogue.Standing{Outcome: catalogue.Answered, Value: catalogue.Word("gone"), Version: "before", At: now.AddDate(0, 0, -40)}
	q := def.Set("kopi").Question("coffee_milk")
	for _, x := range []struct {
		name   string
		change func(a *catalogue.Standing)
		want   Code
	}{
		{"fresh", func(*catalogue.Standing) {}, Outdated},
		{"run out", func(a *catalogue.Standing) { a.Expires = now }, Outdated},
		{"nobody knows the version", func(a *catalogue.Standing) { a.Version = "" }, Outdated},
		{"elsewhere", func(a *catalogue.Standing) { a.Elsewhere = true }, Asked},
		{"elsewhere, run out", func(a *catalogue.Standing) { a.Elsewhere, a.Expires = true, now }, Asked},
		{"an older version, and still an answer", func(a *catalogue.Standing) { a.Value = catalogue.Word(q.Options[0].ID) }, AnsweredFresh},
		{"told to the question as it is", func(a *catalogue.Standing) { a.Value, a.Version = catalogue.Word(q.Options[0].ID), q.Version }, AnsweredFresh},
		{"skipped since", func(a *catalogue.Standing) { a.Skipped = now.AddDate(0, 0, -1) }, SkippedLately},
		{"declined since", func(a *catalogue.Standing) { a.Outcome = catalogue.Declined }, StopsAsking},
	} {
		a := gone
		x.change(&a)
		d := decision(def, "kopi", catalogue.State{Answers: map[string]catalogue.Standing{q.ID: a}}, catalogue.Facts{Visit: store.ID{1}, Moment: catalogue.Registration, Client: "kopi-web"}, now)
		i := slices.IndexFunc(d.Reasons, func(r Reason) bool { return r.Question == q.ID })
		if i < 0 || d.Reasons[i].Code != x.want || d.Still || d.Due() && slices.Contains(d.Questions, q.ID) != x.want.asks() {
			t.Errorf("%s: want %s: %s", x.name, x.want, brief(d))
		}
	}
}
