package screens_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens/consent"
)

const planSet = `
purposes:
  ready: {text: keep it ready for you, keep: 12mo}
questions:
  machine:
    kind: plan
    options: [{id: espresso, label: Espresso machine}, {id: drip, label: Drip machine}, {other: true}]
    when: [{id: month, label: Within a month}, {id: year, label: Later this year}, {id: looking, label: Just looking, no_plan: true}]
    fresh: 2mo
    ask: Are you planning to buy a coffee machine?
    name: Machine
    why: So we keep one for you.
    purpose: ready
  home:
    kind: boolean
    ask: At home?
    name: Home
    why: So we know.
    purpose: ready
screens:
  machine: {ask: [machine]}
  home: {ask: [home], show_if: {answer: machine.sure, any_of: [sure, likely]}}
campaigns:
  welcome: {when: [registration, sign_in], show: [machine, home], at_most: 3, cooldown: 30d, lifetime: 9}
`

// A plan, through all that a question goes through: asked, refused with every
// part that is missing, read by a condition, released, listed, changed, confirmed.
func TestAsk_Plan(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, planSet, planSet))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/machine")
	page := g.ask(v, "machine")
	contains(t, page, "What are you planning?", "By when?", "How sure are you?", `name="q.machine.what" value="espresso"`, `name="q.machine.when" value="looking"`, "Quite sure", "Skip for now")
	if strings.Contains(page, " checked") {
		t.Error("something is chosen beforehand")
	}
	w := g.post("/ask/machine", with(hidden(page), "q.machine.what", "drip", "do", "continue"))
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a third of a plan: %d", w.Code)
	}
	contains(t, w.Body.String(), `<a href="#q.machine.when">Choose by when</a>`, `<a href="#q.machine.sure">Choose how sure you are</a>`, `value="drip" checked`)
	for name, form := range map[string][]string{
		"an option not offered":   {"q.machine.what", "gold", "q.machine.when", "month", "q.machine.sure", "sure"},
		"a period not offered":    {"q.machine.what", "drip", "q.machine.when", "2026-11", "q.machine.sure", "sure"},
		"two periods":             {"q.machine.what", "drip", "q.machine.when", "month", "q.machine.when", "year", "q.machine.sure", "sure"},
		"the stored form":         {"q.machine", `{"what":"drip","when":"month","sure":"sure"}`},
		"a word of another scale": {"q.machine.what", "drip", "q.machine.when", "month", "q.machine.sure", "5"},
	} {
		if w := g.post("/ask/machine", with(hidden(page), append(form, "do", "continue")...)); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	wantLedger(t, g)
	g.say(v, "machine", "q.machine.what", "other", "q.machine.what.other", "Moka pot", "q.machine.when", "year", "q.machine.sure", "likely", "do", "continue")
	wantLedger(t, g, "machine answered sure=likely,what=other:Moka pot,when=year")
	if got := g.release("kopi", "machine"); got != consent.Given {
		t.Errorf("release is %q", got)
	}
	contains(t, g.ask(v, "machine"), `value="other" checked`, `value="Moka pot"`, `value="likely" checked`) // back in the same visit
	g.wantDue(v, "/ask/home")

	contains(t, g.get("/preferences/answers").Body.String(), "Moka pot · Later this year · Probably")
	const path = "/preferences/answers/machine/change?brand=kopi"
	page = g.get(path).Body.String()
	contains(t, page, `value="Moka pot"`, `value="year" checked`)
	if w := g.post(path, with(hidden(page), "q.machine.when", "looking", "do", "continue")); w.Code != http.StatusSeeOther {
		t.Errorf("no plan any more: %d", w.Code)
	}
	g.clock.Add(time.Second)
	contains(t, g.get("/preferences/answers").Body.String(), "Just looking")
	wantLedger(t, g, "machine answered sure=likely,what=other:Moka pot,when=year", "machine answered when=looking")
	g.wantDue(g.visit("kopi"), "") // nobody who just looks around is asked on

	g.clock.Add(70 * day)
	v = g.visit("kopi")
	g.wantDue(v, "/ask/machine")
	contains(t, g.ask(v, "machine"), "Machine: still Just looking?")
	g.define(joined(t, strings.ReplaceAll(planSet, "machine", "apparatus"), planSet))
	contains(t, g.get("/preferences/answers").Body.String(), `<p class="value">looking</p>`) // its words went with the question
}
