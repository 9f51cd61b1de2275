package due

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/screentest"
	"github.com/proffer-id/proffer/store"
)

// shop is a set whose questions are drink (fresh for a year) and sugar, and whose
// campaigns are what a test is about.
func shop(t testing.TB, campaigns string) *catalogue.Catalogue {
	t.Helper()
	src := screentest.File(t, "small.yaml")
	src = src[:strings.Index(src, "screens:")] + `screens:
  drink: {ask: [drink]}
  sugar: {ask: [sugar]}
campaigns:
` + campaigns + `
offers:
  cup: {text: {en: A cup, th: ถ้วย}}
  mug: {text: {en: A mug, th: แก้ว}}
`
	return screentest.Set(t, "kopi", src)
}

// What brings a campaign: each trigger alone, in visits of all sorts.
func TestTriggers(t *testing.T) {
	now := screentest.Start
	gone := catalogue.Standing{Outcome: catalogue.Answered, Value: catalogue.Word("tea"), At: now.AddDate(0, 0, -400), Expires: now.AddDate(0, 0, -35)}
	kept := catalogue.Standing{Outcome: catalogue.Answered, Value: catalogue.Word("tea"), At: now}
	with := func(a catalogue.Standing) map[string]catalogue.Standing {
		return map[string]catalogue.Standing{"drink": a}
	}
	visit, sign, reg := store.ID{1}, catalogue.SignIn, catalogue.Registration
	for _, x := range []struct {
		name, when string
		facts      catalogue.Facts
		answers    map[string]catalogue.Standing
		want       string // screen, or the first reason
	}{
		{"registration", "registration", catalogue.Facts{Moment: reg}, nil, "drink"},
		{"registration, later", "registration", catalogue.Facts{Moment: sign}, nil, "moment"},
		{"sign-in", "sign_in", catalogue.Facts{Moment: sign}, nil, "drink"},
		{"sign-in, of the newcomer", "sign_in", catalogue.Facts{Moment: reg}, nil, "moment"},
		{"third, at the second", "{sign_in: 3}", catalogue.Facts{Moment: sign, SignIns: 2}, nil, "moment"},
		{"third", "{sign_in: 3}", catalogue.Facts{Moment: sign, SignIns: 3}, nil, "drink"},
		{"third, missed", "{sign_in: 3}", catalogue.Facts{Moment: sign, SignIns: 9}, nil, "drink"},
		{"third, nobody counted", "{sign_in: 3}", catalogue.Facts{Moment: sign}, nil, "moment"},
		{"missing", "missing_claim", catalogue.Facts{Moment: sign, Wants: []string{"shoe_size", "drink"}}, nil, "drink"},
		{"missing, of a newcomer", "missing_claim", catalogue.Facts{Moment: reg, Wants: []string{"drink"}}, nil, "drink"},
		{"missing, another one", "missing_claim", catalogue.Facts{Moment: sign, Wants: []string{"shoe_size"}}, nil, "moment"},
		{"missing, the second only", "missing_claim", catalogue.Facts{Moment: sign, Wants: []string{"sugar"}}, nil, "sugar"},
		{"not missing: answered", "missing_claim", catalogue.Facts{Moment: sign, Wants: []string{"drink"}}, with(kept), "moment"},
		{"missing: ran out", "missing_claim", catalogue.Facts{Moment: sign, Wants: []string{"drink"}}, with(gone), "drink"},
		{"not missing: declined", "missing_claim", catalogue.Facts{Moment: sign, Wants: []string{"drink"}}, with(catalogue.Standing{Outcome: catalogue.Declined}), "moment"},
		{"expired", "expired", catalogue.Facts{Moment: sign}, with(gone), "drink"},
		{"not expired", "expired", catalogue.Facts{Moment: sign}, with(kept), "moment"},
		{"expired, never answered", "expired", catalogue.Facts{Moment: sign}, nil, "moment"},
		{"expired, elsewhere", "expired", catalogue.Facts{Moment: sign}, with(catalogue.Standing{Outcome: catalogue.Answered, Expires: now, Elsewhere: true}), "moment"},
		{"link", "link", catalogue.Facts{Moment: sign, Link: "a"}, nil, "drink"},
		{"link, not followed", "link", catalogue.Facts{Moment: sign}, nil, "moment"},
		{"link, to another", "link", catalogue.Facts{Moment: sign, Link: "b"}, nil, "moment"},
		{"link, asked by a client", "link", catalogue.Facts{Moment: sign, Asks: "a"}, nil, "moment"},
		{"a link is no sign-in", "sign_in", catalogue.Facts{Moment: sign, Link: "a"}, nil, "moment"},
		{"ask", "ask", catalogue.Facts{Moment: sign, Asks: "a"}, nil, "drink"},
		{"ask, not asked", "ask", catalogue.Facts{Moment: sign}, nil, "moment"},
		{"ask, linked", "ask", catalogue.Facts{Moment: sign, Link: "a"}, nil, "moment"},
		{"between, the first day", "{between: [2026-03-01, 2026-03-02]}", catalogue.Facts{Moment: sign}, nil, "drink"},
		{"between, the day after", "{between: [2026-02-01, 2026-02-28]}", catalogue.Facts{Moment: reg}, nil, "moment"},
		{"any of several", "registration, {sign_in: 3}, link", catalogue.Facts{Moment: sign, SignIns: 4}, nil, "drink"},
		{"prompt=none", "missing_claim, expired, ask", catalogue.Facts{Moment: sign, Asks: "a", Wants: []string{"drink"}, Silent: true}, with(gone), "silent"},
	} {
		t.Run(x.name, func(t *testing.T) {
			def := shop(t, "  a: {when: ["+x.when+"], show: [drink, sugar], offer: cup}\n  b: {when: [registration], who: {client: nobody}, show: [sugar], offer: mug}")
			x.facts.Visit = visit
			d := decision(def, "kopi", catalogue.State{Answers: x.answers}, x.facts, now)
			got := d.Screen
			if !d.Due() {
				got = string(d.Reasons[0].Code)
			}
			if got != x.want {
				t.Errorf("%s, want %s: %s", got, x.want, brief(d))
			}
		})
	}
}

