package proffer

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/oauth2"
)

// TestGauntlet_Z04_ShareForged: what leaves is what was ticked on the page that
// was shown, whatever else the form says and however else one asks.
func TestGauntlet_Z04_ShareForged(t *testing.T) {
	l := newLab(t, labOptions{})
	b := l.browser()
	kopi, sole := l.site("kopi-web"), l.site("sole-web")
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue").at("/ask/when").form("/ask/when").send("do", "skip")
	kopi.redeem(p.form("/ask/birthday").send("q.birthday.day", "14", "q.birthday.month", "3", "do", "continue").left)
	p = b.open(sole.authorize()).at("/terms")
	terms := p
	l.quiet()
	// To the end at once: the walk comes back to what is open.
	b.open("/authorize?visit=" + url.QueryEscape(p.url.Query().Get("visit"))).at("/terms")
	if got := b.open("/share?visit=" + url.QueryEscape(p.url.Query().Get("visit"))); got.left != nil {
		t.Errorf("the last step first: left for %v", got.left)
	}
	p = terms.form("/terms").send("do", "agree")
	for strings.HasPrefix(p.url.Path, "/ask/") {
		p = p.form(p.url.Path).send("do", "skip")
	}
	f := p.at("/share").form("/share")
	for what, c := range map[string]struct {
		change func(v url.Values)
		status int
	}{
		"another brand's claim":   {func(v url.Values) { v["claim"] = []string{"birthday", "coffee_milk"} }, 422},
		"a claim nobody has":      {func(v url.Values) { v["claim"] = []string{"sub"} }, 422},
		"a scope":                 {func(v url.Values) { v["claim"] = []string{"zp"} }, 422},
		"nothing ticked":          {func(v url.Values) {}, 422},
		"an unknown button":       {func(v url.Values) { v.Set("do", "all"); v["claim"] = []string{"birthday"} }, 422},
		"another page's hash":     {func(v url.Values) { v.Set("shown", strings.Repeat("0", 32)); v["claim"] = []string{"birthday"} }, 409},
		"no hash":                 {func(v url.Values) { v.Del("shown"); v["claim"] = []string{"birthday"} }, 409},
		"shown at another time":   {func(v url.Values) { v.Set("asked", "1"); v["claim"] = []string{"birthday"} }, 403},
		"the other brand's visit": {func(v url.Values) { v.Set("visit", "x"); v["claim"] = []string{"birthday"} }, 400},
	} {
		v := clone(f.values)
		v.Set("do", "share")
		c.change(v)
		l.unchanged(what, func() {
			if got := f.try(v); got.status != c.status {
				t.Errorf("%s: %d, want %d", what, got.status, c.status)
			}
		})
	}
	// A purpose, a claim or a consent that the page has no field for is not read.
	f.values["claim"] = []string{"birthday"}
	p = f.send("do", "share", "purpose", "orders", "email", "on", "consent", "all", "claims", "email")
	tok := sole.redeem(p.left)
	wantZP(t, "UserInfo", tok.info, map[string]any{"birthday": "--03-14"})
	if _, ok := tok.info["email"]; ok {
		t.Error("an address nobody ticked")
	}
	for _, grant := range []url.Values{
		{"grant_type": {"client_credentials"}, "scope": {"openid zp email"}},
		{"grant_type": {"password"}, "username": {"nok@example.com"}, "password": {pass}, "scope": {"openid zp email"}},
		{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token": {tok.AccessToken}, "subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"}},
		{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {tok.raw}},
		{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {"x"}},
	} {
		grant.Set("client_id", "sole-web")
		grant.Set("client_secret", sole.oauth.ClientSecret)
		if got := b.once(http.MethodPost, "/token", grant); got.status != 400 || strings.Contains(got.body, "access_token") {
			t.Errorf("%s: %d %s", grant.Get("grant_type"), got.status, got.body)
		}
	}
	// A refresh cannot ask for more than was granted, nor for another's claims.
	wide := b.once(http.MethodPost, "/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tok.RefreshToken},
		"client_id": {"sole-web"}, "client_secret": {sole.oauth.ClientSecret}, "scope": {"openid zp email profile phone"}, "claims": {`{"userinfo":{"email":null}}`}})
	if wide.status == http.StatusOK && strings.Contains(wide.body, "profile") {
		t.Errorf("a refresh widened the scope: %s", wide.body)
	}
}

