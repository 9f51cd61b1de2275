package screens_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/experiment"
	"github.com/proffer-id/proffer/store"
)

// Customers go through the pages, and what they did is counted beside it by hand: the
// report says the same, arm by arm, over more customers than are read at once.
func TestCount(t *testing.T) {
	trial := strings.Replace(kopiSet, "    at_most: 3\n", "    at_most: 3\n    arms: {plain: 60, turned: {share: 40, show: [birthday, coffee]}}\n    arms_until: 100\n", 1)
	c := joined(t, trial, soleSet)
	g := newGround(t)
	g.define(c)
	r := rand.New(rand.NewPCG(1, 9))
	type arm struct{ offered, finished, answered, skipped, declined, ripe, changed, pages int }
	want := map[string]*arm{"plain": {}, "turned": {}}
	for i := range 260 {
		g.account = store.NewID()
		g.update(func(tx *store.Tx) error { tx.CreateKey(g.account); return nil })
		v := g.visit("kopi")
		at := g.due(v)
		in := want[map[string]string{"/ask/coffee": "plain", "/ask/birthday": "turned"}[at]]
		if in == nil {
			t.Fatalf("the first page is %s", at)
		}
		in.offered++
		if i%3 == 0 {
			g.due(g.visit("sole")) // another brand's campaign is none of it
		}
		if i%4 == 0 {
			continue // closes the tab
		}
		did, decided := map[string]bool{}, 0
		coffee := false
		for ; strings.HasPrefix(at, "/ask/"); at = g.due(v) {
			screen := strings.TrimPrefix(at, "/ask/")
			do := []string{"answer", "answer", "skip", "decline"}[r.IntN(4)]
			did[do] = true
			switch {
			case do != "answer":
				g.say(v, screen, "do", do)
			case screen == "coffee":
				coffee = true
				g.say(v, screen, "q.coffee_milk", "black")
			case screen == "birthday":
				g.say(v, screen, "q.birthday.day", "3", "q.birthday.month", "4")
			case screen == "home":
				g.say(v, screen, "q.home", "yes")
			default:
				g.say(v, screen, "q.taste", "nuts")
			}
			decided++
		}
		yes := func(n *int, is bool) {
			if is {
				*n++
			}
		}
		yes(&in.answered, did["answer"])
		yes(&in.skipped, did["skip"])
		yes(&in.declined, did["decline"])
		yes(&in.finished, in == want["turned"]) // the other arm asks four, and a visit three
		if (in == want["plain"]) != (decided == 3) || in == want["turned"] && decided != 2 {
			t.Fatalf("%d questions", decided)
		}
		yes(&in.ripe, did["answer"])
		in.pages++
		if coffee && i%5 == 0 { // thinks better of it, at our own pages
			page := g.get("/preferences/answers/coffee_milk/change?brand=kopi").Body.String()
			if w := g.post("/preferences/answers/coffee_milk/change?brand=kopi", with(hidden(page), "q.coffee_milk", "condensed", "do", "save")); w.Code != 303 {
				t.Fatalf("change: %d %s", w.Code, w.Body)
			}
			in.changed++
		}
	}
	count := func() experiment.Report {
		set := c.Set("kopi")
		tally := experiment.New(set, set.Campaign("welcome"), diag.Period{Days: 30}, g.clock.Now())
		reads := 0
		lost, err := screens.Count(t.Context(), g.db, []*experiment.Tally{tally}, func(n int) { reads = n })
		if err != nil || lost != 0 {
			t.Fatal(lost, err)
		}
		if reads < 260 {
			t.Errorf("%d were read", reads)
		}
		return tally.Report()
	}
	check := func(what, arm string, got experiment.Share, k, n int) {
		t.Helper()
		switch {
		case n < experiment.Fewest:
			if got.Hidden != experiment.FewOf {
				t.Errorf("%s, %s: %+v, want %d of %d", arm, what, got, k, n)
			}
		case k < experiment.Fewest || n-k < experiment.Fewest:
			if got.Hidden == "" || got.Of != n {
				t.Errorf("%s, %s: %+v, want %d of %d", arm, what, got, k, n)
			}
		case got.Of != n || got.Count != k:
			t.Errorf("%s, %s: %d of %d, want %d of %d", arm, what, got.Count, got.Of, k, n)
		}
	}
	early := count()
	for _, a := range early.Arms {
		check("ripe", a.ID, a.Did[experiment.Changed], 0, 0)
	}
	g.clock.Add(40 * day)
	got := count()
	if len(got.Arms) != 2 || got.Offered != 260 || got.Planned != 100 {
		t.Fatalf("%+v", got)
	}
	for _, a := range got.Arms {
		w := want[a.ID]
		if a.Offered != w.offered {
			t.Errorf("%s: %d offered, want %d", a.ID, a.Offered, w.offered)
		}
		check("finished", a.ID, a.Did[experiment.Finished], w.finished, w.offered)
		check("answered", a.ID, a.Did[experiment.Answered], w.answered, w.offered)
		check("skipped", a.ID, a.Did[experiment.Skipped], w.skipped, w.offered)
		check("declined", a.ID, a.Did[experiment.Declined], w.declined, w.offered)
		check("changed", a.ID, a.Did[experiment.Changed], w.changed, w.ripe)
		if a.Seconds == nil || a.Seconds.Of != w.pages || a.Seconds.Median < 0 {
			t.Errorf("%s: seconds %+v", a.ID, a.Seconds)
		}
	}
	// Who is forgotten is not counted any more.
	before := got.Offered
	g.update(func(tx *store.Tx) error { return screens.Forget(tx, g.account) })
	if again := count(); again.Offered != before-1 {
		t.Errorf("%d, then %d", before, again.Offered)
	}
}

