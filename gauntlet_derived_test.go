package proffer

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
)

// followed is a set whose every kind of answer has something that follows from it.
const followed = `
age_question: born
purposes:
  suit: {text: suit you}
  offers: {text: make you offers}
  health: {text: suit what you can eat}
questions:
  born: {kind: date, to: today, ask: When were you born?, name: Born, why: W., purpose: suit}
  milk: {kind: boolean, ask: Milk?, name: Milk, why: W., purpose: suit}
  cups: {kind: number, min: 0, max: 9, ask: Cups?, name: Cups, why: W., purpose: offers}
  wine: {kind: boolean, min_age: 16, ask: Wine?, name: Wine, why: W., purpose: suit}
  diet: {kind: single, sensitivity: special, options: [{id: vegan, label: Vegan}, {id: all, label: All}], ask: Diet?, name: Diet, why: W., purpose: health}
derived:
  age: {name: Age, purpose: suit, age_of: born}
  band: {name: Age group, purpose: suit, band_of: born, bands: [0, 18, 40]}
  older: {name: Grown up, purpose: suit, match: [{if: {answer: age, at_least: 18}, is: true}], else: false}
  both: {name: Both, purpose: suit, sum: {milk: {'yes': 10, 'no': 0}, cups: value}}
  toast: {name: Toast, purpose: suit, match: [{if: {answer: wine, is: true}, is: cheers}], else: water, words: {cheers: Cheers, water: Water}}
  plate: {name: Plate, purpose: health, sensitivity: special, match: [{if: {answer: diet, is: vegan}, is: green}], else: full, words: {green: Green, full: Full}}
screens:
  born: {ask: [born]}
  milk: {ask: [milk]}
  cups: {ask: [cups]}
  wine: {ask: [wine]}
  diet: {ask: [diet]}
campaigns:
  welcome: {when: [sign_in], show: [born, milk, cups, wine, diet]}
`

// followedRules are those of a client that may have all of it; policies change some.
func followedRules(t *testing.T, policies map[string]string) []rule {
	t.Helper()
	var out diag.Findings
	set := catalogue.Load("set.yaml", []byte(followed), catalogue.LoadOptions{Brand: "kopi", Name: catalogue.Text{"en": "Kopi"}, Languages: []string{"en"}}, &out)
	cat := catalogue.Join(map[string]*catalogue.Set{"kopi": set}, &out)
	if err := out.Err(); err != nil {
		t.Fatal(err)
	}
	c := &Client{Claims: map[string]*ClaimPolicy{}}
	for _, name := range []string{"born", "milk", "cups", "wine", "diet", "age", "band", "older", "both", "toast", "plate"} {
		switch as, ok := policies[name]; {
		case !ok:
			c.Claims[name] = &ClaimPolicy{As: "exact"}
		case as != "":
			c.Claims[name] = &ClaimPolicy{As: as}
		}
	}
	return rules("kopi", c, cat)
}

var followedDay = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// followedAll is a grown-up who told all and agreed to all.
func followedAll() *known {
	k := &known{profile: map[string]*screens.Current{}, releases: map[string]consent.Release{}, consents: map[string]consent.Consent{}}
	for i, id := range []string{"born", "milk", "cups", "wine", "diet"} {
		v := []catalogue.Value{catalogue.Word("1990-05-01"), catalogue.YesNo(true), catalogue.Amount(catalogue.Whole(3)), catalogue.YesNo(true), catalogue.Word("vegan")}[i]
		k.profile[id] = &screens.Current{Brand: "kopi", Scope: "kopi", Question: id, State: catalogue.Answered, Value: v, At: followedDay.AddDate(0, -1, 0), Seq: uint32(i + 1)}
		k.releases[id] = consent.Release{State: consent.Given}
	}
	for _, id := range []string{"suit", "offers", "health"} {
		k.consents[id] = consent.Consent{State: consent.Given, Explicit: id == "health"}
	}
	return k
}

