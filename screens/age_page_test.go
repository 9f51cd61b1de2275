package screens_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

const agedSet = `
age_question: born
purposes:
  suit: {text: show what suits you}
questions:
  born: {kind: date, to: today, fresh: never, ask: When were you born?, name: Born, why: So we know what suits you., purpose: suit}
  wine: {kind: boolean, min_age: 16, fresh: 12mo, ask: Do you like wine?, name: Wine, why: So we show it., purpose: suit}
  milk: {kind: boolean, ask: Do you like milk?, name: Milk, why: So we show it., purpose: suit}
screens:
  born: {ask: [born]}
  wine: {ask: [wine]}
  milk: {ask: [milk]}
campaigns:
  welcome: {when: [sign_in], show: [born, wine, milk], at_most: 3, check: true, cooldown: 30d, lifetime: 9}
`

// bornFor is the form of somebody who has their so-manieth birthday in so many days.
func bornFor(years, days int) []string {
	at := storetest.Epoch.AddDate(-years, 0, days)
	return []string{"q.born.day", at.Format("2"), "q.born.month", at.Format("1"), "q.born.year", at.Format("2006"), "do", "continue"}
}

// Who is younger, or may be, never sees the question, and the age is asked first.
func TestAsk_MinAge(t *testing.T) {
	for _, x := range []struct {
		name string
		born []string
		next string
	}{
		{"older", bornFor(30, 0), "/ask/wine"},
		{"the birthday was yesterday", bornFor(16, -1), "/ask/wine"},
		{"the birthday is the day after tomorrow", bornFor(16, 2), "/ask/milk"},
		{"a child", bornFor(9, 0), "/ask/milk"},
		{"would rather not say", []string{"do", "decline"}, "/ask/milk"},
		{"skips", []string{"do", "skip"}, "/ask/milk"},
	} {
		t.Run(x.name, func(t *testing.T) {
			g := newGround(t)
			g.define(joined(t, agedSet, shoesAlone))
			v := g.visit("kopi")
			g.wantDue(v, "/ask/born")
			if page := g.ask(v, "born"); strings.Contains(page, "16") || strings.Contains(strings.ToLower(page), "wine") {
				t.Error("the page says what hangs on the answer")
			}
			g.say(v, "born", x.born...)
			g.wantDue(v, x.next)
		})
	}
}

// The question of those who are older is not open to the younger, whatever they send.
func TestAsk_MinAgeIsNotPassedBy(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, agedSet, shoesAlone))

	// A grown-up opens the page, comes back to tell another age, and sends it.
	v := g.visit("kopi")
	g.wantDue(v, "/ask/born")
	form := with(hidden(g.ask(v, "born")), "q.wine", "yes", "do", "continue")
	refused := func(what string) {
		t.Helper()
		before := g.ledger()
		if w := g.get("/ask/wine?visit=" + v.Sealed); w.Code != http.StatusSeeOther {
			t.Errorf("%s: the page is shown, %d", what, w.Code)
		}
		if w := g.post("/ask/wine", form); w.Code != http.StatusConflict {
			t.Errorf("%s: sent, it is answered with %d", what, w.Code)
		}
		if after := g.ledger(); !slices.Equal(before, after) {
			t.Errorf("%s: it is stored: %q", what, after)
		}
	}
	refused("before the age is told, with another page's token")
	g.say(v, "born", bornFor(30, 0)...)
	form = with(hidden(g.ask(v, "wine")), "q.wine", "yes", "do", "continue")
	g.say(v, "born", bornFor(9, 0)...)
	g.wantDue(v, "/ask/milk")
	refused("the age was told anew before it was sent")

	g.say(v, "born", bornFor(30, 0)...)
	g.say(v, "wine", "q.wine", "yes", "do", "continue")
	form = with(hidden(g.ask(v, "wine")), "q.wine", "no", "do", "continue")
	g.say(v, "milk", "q.milk", "yes", "do", "continue")
	g.say(v, "born", bornFor(9, 0)...)
	refused("it was answered in this visit, and then the age told anew")
	g.wantDue(v, "/check/welcome")
	if page := g.get("/check/welcome?visit=" + v.Sealed).Body.String(); strings.Contains(page, "/ask/wine") || !strings.Contains(page, "/ask/milk") {
		t.Error("the page that shows the answers leads to the question")
	}
}