// A customer who is confirmed after the answer ran out is counted as such.
func TestCount_Confirmed(t *testing.T) {
	trial := strings.NewReplacer("    at_most: 3\n", "    at_most: 3\n    arms: {plain: 100, other: {share: 0, show: [home]}}\n", "birthday, home, taste]", "birthday]", "  taste: {ask: [taste]}\n", "").Replace(kopiSet)
	c := joined(t, trial, soleSet)
	g := newGround(t)
	g.define(c)
	const n = 24
	for i := range n {
		g.account = store.NewID()
		g.update(func(tx *store.Tx) error { tx.CreateKey(g.account); return nil })
		v := g.visit("kopi")
		g.due(v)
		g.say(v, "coffee", "q.coffee_milk", "black")
		g.say(v, "birthday", "do", "decline")
		g.clock.Add(366 * day)
		v = g.visit("kopi")
		g.wantDue(v, "/ask/coffee")
		if i < 13 {
			g.say(v, "coffee", "do", "yes")
		} else {
			w := g.post("/ask/coffee", with(hidden(g.ask(v, "coffee")), "do", "changed"))
			page := g.get(w.Header().Get("Location")).Body.String()
			if w := g.post("/ask/coffee", with(hidden(page), "q.coffee_milk", "condensed", "do", "continue")); w.Code != 303 {
				t.Fatal(w.Code)
			}
		}
	}
	set := c.Set("kopi")
	tally := experiment.New(set, set.Campaign("welcome"), diag.Period{Days: 30}, g.clock.Now())
	if _, err := screens.Count(t.Context(), g.db, []*experiment.Tally{tally}, nil); err != nil {
		t.Fatal(err)
	}
	got := tally.Report().Arms[0].Did
	if s := got[experiment.Confirmed]; s.Count != 13 || s.Of != n {
		t.Errorf("confirmed: %+v", s)
	}
	if s := got[experiment.Changed]; s.Hidden != experiment.FewDid || s.Of != n {
		t.Errorf("changed: %+v", s)
	}
}
