package screens_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// told is a customer who told Kopi Club two things and Sole & Co one.
func told(t *testing.T) *ground {
	t.Helper()
	g := newGround(t)
	v := g.reach("kopi", "birthday")
	g.say(v, "birthday", "q.birthday.day", "14", "q.birthday.month", "3")
	at := g.visit("sole")
	g.due(at)
	g.say(at, "size", "q.shoe_size", "42")
	return g
}

func (g *ground) press(path string) *url.URL {
	g.t.Helper()
	w := g.post(path, hidden(g.get("/preferences/answers").Body.String()))
	to, err := url.Parse(w.Header().Get("Location"))
	if w.Code != http.StatusSeeOther || err != nil || to.Path != "/preferences/answers" {
		g.t.Fatalf("POST %s: %d to %q, %v", path, w.Code, w.Header().Get("Location"), err)
	}
	g.clock.Add(time.Second)
	return to
}

func TestPreferences_Start(t *testing.T) {
	g := newGround(t)
	contains(t, g.get("/preferences").Body.String(), "No answers yet", "No shop gets anything", "/preferences/delete")
	contains(t, g.get("/preferences/answers").Body.String(), "No answers yet. When a shop asks you something, it will stand here.")
	g = told(t)
	contains(t, g.get("/preferences").Body.String(), "4 answers", "2 shops get something", "http://localhost:8081")
	g.clock.Add(366 * day)
	contains(t, g.get("/preferences").Body.String(), "4 answers, 1 to confirm")
}

func TestAnswers_Rows(t *testing.T) {
	g := told(t)
	page := g.get("/preferences/answers").Body.String()
	contains(t, page, "Coffee", "Oat milk", "Birthday", "14 March", "Shoe size", "You told Kopi Club on 14 March.", "You told Sole & Co on 14 March.", "One shop can see it.", "Kept until March 2027.")
	if strings.Index(page, "Shoe size") > strings.Index(page, "Oat milk") {
		t.Error("the newest does not come first")
	}
}

// What is worked out stands apart from what the customer said, with what it comes of.
// There is nothing to press: it follows the answers.
func TestAnswers_Worked(t *testing.T) {
	g := newGround(t)
	if page := g.get("/preferences/answers").Body.String(); strings.Contains(page, "Worked out") {
		t.Error("there is nothing, and the page speaks of it")
	}
	g.worked = map[string][]consent.Worked{"kopi": {
		{ID: "band", Words: consent.Words{Name: "Age group", Value: "35-49"}, From: []string{"Date of birth", "Country"}, Shared: true},
		{ID: "kind", Words: consent.Words{Name: "Kind of customer", Value: "Night owl"}, From: []string{"Coffee time"}},
	}}
	page := g.get("/preferences/answers").Body.String()
	_, list, ok := strings.Cut(page, "<h2>Worked out from your answers</h2>")
	if !ok {
		t.Fatal("no list of its own")
	}
	list, _, _ = strings.Cut(list, "</section>")
	contains(t, list, "You did not say this yourself", "Age group", "35-49", "Worked out for Kopi Club from: Date of birth, Country.", "Kopi Club can see it.",
		"Night owl", "Worked out for Kopi Club from: Coffee time.", "No shop can see it.")
	for _, not := range []string{"You told", "<form", "<a ", "<button"} {
		if strings.Contains(list, not) {
			t.Errorf("the list has %q", not)
		}
	}
	if w := g.get("/preferences/answers/band/change?brand=kopi"); w.Code != http.StatusNotFound {
		t.Errorf("it can be changed: %d", w.Code)
	}
}