// TestGauntlet_Z02_WhatFollows: nothing that follows from an answer is a way around
// what its customer, or the client's policy, says of the answer.
func TestGauntlet_Z02_WhatFollows(t *testing.T) {
	elsewhere := func(k *known, id string) {
		k.profile[id].Brand, k.profile[id].Scope = "sole", ""
		delete(k.releases, id)
	}
	for _, x := range []struct {
		name   string
		policy map[string]string // by claim: exact, withheld, "" not named
		change func(k *known)
		want   map[string]Reason // of what follows; all else leaves
	}{
		{"all as it should be", nil, nil, nil},
		{"the policy does not name the answers", map[string]string{"born": "", "milk": "", "cups": "", "wine": "", "diet": ""}, nil, nil},
		{"the policy withholds the date", map[string]string{"born": "withheld"}, nil, map[string]Reason{"age": ByPolicy, "band": ByPolicy, "older": ByPolicy}},
		{"the policy withholds what follows", map[string]string{"band": "withheld"}, nil, map[string]Reason{"band": ByPolicy}},
		{"the date is not shared any more", nil, func(k *known) { k.releases["born"] = consent.Release{State: consent.Withdrawn} },
			map[string]Reason{"age": Stopped, "band": Stopped, "older": Stopped}},
		{"sharing the date was refused", nil, func(k *known) { k.releases["born"] = consent.Release{State: consent.Refused} },
			map[string]Reason{"age": Refused, "band": Refused, "older": Refused}},
		{"the date was told to another brand", nil, func(k *known) { elsewhere(k, "born") },
			map[string]Reason{"age": NotAgreed, "band": NotAgreed, "older": NotAgreed, "toast": Young}},
		{"the date was taken back", nil, func(k *known) { k.profile["born"].State = catalogue.Withdrawn },
			map[string]Reason{"age": Removed, "band": Removed, "older": Removed, "toast": Young}},
		{"the date is declined", nil, func(k *known) { k.profile["born"].State = catalogue.Declined },
			map[string]Reason{"age": Declined, "band": Declined, "older": Declined, "toast": Young}},
		{"the date ran out", nil, func(k *known) { k.profile["born"].Expires = followedDay },
			map[string]Reason{"age": Stale, "band": Stale, "older": Stale, "toast": Young}},
		{"a child", nil, func(k *known) { k.profile["born"].Value = catalogue.Word("2010-11-25") }, map[string]Reason{"toast": Young}},
		{"born tomorrow", nil, func(k *known) { k.profile["born"].Value = catalogue.Word("2026-11-25") },
			map[string]Reason{"age": NoValue, "band": NoValue, "older": NoValue, "toast": Young}},
		{"the purpose of one of two is not agreed to", nil, func(k *known) { k.consents["offers"] = consent.Consent{State: consent.Withdrawn} }, map[string]Reason{"both": NoConsent}},
		{"that of the other neither was", nil, func(k *known) { delete(k.consents, "suit") },
			map[string]Reason{"age": NoConsent, "band": NoConsent, "older": NoConsent, "both": NoConsent, "toast": NoConsent}},
		{"special data without an explicit consent", nil, func(k *known) { k.consents["health"] = consent.Consent{State: consent.Given} }, map[string]Reason{"plate": NoConsent}},
		{"special data that is shared no more", nil, func(k *known) { k.releases["diet"] = consent.Release{State: consent.Withdrawn} }, map[string]Reason{"plate": Stopped}},
		{"one of two was told to another brand", nil, func(k *known) { elsewhere(k, "milk") }, map[string]Reason{"both": NotAgreed}},
	} {
		k := followedAll()
		if x.change != nil {
			x.change(k)
		}
		list := followedRules(t, x.policy)
		for _, use := range []oauth.Use{oauth.IDToken, oauth.UserInfo} {
			for i := range list {
				list[i].inToken = true
			}
			got := leave(list, ask{use: use, brand: "kopi", scopes: []string{"zp"}, meta: true}, k, followedDay)
			answers, _ := got.Values["zp"].(map[string]any)
			for _, name := range []string{"age", "band", "older", "both", "toast", "plate"} {
				_, has := answers[name]
				if why := Reason(got.Withheld[name]); why != x.want[name] || has != (why == "") {
					t.Errorf("%s: %s is handed over: %v, withheld: %q, want %q", x.name, name, has, why, x.want[name])
				}
			}
		}
	}
}

