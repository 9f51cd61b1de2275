package screens_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens/consent"
)

const countingSet = `
purposes:
  brew: {text: suggest the right bag, basis: consent, keep: 24mo}
questions:
  cups:
    kind: number
    min: 0
    max: 20
    step: 0.5
    unit: "{n, plural, one {# cup a day} other {# cups a day}}"
    ask: How much coffee do you drink?
    name: Coffee a day
    why: So a bag lasts you a month.
    purpose: brew
    fresh: 12mo
  strength:
    kind: scale
    min: 1
    max: 5
    labels: {low: very mild, high: very strong}
    ask: How strong do you like it?
    name: Strength
    why: So we suggest the right roast.
    purpose: brew
    fresh: 12mo
  grams:
    kind: number
    min: -5
    max: 50
    ask: How many grams a cup?
    name: Grams
    why: So a bag lasts you a month.
    purpose: brew
    decline: false
conditions:
  much: {answer: cups, at_least: 3}
screens:
  both: {ask: [cups, strength]}
  grams: {ask: [grams], show_if: much}
campaigns:
  welcome: {when: [registration, sign_in], show: [both, grams], at_most: 3, cooldown: 30d, lifetime: 9}
`

// A number and a scale through all that happens to an answer: asked, wrong, put
// right, read by a condition, shown, changed, run out and confirmed, declined, and
// gone from the catalogue.
func TestAsk_Numbers(t *testing.T) {
	g := newGround(t)
	own, _, _ := strings.Cut(soleSet, "  birthday: {shared") // of Kopi Club, which does not ask it here
	shoes := own + "screens:\n  size: {ask: [shoe_size]}\ncampaigns:\n  fitting: {when: [sign_in], show: [size]}\n"
	g.define(joined(t, countingSet, shoes))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/both")
	page := g.ask(v, "both")
	contains(t, page, "How much coffee do you drink?", `inputmode="decimal"`, `aria-describedby="q.cups-unit"`, `<span id="q.cups-unit">cups a day</span>`,
		"very mild", "very strong", `type="radio" name="q.strength" value="5"`)
	if strings.Contains(page, " checked") {
		t.Error("something is chosen beforehand")
	}
	w := g.post("/ask/both", with(hidden(page), "q.cups", "2,3", "do", "continue"))
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("2.3 cups are answered with %d", w.Code)
	}
	contains(t, w.Body.String(), `value="2,3"`, "Enter 2\u00a0cups a day or 2.5\u00a0cups a day", "Choose one, or skip this question", `href="#q.cups"`, `href="#q.strength"`)
	if got := g.ledger(); len(got) != 0 {
		t.Errorf("something was kept of it: %q", got)
	}
	g.say(v, "both", "q.cups", "3,50", "q.strength", "4", "do", "continue")
	contains(t, g.ask(v, "both"), `value="3.5"`, `value="4" checked`) // back in the same visit
	g.wantDue(v, "/ask/grams")
	page = g.ask(v, "grams")
	if contains(t, page, `inputmode="text"`, "How many grams"); strings.Contains(page, "rather not say") {
		t.Error("what cannot be declined offers it")
	}
	g.say(v, "grams", "do", "skip")
	wantLedger(t, g, "cups answered 3.5", "strength answered 4", "grams skipped")
	if got := g.release("kopi", "strength"); got != consent.Given {
		t.Errorf("release of the scale is %q", got)
	}

	contains(t, g.get("/preferences/answers").Body.String(), "3.5\u00a0cups a day", "4 of 5 (5 is very strong)")
	const path = "/preferences/answers/cups/change?brand=kopi"
	page = g.get(path).Body.String()
	contains(t, page, `value="3.5"`)
	if w := g.post(path, with(hidden(page), "q.cups", "21", "do", "continue")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Enter 20\u00a0cups a day or less") {
		t.Errorf("21 cups are answered with %d", w.Code)
	}
	if w := g.post(path, with(hidden(page), "q.cups", "\u0e51 cup a day", "do", "continue")); w.Code != http.StatusSeeOther {
		t.Errorf("a Thai one is answered with %d", w.Code)
	}
	g.clock.Add(time.Second)
	const points = "/preferences/answers/strength/change?brand=kopi"
	page = g.get(points).Body.String()
	contains(t, page, `value="4" checked`)
	if w := g.post(points, with(hidden(page), "q.strength", "6", "do", "continue")); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("6 of 5 is answered with %d", w.Code)
	}
	if w := g.post(points, with(hidden(page), "do", "decline")); w.Code != http.StatusSeeOther {
		t.Errorf("declining is answered with %d", w.Code)
	}
	g.clock.Add(time.Second)
	wantLedger(t, g, "cups answered 3.5", "strength answered 4", "grams skipped", "cups answered 1", "strength declined")

	g.clock.Add(366 * day)
	contains(t, g.get("/preferences/answers").Body.String(), "Coffee a day: still ", "1\u00a0cup a day")
	apart := strings.NewReplacer("both: {ask: [cups, strength]}", "both: {ask: [cups]}\n  strong: {ask: [strength]}", "[both, grams]", "[both, strong, grams]").Replace(countingSet)
	g.define(joined(t, apart, shoes))
	v = g.visit("kopi")
	g.wantDue(v, "/ask/both")
	contains(t, g.ask(v, "both"), "Coffee a day: still 1\u00a0cup a day?", "Yes, still")
	g.say(v, "both", "do", "yes")
	wantLedger(t, g, "cups answered 3.5", "strength answered 4", "grams skipped", "cups answered 1", "strength declined", "cups answered 1")
	g.wantDue(v, "") // one cup a day is not much

	g.define(joined(t, strings.Replace(countingSet, "max: 20", "max: 24", 1), shoes))
	contains(t, g.get("/preferences/answers").Body.String(), "1\u00a0cup a day") // what still fits stays
	g.define(joined(t, strings.ReplaceAll(countingSet, "cups", "mugs"), shoes))
	contains(t, g.get("/preferences/answers").Body.String(), `<p class="value">1</p>`) // its unit went with the question
}
