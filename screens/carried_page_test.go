package screens_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
)

// carrying begins a visit at Kopi that carries an answer in.
func (g *ground) carrying(claim, value string) *web.Visit {
	g.t.Helper()
	handle, err := g.asking.CarryIn(g.t.Context(), "kopi", map[string]json.RawMessage{claim: json.RawMessage(value)})
	if err != nil {
		g.t.Fatal(err)
	}
	v := g.visit("kopi")
	v.Carry = handle
	return v
}

// carried is the page of a visit on which what was carried in is confirmed.
func (g *ground) carried(v *web.Visit) string {
	g.t.Helper()
	w := g.get("/carried?visit=" + v.Sealed)
	if w.Code != http.StatusOK {
		g.t.Fatalf("/carried: %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// TestCarriedTwice: one handle stands open in two visits, and what the first keeps is
// written between the look and the write of the second. It served once.
func TestCarriedTwice(t *testing.T) {
	g := newGround(t)
	meanwhile := func() {}
	g.deps.Now = func() time.Time {
		f := meanwhile
		meanwhile = func() {}
		f()
		return g.clock.Now()
	}
	g.define(joined(t, kopiSet, soleSet))
	one := g.carrying("coffee_milk", `"oat"`)
	two := g.visit("kopi")
	two.Carry = one.Carry
	send := func(v *web.Visit, page string) int {
		form := with(hidden(page), "answer", "coffee_milk", "do", "keep")
		form.Set("visit", v.Sealed)
		return g.post("/carried", form).Code
	}
	first, second := g.carried(one), g.carried(two)
	meanwhile = func() {
		if code := send(one, first); code != http.StatusSeeOther {
			t.Errorf("the first: %d", code)
		}
	}
	if code := send(two, second); code != http.StatusSeeOther {
		t.Errorf("the second: %d", code)
	}
	if said := g.ledger(); len(said) != 1 {
		t.Errorf("the ledger has %q", said)
	}
}

// TestCarriedThenSpecial: a question became special data after its answer was handed
// over: a box among others is no way in any more.
func TestCarriedThenSpecial(t *testing.T) {
	g := newGround(t)
	v := g.carrying("home", "true")
	form := with(hidden(g.carried(v)), "answer", "home", "do", "keep")
	form.Set("visit", v.Sealed)
	set := strings.Replace(kopiSet, "    kind: boolean\n", "    kind: boolean\n    sensitivity: special\n", 1)
	g.define(joined(t, strings.Replace(set, "when: [registration, sign_in]", "when: [sign_in]", 1), soleSet))
	if w := g.get("/carried?visit=" + v.Sealed); w.Code != http.StatusSeeOther {
		t.Errorf("is offered: %d", w.Code)
	}
	if w := g.post("/carried", form); w.Code != http.StatusSeeOther {
		t.Errorf("is taken: %d", w.Code)
	}
	if said := g.ledger(); len(said) != 0 {
		t.Errorf("the ledger has %q", said)
	}
}
