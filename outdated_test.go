package proffer

import (
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
)

// An option is deleted: who chose it is asked anew at their next visit, whatif says so
// beforehand, and until then the site does not get what the question cannot be answered
// with. The old answer stays in the customer's history.
func TestOutdated(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, b := l.site("kopi-web"), l.browser()
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee").form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	if zp := kopi.redeem(p.left).info["zp"].(map[string]any); zp["coffee_milk"] != "oat" {
		t.Fatalf("zp: %v", zp)
	}
	l.clock.Add(40 * 24 * time.Hour)
	without := newLab(t, labOptions{on: l, kopi: func(s string) string {
		from := strings.Index(s, "      - {id: oat,")
		return s[:from] + s[from+strings.Index(s[from:], "\n")+1:]
	}})
	q := WhatIf{Client: "kopi-web", At: l.clock.Now(), Locale: "en", DB: l.db, Account: l.someone(), File: "says.yaml", Text: []byte("says: {coffee_milk: leave}")}
	seen, err := without.cfg.Foresee(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen.Steps) != 1 || seen.Steps[0].Path != "/ask/coffee" || seen.Steps[0].Still {
		t.Fatalf("whatif: %+v", seen.Steps)
	}
	why := seen.Looked[0].Screens[0].Questions[0]
	if why.Code != "outdated" || !strings.Contains(why.Why, "with what it cannot be answered with any more") {
		t.Errorf("whatif: %+v", why)
	}
	b = without.browser()
	b.open("/preferences").at("/login").form("/login").send("email", "nok@example.com", "password", pass).at("/preferences")
	kopi = without.site("kopi-web")
	p = b.open(kopi.authorize()).at("/ask/coffee").form("/ask/coffee").send("do", "skip")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	if zp, _ := kopi.redeem(p.left).info["zp"].(map[string]any); zp["coffee_milk"] != nil {
		t.Errorf("the site gets %v", zp)
	}
	var told int
	for _, a := range b.ledger() {
		if a.Question == "coffee_milk" && a.State == catalogue.Answered && a.Value.Equal(catalogue.Word("oat")) {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the old answer stands %d times in the history", told)
	}
}
