package proffer

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

const pass = "velvet lantern orchard"

// TestWalk takes one visitor through every gate, over HTTP: registration at
// Kopi Club, two answers and a skip, the code, the tokens; then Sole & Co.
func TestWalk(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, b := l.site("kopi-web"), l.browser()

	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee", "How do you take your coffee?", "Why we ask")
	p = p.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue").at("/ask/when")
	p = p.form("/ask/when").send("do", "skip").at("/ask/birthday", "When is your birthday?")
	p = p.form("/ask/birthday").send("q.birthday.day", "14", "q.birthday.month", "3", "do", "continue")
	first := kopi.redeem(p.left)
	want := map[string]any{"coffee_milk": "oat", "birthday": "--03-14"}
	wantZP(t, "Kopi's ID token", first.claims, want)
	wantZP(t, "Kopi's UserInfo", first.info, want)
	if first.claims["kopi_milk"] != "oat" {
		t.Errorf("alias kopi_milk is %v", first.claims["kopi_milk"])
	}
	if _, ok := first.info["email"]; ok {
		t.Error("Kopi Club got the address it never asked for")
	}

	// The same customer comes back: nothing is asked, the site has its code at once.
	again := b.open(kopi.authorize())
	if again.left == nil {
		t.Fatalf("a returning visit stands at %s:\n%s", again.url, again.text())
	}
	kopi.redeem(again.left)

	// Sole & Co: its own terms, its own questions, and what came from elsewhere.
	sole := l.site("sole-web")
	p = b.open(sole.authorize()).at("/terms")
	p = p.form("/terms").send("do", "agree").at("/ask/size", "What is your shoe size?")
	p = p.form("/ask/size").send("q.shoe_size", "42", "do", "continue")
	for p.left == nil && strings.HasPrefix(p.url.Path, "/ask/") {
		p = p.form(p.url.Path).send("do", "skip")
	}
	p.at("/share", "Birthday", "14 March", "nok@example.com")
	f := p.form("/share")
	if len(f.values["claim"]) != 0 {
		t.Errorf("ticked as it arrives: %v", f.values["claim"])
	}
	p = f.send("do", "nothing")
	second := sole.redeem(p.left)
	wantZP(t, "Sole's UserInfo", second.info, map[string]any{"shoe_size": "42"})
	if _, ok := second.info["email"]; ok {
		t.Error("Sole & Co got the address that was not shared")
	}

	// A change in the desk is in the next refresh and the next UserInfo; a stop too.
	b.open("/preferences/answers").at("/preferences/answers", "Oat milk")
	p = b.open("/preferences/answers/coffee_milk/change?brand=kopi")
	p.form("/coffee_milk/change").send("q.coffee_milk", "black", "do", "continue").at("/preferences/answers", "Black")
	wantZP(t, "UserInfo after the change", kopi.userinfo(first.Token), map[string]any{"coffee_milk": "black", "birthday": "--03-14"})
	l.clock.Add(time.Minute)
	first = kopi.refresh(first)
	wantZP(t, "ID token after the change", first.claims, map[string]any{"coffee_milk": "black", "birthday": "--03-14"})
	b.open("/preferences/sharing").at("/preferences/sharing", "Kopi Club").form("/stop?claim=coffee_milk").send()
	wantZP(t, "UserInfo after the stop", kopi.userinfo(first.Token), map[string]any{"birthday": "--03-14"})
	l.clock.Add(time.Minute)
	first = kopi.refresh(first)
	wantZP(t, "ID token after the stop", first.claims, map[string]any{"birthday": "--03-14"})
}

