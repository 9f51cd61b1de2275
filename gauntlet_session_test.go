package proffer

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// crossOrigin are the headers of posts that do not come from our own pages.
func crossOrigin(l *lab) [][]string {
	return [][]string{
		{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
		{"Sec-Fetch-Site", "same-site", "Origin", "https://shop." + l.server.now.Load().site.Host()},
		{"Sec-Fetch-Site", "none-of-the-known", "Origin", "https://evil.example"},
		{"Origin", "https://evil.example"},
		{"Origin", l.http.URL + ".evil.example"},
		{"Origin", "null"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "null"},
	}
}

// TestGauntlet_S01_CSRF sends every form there is from elsewhere, without its
// token, and with that of another customer: 403, and nothing is written. That
// the walk goes on after it shows that the form itself was good.
func TestGauntlet_S01_CSRF(t *testing.T) {
	l := newLab(t, labOptions{set: map[string][2]string{"kopi": {"    show: [coffee, when, birthday]\n", "    show: [coffee, when, birthday]\n    check: true\n"}}})
	others := map[string]string{}
	l.tour(&tourist{name: "mint", password: pass, at: func(route string, f *form) { others[route] = f.values.Get("form_token") }})
	covered := map[string]bool{}
	l.tour(&tourist{name: "nok", password: pass, at: func(route string, f *form) {
		covered[route] = true
		l.quiet()
		refused := func(how string, values url.Values, head ...string) {
			t.Helper()
			l.unchanged(route+" "+how, func() {
				if p := f.try(values, head...); p.status != http.StatusForbidden || len(p.header.Values("Set-Cookie")) > 0 {
					t.Errorf("POST %s %s: %d, cookies %q", route, how, p.status, p.header.Values("Set-Cookie"))
				}
			})
		}
		for _, head := range crossOrigin(l) {
			refused(fmt.Sprint(head), f.values, head...)
		}
		token := f.values.Get("form_token")
		if token == "" || others[route] == "" || token == others[route] {
			t.Fatalf("%s: tokens %q and %q", route, token, others[route])
		}
		for how, value := range map[string]string{
			"with another customer's token": others[route], "with half a token": token[:8], "with an empty token": "",
			"with a token that is changed": strings.Repeat("A", len(token)),
		} {
			v := clone(f.values)
			v.Set("form_token", value)
			refused(how, v)
		}
		v := clone(f.values)
		v.Del("form_token")
		refused("without a token", v)
		inQuery := *f
		inQuery.action += map[bool]string{true: "&", false: "?"}[strings.Contains(f.action, "?")] + "form_token=" + url.QueryEscape(token)
		if p := inQuery.try(v); p.status != http.StatusForbidden {
			t.Errorf("POST %s with its token in the address: %d", route, p.status)
		}
	}})

	// What is left out, and why.
	exceptions := map[string]string{
		"/authorize": "brands' sites post to it; it changes nothing before a 303 to its own GET",
		"/logout":    "brands' sites post to it; it changes nothing but with a hint of the very session, or after a page of ours",
		"/token":     "takes no cookie", "/userinfo": "takes no cookie", "/revoke": "takes no cookie",
		"/par": "takes no cookie", "/carry-in": "takes no cookie", "/admin/v1/brands/{brand}/screens/check": "takes no cookie",
	}
	for _, rt := range l.server.now.Load().routes() {
		if rt.method == http.MethodPost && !covered[rt.path] && exceptions[rt.path] == "" {
			t.Errorf("POST %s was not tried", rt.path)
		}
	}
}

// TestGauntlet_S01_Exceptions: what may be posted from elsewhere changes nothing.
func TestGauntlet_S01_Exceptions(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, b := l.site("kopi-web"), l.browser()
	p := b.register(kopi, "nok@example.com", pass)
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	kopi.redeem(p.left)
	l.quiet()
	address, err := url.Parse(kopi.authorize())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]struct {
		values url.Values
		status int
	}{
		"/authorize": {address.Query(), http.StatusSeeOther},
		"/logout":    {url.Values{"client_id": {"kopi-web"}}, http.StatusOK},
		"/token":     {url.Values{"grant_type": {"authorization_code"}, "code": {p.left.Query().Get("code")}}, http.StatusUnauthorized},
		"/userinfo":  {url.Values{}, http.StatusUnauthorized},
		"/revoke":    {url.Values{"token": {"x"}}, http.StatusUnauthorized},
	} {
		for _, head := range crossOrigin(l) {
			l.unchanged("POST "+path, func() {
				got := b.once(http.MethodPost, path, want.values, head...)
				if got.status != want.status {
					t.Errorf("POST %s with %q: %d, want %d", path, head, got.status, want.status)
				}
				if path == "/authorize" && (got.left == nil || !strings.HasPrefix(got.left.String(), l.issuer()+"/authorize?posted=") || len(got.header.Values("Set-Cookie")) > 0) {
					t.Errorf("POST /authorize trusts its cookies: to %v, cookies %q", got.left, got.header.Values("Set-Cookie"))
				}
			})
		}
	}
	if again := b.open(kopi.authorize(oauth2.SetAuthURLParam("prompt", "none"))); again.left == nil || again.left.Query().Get("code") == "" {
		t.Error("signed out by a post from elsewhere")
	}
}

