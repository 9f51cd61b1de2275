package proffer

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// TestGauntlet_S05_FormLeftOpen: V leaves a question open in one tab and signs
// out in another; M signs in on the same visit and comes to the same question.
// What V's page sends is not M's answer, and not M's consent.
func TestGauntlet_S05_FormLeftOpen(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi := l.site("kopi-web")
	l.browser().register(kopi, "mint@example.com", pass).at("/ask/coffee")
	l.clock.Add(100 * 24 * time.Hour)

	b := l.browser()
	left := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	visit := "?visit=" + url.QueryEscape(left.url.Query().Get("visit"))
	b.open("/signout").form("/signout").send()
	p := b.open("/login"+visit).at("/login").form("/login").send("email", "mint@example.com", "password", pass)
	p.at("/ask/coffee")
	l.quiet()
	l.unchanged("V's page", func() {
		v := left.form("/ask/coffee").with("q.coffee_milk", "oat", "do", "continue")
		if got := v.try(v.values); got.status != http.StatusForbidden {
			t.Errorf("V's page, sent while M is signed in: %d", got.status)
		}
	})
	if text := b.open("/preferences/answers").at("/answers").text(); strings.Contains(text, "Oat") {
		t.Errorf("M is said to have said:\n%s", text)
	}
}

// TestGauntlet_R04_OtherProvider: two providers share a store, and so its
// accounts. A password that is reset at one ends what the old one opened at both.
func TestGauntlet_R04_OtherProvider(t *testing.T) {
	one := newLab(t, labOptions{})
	two := newLab(t, labOptions{on: one})
	b, kopi := one.browser(), one.site("kopi-web")
	b.register(kopi, "nok@example.com", pass)

	thief, there := two.browser(), two.site("kopi-web")
	p := thief.signIn(there, "nok@example.com", pass)
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	stolen := there.redeem(p.left)

	b = one.browser()
	p = b.open(kopi.authorize()).at("/login")
	p = b.open(attrOf(p, "a", "href", "/recover")).form("/recover").send("email", "nok@example.com").at("/verify")
	p = p.form("/verify").send("code", one.code("nok@example.com", 2)).at("/new-password")
	p.form("/new-password").send("password", pass+" again")

	if _, err := there.tryRefresh(stolen); err == nil {
		t.Error("a refresh token of before the reset is good at the other provider")
	}
	if got := thief.once(http.MethodGet, "/userinfo", nil, "Authorization", "Bearer "+stolen.AccessToken); got.status != http.StatusUnauthorized {
		t.Errorf("UserInfo with an access token of before the reset: %d", got.status)
	}
	thief.open("/preferences").at("/login")
}

// TestGauntlet_P15_EndOfOwnVisit: a visit that begins at a page of ours ends
// there, and nowhere else on the host: .. in the name of a question is no way up.
func TestGauntlet_P15_EndOfOwnVisit(t *testing.T) {
	l := newLab(t, labOptions{prefix: "/id"})
	l.browser().register(l.site("kopi-web"), "nok@example.com", pass)
	for _, name := range []string{"..%2f..%2f..%2fshop", "..%2f..%2f..%2f..%2f%2fevil.example", "..%2f..%2f..%2f%5cevil.example", "%2e%2e", "%2f%2fevil.example", "a%2f..%2f..%2f..%2fb"} {
		b := l.browser()
		b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			if !strings.HasPrefix(r.URL.Path, "/id/") {
				t.Errorf("%s: leads to %s", name, r.URL)
				return http.ErrUseLastResponse
			}
			return nil
		}
		p := b.open("/id/preferences/answers/" + name + "/change").at("/login")
		if p = p.form("/login").send("email", "nok@example.com", "password", pass); !strings.HasPrefix(p.url.Path, "/id/preferences") || p.url.Host != strings.TrimPrefix(l.http.URL, "https://") {
			t.Errorf("%s: ends at %s", name, p.url)
		}
		if p.status >= 500 {
			t.Errorf("%s: %d", name, p.status)
		}
	}
}