// TestWalkSilent: prompt=none never shows a page; each closed gate answers with
// its protocol error (OpenID Connect Core 1.0, 3.1.2.6).
func TestWalkSilent(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, sole, b := l.site("kopi-web"), l.site("sole-web"), l.browser()
	silent := oauth2.SetAuthURLParam("prompt", "none")
	refused := func(s *site, code string) {
		t.Helper()
		p := b.open(s.authorize(silent))
		if p.left == nil || p.left.Query().Get("error") != code || p.left.Query().Get("iss") != l.issuer() {
			t.Errorf("want %s: %d at %s, left for %v", code, p.status, p.url, p.left)
		}
	}
	refused(kopi, "login_required")
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue")
	for p.left == nil {
		if p.url.Path == "/ask/birthday" {
			p = p.form("/ask/birthday").send("q.birthday.day", "14", "q.birthday.month", "3", "do", "continue")
			continue
		}
		p = p.form(p.url.Path).send("do", "skip")
	}
	if p := b.open(kopi.authorize(silent)); p.left == nil || p.left.Query().Get("code") == "" {
		t.Errorf("signed in, all open: %d at %s, left for %v", p.status, p.url, p.left)
	}
	refused(sole, "interaction_required") // its terms
	b.open(sole.authorize()).at("/terms").form("/terms").send("do", "agree")
	refused(sole, "consent_required") // the birthday; its questions may be skipped and close nothing
}

// TestCommits counts what a visit costs the store: nothing is written that need
// not be, and what belongs together is read together. On PostgreSQL each Read and
// each commit is a round trip.
func TestCommits(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, b := l.site("kopi-web"), l.browser()
	p := b.register(kopi, "nok@example.com", pass)
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	kopi.redeem(p.left)
	l.mailTo("nok@example.com", 1)
	count := func(what string, commits, reads int, f func()) (trips int) {
		t.Helper()
		wrote, read := l.counts.Commits(), l.counts.Reads()
		f()
		wrote, read = l.counts.Commits()-wrote, l.counts.Reads()-read
		if commits > 0 {
			read /= 2 // in tests the function of an Update runs twice
		}
		if wrote != commits || read > reads {
			t.Errorf("%s: %d commits and %d reads, want %d and %d", what, wrote, read, commits, reads)
		}
		return wrote + read
	}
	var left *url.URL
	var tok *tokens
	trips := count("authorize", 1, 1, func() { left = b.open(kopi.authorize()).left })
	trips += count("exchange", 1, 1, func() { tok = kopi.exchange(left) })
	trips += count("UserInfo", 0, 1, func() { kopi.userinfo(tok.Token) })
	if trips > 5 {
		t.Errorf("a returning visit makes %d round trips to the store, want 5 at most", trips)
	}
	l.clock.Add(time.Minute)
	count("refresh", 1, 1, func() {
		var err error
		if tok.Token, err = kopi.tryRefresh(tok); err != nil {
			t.Fatal(err)
		}
	})
	count("UserInfo after it", 0, 1, func() { kopi.userinfo(tok.Token) })
}

// TestBelowPrefix runs a whole visit below a prefix, with a second provider of
// another issuer on the same store and in the same process.
func TestBelowPrefix(t *testing.T) {
	one := newLab(t, labOptions{prefix: "/id"})
	two := newLab(t, labOptions{on: one})
	for i, l := range []*lab{one, two} {
		kopi, b := l.site("kopi-web"), l.browser()
		p := b.register(kopi, []string{"nok@example.com", "ploy@example.com"}[i], pass)
		for p.left == nil {
			p = p.form(p.url.Path).send("do", "skip")
		}
		tok := kopi.redeem(p.left)
		if tok.claims["iss"] != l.issuer() {
			t.Errorf("issuer %v, want %s", tok.claims["iss"], l.issuer())
		}
		if l == one {
			if res, err := one.http.Client().Get(one.http.URL + "/login"); err != nil || res.StatusCode != http.StatusNotFound {
				t.Errorf("outside the prefix: %v %v", res, err)
			}
			continue
		}
		if _, err := one.site("kopi-web").tryRefresh(tok); err == nil {
			t.Error("a refresh token of one issuer is good at the other")
		}
	}
}
