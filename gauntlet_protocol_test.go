package proffer

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// TestGauntlet_P17_PromptNone: with prompt=none every closed gate is answered
// at the brand's site: no page, no code, no claim, nothing agreed to, nothing
// written.
func TestGauntlet_P17_PromptNone(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, sole, b := l.site("kopi-web"), l.site("sole-web"), l.browser()
	silent := oauth2.SetAuthURLParam("prompt", "none")
	refused := func(b *browser, s *site, want string) {
		t.Helper()
		for _, opts := range [][]oauth2.AuthCodeOption{{silent}, {silent, oauth2.SetAuthURLParam("login_hint", "nok@example.com")}, {silent, oauth2.SetAuthURLParam("display", "popup")}} {
			l.quiet()
			l.unchanged("prompt=none", func() {
				p := b.once(http.MethodGet, s.authorize(opts...), nil, "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "cross-site")
				if p.status != http.StatusSeeOther || p.left == nil || !strings.HasPrefix(p.left.String(), s.oauth.RedirectURL) {
					t.Fatalf("%d, to %v\n%s", p.status, p.left, p.text())
				}
				q := p.left.Query()
				if q.Get("error") != want || q.Has("code") || q.Get("state") != "af0ifjsldkj" || q.Get("iss") != l.issuer() || p.left.Fragment != "" {
					t.Errorf("want %s: %v", want, q)
				}
				for name := range q {
					if name != "error" && name != "error_description" && name != "state" && name != "iss" {
						t.Errorf("%s goes to the brand's site: %v", name, q)
					}
				}
				if strings.Contains(p.left.String(), "nok") || b.cookie("s") != "" && strings.Contains(p.body, "nok") {
					t.Error("who is signed in goes to the brand's site")
				}
			})
		}
	}
	refused(l.browser(), kopi, "login_required")
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	for p.left == nil {
		if p.url.Path == "/ask/birthday" {
			p = p.form("/ask/birthday").send("q.birthday.day", "14", "q.birthday.month", "3", "do", "continue")
			continue
		}
		p = p.form(p.url.Path).send("do", "skip")
	}
	kopi.redeem(p.left)
	refused(b, sole, "interaction_required") // its terms
	b.open(sole.authorize()).at("/terms").form("/terms").send("do", "agree")
	refused(b, sole, "consent_required")
	b.drop("s")
	refused(b, sole, "login_required")
	refused(b, kopi, "login_required")

	// It goes with nothing else, and a site cannot be told it has a session.
	if p := l.browser().open(kopi.authorize(oauth2.SetAuthURLParam("prompt", "none login"))); p.left == nil || p.left.Query().Get("error") != "invalid_request" {
		t.Errorf("prompt=none login: %d, to %v", p.status, p.left)
	}
}

// TestGauntlet_P18_PollutionOverHTTP: a parameter twice, another method, another
// type of body, a client in two places: refused, and never a redirect that keeps
// the method.
func TestGauntlet_P18_PollutionOverHTTP(t *testing.T) {
	l := newLab(t, labOptions{})
	redirects := map[int]bool{}
	watch := func(r *http.Response, _ string) {
		if r.StatusCode >= 300 && r.StatusCode < 400 {
			redirects[r.StatusCode] = true
			if r.StatusCode != http.StatusSeeOther {
				t.Errorf("%s %s: %d", r.Request.Method, r.Request.URL.Path, r.StatusCode)
			}
		}
	}
	nok := &tourist{name: "nok", password: pass, watch: watch}
	l.tour(nok)
	kopi, b := l.site("kopi-web"), nok.browser()
	address := kopi.authorize()
	for _, twice := range []string{"client_id=sole-web", "client_id=kopi-web", "redirect_uri=https%3A%2F%2Fevil.example", "response_type=token", "scope=openid", "state=other", "nonce=n", "code_challenge=x", "code_challenge_method=plain", "prompt=none"} {
		with := address + "&" + twice
		if strings.HasPrefix(twice, "prompt") {
			with += "&" + twice
		}
		p := b.once(http.MethodGet, with, nil)
		page := strings.HasPrefix(twice, "client_id") || strings.HasPrefix(twice, "redirect_uri")
		switch {
		case page && (p.status != http.StatusBadRequest || p.left != nil):
			t.Errorf("%s twice: %d, to %v", twice, p.status, p.left)
		case !page && (p.left == nil || p.left.Query().Get("error") != "invalid_request"):
			t.Errorf("%s twice: %d, to %v", twice, p.status, p.left)
		}
	}

	p := b.register(kopi, "mint@example.com", pass)
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	l.quiet()
	good := url.Values{"grant_type": {"authorization_code"}, "code": {p.left.Query().Get("code")}, "redirect_uri": {kopi.oauth.RedirectURL},
		"code_verifier": {kopi.verifier}, "client_id": {"kopi-web"}, "client_secret": {kopi.oauth.ClientSecret}}
	stranger := l.browser()
	for what, try := range map[string]func() *shown{
		"GET":          func() *shown { return stranger.once(http.MethodGet, "/token?"+good.Encode(), nil) },
		"PUT":          func() *shown { return stranger.once(http.MethodPut, "/token", good) },
		"in the query": func() *shown { return stranger.once(http.MethodPost, "/token?"+good.Encode(), url.Values{}) },
		"a JSON body": func() *shown {
			return stranger.once(http.MethodPost, "/token", good, "Content-Type", "application/json")
		},
		"multipart": func() *shown {
			return stranger.once(http.MethodPost, "/token", good, "Content-Type", "multipart/form-data; boundary=x")
		},
		"a trailing /": func() *shown {
			return stranger.once(http.MethodPost, "/token/", good, "Origin", "https://evil.example")
		},
		"method header": func() *shown {
			return stranger.once(http.MethodGet, "/token?"+good.Encode(), nil, "X-HTTP-Method-Override", "POST")
		},
		"code twice": func() *shown {
			v := clone(good)
			v.Add("code", "x")
			return stranger.once(http.MethodPost, "/token", v)
		},
		"client twice": func() *shown {
			v := clone(good)
			v.Add("client_id", "sole-web")
			return stranger.once(http.MethodPost, "/token", v)
		},
		"two clients": func() *shown {
			v := clone(good)
			v.Set("client_id", "sole-web")
			r, _ := http.NewRequest(http.MethodPost, l.issuer(), nil)
			r.SetBasicAuth("kopi-web", kopi.oauth.ClientSecret)
			return stranger.once(http.MethodPost, "/token", v, "Authorization", r.Header.Get("Authorization"))
		},
		"two ways": func() *shown {
			r, _ := http.NewRequest(http.MethodPost, l.issuer(), nil)
			r.SetBasicAuth("kopi-web", kopi.oauth.ClientSecret)
			return stranger.once(http.MethodPost, "/token", good, "Authorization", r.Header.Get("Authorization"))
		},
	} {
		got := try()
		if got.status < 400 || got.status >= 500 || strings.Contains(got.body, "access_token") {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}

	// POST /authorize works for who is signed in, by way of its own GET.
	begin, err := url.Parse(kopi.authorize())
	if err != nil {
		t.Fatal(err)
	}
	p = b.once(http.MethodPost, "/authorize", begin.Query(), "Origin", "http://localhost:8081", "Sec-Fetch-Site", "cross-site")
	if p.status != http.StatusSeeOther || p.left == nil || p.left.Path != "/authorize" || p.left.Query().Has("code") {
		t.Fatalf("POST /authorize: %d, to %v", p.status, p.left)
	}
	kopi.redeem(b.open(p.left.String()).left)
	if !redirects[http.StatusSeeOther] {
		t.Error("no redirect was seen")
	}
}
