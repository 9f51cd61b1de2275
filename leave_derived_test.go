package proffer

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
)

// mellow is worked out from two answers of Kopi Club's set.
const mellow = `derived:
  mellow:
    name: {en: Mellow, th: นุ่มนวล, ar: هادئ}
    purpose: personalise
    sum:
      coffee_milk: {black: 0, condensed: 3, fresh: 2, oat: 2, depends: 1}
      coffee_when: {morning: 1, afternoon: 0, evening: 5}

conditions:
`

// withMellow lets kopi-web have it.
func withMellow(cfg *Config) {
	k, _ := cfg.Client("kopi-web")
	k.Claims["mellow"] = &ClaimPolicy{As: "exact", IDToken: true}
}

// mellowLab is a provider whose Kopi Club works mellow out.
func mellowLab(t *testing.T) *lab {
	t.Helper()
	return newLab(t, labOptions{change: withMellow, set: map[string][2]string{"kopi": {"conditions:\n", mellow}}})
}

// What is worked out leaves while each answer behind it may, for the reason of the
// first that may not.
func TestLeaveDerived(t *testing.T) {
	l := mellowLab(t)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	list := l.server.now.Load().clients["kopi-web"].rules
	answered := func(v catalogue.Value, seq uint32) *screens.Current {
		return &screens.Current{Brand: "kopi", State: catalogue.Answered, Value: v, At: now.AddDate(0, -1, int(seq)), Seq: seq}
	}
	for _, x := range []struct {
		name   string
		change func(k *known)
		want   Reason
	}{
		{"all as it should be", func(*known) {}, ""},
		{"one is not answered", func(k *known) { delete(k.profile, "coffee_when") }, NoAnswer},
		{"one is skipped", func(k *known) { k.profile["coffee_when"] = &screens.Current{Skipped: now} }, NoAnswer},
		{"one is declined", func(k *known) { k.profile["coffee_milk"].State = catalogue.Declined }, Declined},
		{"one is not sure", func(k *known) { k.profile["coffee_milk"].State = catalogue.Unsure }, Unsure},
		{"one was taken back", func(k *known) { k.profile["coffee_milk"].State = catalogue.Withdrawn }, Removed},
		{"one ran out", func(k *known) { k.profile["coffee_when"].Expires = now }, Stale},
		{"one cannot be had any more", func(k *known) { k.profile["coffee_milk"].Value = catalogue.Word("soya") }, NotOffered},
		{"one was never released", func(k *known) { delete(k.releases, "coffee_when") }, NotAgreed},
		{"one was told another brand", func(k *known) { k.profile["coffee_when"].Brand = "sole"; delete(k.releases, "coffee_when") }, NotAgreed},
		{"one was refused", func(k *known) { k.releases["coffee_when"] = consent.Release{State: consent.Refused} }, Refused},
		{"one is shared no more", func(k *known) { k.releases["coffee_milk"] = consent.Release{State: consent.Withdrawn} }, Stopped},
		{"the purpose is not agreed to", func(k *known) { k.consents["personalise"] = consent.Consent{State: consent.Withdrawn} }, NoConsent},
	} {
		k := &known{
			profile:  map[string]*screens.Current{"coffee_milk": answered(catalogue.Word("oat"), 3), "coffee_when": answered(catalogue.Words([]string{"morning"}), 5)},
			releases: map[string]consent.Release{"coffee_milk": {State: consent.Given}, "coffee_when": {State: consent.Given}},
			consents: map[string]consent.Consent{"personalise": {State: consent.Given}},
		}
		x.change(k)
		got := leave(list, ask{use: oauth.UserInfo, brand: "kopi", scopes: []string{"zp"}, meta: true}, k, now)
		answers, _ := got.Values["zp"].(map[string]any)
		if Reason(got.Withheld["mellow"]) != x.want || (answers["mellow"] == float64(3)) != (x.want == "") {
			t.Errorf("%s: withheld %q, want %q; zp %v", x.name, got.Withheld["mellow"], x.want, answers)
		}
		m, ok := got.Values["zp_meta"].(map[string]answerMeta)["mellow"]
		if ok != (x.want == "") || ok && (m.Source != "derived" || m.AnsweredAt != now.AddDate(0, -1, 5).Format(time.RFC3339) || m.Screen != "") {
			t.Errorf("%s: zp_meta %+v", x.name, m)
		}
	}
}

