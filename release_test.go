package proffer

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// both takes a new customer through both brands: everything answered at Kopi
// Club, the size at Sole & Co, and at /share what share names ("" nothing).
func (l *lab) both(b *browser, share ...string) (kopi, sole *site, atKopi, atSole *tokens) {
	l.Helper()
	kopi, sole = l.site("kopi-web"), l.site("sole-web")
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue").at("/ask/when")
	p = p.form("/ask/when").send("do", "skip").at("/ask/birthday")
	p = p.form("/ask/birthday").send("q.birthday.day", "14", "q.birthday.month", "3", "do", "continue")
	atKopi = kopi.redeem(p.left)
	p = b.open(sole.authorize()).at("/terms").form("/terms").send("do", "agree").at("/ask/size")
	p = p.form("/ask/size").send("q.shoe_size", "42", "do", "continue")
	for p.left == nil && strings.HasPrefix(p.url.Path, "/ask/") {
		p = p.form(p.url.Path).send("do", "skip")
	}
	f := p.at("/share").form("/share")
	f.values["claim"] = share
	do := "nothing"
	if len(share) > 0 {
		do = "share"
	}
	atSole = sole.redeem(f.send("do", do).left)
	return kopi, sole, atKopi, atSole
}

// TestNeverAgreed: what a customer told another brand and did not agree to at
// /share is absent, also when it is answered anew and the client refreshes.
func TestNeverAgreed(t *testing.T) {
	l := newLab(t, labOptions{})
	b := l.browser()
	_, sole, _, tok := l.both(b)
	for _, where := range []map[string]any{tok.claims, tok.info} {
		wantZP(t, "Sole & Co", where, map[string]any{"shoe_size": "42"})
	}
	p := b.open("/preferences/answers/birthday/change?brand=kopi")
	p.form("/birthday/change").send("q.birthday.day", "15", "q.birthday.month", "3", "do", "continue")
	l.clock.Add(time.Minute)
	tok = sole.refresh(tok)
	wantZP(t, "Sole & Co's refresh", tok.claims, map[string]any{"shoe_size": "42"})
	wantZP(t, "Sole & Co's UserInfo", tok.info, map[string]any{"shoe_size": "42"})
}

// TestSharedAtShare: what was agreed to is there, in ID token and UserInfo as the
// client's policy has it; and it is not asked again.
func TestSharedAtShare(t *testing.T) {
	l := newLab(t, labOptions{})
	b := l.browser()
	_, sole, _, tok := l.both(b, "birthday", "email")
	want := map[string]any{"shoe_size": "42", "birthday": "--03-14"}
	wantZP(t, "ID token", tok.claims, want)
	wantZP(t, "UserInfo", tok.info, want)
	if tok.info["email"] != "nok@example.com" || tok.info["email_verified"] != true {
		t.Errorf("UserInfo: email %v, verified %v", tok.info["email"], tok.info["email_verified"])
	}
	if _, ok := tok.claims["email"]; ok {
		t.Error("the ID token has the address, which the client does not list there")
	}
	if tok.claims["zp_more"] != true {
		t.Errorf("zp_more is %v: the address was left for UserInfo", tok.claims["zp_more"])
	}
	for p := b.open(sole.authorize()); p.left == nil; p = p.form(p.url.Path).send("do", "skip") {
		if p.url.Path == "/share" {
			t.Fatal("asked again for what was shared")
		}
	}
}

// TestSharedByClaimsParameter: who asks by the claims parameter alone, without
// the scope, has the customer asked at /share too.
func TestSharedByClaimsParameter(t *testing.T) {
	l := newLab(t, labOptions{change: func(c *Config) {
		k, _ := c.Client("sole-web")
		k.Scopes, k.Grants = []string{"openid"}, []string{"authorization_code"}
	}})
	b := l.browser()
	kopi, sole := l.site("kopi-web"), l.site("sole-web")
	p := b.register(kopi, "nok@example.com", pass)
	for p.left == nil {
		if p.url.Path == "/ask/birthday" {
			p = p.form("/ask/birthday").send("q.birthday.day", "14", "q.birthday.month", "3", "do", "continue")
			continue
		}
		p = p.form(p.url.Path).send("do", "skip")
	}
	p = b.open(sole.authorize(oauth2.SetAuthURLParam("claims", `{"userinfo":{"birthday":null}}`))).at("/terms")
	p = p.form("/terms").send("do", "agree")
	for p.left == nil && strings.HasPrefix(p.url.Path, "/ask/") {
		p = p.form(p.url.Path).send("do", "skip")
	}
	tok := sole.redeem(p.at("/share", "14 March").form("/share").send("do", "share").left)
	wantZP(t, "UserInfo", tok.info, map[string]any{"birthday": "--03-14"})
	wantZP(t, "ID token", tok.claims, nil)
}