func TestAnswers_Change(t *testing.T) {
	g := told(t)
	const path = "/preferences/answers/coffee_milk/change?brand=kopi"
	page := g.get(path).Body.String()
	contains(t, page, `value="oat" checked`, "Kopi Club gets this, as you allowed on 14 March.", "Save")
	if strings.Contains(page, `value="skip"`) {
		t.Error("a change can be skipped")
	}
	form := hidden(page)
	w := g.post(path, with(form, "q.coffee_milk", "gold"))
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an option that is not there: %d", w.Code)
	}
	before := len(g.ledger())
	if w := g.post(path, with(form, "q.coffee_milk", "black", "do", "continue")); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	if w := g.post(path, with(form, "q.coffee_milk", "black", "do", "continue")); w.Code != http.StatusSeeOther {
		t.Fatalf("sent twice: status %d", w.Code)
	}
	if got := g.ledger(); len(got) != before+1 || got[before] != "coffee_milk answered black" {
		t.Errorf("ledger %q", got)
	}
	if got := g.release("kopi", "coffee_milk"); got != consent.Given {
		t.Errorf("release %q", got)
	}
}

func TestAnswers_ChangeToDeclineAndBack(t *testing.T) {
	g := told(t)
	const path = "/preferences/answers/coffee_milk/change?brand=kopi"
	g.post(path, with(hidden(g.get(path).Body.String()), "do", "decline"))
	if got := g.profile("kopi", "coffee_milk"); got != "declined" {
		t.Errorf("profile %q", got)
	}
	contains(t, g.get("/preferences/answers").Body.String(), "You would rather not say")
	g.post(path, with(hidden(g.get(path).Body.String()), "q.coffee_milk", "oat", "do", "continue"))
	if got := g.profile("kopi", "coffee_milk"); got != "answered oat" {
		t.Errorf("profile %q", got)
	}
}

// Changing an answer does not share what the customer has stopped sharing.
func TestAnswers_ChangeKeepsStopped(t *testing.T) {
	g := told(t)
	g.update(func(tx *store.Tx) error {
		return consent.Withdraw(tx, consent.Decision{Account: g.account, Brand: "kopi", Claims: []string{"coffee_milk"}, At: g.clock.Now()})
	})
	const path = "/preferences/answers/coffee_milk/change?brand=kopi"
	page := g.get(path).Body.String()
	contains(t, page, "It stays here. No shop gets it.")
	g.post(path, with(hidden(page), "q.coffee_milk", "black", "do", "continue"))
	if got := g.profile("kopi", "coffee_milk"); got != "answered black" {
		t.Errorf("profile %q", got)
	}
	if got := g.release("kopi", "coffee_milk"); got != consent.Withdrawn {
		t.Errorf("release %q", got)
	}
}

func TestAnswers_RemoveAndUndo(t *testing.T) {
	g := told(t)
	to := g.press("/preferences/answers/coffee_milk/remove?brand=kopi")
	if got := g.profile("kopi", "coffee_milk"); got != "withdrawn" {
		t.Errorf("profile %q", got)
	}
	if got := g.release("kopi", "coffee_milk"); got != consent.Withdrawn {
		t.Errorf("release %q", got)
	}
	if events := g.events(); events[len(events)-1] != "kopi answer.removed" || !slices.Contains(events, "kopi consent.withdrawn") {
		t.Errorf("events %q", events)
	}
	page := g.get(to.String()).Body.String()
	contains(t, page, "Removed. 1 shop will not get it any more.", "/preferences/answers/coffee_milk/undo?brand=kopi")
	if strings.Contains(page, "Oat milk") {
		t.Error("what was removed is still there")
	}
	removed := g.ledger()
	g.press("/preferences/answers/coffee_milk/remove?brand=kopi") // sent twice
	if !slices.Equal(g.ledger(), removed) {
		t.Errorf("sent twice: ledger %q", g.ledger())
	}
	g.press("/preferences/answers/coffee_milk/undo?brand=kopi")
	if got := g.profile("kopi", "coffee_milk"); got != "answered oat" {
		t.Errorf("after undo: profile %q", got)
	}
	if got := g.release("kopi", "coffee_milk"); got != consent.Given {
		t.Errorf("after undo: release %q", got)
	}
	back := g.ledger()
	g.press("/preferences/answers/coffee_milk/undo?brand=kopi") // sent twice
	if !slices.Equal(g.ledger(), back) {
		t.Errorf("sent twice: ledger %q", g.ledger())
	}
}