// What only gaps bring asks about the gaps alone.
func TestNarrowAsksNothingElse(t *testing.T) {
	def := shop(t, "  a: {when: [missing_claim, expired], show: [drink, sugar], offer: cup}\n  b: {when: [link], show: [sugar], offer: mug}")
	gone := map[string]catalogue.Standing{"drink": {Outcome: catalogue.Answered, Value: catalogue.Word("tea"), Expires: screentest.Start}}
	facts := catalogue.Facts{Visit: store.ID{1}, Moment: catalogue.SignIn}
	if got, want := brief(decision(def, "kopi", catalogue.State{Answers: gone}, facts, screentest.Start)), "a/drink drink at most 1 first still for cup | drink:expired b:outranked"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	facts.Wants = []string{"sugar"}
	if got, want := brief(decision(def, "kopi", catalogue.State{Answers: gone}, facts, screentest.Start)), "a/drink drink at most 2 first still for cup | drink:expired b:outranked"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := brief(decision(def, "kopi", catalogue.State{}, facts, screentest.Start)), "a/sugar sugar at most 1 first for cup | drink:not_wanted sugar:asked b:outranked"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// "Not now" puts a campaign off for its time, in place of the cooldown; the same
// visit asks nothing more, and no other campaign takes its turn.
func TestSnooze(t *testing.T) {
	def := shop(t, "  a: {when: [sign_in], show: [drink, sugar], snooze: 7d, cooldown: 30d, lifetime: 3, offer: cup}\n  b: {when: [sign_in], priority: -1, show: [sugar], offer: mug}")
	now, visit := screentest.Start, store.ID{1}
	h := catalogue.History{}.WithOffer(visit, "", now).WithDecision("drink", catalogue.Answered).WithSnooze(now).WithSnooze(now.Add(time.Hour))
	s := catalogue.State{Campaigns: map[string]catalogue.History{"a": h}, Answers: map[string]catalogue.Standing{"drink": {Outcome: catalogue.Answered, Value: catalogue.Word("tea"), At: now}}}
	decide := func(v store.ID, after time.Duration) string {
		return brief(decision(def, "kopi", s, catalogue.Facts{Visit: v, Moment: catalogue.SignIn}, now.Add(after)))
	}
	const day = 24 * time.Hour
	for _, x := range []struct {
		visit store.ID
		after time.Duration
		want  string
	}{
		{visit, time.Minute, "nothing | a:snoozed(7) b:other_campaign"},
		{store.ID{2}, 6 * day, "b/sugar sugar at most 1 first for mug | a:snoozed(7) sugar:asked"},
		{store.ID{2}, 7 * day, "a/sugar sugar at most 1 first for cup | a:half_way drink:answered sugar:asked b:outranked"},
	} {
		if got := decide(x.visit, x.after); got != x.want {
			t.Errorf("%s, want %s", got, x.want)
		}
	}
	if again := h.WithOffer(store.ID{2}, "", now.Add(7*day)); !again.Snoozed.IsZero() {
		t.Error("an offer does not forget that the last was put off")
	}
	for range 3 {
		h = h.WithOffer(store.NewID(), "", now).WithSnooze(now)
	}
	s.Campaigns["a"] = h
	if got, want := decide(store.ID{2}, 300*day), "b/sugar sugar at most 1 first for mug | a:lifetime sugar:asked"; got != want {
		t.Errorf("putting off has no end: %s, want %s", got, want)
	}
	if d := decision(def, "kopi", catalogue.State{}, catalogue.Facts{Visit: visit, Moment: catalogue.SignIn}, now); !d.Snooze {
		t.Error("it cannot be put off")
	}
}

// One decline ends what stops after it: in this visit, and for good, even if the
// answer is given later in another place.
func TestStopAfterDecline(t *testing.T) {
	def := shop(t, "  a: {when: [sign_in], show: [drink, sugar], stop_after_decline: true, offer: cup}\n  b: {when: [link], show: [sugar], offer: mug}")
	visit := store.ID{1}
	h := catalogue.History{}.WithOffer(visit, "", screentest.Start).WithDecision("drink", catalogue.Declined)
	s := catalogue.State{Campaigns: map[string]catalogue.History{"a": h}}
	for _, x := range []struct {
		visit store.ID
		want  string
	}{{visit, "nothing | b:other_campaign a:stopped"}, {store.ID{2}, "nothing | b:moment a:stopped"}} {
		if got := brief(decision(def, "kopi", s, catalogue.Facts{Visit: x.visit, Moment: catalogue.SignIn}, screentest.Start.AddDate(9, 0, 0))); got != x.want {
			t.Errorf("%s, want %s", got, x.want)
		}
	}
	if !h.WithOffer(store.ID{3}, "", screentest.Start).Declined {
		t.Error("an offer forgets that a question was declined")
	}
}

// Several are due: what is needed, then what the client asks for by name, then by
// priority, then what was asked least recently, then as they are written.
func TestOrder(t *testing.T) {
	def := shop(t, `  a: {when: [sign_in, ask], show: [drink], offer: cup, cooldown: 1d}
  b: {when: [sign_in, ask], show: [sugar], offer: mug, cooldown: 1d}
  c: {when: [sign_in, ask], show: [drink], cooldown: 1d}
  d: {when: [sign_in, ask], show: [drink], cooldown: 1d, priority: 5}`)
	ago := func(days int) catalogue.History {
		return catalogue.History{Offers: 1, Offered: screentest.Start.AddDate(0, 0, -days)}
	}
	for _, x := range []struct {
		asks      string
		campaigns map[string]catalogue.History
		want      string
	}{
		{"", nil, "d a b c"},
		{"", map[string]catalogue.History{"a": ago(9)}, "d b c a"},
		{"", map[string]catalogue.History{"a": ago(9), "b": ago(12), "c": ago(3), "d": ago(2)}, "d b a c"},
		{"c", nil, "c d a b"},
		{"c", map[string]catalogue.History{"a": ago(9), "b": ago(12), "c": ago(3)}, "c d b a"},
		{"nothing", nil, "d a b c"},
	} {
		d := decision(def, "kopi", catalogue.State{Campaigns: x.campaigns}, catalogue.Facts{Visit: store.ID{1}, Moment: catalogue.SignIn, Asks: x.asks}, screentest.Start)
		var got []string
		for _, r := range d.Reasons {
			if len(got) == 0 || got[len(got)-1] != r.Campaign {
				got = append(got, r.Campaign)
			}
		}
		if s := strings.Join(got, " "); s != x.want || d.Campaign != x.want[:1] {
			t.Errorf("asks %q, %v: %s, want %s", x.asks, x.campaigns, s, x.want)
		}
	}
}

// Who follows a link and closes the tab may follow it again. Whatever else holds a
// campaign back, a link does not get round it.
func TestLinkAgain(t *testing.T) {
	def := shop(t, "  a: {when: [link, sign_in], show: [drink, sugar], snooze: 7d, lifetime: 3, offer: cup}\n  b: {when: [registration], show: [sugar], offer: mug}")
	now := screentest.Start
	looked := catalogue.History{}.WithOffer(store.ID{1}, "", now)
	skipped := looked.WithDecision("drink", catalogue.Skipped)
	facts := catalogue.Facts{Visit: store.ID{2}, Moment: catalogue.SignIn, Link: "a"}
	for name, x := range map[string]struct {
		history catalogue.History
		asked   int
		link    string
		want    Code
	}{
		"looked":           {looked, 0, "a", ""},
		"looked, signs in": {looked, 0, "", Cooldown},
		"skipped":          {skipped, 0, "a", Cooldown},
		"put off":          {looked.WithSnooze(now), 0, "a", Snoozed},
		"too often":        {catalogue.History{Offers: 3, Offered: now}, 0, "a", LifetimeOver},
		"attention spent":  {looked, 9, "a", AttentionSpent},
	} {
		s := catalogue.State{Campaigns: map[string]catalogue.History{"a": x.history}}
		for range x.asked {
			s.Asked = append(s.Asked, now)
		}
		facts.Link = x.link
		d := decision(def, "kopi", s, facts, now.Add(time.Hour))
		if d.Due() != (x.want == "") || !d.Due() && d.Reasons[len(d.Reasons)-1].Code != x.want {
			t.Errorf("%s: %s, want %q", name, brief(d), x.want)
		}
	}
}

const experiment = `  a:
    when: [sign_in]
    show: [drink, sugar]
    offer: cup
    arms: {plain: 20, turned: {share: 50, show: [sugar, drink]}, mug: {share: 30, offer: mug}}
    arms_until: 2000`

// An arm decides what is shown; the customer stays in it, whatever the shares become.
func TestArms(t *testing.T) {
	def := shop(t, experiment)
	facts := catalogue.Facts{Visit: store.ID{1}, Moment: catalogue.SignIn}
	want := map[string]string{
		"plain":  "a/drink drink at most 2 first for cup | drink:asked",
		"turned": "a/sugar sugar at most 2 first for cup | sugar:asked",
		"mug":    "a/drink drink at most 2 first for mug | drink:asked",
	}
	for arm, want := range want {
		d := decision(def, "kopi", catalogue.State{Campaigns: map[string]catalogue.History{"a": {Arm: arm}}}, facts, screentest.Start)
		if brief(d) != want || d.Arm != arm {
			t.Errorf("%s: %s, want %s", arm, brief(d), want)
		}
	}
	if d := decision(def, "kopi", catalogue.State{Campaigns: map[string]catalogue.History{"a": {Arm: "given_up"}}}, facts, screentest.Start); want[d.Arm] == "" {
		t.Errorf("put into %q", d.Arm)
	}
	moved := shop(t, strings.NewReplacer("plain: 20", "plain: 0", "share: 50", "share: 0", "share: 30", "share: 100").Replace(experiment))
	c := moved.Set("kopi").Campaign("a")
	if got := c.Assign("kopi", store.ID{1}, "plain"); got != "plain" {
		t.Errorf("moved to %s", got)
	}
	if got := c.Assign("kopi", store.ID{1}, ""); got != "mug" {
		t.Errorf("put into %s, which takes nobody", got)
	}
}

// Chance puts customers into arms as their shares say, within three standard
// deviations, always the same ones, and each campaign for itself.
func TestArmsShares(t *testing.T) {
	c := shop(t, experiment).Set("kopi").Campaign("a")
	const n = 20_000
	count, together := map[string]int{}, 0
	other := *c
	other.ID = "b"
	for i := range n {
		seed := store.ID{byte(i), byte(i >> 8), 7}
		arm := c.Assign("kopi", seed, "")
		if again := c.Assign("kopi", seed, arm); again != arm || c.Assign("kopi", seed, "") != arm {
			t.Fatalf("%s, then %s", arm, again)
		}
		count[arm]++
		if other.Assign("kopi", seed, "") == arm {
			together++
		}
	}
	within := func(what string, got int, share float64) {
		t.Helper()
		mean, sigma := n*share, math.Sqrt(n*share*(1-share))
		if math.Abs(float64(got)-mean) > 3*sigma {
			t.Errorf("%s: %d of %d, want %.0f ± %.0f", what, got, n, mean, 3*sigma)
		}
	}
	for _, a := range c.Arms {
		within(a.ID, count[a.ID], float64(a.Share)/100)
	}
	within("in the same arm of another campaign", together, 0.2*0.2+0.5*0.5+0.3*0.3)
}

// A campaign that only a lacking claim brings asks for the age too where the question
// has one, and for nothing else.
func TestNarrow_MinAge(t *testing.T) {
	def := screentest.Set(t, "kopi", `
age_question: born
purposes: {p: {text: {en: suit you, th: ก}}}
questions:
  born: {kind: date, ask: {en: A?, th: ก}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: p}
  wine: {kind: boolean, min_age: 16, ask: {en: A?, th: ก}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: p}
  milk: {kind: boolean, ask: {en: A?, th: ก}, name: {en: N, th: ก}, why: {en: W., th: ก}, purpose: p}
screens: {born: {ask: [born]}, wine: {ask: [wine]}, milk: {ask: [milk]}}
campaigns:
  fill: {when: [missing_claim], show: [born, wine, milk]}
`)
	now := screentest.Start
	for _, x := range []struct {
		wants, born, want string
	}{
		{"wine", "", "born"},
		{"milk", "", "milk"},
		{"wine", "1980-01-01", "wine"},
		{"wine", "2020-01-01", ""},
	} {
		s := catalogue.State{Answers: map[string]catalogue.Standing{}}
		if x.born != "" {
			s.Answers["born"] = catalogue.Standing{Outcome: catalogue.Answered, Value: catalogue.Word(x.born), At: now}
		}
		d := decision(def, "kopi", s, catalogue.Facts{Visit: store.ID{1}, Moment: catalogue.SignIn, Wants: []string{x.wants}}, now)
		if d.Screen != x.want {
			t.Errorf("%+v: %q", x, d.Screen)
		}
	}
}