// TestGauntlet_S04_CookieFlags reads every cookie of a whole tour.
func TestGauntlet_S04_CookieFlags(t *testing.T) {
	l := newLab(t, labOptions{})
	names := map[string]bool{}
	see := func(r *http.Response, _ string) {
		for _, line := range r.Header.Values("Set-Cookie") {
			c, err := http.ParseSetCookie(line)
			if err != nil {
				t.Errorf("%q: %v", line, err)
				continue
			}
			names[c.Name] = true
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" ||
				c.SameSite != http.SameSiteLaxMode || len(line) >= 4096 {
				t.Errorf("%s sets %q", r.Request.URL.Path, line)
			}
			if strings.Contains(line, "nok") || strings.Contains(line, "oat") {
				t.Errorf("%s says something of the customer in %q", r.Request.URL.Path, line)
			}
		}
	}
	nok := &tourist{name: "nok", password: pass, watch: see}
	l.tour(nok)
	nok.browser().open("/login?lang=th")
	if len(names) < 3 || len(names) >= 10 {
		t.Errorf("%d cookies: %v", len(names), names)
	}
}

// TestGauntlet_S05_SharedBrowser: V signs in, loses half of their cookies, and M
// signs in on the same visit. M's brand hears of M alone, and no page of V's is
// left for the way back.
func TestGauntlet_S05_SharedBrowser(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi := l.site("kopi-web")
	see := func(r *http.Response, body string) {
		kept := strings.HasPrefix(r.Request.URL.Path, "/static/")
		if !kept && r.Header.Get("Cache-Control") != "no-store" && (body != "" || r.StatusCode == http.StatusOK) {
			t.Errorf("%s %s may be kept: %d, Cache-Control %q", r.Request.Method, r.Request.URL.Path, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
	mint := (&tourist{lab: l, watch: see}).browser()
	p := mint.register(kopi, "mint@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "black", "do", "continue")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	sub := kopi.redeem(p.left).claims["sub"]

	for _, lost := range [][]string{{"s"}, {"s", "b"}, {"s", "l", "b"}} {
		b := (&tourist{lab: l, watch: see}).browser()
		email := fmt.Sprintf("nok%d@example.com", len(lost))
		p := b.register(kopi, email, pass).at("/ask/coffee")
		p = p.form("/ask/coffee").send("q.coffee_milk", "oat", "do", "continue").at("/ask/when")
		left := p
		for _, name := range lost {
			b.drop(name)
		}
		p = b.open("/authorize?visit=" + url.QueryEscape(p.url.Query().Get("visit"))).at("/register") // which the visit asks for
		p = b.open(attrOf(p, "a", "href", "/login")).at("/login")
		if strings.Contains(p.body, email) {
			t.Error("the sign-in page knows the customer before")
		}
		p = p.form("/login").send("email", "mint@example.com", "password", pass)
		tok := kopi.redeem(p.left)
		if tok.claims["sub"] != sub {
			t.Errorf("subject %v, want %v", tok.claims["sub"], sub)
		}
		wantZP(t, "M's ID token", tok.claims, map[string]any{"coffee_milk": "black"})
		// The page that V left open is V's no more, and it is not M's turn on it.
		if got := left.form("/ask/when").send("q.coffee_when", "morning", "do", "continue"); got.status != http.StatusConflict && got.status != http.StatusOK {
			t.Errorf("a page that was left open: %d", got.status)
		}
		if text := b.open("/preferences/answers").at("/answers").text(); strings.Contains(text, "Oat") || strings.Contains(text, email) {
			t.Errorf("M sees V's:\n%s", text)
		}
		// The way back after signing out shows nobody's answers.
		b.open("/signout").form("/signout").send()
		b.open("/preferences/answers").at("/login")
	}
	if got := kopi.redeem(mint.open(kopi.authorize()).left); fmt.Sprint(zp(got.claims)) != fmt.Sprint(map[string]any{"coffee_milk": "black"}) {
		t.Errorf("M's answers afterwards: %v", zp(got.claims))
	}
}

// TestGauntlet_S07_HostPoisoning: another host is answered 421, whatever the
// headers say links come from the issuer alone.
func TestGauntlet_S07_HostPoisoning(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, host := l.site("kopi-web"), l.server.now.Load().site.Host()
	conn := func(request string) *http.Response {
		t.Helper()
		c, err := tls.Dial("tcp", l.http.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true}) // the host is what is tried here
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		fmt.Fprint(c, strings.ReplaceAll(request, "\n", "\r\n"))
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	for request, want := range map[string]int{
		"GET /.well-known/openid-configuration HTTP/1.1\nHost: evil.example\n\n":                     421,
		"GET https://evil.example/login HTTP/1.1\nHost: " + host + "\n\n":                            421,
		"GET https://" + host + "/.well-known/openid-configuration HTTP/1.1\nHost: evil.example\n\n": 200, // RFC 9112, 3.2.2: Host is ignored
		"GET /login HTTP/1.1\nHost: " + host + ".evil.example\n\n":                                   421,
		"GET /login HTTP/1.1\nHost: evil@" + host + "\n\n":                                           400,
		"GET /login HTTP/1.1\nHost: " + strings.ReplaceAll(host, ":", ":0") + "\n\n":                 421,
		"GET /login HTTP/1.1\nHost: " + host + "\nHost: evil.example\n\n":                            400,
		"GET /login HTTP/1.0\n\n": 421,
	} {
		res := conn(request)
		if res.StatusCode != want {
			t.Errorf("%q: %d, want %d", request, res.StatusCode, want)
		}
		for name, values := range res.Header {
			if strings.Contains(fmt.Sprint(values), "evil") {
				t.Errorf("%q: %s: %q", request, name, values)
			}
		}
	}
	evil := []string{
		"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http", "X-Forwarded-Prefix", "/evil", "X-Forwarded-Server", "evil.example",
		"Forwarded", "for=1.2.3.4;host=evil.example;proto=http", "X-Original-URL", "/evil", "X-Rewrite-URL", "/evil", "X-Host", "evil.example",
		"X-Forwarded-For", "evil.example", "Referer", "https://evil.example/",
	}
	b := l.browser()
	for _, path := range []string{"/.well-known/openid-configuration", "/jwks", "/preferences", "/nowhere", "/login", "/confirm?token=x"} {
		if p := b.once(http.MethodGet, path, nil, evil...); strings.Contains(p.body, "evil") || strings.Contains(fmt.Sprint(p.header), "evil") {
			t.Errorf("%s says it:\n%v\n%s", path, p.header, p.body)
		}
	}
	p := b.open(kopi.authorize()).at("/login")
	p = b.open(attrOf(p, "a", "href", "/recover"))
	for i, email := range []string{"nok@example.com", "mint@example.com"} { // neither has an account
		if got := p.form("/recover").with("email", email).try(url.Values{
			"email": {email}, "visit": {p.form("/recover").values.Get("visit")}, "form_token": {p.form("/recover").values.Get("form_token")},
		}, evil...); got.status != http.StatusSeeOther {
			t.Fatalf("recover %d: %d", i, got.status)
		}
		m := l.mailTo(email, 1)
		if strings.Contains(m.Text+m.HTML, "evil") || strings.Count(m.Text, "https://") != strings.Count(m.Text, l.issuer()+"/") || !strings.Contains(m.Text, l.issuer()) {
			t.Errorf("links not of the issuer:\n%s", m.Text)
		}
	}
}