// Whatever a customer said, agreed to and took back, what follows from answers leaves
// only where each of them could, if the policy named them all.
func TestGauntlet_Z02_WhatFollowsProperty(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	pick := func(n int) bool { return r.IntN(n) == 0 }
	answers := []string{"born", "milk", "cups", "wine", "diet"}
	left := map[string]int{}
	for range 3000 {
		k := followedAll()
		for _, id := range answers {
			c := k.profile[id]
			switch {
			case pick(12):
				c.State = []catalogue.Outcome{catalogue.Declined, catalogue.Unsure, catalogue.Withdrawn, ""}[r.IntN(4)]
			case pick(12):
				c.Expires = followedDay.Add(time.Duration(r.IntN(3)-1) * time.Hour)
			case pick(12):
				c.Brand, c.Scope = "sole", ""
			}
			if pick(9) {
				k.releases[id] = consent.Release{State: []consent.State{consent.Refused, consent.Withdrawn}[r.IntN(2)]}
			} else if pick(12) {
				delete(k.releases, id)
			}
		}
		if pick(3) {
			k.profile["born"].Value = catalogue.Word([]string{"2010-11-24", "2010-11-25", "2026-11-25", "never"}[r.IntN(4)])
		}
		for id := range k.consents {
			if pick(10) {
				k.consents[id] = consent.Consent{State: consent.Withdrawn}
			} else if pick(10) {
				k.consents[id] = consent.Consent{State: consent.Given}
			}
		}
		policy := map[string]string{}
		for _, id := range answers {
			if pick(4) {
				policy[id] = []string{"withheld", ""}[r.IntN(2)]
			}
		}
		a := ask{use: oauth.UserInfo, brand: "kopi", scopes: []string{"zp"}}
		got := leave(followedRules(t, policy), a, k, followedDay)
		maps.DeleteFunc(policy, func(_, as string) bool { return as == "" })
		named := followedRules(t, policy)
		each := leave(named, a, k, followedDay)
		zp, _ := got.Values["zp"].(map[string]any)
		for i := range named {
			ru := &named[i]
			if _, has := zp[ru.claim]; ru.derived == nil || !has {
				continue
			}
			left[ru.claim]++
			for _, id := range ru.derived.Reads() {
				if why := each.Withheld[id]; why != "" {
					t.Fatalf("%s left, and %s behind it may not: %s", ru.claim, id, why)
				}
			}
		}
	}
	if len(left) != 6 || slices.Min(slices.Collect(maps.Values(left))) < 200 {
		t.Errorf("too little was handed over to say anything: %v", left)
	}
}

// TestGauntlet_Z02_WorkedOutElsewhere: a brand that works something out from what
// another was told gets it once the customer shares that answer, and not before, whatever
// it asks for; and loses it with the answer.
func TestGauntlet_Z02_WorkedOutElsewhere(t *testing.T) {
	spring := labOptions{
		change: func(cfg *Config) {
			k, _ := cfg.Client("sole-web")
			k.Claims["spring"] = &ClaimPolicy{As: "exact", IDToken: true}
		},
		set: map[string][2]string{"sole": {"questions:\n", `derived:
  spring:
    name: {en: Born in March, th: เกิดเดือนมีนาคม, ar: مواليد مارس}
    purpose: birthday_treat
    match: [{if: {answer: birthday, is: --03-14}, is: true}]
    else: false

questions:
  birthday: {shared: true, purpose: birthday_treat, why: {en: For 10% off., th: เพื่อส่วนลด, ar: للخصم.}}
`}},
	}
	has := func(tok *tokens) bool {
		var text []byte
		for _, where := range []map[string]any{tok.claims, tok.info} {
			b, err := json.Marshal(where)
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, b...)
		}
		return strings.Contains(string(text), "spring") || strings.Contains(string(text), "03-14")
	}
	everything := oauth2.SetAuthURLParam("claims", `{"id_token":{"spring":{"essential":true},"birthday":null},"userinfo":{"spring":null,"birthday":null,"zp_meta":null}}`)
	again := func(b *browser, sole *site) *tokens {
		p := b.open(sole.authorize(everything))
		for p.left == nil && strings.HasPrefix(p.url.Path, "/ask/") {
			p = p.form(p.url.Path).send("do", "skip")
		}
		return sole.redeem(p.left)
	}

	l := newLab(t, spring)
	b := l.browser()
	_, sole, _, tok := l.both(b) // shares nothing
	if has(tok) || has(again(b, sole)) {
		t.Error("Sole & Co was told what the customer did not share")
	}
	if text := b.open("/preferences/answers").text(); !strings.Contains(text, "14 March") || strings.Contains(text, "Born in March") {
		t.Errorf("worked out for a brand that was not told: %s", text)
	}

	l = newLab(t, spring)
	b = l.browser()
	_, sole, _, tok = l.both(b, "birthday")
	wantZP(t, "shared", tok.claims, map[string]any{"birthday": "--03-14", "shoe_size": "42", "spring": true})
	b.open("/preferences/answers").at("/preferences/answers", "Worked out for Sole & Co from: Birthday.", "Sole & Co can see it.")
	b.open("/preferences/sharing").form("/preferences/sharing/sole/stop?claim=birthday").send()
	l.clock.Add(time.Minute)
	if has(sole.refresh(tok)) || has(again(b, sole)) {
		t.Error("the answer is not shared any more, and what follows from it is")
	}
	if text := b.open("/preferences/answers").text(); strings.Contains(text, "Born in March") {
		t.Errorf("worked out for a brand that may not know it any more: %s", text)
	}
}
