package screens_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

const agreementSet = `
purposes:
  news: {text: tell you about new roasts}
  calls: {text: call you when your order is late}
  health: {text: leave out what you cannot eat, keep: 12mo}
questions:
  news:
    kind: consent
    channels: [email, sms]
    fresh: 12mo
    ask: May we write to you about new roasts?
    name: News
    why: New roasts sell out quickly.
    purpose: news
  calls:
    kind: consent
    ask: May we call you?
    name: Calls
    why: So you know before you come.
    purpose: calls
  diet:
    kind: multi
    sensitivity: special
    fresh: 6mo
    options: [{id: milk, label: Milk}, {id: nuts, label: Nuts}]
    ask: What can you not eat?
    name: Cannot eat
    why: So we never offer it to you.
    purpose: health
screens:
  news: {ask: [news]}
  calls: {ask: [calls]}
  diet: {ask: [diet]}
campaigns:
  welcome: {when: [sign_in], show: [news, calls, diet], at_most: 3, cooldown: 30d, lifetime: 9}
`

// shoesAlone is a second brand that has nothing to do with the first.
const shoesAlone = `
purposes: {fit: {text: show what fits}}
questions:
  wide: {kind: boolean, ask: Wide?, name: Wide, why: So we know., purpose: fit}
screens: {wide: {ask: [wide]}}
campaigns: {fitting: {when: [sign_in], show: [wide]}}
`

// consentOf is the consent to a purpose of Kopi Club, and its last event.
func (g *ground) consentOf(purpose string) (c consent.Consent, last *consent.Event) {
	g.t.Helper()
	g.view(func(tx *store.Tx) error {
		all, err := consent.EveryConsent(tx, g.account)
		if err != nil {
			return err
		}
		for _, one := range all {
			if one.Brand == "kopi" && one.Purpose == purpose {
				c = *one
			}
		}
		events, err := consent.Chain(tx, g.account, "kopi", purpose)
		if len(events) > 0 {
			last = events[len(events)-1]
		}
		return err
	})
	return c, last
}

func TestAsk_Consent(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, agreementSet, shoesAlone))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/news")
	page := g.ask(v, "news")
	contains(t, page, `type="checkbox" name="q.news" value="email"`, "Text message", "Agree to what I ticked", "No, thank you", "Skip for now")
	if strings.Contains(page, " checked") || strings.Contains(page, `value="post"`) || strings.Contains(page, "rather not say") {
		t.Error("something is ticked, or a channel is offered that is not asked for")
	}
	g.say(v, "news", "q.news", "sms", "do", "agree")
	g.wantDue(v, "/ask/calls")
	g.say(v, "calls", "do", "refuse")
	wantLedger(t, g, "news answered sms", "calls answered no")
	c, last := g.consentOf("news")
	if c.State != consent.Given || last.Explicit || last.How != "pressed the button that agrees" || last.Screen.IsZero() {
		t.Errorf("news: %+v %+v", c, last)
	}
	if c, last = g.consentOf("calls"); c.State != consent.Refused || last.How != "pressed the button that refuses" || g.release("kopi", "calls") != consent.Refused {
		t.Errorf("calls: %+v %+v", c, last)
	}
	g.view(func(tx *store.Tx) error {
		words, err := screens.Wording(tx, last.Screen)
		for _, w := range []string{"May we call you?", "Yes, I agree", "No, thank you", "call you when your order is late"} {
			if !strings.Contains(string(words), w) {
				t.Errorf("the record of the page lacks %q", w)
			}
		}
		return err
	})
	contains(t, g.get("/preferences/answers").Body.String(), "Text message", "Not agreed")

	// Who refused changes their mind, and who agreed takes it back.
	const calls, news = "/preferences/answers/calls/change?brand=kopi", "/preferences/answers/news/change?brand=kopi"
	if w := g.post(calls, with(hidden(g.get(calls).Body.String()), "do", "agree")); w.Code != http.StatusSeeOther {
		t.Errorf("a change of mind: %d", w.Code)
	}
	g.clock.Add(time.Second)
	if c, _ := g.consentOf("calls"); c.State != consent.Given || g.release("kopi", "calls") != consent.Given {
		t.Errorf("calls after a change of mind: %+v", c)
	}
	page = g.get(news).Body.String()
	contains(t, page, `value="sms" checked`, "Cancel")
	if w := g.post(news, with(hidden(page), "do", "refuse")); w.Code != http.StatusSeeOther {
		t.Errorf("taking it back: %d", w.Code)
	}
	g.clock.Add(time.Second)
	if c, _ := g.consentOf("news"); c.State != consent.Refused || g.release("kopi", "news") != consent.Refused {
		t.Errorf("news after taking it back: %+v", c)
	}
	// Who said no is not asked again, however long ago.
	g.clock.Add(1000 * day)
	g.wantDue(g.visit("kopi"), "/ask/diet")
}