// TestGauntlet_Z02_OtherBrandsClaims: a client that asks for everything, by
// every scope and the claims parameter, gets nothing that another brand asked.
func TestGauntlet_Z02_OtherBrandsClaims(t *testing.T) {
	l := newLab(t, labOptions{})
	b := l.browser()
	_, sole, atKopi, _ := l.both(b)
	sole.oauth.Scopes = []string{"openid", "email", "profile", "zp", "zp.coffee", "kopi", "offline_access"}
	p := b.open(sole.authorize(oauth2.SetAuthURLParam("claims",
		`{"id_token":{"coffee_milk":{"essential":true},"kopi_milk":null,"zp":null,"birthday":null},"userinfo":{"coffee_milk":null,"kopi_milk":null,"zp":{"coffee_milk":null},"email":{"essential":true}}}`)))
	for p.left == nil && strings.HasPrefix(p.url.Path, "/ask/") {
		p = p.form(p.url.Path).send("do", "skip")
	}
	tok := sole.redeem(p.left)
	for _, where := range []map[string]any{tok.claims, tok.info} {
		text, err := json.Marshal(where)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"coffee", "oat", "kopi", "03-14", "nok@"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("Sole & Co was told %q: %s", secret, text)
			}
		}
	}
	if tok.claims["sub"] == atKopi.claims["sub"] {
		t.Error("both brands know the customer by one subject")
	}
}

// TestTokenSetsDisjoint: no string that one brand holds is held by the other,
// but for the address the customer shared and the protocol's own words. So two
// brands that lay their tables side by side find nothing to join on.
func TestTokenSetsDisjoint(t *testing.T) {
	l := newLab(t, labOptions{})
	b := l.browser()
	kopi, sole, atKopi, atSole := l.both(b, "email")
	l.clock.Add(time.Minute)
	one := append(stringsOf(t, atKopi), stringsOf(t, kopi.refresh(atKopi))...)
	two := append(stringsOf(t, atSole), stringsOf(t, sole.refresh(atSole))...)
	allowed := []string{
		l.issuer(), "nok@example.com", "bearer", "Bearer", // token_type
		"ES256", "JWT", // alg and typ of the header
		"1",          // acr
		"pwd", "otp", // amr
		"openid", "zp", "offline_access", "email", // scope
	}
	allowed = append(allowed, kids(t, l)...)
	for _, s := range one {
		if slices.Contains(two, s) && !slices.Contains(allowed, s) {
			t.Errorf("both brands hold %q", s)
		}
	}
	if len(one) < 20 {
		t.Errorf("only %d strings were looked at", len(one))
	}
}

// stringsOf are all string values in what a client holds; a scope is taken word by
// word, and tokens are also taken apart.
func stringsOf(t *testing.T, tok *tokens) []string {
	t.Helper()
	out := []string{tok.AccessToken, tok.RefreshToken, tok.raw, tok.TokenType}
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case string:
			out = append(out, strings.Fields(v)...)
		case []any:
			for _, x := range v {
				add(x)
			}
		case map[string]any:
			for _, x := range v {
				add(x)
			}
		}
	}
	add(tok.claims)
	add(tok.info)
	add(tok.Extra("scope"))
	head, err := base64.RawURLEncoding.DecodeString(strings.Split(tok.raw, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	var header map[string]any
	if err := json.Unmarshal(head, &header); err != nil {
		t.Fatal(err)
	}
	add(header)
	return out
}

// kids are the key ids of the JWKS.
func kids(t *testing.T, l *lab) []string {
	t.Helper()
	res, err := l.http.Client().Get(l.issuer() + "/jwks")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var set struct{ Keys []struct{ Kid string } }
	if err := json.NewDecoder(res.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, k := range set.Keys {
		out = append(out, k.Kid)
	}
	return out
}

// TestConsentNamesController: who a consent is given to stands in it, whether it
// was given by answering or at /share.
func TestConsentNamesController(t *testing.T) {
	l := newLab(t, labOptions{})
	b := l.browser()
	l.both(b, "birthday")
	r, err := http.NewRequest(http.MethodGet, l.issuer(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	session, err := l.server.now.Load().session(r)
	if err != nil || session == nil {
		t.Fatalf("session: %v %v", session, err)
	}
	err = l.db.View(t.Context(), func(tx *store.Tx) error {
		for brand, purpose := range map[string]string{"kopi": "personalise", "sole": "birthday_treat"} {
			chain, err := consent.Chain(tx, session.Account, brand, purpose)
			if err != nil {
				return err
			}
			want := l.cfg.Brands[brand].Controller
			if len(chain) < 2 || chain[len(chain)-1].Controller != consent.Controller(want) || want.Name == "" {
				t.Errorf("%s: %+v", brand, chain)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPromptConsent: prompt=consent asks once more, and what is then left out is
// no longer there.
func TestPromptConsent(t *testing.T) {
	l := newLab(t, labOptions{})
	b := l.browser()
	_, sole, _, _ := l.both(b, "birthday", "email")
	again := func() *shown {
		p := b.open(sole.authorize(oauth2.SetAuthURLParam("prompt", "consent")))
		for strings.HasPrefix(p.url.Path, "/ask/") {
			p = p.form(p.url.Path).send("do", "skip")
		}
		return p.at("/share", "14 March", "nok@example.com", "Shoe size")
	}
	f := again().form("/share")
	f.values["claim"] = []string{"shoe_size", "birthday"}
	tok := sole.redeem(f.send("do", "share").left)
	wantZP(t, "UserInfo", tok.info, map[string]any{"shoe_size": "42", "birthday": "--03-14"})
	if _, ok := tok.info["email"]; ok {
		t.Error("the address is still there")
	}
	if p := b.open(sole.authorize()); p.left == nil {
		t.Errorf("asked again without the prompt, at %s", p.url)
	}
}