// Over HTTP: it is in the tokens once both answers are, absent from the next ones when
// one is taken back, and another brand does not get it whatever it asks for.
func TestDerivedReleased(t *testing.T) {
	l := mellowLab(t)
	b := l.browser()
	kopi := l.site("kopi-web")
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "condensed", "do", "continue").at("/ask/when")
	p = p.form("/ask/when").send("q.coffee_when", "morning", "do", "continue")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	tok := kopi.redeem(p.left)
	want := map[string]any{"coffee_milk": "condensed", "coffee_when": []any{"morning"}, "mellow": 4.0}
	wantZP(t, "ID token", tok.claims, want)
	wantZP(t, "UserInfo", tok.info, want)

	sole := l.site("sole-web")
	p = b.open(sole.authorize(oauth2.SetAuthURLParam("claims", `{"id_token":{"mellow":null},"userinfo":{"mellow":{"essential":true}}}`))).at("/terms")
	p = p.form("/terms").send("do", "agree")
	for p.left == nil {
		do := "skip"
		if p.url.Path == "/share" {
			do = "share"
		}
		p = p.form(p.url.Path).send("do", do)
	}
	other := sole.redeem(p.left)
	for _, where := range []map[string]any{other.claims, other.info} {
		if zp, _ := where["zp"].(map[string]any); zp["mellow"] != nil || where["mellow"] != nil {
			t.Errorf("Sole & Co got it: %v", where)
		}
	}

	b.open("/preferences/answers").form("/coffee_when/remove?brand=kopi").send()
	l.clock.Add(time.Minute)
	tok = kopi.refresh(tok)
	wantZP(t, "after the removal", tok.claims, map[string]any{"coffee_milk": "condensed"})
	wantZP(t, "UserInfo after the removal", tok.info, map[string]any{"coffee_milk": "condensed"})
}

// The customer's own pages say what is worked out, that they did not say it, and who
// may have it; nothing said elsewhere is among it.
func TestDerivedPages(t *testing.T) {
	l := mellowLab(t)
	b := l.browser()
	kopi := l.site("kopi-web")
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "condensed", "do", "continue").at("/ask/when")
	p.form("/ask/when").send("q.coffee_when", "morning", "do", "continue")
	const list, row = "Worked out from your answers", "You did not say this: it is worked out from: Coffee, Coffee time."
	b.open("/preferences/answers").at("/preferences/answers", list, "Mellow", "Worked out for Kopi Club from: Coffee, Coffee time.", "Kopi Club can see it.")
	b.open("/preferences/answers?lang=th").at("/preferences/answers", "สรุปจากคำตอบของคุณ", "นุ่มนวล")
	p = b.open("/preferences/sharing?lang=en").at("/preferences/sharing", "Mellow", row)
	p.form("/preferences/sharing/kopi/stop?claim=coffee_when").send()
	if text := b.open("/preferences/sharing").text(); strings.Contains(text, "Mellow") {
		t.Errorf("an answer behind it is shared no more, and it is: %s", text)
	}
	if text := b.open("/preferences/answers").text(); !strings.Contains(text, list) || strings.Contains(text, "Kopi Club can see it.") {
		t.Errorf("my answers: %s", text)
	}
	b.open("/preferences/answers").form("/coffee_milk/remove?brand=kopi").send()
	if text := b.open("/preferences/answers").text(); strings.Contains(text, list) || strings.Contains(text, "Mellow") {
		t.Errorf("an answer behind it is gone, and it is not: %s", text)
	}
}