// TestGauntlet_Z10_UndoAfterStop: who removed an answer, then stopped sharing
// with a brand altogether, does not share with it again by undoing the removal.
func TestGauntlet_Z10_UndoAfterStop(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, b := l.site("kopi-web"), l.browser()
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue").at("/ask/when")
	p = p.form("/ask/when").send("q.coffee_when", "morning", "do", "continue")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	tok := kopi.redeem(p.left)
	wantZP(t, "before", tok.info, map[string]any{"coffee_milk": "oat", "coffee_when": []any{"morning"}})

	l.clock.Add(time.Minute)
	p = b.open("/preferences/answers").form("/coffee_milk/remove?brand=kopi").send().at("/answers")
	undo := p.form("/undo?brand=kopi")
	l.clock.Add(time.Minute)
	b.open("/preferences/sharing").form("/kopi/stop").send().at("/sharing")
	wantZP(t, "after stopping", kopi.userinfo(tok.Token), map[string]any{})
	l.clock.Add(time.Minute)
	undo.send().at("/answers", "Oat")
	wantZP(t, "after undoing", kopi.userinfo(tok.Token), map[string]any{})
}

// TestUndoOneOfTwo: of two answers that were removed, the first can be undone
// with all that it did.
func TestUndoOneOfTwo(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, b := l.site("kopi-web"), l.browser()
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue").at("/ask/when")
	p = p.form("/ask/when").send("q.coffee_when", "morning", "do", "continue")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	tok := kopi.redeem(p.left)
	undo := b.open("/preferences/answers").form("/coffee_milk/remove?brand=kopi").send().at("/answers").form("/undo?brand=kopi")
	l.clock.Add(time.Minute)
	b.open("/preferences/answers").form("/coffee_when/remove?brand=kopi").send().at("/answers")
	wantZP(t, "both removed", kopi.userinfo(tok.Token), map[string]any{})
	undo.send().at("/answers", "Oat")
	wantZP(t, "one undone", kopi.userinfo(tok.Token), map[string]any{"coffee_milk": "oat"})
}

// TestGauntlet_Z10_TermsOnTheWayOut: who does not accept a brand's new terms can
// still sign in to what they told, to take it back or to leave.
func TestGauntlet_Z10_TermsOnTheWayOut(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, sole, b := l.site("kopi-web"), l.site("sole-web"), l.browser()
	b.register(kopi, "nok@example.com", pass)
	p := b.open(sole.authorize()).at("/terms")
	if p = p.form("/terms").send("do", "later"); p.left == nil || p.left.Query().Get("error") != "access_denied" {
		t.Fatalf("not now: %d, to %v", p.status, p.left)
	}
	b.drop("s")
	for _, path := range []string{"/preferences/delete", "/preferences/sharing"} {
		p = b.open(path).at("/login", "Sole & Co").form("/login").send("email", "nok@example.com", "password", pass)
		p.at(path)
		b.drop("s")
	}
}

// TestGauntlet_Z04_TermsNotShown: by registering one agrees to the terms that the
// page stood under, not to others that came since.
func TestGauntlet_Z04_TermsNotShown(t *testing.T) {
	l := newLab(t, labOptions{})
	sole := l.site("sole-web")
	for email, c := range map[string]struct {
		change func(v url.Values)
		path   string
	}{
		"nok@example.com":  {func(url.Values) {}, "/ask/size"},
		"mint@example.com": {func(v url.Values) { v.Set("terms", "0") }, "/terms"},
		"ploy@example.com": {func(v url.Values) { v.Set("terms", "999") }, "/terms"},
		"som@example.com":  {func(v url.Values) { v.Del("terms") }, "/terms"},
	} {
		b := l.browser()
		f := b.open(sole.authorize(oauth2.SetAuthURLParam("prompt", "create"))).at("/register").form("/register").with("email", email, "password", pass)
		c.change(f.values)
		f.send().at("/verify").form("/verify").send("code", l.code(email, 1)).at(c.path)
	}
}
