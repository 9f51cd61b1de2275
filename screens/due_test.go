package screens_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

func TestAsk_LeaveHalfWayAndGoOn(t *testing.T) {
	g := newGround(t)
	first := g.visit("kopi")
	g.wantDue(first, "/ask/coffee")
	g.say(first, "coffee", "q.coffee_milk", "oat", "do", "continue")
	g.wantDue(first, "/ask/when") // and the tab is closed
	g.clock.Add(time.Hour)
	g.wantDue(g.visit("kopi"), "/ask/when")
	wantLedger(t, g, "coffee_milk answered oat")
}

func TestAsk_ClosedTabStartsTheCooldown(t *testing.T) {
	g := newGround(t)
	g.wantDue(g.visit("kopi"), "/ask/coffee") // shown, and the tab is closed
	g.clock.Add(29 * day)
	g.wantDue(g.visit("kopi"), "")
	g.clock.Add(2 * day)
	g.wantDue(g.visit("kopi"), "/ask/coffee")
}

func TestAsk_Lifetime(t *testing.T) {
	g := newGround(t)
	for range 3 {
		v := g.visit("kopi")
		g.wantDue(v, "/ask/coffee")
		g.wantDue(v, "/ask/coffee") // looking twice is one offer
		g.say(v, "coffee", "do", "skip")
		g.clock.Add(31 * day)
	}
	g.wantDue(g.visit("kopi"), "")
}

func TestAsk_NoteOfferedWritesOnceAVisit(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	var first, second *screens.Offered
	g.view(func(tx *store.Tx) (err error) { _, first, err = g.gate(tx, v); return err })
	if err := g.asking.NoteOffered(t.Context(), v, g.who(), first); err != nil {
		t.Fatal(err)
	}
	g.clock.Add(29 * day)
	if err := g.asking.NoteOffered(t.Context(), v, g.who(), first); err != nil { // from a second tab that looked at the same time
		t.Fatal(err)
	}
	g.view(func(tx *store.Tx) (err error) { _, second, err = g.gate(tx, v); return err })
	if err := g.asking.NoteOffered(t.Context(), v, g.who(), second); err != nil {
		t.Fatal(err)
	}
	g.clock.Add(2 * day)
	g.wantDue(g.visit("kopi"), "/ask/coffee") // the cooldown counts from the first
}

func TestAsk_SkipWaitsDeclineStops(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	g.due(v)
	g.say(v, "coffee", "do", "skip")
	g.wantDue(v, "/ask/birthday")
	g.say(v, "birthday", "do", "decline")
	g.wantDue(v, "/ask/home")
	g.say(v, "home", "q.home", "no", "do", "continue")
	if got := g.release("kopi", "birthday"); got != "" {
		t.Errorf("declining released %q", got)
	}
	g.clock.Add(31 * day)
	v = g.visit("kopi")
	g.wantDue(v, "/ask/coffee") // skipped: asked again
	g.say(v, "coffee", "q.coffee_milk", "black", "do", "continue")
	g.wantDue(v, "/ask/taste") // declined: not asked again
}

func TestAsk_PromptNone(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	v.Prompt = []string{"none"}
	g.wantDue(v, "")
	own := g.visit("kopi")
	own.End = "/preferences"
	g.wantDue(own, "")
}

func TestStill(t *testing.T) {
	start := func(t *testing.T) (*ground, *web.Visit) {
		g := newGround(t)
		v := g.visit("kopi")
		g.due(v)
		g.say(v, "coffee", "q.coffee_milk", "oat")
		g.clock.Add(366 * day)
		v = g.visit("kopi")
		g.wantDue(v, "/ask/coffee")
		contains(t, g.ask(v, "coffee"), "Coffee: still Oat milk?", "Yes, still Oat milk", "It changed", "14 March")
		return g, v
	}
	t.Run("yes", func(t *testing.T) {
		g, v := start(t)
		g.say(v, "coffee", "do", "yes")
		wantLedger(t, g, "coffee_milk answered oat", "coffee_milk answered oat")
		if next := g.due(v); next == "/ask/coffee" {
			t.Error("asked once more")
		}
	})
	t.Run("changed", func(t *testing.T) {
		g, v := start(t)
		w := g.post("/ask/coffee", with(hidden(g.ask(v, "coffee")), "do", "changed"))
		to := w.Header().Get("Location")
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/ask/coffee?") {
			t.Fatalf("%d to %q", w.Code, to)
		}
		page := g.get(to).Body.String()
		contains(t, page, "How do you take your coffee?")
		if strings.Contains(page, " checked") {
			t.Error("the old answer is chosen")
		}
		if w := g.post("/ask/coffee", with(hidden(page), "q.coffee_milk", "black", "do", "continue")); w.Code != http.StatusSeeOther {
			t.Fatalf("status %d", w.Code)
		}
		wantLedger(t, g, "coffee_milk answered oat", "coffee_milk answered black")
	})
	t.Run("skip", func(t *testing.T) {
		g, v := start(t)
		g.say(v, "coffee", "do", "skip")
		if got := g.profile("kopi", "coffee_milk"); got != "answered oat" {
			t.Errorf("profile %q", got)
		}
		if next := g.due(v); next == "/ask/coffee" {
			t.Error("asked once more")
		}
	})
}