func TestAsk_SpecialData(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, agreementSet, shoesAlone))
	v := g.visit("kopi")
	g.due(v)
	g.say(v, "news", "do", "skip")
	g.say(v, "calls", "do", "skip")
	g.wantDue(v, "/ask/diet")
	page := g.ask(v, "diet")
	contains(t, page, `type="checkbox" name="q.diet.agree" value="yes"`, "I agree to Kopi Club using my answer to leave out what you cannot eat.", "I do not agree", "What happens to my answer", "Skip for now")
	if strings.Contains(page, " checked") || strings.Contains(page, "<details") {
		t.Error("the box is ticked, or the notice is folded away")
	}
	w := g.post("/ask/diet", with(hidden(page), "q.diet", "milk", "do", "agree"))
	contains(t, w.Body.String(), `<a href="#q.diet.agree">`, `value="milk" checked`)
	g.say(v, "diet", "q.diet", "milk", "q.diet.agree", "yes", "do", "agree")
	c, last := g.consentOf("health")
	if c.State != consent.Given || !c.Explicit || !last.Explicit || last.Screen.IsZero() {
		t.Errorf("the consent: %+v %+v", c, last)
	}
	if g.release("kopi", "diet") != consent.Given {
		t.Error("it is not released")
	}
	if page := g.ask(v, "diet"); !strings.Contains(page, `value="milk" checked`) || strings.Contains(page, `value="yes" checked`) {
		t.Error("back on the page the box is ticked, or the answer is gone")
	}

	// It is neither confirmed nor changed without the box.
	const path = "/preferences/answers/diet/change?brand=kopi"
	form := hidden(g.get(path).Body.String())
	for _, pairs := range [][]string{{"q.diet", "nuts", "do", "continue"}, {"q.diet", "nuts"}, {"q.diet", "nuts", "do", "agree"}, {"do", "decline"}} {
		if w := g.post(path, with(form, pairs...)); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("changed with %q: %d", pairs, w.Code)
		}
	}
	g.clock.Add(200 * day)
	list := g.get("/preferences/answers").Body.String()
	if strings.Contains(list, "/still") {
		t.Error("special data is to be confirmed with one tap")
	}
	if w := g.post("/preferences/answers/diet/still?brand=kopi", hidden(list)); w.Code < 400 {
		t.Errorf("confirmed: %d", w.Code)
	}
	v = g.visit("kopi")
	g.due(v)
	g.say(v, "news", "do", "skip")
	g.say(v, "calls", "do", "skip")
	g.wantDue(v, "/ask/diet")
	if page := g.ask(v, "diet"); !strings.Contains(page, `name="q.diet.agree"`) || strings.Contains(page, " checked") {
		t.Error("what has run out is not asked anew")
	}
	g.say(v, "diet", "do", "refuse")
	if c, last := g.consentOf("health"); c.State != consent.Refused || last.State != consent.Refused {
		t.Errorf("refused: %+v %+v", c, last)
	}
	wantLedger(t, g, "news skipped", "calls skipped", "diet answered milk", "news skipped", "calls skipped", "diet declined")
	g.clock.Add(400 * day)
	if got := g.due(g.visit("kopi")); got == "/ask/diet" {
		t.Error("who did not agree is asked again")
	}

	// What was removed does not come back by Undo.
	if w := g.post(path, with(hidden(g.get(path).Body.String()), "q.diet", "nuts", "q.diet.agree", "yes", "do", "agree")); w.Code != http.StatusSeeOther {
		t.Fatalf("agreed after all: %d", w.Code)
	}
	g.clock.Add(time.Second)
	token := hidden(g.get("/preferences/answers").Body.String())
	g.post("/preferences/answers/diet/remove?brand=kopi", token)
	g.post("/preferences/answers/diet/undo?brand=kopi", token)
	if got := g.profile("kopi", "diet"); got != "withdrawn" {
		t.Errorf("after undo it is %q", got)
	}
}