// TestGauntlet_Z08_AttentionOverHTTP: whatever a brand's site does, a customer is
// asked six times in thirty days, by all brands together, and can always skip.
func TestGauntlet_Z08_AttentionOverHTTP(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, sole := l.site("kopi-web"), l.site("sole-web")
	asked := 0
	walk := func(b *browser, p *shown) {
		t.Helper()
		if p.url.Path == "/login" && p.left == nil {
			p = p.form("/login").send("email", "nok@example.com", "password", pass)
		}
		for p.left == nil {
			switch {
			case strings.HasPrefix(p.url.Path, "/ask/"):
				asked++
				attrOf(p, "button", "value", "skip")
				if strings.HasSuffix(p.url.Path, "/coffee") || strings.HasSuffix(p.url.Path, "/home") {
					p = p.form(p.url.Path).send("do", "continue", "q.coffee_milk", "oat", "q.home_brew", "yes")
				} else {
					p = p.form(p.url.Path).send("do", "skip")
				}
			case p.url.Path == "/terms":
				p = p.form("/terms").send("do", "agree")
			default:
				p = p.form("/share").send("do", "nothing")
			}
		}
	}
	first := l.browser()
	walk(first, first.register(kopi, "nok@example.com", pass))
	login := oauth2.SetAuthURLParam("prompt", "login")
	start := l.clock.Now()
	for i := range 6 {
		b := l.browser() // no cookie from before
		walk(b, b.open(sole.authorize()))
		walk(b, b.open(kopi.authorize(login)))
		walk(b, b.open(sole.authorize(login, oauth2.SetAuthURLParam("max_age", "0"))))
		walk(first, first.open(kopi.authorize(oauth2.SetAuthURLParam("prompt", "login consent"))))
		switch i { // and the clock is not right either
		case 2:
			l.clock.Add(-5 * time.Minute)
		case 3:
			l.clock.Add(-48 * time.Hour)
		default:
			l.clock.Add(7 * 24 * time.Hour)
		}
	}
	if d := l.clock.Now().Sub(start); d > 29*24*time.Hour {
		t.Fatalf("%v went by", d)
	}
	if asked != 6 {
		t.Errorf("asked %d times in thirty days, want 6", asked)
	}
}

// TestGauntlet_Z10_NeutralPages: on no page of a tour anything is ticked, and
// saying no stands beside saying yes, in the same size.
func TestGauntlet_Z10_NeutralPages(t *testing.T) {
	l := newLab(t, labOptions{})
	asked := 0
	l.tour(&tourist{name: "nok", password: pass, watch: func(r *http.Response, body string) {
		doc, err := html.Parse(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		buttons := map[string]*html.Node{}
		walkHTML(doc, func(n *html.Node) {
			if n.Data == "input" && has_(n, "checked") || n.Data == "option" && has_(n, "selected") && attr(n, "value") != "" {
				// An answer one gave is filled in where one changes it, nowhere else.
				if !strings.HasSuffix(r.Request.URL.Path, "/change") {
					t.Errorf("%s: %s is chosen already", r.Request.URL.Path, attr(n, "name"))
				}
			}
			if n.Data == "button" && attr(n, "name") == "do" {
				buttons[attr(n, "value")] = n
			}
		})
		for yes, no := range map[string]string{"continue": "skip", "agree": "later", "share": "nothing", "yes": "skip"} {
			if buttons[yes] == nil || strings.HasSuffix(r.Request.URL.Path, "/change") {
				continue
			}
			asked++
			n := buttons[no]
			if n == nil || has_(n, "hidden") || has_(n, "disabled") || attr(n, "tabindex") != "" || n.Parent != buttons[yes].Parent {
				t.Errorf("%s: %s does not stand beside %s", r.Request.URL.Path, no, yes)
				continue
			}
			if yes != "continue" && attr(n, "class") != attr(buttons[yes], "class") {
				t.Errorf("%s: %s is %q, %s is %q", r.Request.URL.Path, no, attr(n, "class"), yes, attr(buttons[yes], "class"))
			}
		}
	}})
	if asked < 6 {
		t.Errorf("only %d choices were seen", asked)
	}
}