// An answer whose option is gone is asked anew, as a question like any other, and
// nothing of the old one is lost: it stands in the ledger, and comes back with the option.
func TestAsk_Outdated(t *testing.T) {
	without := strings.NewReplacer("      - {id: oat, label: Oat milk}\n", "", ", {answer: coffee_milk, is: oat}", "").Replace(kopiSet)
	start := func(t *testing.T) *ground {
		g := newGround(t)
		v := g.visit("kopi")
		g.due(v)
		g.say(v, "coffee", "q.coffee_milk", "oat")
		g.clock.Add(40 * day)
		g.define(joined(t, without, soleSet))
		return g
	}
	t.Run("answered", func(t *testing.T) {
		g := start(t)
		v := g.visit("kopi")
		g.wantDue(v, "/ask/coffee")
		page := g.ask(v, "coffee")
		contains(t, page, "How do you take your coffee?")
		if strings.Contains(page, "Oat") || strings.Contains(page, " checked") || strings.Contains(page, "still") {
			t.Error("the old answer is shown")
		}
		g.say(v, "coffee", "q.coffee_milk", "black")
		wantLedger(t, g, "coffee_milk answered oat", "coffee_milk answered black")
		if next := g.due(v); next == "/ask/coffee" {
			t.Error("asked once more")
		}
	})
	t.Run("run out", func(t *testing.T) {
		g := start(t)
		g.clock.Add(366 * day)
		v := g.visit("kopi")
		g.wantDue(v, "/ask/coffee")
		if page := g.ask(v, "coffee"); strings.Contains(page, "still") {
			t.Error("asks for a confirmation of what cannot be")
		}
	})
	t.Run("skipped", func(t *testing.T) {
		g := start(t)
		v := g.visit("kopi")
		g.due(v)
		g.say(v, "coffee", "do", "skip")
		if got := g.profile("kopi", "coffee_milk"); got != "answered oat" {
			t.Errorf("profile %q", got)
		}
		if next := g.due(v); next == "/ask/coffee" {
			t.Error("asked once more")
		}
		g.clock.Add(40 * day)
		g.wantDue(g.visit("kopi"), "/ask/coffee")
		g.define(joined(t, kopiSet, soleSet)) // the option is back
		if next := g.due(g.visit("kopi")); next == "/ask/coffee" {
			t.Error("asked what is answered")
		}
	})
	t.Run("retired", func(t *testing.T) {
		g := start(t)
		g.define(joined(t, strings.Replace(kopiSet, "label: Oat milk}", "label: Oat milk, retired: true}", 1), soleSet))
		if next := g.due(g.visit("kopi")); next == "/ask/coffee" {
			t.Error("asked what is answered")
		}
	})
}

func TestAsk_Blocking(t *testing.T) {
	g := newGround(t)
	needed := strings.NewReplacer(
		"birthday, home, taste]\n", "birthday]\n    blocking: true\n", "basis: consent", "basis: contract", "  home: {ask: [home]}\n", "", "  taste: {ask: [taste]}\n", "",
	).Replace(kopiSet)
	g.define(joined(t, needed, soleSet))
	v := g.visit("kopi")
	v.Prompt = []string{"none"} // a needed screen closes the gate for it too
	g.wantDue(v, "/ask/coffee")
	page := g.ask(v, "coffee")
	if strings.Contains(page, `value="skip"`) {
		t.Error("a needed screen offers to skip")
	}
	if w := g.post("/ask/coffee", with(hidden(page), "do", "skip")); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("skipped: %d", w.Code)
	}
	wantLedger(t, g)
}

// The budget stands on the account, whatever is done about sessions and visits,
// and all brands share it.
func TestGauntlet_Z08_AttentionBudget(t *testing.T) {
	g := newGround(t)
	c := joined(t, kopiSet, soleSet)
	c.Attention = catalogue.Attention{Screens: 2, Every: diag.Period{Days: 30}}
	g.define(c)
	v := g.visit("kopi")
	g.due(v)
	g.say(v, "coffee", "q.coffee_milk", "oat")
	g.due(v)
	g.say(v, "when", "do", "skip")
	g.wantDue(v, "")
	for range 3 {
		g.session = store.NewID()
		g.wantDue(g.visit("kopi"), "")
		g.wantDue(g.visit("sole"), "")
	}
	g.clock.Add(31 * day)
	g.wantDue(g.visit("sole"), "/ask/size")
}

// A closed gate is one read; an answer is one commit; looking is none.
func TestAsk_Commits(t *testing.T) {
	g := newGround(t)
	v := g.visit("kopi")
	count := func(what string, views, commits int, fn func()) {
		t.Helper()
		g.counter.Reset()
		fn()
		if got := g.counter.Commits(); got != commits {
			t.Errorf("%s: %d commits, want %d", what, got, commits)
		}
		if got := g.counter.Views(); got != views {
			t.Errorf("%s: %d views, want %d", what, got, views)
		}
	}
	count("first look", 1, 1, func() { g.due(v) })
	count("second look", 1, 0, func() { g.due(v) })
	var form url.Values
	count("page", 1, 0, func() { form = with(hidden(g.ask(v, "coffee")), "q.coffee_milk", "oat") })
	count("answer", 1, 1, func() { g.post("/ask/coffee", form) })
	count("answer again", 1, 0, func() { g.post("/ask/coffee", form) })
	g.view(func(tx *store.Tx) error {
		g.counter.Reset()
		_, _, err := g.gate(tx, v)
		if n := g.counter.Reads(); n != 1 {
			t.Errorf("gate 5 reads %d times", n)
		}
		return err
	})
}