// Z04: a form that says less, more or something else than the page asked for.
func TestGauntlet_Z04_CraftedAgreement(t *testing.T) {
	for name, x := range map[string]struct {
		screen string
		form   []string
		status int
	}{
		"no button":                       {"news", []string{"q.news", "email"}, 422},
		"the button of another page":      {"news", []string{"q.news", "email", "do", "continue"}, 422},
		"confirming what was never said":  {"news", []string{"q.news", "email", "do", "yes"}, 422},
		"declining, which is not offered": {"news", []string{"do", "decline"}, 422},
		"agreeing with nothing ticked":    {"news", []string{"do", "agree"}, 422},
		"a channel that is not offered":   {"news", []string{"q.news", "post", "do", "agree"}, 422},
		"one more than offered":           {"news", []string{"q.news", "email", "q.news", "push", "do", "agree"}, 422},
		"a channel twice":                 {"news", []string{"q.news", "email", "q.news", "email", "do", "agree"}, 422},
		"the stored form":                 {"calls", []string{"q.calls", "true", "do", "continue"}, 422},
		"a consent beside it":             {"calls", []string{"q.news", "email", "do", "continue"}, 422},
		"no button, special":              {"diet", []string{"q.diet", "milk", "q.diet.agree", "yes"}, 422},
		"another button, special":         {"diet", []string{"q.diet", "milk", "q.diet.agree", "yes", "do", "continue"}, 422},
		"no box":                          {"diet", []string{"q.diet", "milk", "do", "agree"}, 422},
		"an empty box":                    {"diet", []string{"q.diet", "milk", "q.diet.agree", "", "do", "agree"}, 422},
		"a box that says no":              {"diet", []string{"q.diet", "milk", "q.diet.agree", "no", "do", "agree"}, 422},
		"a box that says both":            {"diet", []string{"q.diet", "milk", "q.diet.agree", "no", "q.diet.agree", "yes", "do", "agree"}, 422},
		"the box of another question":     {"diet", []string{"q.diet", "milk", "q.news.agree", "yes", "do", "agree"}, 422},
		"the box and nothing said":        {"diet", []string{"q.diet.agree", "yes", "do", "agree"}, 422},
		"another version of the screen":   {"diet", []string{"q.diet", "milk", "q.diet.agree", "yes", "do", "agree", "version", strings.Repeat("0", 64)}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t)
			g.define(joined(t, agreementSet, shoesAlone))
			v := g.visit("kopi")
			for _, screen := range []string{"news", "calls", "diet"} {
				g.wantDue(v, "/ask/"+screen)
				if screen == x.screen {
					break
				}
				g.say(v, screen, "do", "skip")
			}
			before := g.ledger()
			form := hidden(g.ask(v, x.screen))
			pairs := slices.Clone(x.form)
			if i := slices.Index(pairs, "version"); i >= 0 {
				form.Del("version")
			}
			w := g.post("/ask/"+x.screen, with(form, pairs...))
			if w.Code != x.status {
				t.Errorf("status %d, want %d", w.Code, x.status)
			}
			if after := g.ledger(); !slices.Equal(before, after) {
				t.Errorf("stored %q", after[len(before):])
			}
			for _, purpose := range []string{"news", "calls", "health"} {
				if c, last := g.consentOf(purpose); last != nil {
					t.Errorf("a consent to %s is recorded: %s", purpose, c.State)
				}
			}
		})
	}
}

// Z10: agreeing and refusing look the same, nothing is chosen beforehand, and
// refusing is as many presses as agreeing.
func TestGauntlet_Z10_AgreementLooksFair(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, agreementSet, shoesAlone))
	v := g.visit("kopi")
	buttons := regexp.MustCompile(`<button class="([^"]*)" name="do" value="(agree|refuse)">`)
	for _, screen := range []string{"news", "calls", "diet"} {
		g.wantDue(v, "/ask/"+screen)
		page := g.ask(v, screen)
		found := buttons.FindAllStringSubmatch(page, -1)
		if len(found) != 2 || found[0][1] != "secondary" || found[1][1] != "secondary" || strings.Contains(page, "primary") || !strings.Contains(page, "buttons twin") {
			t.Errorf("%s: the buttons are not twins: %q", screen, found)
		}
		if strings.Contains(page, " checked") {
			t.Errorf("%s: something is ticked", screen)
		}
		g.say(v, screen, "do", "refuse")
	}
	g.wantDue(v, "")
	g.wantDue(g.visit("kopi"), "")
}