func TestAnswers_UndoHasAnEnd(t *testing.T) {
	g := told(t)
	to := g.press("/preferences/answers/coffee_milk/remove?brand=kopi")
	g.clock.Add(2 * time.Hour)
	if page := g.get(to.String()).Body.String(); strings.Contains(page, "/undo") {
		t.Error("undo is still offered")
	}
	g.press("/preferences/answers/coffee_milk/undo?brand=kopi")
	if got := g.profile("kopi", "coffee_milk"); got != "withdrawn" {
		t.Errorf("profile %q", got)
	}
}

// Removing a person-wide answer takes it from every shop, and undo gives it back to those alone.
func TestAnswers_RemoveFromEveryShop(t *testing.T) {
	g := told(t)
	share := consent.Decision{Account: g.account, Brand: "sole", Purpose: consent.Purpose{ID: "treat"}, State: consent.Given, Claims: []string{"birthday"}, At: g.clock.Now(), Seed: store.NewID()}
	g.update(func(tx *store.Tx) error { _, err := consent.Record(tx, share); return err })
	to := g.press("/preferences/answers/birthday/remove?brand=kopi")
	contains(t, g.get(to.String()).Body.String(), "2 shops will not get it any more.")
	for _, brand := range []string{"kopi", "sole"} {
		if got := g.release(brand, "birthday"); got != consent.Withdrawn {
			t.Errorf("%s: %q", brand, got)
		}
	}
	g.press("/preferences/answers/birthday/undo?brand=kopi")
	for _, brand := range []string{"kopi", "sole"} {
		if got := g.release(brand, "birthday"); got != consent.Given {
			t.Errorf("after undo, %s: %q", brand, got)
		}
	}
}

func TestAnswers_Still(t *testing.T) {
	g := told(t)
	g.clock.Add(366 * day)
	page := g.get("/preferences/answers").Body.String()
	contains(t, page, "Coffee: still Oat milk?")
	g.press("/preferences/answers/coffee_milk/still?brand=kopi")
	if page := g.get("/preferences/answers").Body.String(); strings.Contains(page, "Coffee: still") {
		t.Error("it is asked again")
	}
}

// What left the catalogue can still be seen and removed.
func TestAnswers_QuestionGone(t *testing.T) {
	g := told(t)
	gone := strings.Replace(kopiSet, "coffee_milk", "milk", -1)
	g.define(joined(t, gone, soleSet))
	contains(t, g.get("/preferences/answers").Body.String(), "coffee_milk", "oat")
	if w := g.get("/preferences/answers/coffee_milk/change?brand=kopi"); w.Code != http.StatusNotFound {
		t.Errorf("change: %d", w.Code)
	}
	g.press("/preferences/answers/coffee_milk/remove?brand=kopi")
	if got := g.profile("kopi", "coffee_milk"); got != "withdrawn" {
		t.Errorf("profile %q", got)
	}
	g.press("/preferences/answers/coffee_milk/undo?brand=kopi")
	if got := g.profile("kopi", "coffee_milk"); got != "answered oat" {
		t.Errorf("after undo: %q", got)
	}
}

func TestAnswers_Refused(t *testing.T) {
	g := told(t)
	before := g.ledger()
	for _, what := range []string{"remove", "undo", "still", "change"} {
		if w := g.post("/preferences/answers/coffee_milk/"+what+"?brand=kopi", url.Values{}); w.Code != http.StatusForbidden {
			t.Errorf("%s without a token: %d", what, w.Code)
		}
		form := hidden(g.get("/preferences/answers").Body.String())
		if w := g.post("/preferences/answers/coffee_milk/"+what+"?brand=sole", form); w.Code != http.StatusNotFound {
			t.Errorf("%s at another brand: %d", what, w.Code)
		}
	}
	if !slices.Equal(g.ledger(), before) {
		t.Errorf("stored %q", g.ledger()[len(before):])
	}
}
