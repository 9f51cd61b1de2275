package proffer

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// linked is Kopi Club with its welcome coming by link and when asked for alone.
func linked() labOptions {
	return labOptions{
		set: map[string][2]string{"kopi": {"    when: [registration, sign_in]\n    show: [coffee, when, birthday]\n", "    when: [link, ask]\n    snooze: 7d\n    show: [coffee, when, birthday]\n"}},
		change: func(c *Config) {
			c.Brands["kopi"].Clients["kopi-web"].Ask = []string{"welcome"}
		},
	}
}

// A link begins a visit of its own: who is not signed in signs in first, is asked
// what the link is about, and ends at a page that leads on.
func TestLink(t *testing.T) {
	l := newLab(t, linked())
	kopi, b := l.site("kopi-web"), l.browser()
	if p := b.register(kopi, "nok@example.com", pass); p.left == nil {
		t.Fatalf("asked without a link: %s", p.url)
	}
	link := l.issuer() + "/ask/welcome?brand=kopi"
	p := b.open(link)
	if !strings.HasSuffix(p.url.Path, "/ask/coffee") || !strings.Contains(p.body, "Not now") {
		t.Fatalf("the link leads to %s", p.url)
	}
	p = p.form("/ask/coffee").send("q.coffee_milk", "black", "do", "continue")
	for p.url.Path != "/ask" {
		if p.status != http.StatusOK {
			t.Fatalf("%d at %s", p.status, p.url)
		}
		p = p.form(p.url.Path).send("do", "skip")
	}
	if !strings.Contains(p.body, "Thank you") || !strings.Contains(p.body, `href="`+l.cfg.Brands["kopi"].Site) {
		t.Errorf("the end: %s", p.body)
	}
	if p := b.open(link); p.url.Path != "/ask" || !strings.Contains(p.body, "No questions for you right now") {
		t.Errorf("again: %s", p.url)
	}
	stranger := l.browser()
	if p := stranger.open(link); !strings.HasSuffix(p.url.Path, "/login") {
		t.Errorf("signed out: %s", p.url)
	}
	for _, other := range []string{"home_coffee", "nothing", "coffee"} {
		if p := stranger.open(l.issuer() + "/ask/" + other + "?brand=kopi"); p.status != http.StatusOK || !strings.Contains(p.body, "No questions for you right now") {
			t.Errorf("%s: %d at %s", other, p.status, p.url)
		}
	}
	if p := l.browser().open(l.issuer() + "/ask/welcome?brand=nobody"); p.status != http.StatusNotFound {
		t.Errorf("unknown brand: %d", p.status)
	}
}

// What is told behind a link, the brand gets: whoever has not agreed to its terms is
// asked for that first, and nothing else if they do not agree.
func TestLink_Terms(t *testing.T) {
	l := newLab(t, labOptions{set: map[string][2]string{"sole": {"when: [registration, sign_in]", "when: [link]"}}})
	b := l.browser()
	b.register(l.site("kopi-web"), "nok@example.com", pass)
	link := l.issuer() + "/ask/welcome?brand=sole"
	p := b.open(link).at("/terms")
	p = p.form("/terms").send("do", "later").at("/terms", "Nothing was asked", "You did not accept the terms")
	if p.status != http.StatusOK || !strings.Contains(p.body, `href="`+l.cfg.Brands["sole"].Site) {
		t.Errorf("%d: the page does not lead to the brand: %s", p.status, p.text())
	}
	for _, a := range b.ledger() {
		if a.Brand == "sole" {
			t.Errorf("answered without the terms: %+v", a)
		}
	}
	p = b.open(link).at("/terms").form("/terms").send("do", "agree").at("/ask/size")
	p.form("/ask/size").send("q.shoe_size", "42", "do", "continue")
	if p := b.open(link); strings.HasSuffix(p.url.Path, "/terms") {
		t.Error("asked twice for one version of the terms")
	}
}

// A client may ask for what its policy has. What it has not, and what there is
// not, are left out alike.
func TestGauntlet_Z04_AskIsNoOracle(t *testing.T) {
	l := newLab(t, linked())
	kopi, b := l.site("kopi-web"), l.browser()
	b.register(kopi, "nok@example.com", pass)
	for _, ask := range []string{"home_coffee", "nothing", "WELCOME", "welcome ", "../welcome", strings.Repeat("x", 3000)} {
		if p := b.open(kopi.authorize(oauth2.SetAuthURLParam("ask", ask))); p.left == nil || p.left.Query().Get("code") == "" || p.left.Query().Has("error") {
			t.Errorf("%.20q: at %s, left for %v", ask, p.url, p.left)
		}
	}
	silent := kopi.authorize(oauth2.SetAuthURLParam("ask", "welcome"), oauth2.SetAuthURLParam("prompt", "none"))
	if p := b.open(silent); p.left == nil || p.left.Query().Get("code") == "" {
		t.Errorf("prompt=none tells that something is due: %v", p.left)
	}
	p := b.open(kopi.authorize(oauth2.SetAuthURLParam("ask", "welcome")))
	if !strings.HasSuffix(p.url.Path, "/ask/coffee") {
		t.Fatalf("asked for, and not asked: %s", p.url)
	}
	if p = p.form("/ask/coffee").send("do", "snooze"); p.left == nil || p.left.Query().Get("code") == "" {
		t.Fatalf("not now leads to %s", p.url)
	}
	if p := b.open(kopi.authorize(oauth2.SetAuthURLParam("ask", "welcome"))); p.left == nil {
		t.Errorf("put off, and asked at once: %s", p.url)
	}
	l.clock.Add(8 * 24 * 3600e9)
	if p := b.open(kopi.authorize(oauth2.SetAuthURLParam("ask", "welcome"))); !strings.HasSuffix(p.url.Path, "/ask/coffee") {
		t.Errorf("the time is over: %s", p.url)
	}
}
