package screens_test

import (
	"net/http"
	"strings"
	"testing"
)

// twoOnOne is kopi's set with two questions on its first screen.
func twoOnOne(t *testing.T, campaign string) *ground {
	g := newGround(t)
	set := strings.NewReplacer(
		"coffee: {ask: [coffee_milk]}", "coffee: {ask: [coffee_milk, home]}", "  home: {ask: [home]}\n", "",
		"birthday, home, taste]", "birthday, taste]", "    lifetime: 3\n", "    lifetime: 3\n"+campaign,
	).Replace(kopiSet)
	g.define(joined(t, set, soleSet))
	return g
}

// Of several questions that may be skipped, what is left out is skipped; a page
// with nothing filled in is a slip.
func TestAsk_LeftOut(t *testing.T) {
	g := twoOnOne(t, "")
	v := g.visit("kopi")
	g.wantDue(v, "/ask/coffee")
	contains(t, g.ask(v, "coffee"), "Leave out what you would rather not answer.")
	if w := g.post("/ask/coffee", with(hidden(g.ask(v, "coffee")), "do", "continue")); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("nothing filled in: %d", w.Code)
	}
	wantLedger(t, g)
	g.say(v, "coffee", "q.home", "no", "do", "continue")
	wantLedger(t, g, "coffee_milk skipped", "home answered no")
}

// TestAsk_Later: what is filled in is saved, the rest is neither skipped nor asked
// again in this visit, and the next one goes on without waiting.
func TestAsk_Later(t *testing.T) {
	g := twoOnOne(t, "")
	v := g.visit("kopi")
	g.wantDue(v, "/ask/coffee")
	contains(t, g.ask(v, "coffee"), "Save and go on later")
	g.say(v, "coffee", "q.home", "no", "do", "later")
	wantLedger(t, g, "home answered no")
	g.wantDue(v, "")
	g.clock.Add(day)
	v = g.visit("kopi")
	g.wantDue(v, "/ask/coffee")
	page := g.ask(v, "coffee")
	contains(t, page, "How do you take your coffee?")
	if strings.Contains(page, "q.home") {
		t.Error("asks again what was saved")
	}
	g.say(v, "coffee", "do", "later") // nothing filled in: nothing is said, and nothing lost
	wantLedger(t, g, "home answered no")
	g.wantDue(v, "")
	g.clock.Add(day)
	v = g.visit("kopi")
	g.wantDue(v, "/ask/coffee")
	if w := g.post("/ask/coffee", with(hidden(g.ask(v, "coffee")), "q.coffee_milk", "petrol", "do", "later")); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("something wrong is saved: %d", w.Code)
	}
	wantLedger(t, g, "home answered no")
}

// TestCheck: at the end of a campaign that wants it, what was said stands together;
// each answer can be changed from there, and the page comes once.
func TestCheck(t *testing.T) {
	g := twoOnOne(t, "    check: true\n")
	v := g.visit("kopi")
	g.wantDue(v, "/ask/coffee")
	if w := g.get("/check/welcome?visit=" + v.Sealed); w.Code != http.StatusSeeOther {
		t.Errorf("before its turn: %d", w.Code)
	}
	g.say(v, "coffee", "q.coffee_milk", "oat", "q.home", "no", "do", "continue")
	for page := g.due(v); page != "/check/welcome"; page = g.due(v) {
		if page == "" {
			t.Fatal("the check did not come")
		}
		g.say(v, strings.TrimPrefix(page, "/ask/"), "do", "skip")
	}
	show := func() string {
		w := g.get("/check/welcome?visit=" + v.Sealed)
		if w.Code != http.StatusOK {
			t.Fatalf("GET /check/welcome: %d", w.Code)
		}
		return w.Body.String()
	}
	contains(t, show(), "Check your answers", "Oat milk", "Skipped", "/ask/coffee?visit=")
	g.say(v, "coffee", "q.coffee_milk", "black", "q.home", "no", "do", "continue")
	g.wantDue(v, "/check/welcome")
	page := show()
	contains(t, page, "Black")
	foreign := hidden(page)
	foreign.Set("form_token", "x")
	if w := g.post("/check/welcome", foreign); w.Code != http.StatusForbidden {
		t.Errorf("a foreign form: %d", w.Code)
	}
	g.wantDue(v, "/check/welcome")
	for range 2 { // sent twice
		if w := g.post("/check/welcome", hidden(page)); w.Code != http.StatusSeeOther {
			t.Fatalf("POST /check/welcome: %d", w.Code)
		}
	}
	g.wantDue(v, "")
}

// Who skipped everything has nothing to check.
func TestCheck_NothingSaid(t *testing.T) {
	g := twoOnOne(t, "    check: true\n")
	v := g.visit("kopi")
	for page := g.due(v); page != ""; page = g.due(v) {
		g.say(v, strings.TrimPrefix(page, "/ask/"), "do", "skip")
	}
}