// An answer that its customer turns out to be too young for stays theirs: it can be
// seen and removed, neither said anew nor brought back.
func TestPreferences_MinAge(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, agedSet, shoesAlone))
	v := g.visit("kopi")
	g.wantDue(v, "/ask/born")
	g.say(v, "born", bornFor(30, 0)...)
	g.say(v, "wine", "q.wine", "yes", "do", "continue")
	const wine = "/preferences/answers/wine"
	change := hidden(g.get(wine + "/change?brand=kopi").Body.String())
	g.clock.Add(400 * 24 * time.Hour) // the answer runs out
	contains(t, g.get("/preferences/answers").Body.String(), wine+"/change", wine+"/still", wine+"/remove")

	at := storetest.Epoch.AddDate(-9, 0, 0)
	page := g.get("/preferences/answers/born/change?brand=kopi").Body.String()
	g.post("/preferences/answers/born/change?brand=kopi", with(hidden(page), "q.born.day", at.Format("2"), "q.born.month", at.Format("1"), "q.born.year", at.Format("2006"), "do", "save"))
	before := g.ledger()
	if len(before) != 3 {
		t.Fatalf("%q", before)
	}
	page = g.get("/preferences/answers").Body.String()
	contains(t, page, wine+"/remove", "/preferences/answers/born/change")
	if strings.Contains(page, wine+"/change") || strings.Contains(page, wine+"/still") {
		t.Error("it can be changed")
	}
	token := hidden(page)
	if strings.Contains(g.get("/preferences").Body.String(), "to confirm") {
		t.Error("there is something to confirm that cannot be")
	}
	for path, w := range map[string]int{
		"GET change":  g.get(wine + "/change?brand=kopi").Code,
		"POST change": g.post(wine+"/change?brand=kopi", with(change, "q.wine", "no", "do", "save")).Code,
		"POST still":  g.post(wine+"/still?brand=kopi", token).Code,
	} {
		if w != http.StatusNotFound {
			t.Errorf("%s: %d", path, w)
		}
	}
	if after := g.ledger(); !slices.Equal(before, after) {
		t.Fatalf("something is stored: %q", after)
	}
	if w := g.post(wine+"/remove?brand=kopi", token); w.Code != http.StatusSeeOther {
		t.Fatalf("removed: %d", w.Code)
	}
	if strings.Contains(g.get("/preferences/answers?done=removed&question=wine&brand=kopi").Body.String(), "/undo") {
		t.Error("the removal can be undone")
	}
	g.post(wine+"/undo?brand=kopi", token)
	if got := g.profile("kopi", "wine"); got != "withdrawn" || g.release("kopi", "wine") != consent.Withdrawn {
		t.Errorf("wine: %q", got)
	}
}

// What a brand's site carries in counts only once the age is known to be enough, and
// the site does not say how old a customer is.
func TestCarried_MinAge(t *testing.T) {
	g := newGround(t)
	g.define(joined(t, agedSet, shoesAlone))
	if _, err := g.asking.CarryIn(t.Context(), "kopi", map[string]json.RawMessage{"born": []byte(`"1980-01-01"`)}); err == nil || !strings.Contains(err.Error(), "it is asked here") {
		t.Errorf("the age is carried in: %v", err)
	}
	carried := func(v *web.Visit) (page string) {
		t.Helper()
		g.view(func(tx *store.Tx) error {
			var b store.Batch
			w := screens.Want(&b, v, g.account)
			if err := tx.Read(&b); err != nil {
				return err
			}
			var err error
			page, err = g.asking.Carried(w, g.who())
			return err
		})
		return page
	}
	visit := func() *web.Visit {
		t.Helper()
		handle, err := g.asking.CarryIn(t.Context(), "kopi", map[string]json.RawMessage{"wine": []byte("true")})
		if err != nil {
			t.Fatal(err)
		}
		v := g.visit("kopi")
		v.Carry = handle
		return v
	}
	v := visit()
	if got := carried(v); got != "" {
		t.Errorf("with no age known: %q", got)
	}
	g.wantDue(v, "/ask/born")
	g.say(v, "born", bornFor(9, 0)...)
	if got := carried(v); got != "" {
		t.Errorf("for a child: %q", got)
	}
	g.say(v, "born", bornFor(30, 0)...)
	if got := carried(visit()); got != "/carried" {
		t.Errorf("for a grown-up: %q", got)
	}
}
