package oauth_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/web"
)

// mutants are addresses that some parser takes for the registered one.
func mutants(uri string) []string {
	host, path := "kopi.example", "/callback"
	out := []string{
		uri + "/", uri + "?", uri + "#", uri + ".", uri + ";", uri + "&", uri + "%00", uri + "%20", uri + " ", " " + uri, uri + "\t", "\t" + uri, uri + "\n",
		uri + "?x=1", uri + "?code=1", uri + "#x", uri + "/..", uri + "/.", uri + "/../callback", uri + "//", uri + "%2f", uri + "\\", uri + ";x=1", uri + "/x",
		"http://" + host + path, "HTTPS://" + host + path, "https:" + host + path, "https:/" + host + path, "https:///" + host + path, "//" + host + path, path,
		"https://KOPI.example" + path, "https://kopi.EXAMPLE" + path, "https://" + host + "." + path, "https://" + host + ":443" + path, "https://" + host + ":8443" + path, "https://" + host + ":" + path,
		"https://evil@" + host + path, "https://" + host + "@evil.example" + path, "https://" + host + "@evil@evil.example" + path, "https://" + host + ":x@evil.example" + path,
		"https://" + host + "\\@evil.example" + path, "https://" + host + "%5c@evil.example" + path, "https://" + host + "%40evil.example" + path, "https://evil.example/" + host + path,
		"https://" + host + ".evil.example" + path, "https://evil-" + host + path, "https://evil.example#" + uri, "https://evil.example?" + uri, "https://evil.example\\." + host + path,
		"https://" + host + "//callback", "https://" + host + "/./callback", "https://" + host + "/x/../callback", "https://" + host + "/..;/callback", "https://" + host + "/%2e%2e/callback", "https://" + host + "/%2e/callback",
		"https://" + host + "/Callback", "https://" + host + "/callbac%6b", "https://" + host + "/callback%2e", "https://k\u043epi.example" + path, "https://xn--kpi-5cd.example" + path, "https://\u212aopi.example" + path,
		"https://" + host + "/callback\r\nX: y", "javascript:alert(1)//" + host + path, "data:text/html," + uri, "https://*" + path, "https://" + host + "/*", "null", "about:blank",
	}
	return out
}

func TestGauntlet_P01_RedirectConfusion(t *testing.T) {
	w := newWorld(t)
	all := mutants(callback)
	if len(all) < 60 {
		t.Fatalf("only %d mutants", len(all))
	}
	all = append(all, "", "https://kopi.example/other", "https://kopi.example/other?x=1&y=2", "https://kopi.example/other?x=%31")
	refused := func(v url.Values) {
		t.Helper()
		for _, a := range []answer{w.ask(w.browser(), v), w.post(w.browser(), w.issuer+"/authorize", v, "", "")} {
			if a.status != 400 || a.header.Get("Location") != "" || !strings.Contains(a.body, "client.redirect") {
				t.Errorf("%q: %d, Location %q, %s", v["redirect_uri"], a.status, a.header.Get("Location"), a.body)
			}
		}
	}
	for _, uri := range all {
		v := request()
		v.Set("redirect_uri", uri)
		refused(v)
	}
	v := request()
	v.Add("redirect_uri", "https://evil.example/")
	refused(v)
	v["redirect_uri"] = []string{callback, callback}
	refused(v)
	v.Del("redirect_uri")
	refused(v)
	for _, uri := range []string{callback, "https://kopi.example/other?x=1"} {
		back := w.ask(w.browser(), request("redirect_uri", uri)).header.Get("Location")
		if !strings.HasPrefix(back, uri) {
			t.Errorf("the registered %q came back as %q", uri, back)
		}
	}
}

// A native client's loopback port is free, and nothing else of it (RFC 8252, 7.3).
func TestRFC8252_LoopbackPort(t *testing.T) {
	w := newWorld(t)
	ask := func(client, uri string) answer {
		return w.ask(w.browser(), request("client_id", client, "redirect_uri", uri))
	}
	for _, uri := range []string{"http://127.0.0.1/native", "http://127.0.0.1:1/native", "http://127.0.0.1:65000/native", "id.kopi.app:/back"} {
		if a := ask("kopi-app", uri); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), uri+"?") {
			t.Errorf("%s: %d %s %s", uri, a.status, a.header.Get("Location"), a.body)
		}
	}
	for _, uri := range []string{
		"http://127.0.0.1:/native", "http://127.0.0.1:99999999/native", "http://127.0.0.1:1@evil.example/native", "http://127.0.0.1:8x/native",
		"http://localhost:8080/native", "http://[::1]:8080/native", "https://127.0.0.1:8080/native", "http://127.0.0.1:8080/native/", "http://127.0.0.1:8080",
		"http://127.0.0.1.evil.example/native", "http://127.0.0.1evil/native", "http://evil@127.0.0.1:9/native", "http://127.0.0.1:80\\@evil/native", "id.kopi.app:/other", "ID.kopi.app:/back",
	} {
		if a := ask("kopi-app", uri); a.status != 400 || a.header.Get("Location") != "" {
			t.Errorf("%s: %d %s", uri, a.status, a.header.Get("Location"))
		}
	}
	if a := ask("kopi-web", "http://127.0.0.1:1/native"); a.status != 400 {
		t.Errorf("another client: %d", a.status)
	}
}

func TestGauntlet_P03_ScriptSchemes(t *testing.T) {
	w := newWorld(t)
	for _, uri := range []string{
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "\tjavascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://kopi.example/", "",
		"http://kopi.example/callback", "https:///callback", "https://kopi.example/callback#x", "https://user@kopi.example/", "https://kopi.example/a b", "//kopi.example", "blob:x", "about:blank",
	} {
		for _, native := range []bool{false, true} {
			for _, c := range []oauth.Client{
				{ID: "x", Brand: "x", RedirectURIs: []string{uri}, Native: native}, {ID: "x", Brand: "x", PostLogoutRedirectURIs: []string{uri}, Native: native},
			} {
				err := w.reload([]oauth.Client{c})
				if err == nil || !strings.Contains(err.Error(), "redirect_uri") {
					t.Errorf("%q (native %v): %v", uri, native, err)
				}
			}
		}
	}
}

// What would be unsafe is refused when it is loaded.
func TestClientsRefused(t *testing.T) {
	w := newWorld(t)
	secret := [][32]byte{{1}}
	for reason, c := range map[string]oauth.Client{
		"brand":      {ID: "x"},
		"id":         {Brand: "x"},
		"grant":      {ID: "x", Brand: "x", Grants: []string{"password"}},
		"alg":        {ID: "x", Brand: "x", IDTokenAlg: "none"},
		"method":     {ID: "x", Brand: "x", Secrets: secret, AuthMethods: []string{"private_key_jwt"}},
		"secrets":    {ID: "x", Brand: "x", Secrets: secret, AuthMethods: []string{"none"}},
		"does not":   {ID: "x", Brand: "x", AuthMethods: []string{"client_secret_basic"}},
		"PKCE":       {ID: "x", Brand: "x", NoPKCE: true},
		"scopes":     {ID: "x", Brand: "x", Scopes: make([]string, 33)},
		"origin":     {ID: "x", Brand: "x", Origins: []string{"*"}},
		`"null"`:     {ID: "x", Brand: "x", Origins: []string{"null"}},
		"nothing":    {ID: "x", Brand: "x", Origins: []string{"https://kopi.example/"}},
		"https":      {ID: "x", Brand: "x", Origins: []string{"http://kopi.example"}},
		"write http": {ID: "x", Brand: "x", Origins: []string{"https://"}},
	} {
		if err := w.reload([]oauth.Client{c}); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", reason, err)
		}
	}
	good := oauth.Client{ID: "x", Brand: "x", Secrets: secret, Origins: []string{"https://kopi.example", "http://localhost:8081"}, RedirectURIs: []string{"http://localhost:8081/callback", "http://[::1]/x"}}
	if err := w.reload([]oauth.Client{good}); err != nil {
		t.Error(err)
	}
}

func TestGauntlet_P04_ErrorBeforeValidation(t *testing.T) {
	w := newWorld(t)
	bad := [][]string{
		{"response_type", "nonsense"}, {"response_type", "token"}, {"response_type", ""}, {"scope", "nonsense"}, {"prompt", "none login"}, {"prompt", "nonsense"},
		{"max_age", "-1"}, {"code_challenge_method", "plain"}, {"request", "x"}, {"request_uri", "https://evil.example/r"}, {"claims", "{"},
	}
	for _, mode := range []string{"", "query", "fragment", "form_post"} {
		for _, b := range bad {
			for _, evil := range [][]string{{"redirect_uri", "https://evil.example/"}, {"client_id", "nobody"}, {"client_id", ""}} {
				v := request(append(append([]string{"response_mode", mode}, b...), evil...)...)
				a := w.ask(w.browser(), v)
				if a.status != 400 || a.header.Get("Location") != "" || strings.Contains(a.body, "evil.example") || strings.Contains(a.body, "<form") {
					t.Errorf("%v %v %s: %d %q %s", b, evil, mode, a.status, a.header.Get("Location"), a.body)
				}
			}
		}
	}
}

func TestGauntlet_P14_IssOnErrors(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"response_type", ""}, "invalid_request"},
		{[]string{"response_type", "token"}, "unsupported_response_type"},
		{[]string{"response_type", "code id_token"}, "unsupported_response_type"},
		{[]string{"response_mode", "fragment"}, "invalid_request"},
		{[]string{"response_mode", "form_post"}, "invalid_request"},
		{[]string{"scope", "nonsense"}, "invalid_scope"},
		{[]string{"scope", ""}, "invalid_scope"},
		{[]string{"request", "e30.e30."}, "request_not_supported"},
		{[]string{"request_uri", "urn:x"}, "request_uri_not_supported"},
		{[]string{"registration", "{}"}, "registration_not_supported"},
		{[]string{"prompt", "bogus"}, "invalid_request"},
		{[]string{"prompt", "none login"}, "invalid_request"},
		{[]string{"prompt", "NONE"}, "invalid_request"},
		{[]string{"max_age", "-1"}, "invalid_request"},
		{[]string{"max_age", "soon"}, "invalid_request"},
		{[]string{"max_age", "1.5"}, "invalid_request"},
		{[]string{"max_age", "99999999999999999999"}, "invalid_request"},
		{[]string{"claims", "{"}, "invalid_request"},
		{[]string{"claims", "[]"}, "invalid_request"},
		{[]string{"claims", `{"userinfo":{"email":1}}`}, "invalid_request"},
		{[]string{"claims", `{} {}`}, "invalid_request"},
		{[]string{"id_token_hint", "x.y.z"}, "invalid_request"},
		{[]string{"nonce", strings.Repeat("n", 600)}, "invalid_request"},
		{[]string{"acr_values", noise(t, 9000)}, "invalid_request"},
	} {
		a := w.ask(w.browser(), request(c.pairs...))
		q := a.location(t).Query()
		if a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), callback+"?") || q.Get("error") != c.want || q.Get("iss") != w.issuer || q.Get("state") != "st" || q.Has("code") {
			t.Errorf("%.60v: %d %.200s", c.pairs, a.status, a.header.Get("Location"))
		}
		if a.header.Get("Set-Cookie") != "" {
			t.Errorf("%.60v: a cookie for a request that was refused", c.pairs)
		}
	}
	if q := w.ask(w.browser(), request("state", strings.Repeat("s", 3000))).location(t).Query(); q.Get("error") != "invalid_request" || q.Has("state") {
		t.Errorf("a long state: %v", q)
	}
	w.set(func() { w.gate = "/login" })
	q := w.ask(w.browser(), request("prompt", "none")).location(t).Query()
	if q.Get("error") != "login_required" || q.Get("iss") != w.issuer || q.Get("state") != "st" {
		t.Errorf("prompt=none: %v", q)
	}
	if got := w.ask(w.browser(), request("prompt", "none", "state", "")).location(t).Query(); got.Has("state") {
		t.Errorf("a state that nobody sent: %v", got)
	}
}

func TestGauntlet_P05_PKCE_Authorize(t *testing.T) {
	w := newWorld(t)
	for _, c := range [][]string{
		{"code_challenge", ""}, {"code_challenge", "", "code_challenge_method", ""}, {"code_challenge_method", "plain"}, {"code_challenge_method", ""}, {"code_challenge_method", "s256"},
		{"code_challenge", "x"}, {"code_challenge", challenge[:42]}, {"code_challenge", challenge + "A"}, {"code_challenge", challenge + "="}, {"code_challenge", strings.Repeat("A", 128)}, {"code_challenge", verifier},
	} {
		for _, client := range []string{"kopi-web", "kopi-app"} {
			uri := map[string]string{"kopi-web": callback, "kopi-app": callbackP}[client]
			q := w.ask(w.browser(), request(append(c, "client_id", client, "redirect_uri", uri)...)).location(t).Query()
			if q.Get("error") != "invalid_request" || q.Has("code") {
				t.Errorf("%s %v: %v", client, c, q)
			}
		}
	}
	// A client that may do without still gets it right or not at all.
	off := func(pairs ...string) url.Values {
		return w.ask(w.browser(), request(append(pairs, "client_id", "old-web", "scope", "openid")...)).location(t).Query()
	}
	if q := off("code_challenge", "", "code_challenge_method", ""); !q.Has("code") {
		t.Errorf("without PKCE: %v", q)
	}
	if q := off("code_challenge_method", "plain"); q.Has("code") {
		t.Errorf("plain: %v", q)
	}
	if q := off("code_challenge", ""); q.Has("code") {
		t.Errorf("method without challenge: %v", q)
	}
}

func TestGauntlet_P18_DuplicatesAndMethods(t *testing.T) {
	w := newWorld(t)
	for name := range request() {
		v := request()
		v.Add(name, v.Get(name))
		a := w.ask(w.browser(), v)
		if name == "client_id" || name == "redirect_uri" {
			if a.status != 400 || a.header.Get("Location") != "" {
				t.Errorf("%s twice: %d %s", name, a.status, a.header.Get("Location"))
			}
			continue
		}
		if q := a.location(t).Query(); q.Get("error") != "invalid_request" || q.Has("code") {
			t.Errorf("%s twice: %d %v", name, a.status, q)
		}
	}
	v := request()
	v["unknown"] = []string{"1", "2"}
	if q := w.ask(w.browser(), v).location(t).Query(); q.Get("error") != "invalid_request" {
		t.Errorf("an unknown parameter twice: %v", q)
	}

	r, err := http.NewRequestWithContext(t.Context(), "POST", w.issuer+"/authorize", strings.NewReader(`{"client_id":"kopi-web"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if a := w.do(w.browser(), r); a.status != 415 || a.header.Get("Location") != "" {
		t.Errorf("JSON: %d", a.status)
	}
	for _, raw := range []string{"client_id=%zz", "a;b", request().Encode() + "&x=%00", request().Encode() + "&x=%ff"} {
		if a := w.get(w.browser(), w.issuer+"/authorize?"+raw); a.status != 400 {
			t.Errorf("%q: %d", raw, a.status)
		}
	}
}

// A posted request is answered by a redirect to its GET, which finds the cookies
// that a cross-site POST does not bring.
func TestPostedRequest(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	a := w.post(b, w.issuer+"/authorize", request(), "", "")
	to := a.header.Get("Location")
	if a.status != 303 || !strings.HasPrefix(to, "/id/authorize?posted=") || strings.Contains(to, "kopi") || a.header.Get("Set-Cookie") != "" {
		t.Fatalf("POST: %d %s", a.status, to)
	}
	if q := w.get(b, w.server.URL+to).location(t).Query(); !q.Has("code") || q.Get("state") != "st" {
		t.Errorf("its GET: %v", q)
	}
	w.clock.Add(61e9)
	if a := w.get(b, w.server.URL+to); a.status != 410 {
		t.Errorf("a minute later: %d", a.status)
	}
	if a := w.get(b, w.issuer+"/authorize?visit="+strings.TrimPrefix(to, "/id/authorize?posted=")); a.status != 400 {
		t.Errorf("taken for a visit: %d", a.status)
	}
}

// What the rooms get to know of a request.
func TestVisitOfRequest(t *testing.T) {
	w := newWorld(t)
	begin := func(pairs ...string) *web.Visit {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "GET", w.issuer+"/authorize?"+request(pairs...).Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		v, ok := w.Begin(discard{}, r)
		if !ok {
			t.Fatalf("%v: refused", pairs)
		}
		return v
	}
	v := begin("prompt", "login consent", "max_age", "0", "acr_values", "urn:a urn:b", "login_hint", " user0@example.com ", "ui_locales", "th en",
		"scope", "openid phone zp nonsense openid offline_access")
	if !v.Asks("login") || !v.Asks("consent") || v.Asks("none") || v.MaxAge == nil || *v.MaxAge != 0 {
		t.Errorf("prompt %v, max_age %v", v.Prompt, v.MaxAge)
	}
	if got := strings.Join(v.Scopes, " "); got != "openid zp offline_access" {
		t.Errorf("scopes %q", got)
	}
	if v.LoginHint != "user0@example.com" || strings.Join(v.Locales, " ") != "th en" || strings.Join(v.ACR, " ") != "urn:a urn:b" {
		t.Errorf("hints %+v", v)
	}
	if v.Client != "kopi-web" || v.Brand != "kopi" || v.Return != "https://kopi.example" || v.End != "" || v.ID.IsZero() || !v.Began.Equal(w.clock.Now()) {
		t.Errorf("visit %+v", v)
	}
	for _, p := range []string{"none", "login", "consent", "select_account", "create"} {
		if !begin("prompt", p).Asks(p) {
			t.Errorf("prompt %s is lost", p)
		}
	}
	if v := begin("max_age", ""); v.MaxAge != nil {
		t.Errorf("max_age %d out of nowhere", *v.MaxAge)
	}
	empty, ok := w.Begin(discard{}, w.requestWith(w.browser(), "/authorize?"+request().Encode()+"&request=&request_uri=&prompt=&max_age=&claims=&response_mode=&acr_values=&id_token_hint="))
	if !ok || empty.MaxAge != nil || len(empty.Prompt)+len(empty.ACR) > 0 { // RFC 6749, 3.1: as if they were not there
		t.Errorf("parameters without a value: %v %+v", ok, empty)
	}
	if v := begin("login_hint", strings.Repeat("x", 400)); v.LoginHint != "" {
		t.Errorf("login_hint of %d", len(v.LoginHint))
	}
	if v := begin("client_id", "kopi-app", "redirect_uri", "id.kopi.app:/back"); v.Return != "id.kopi.app:" {
		t.Errorf("return %q", v.Return)
	}
	if v := begin("claims", `{"id_token":{"acr":{"essential":true,"values":["urn:x"]},"sub":{"value":"S"}},"userinfo":{"email":null},"other":1}`); strings.Join(v.ACR, " ") != "urn:x" || v.Subject != "S" {
		t.Errorf("claims: acr %v, subject %q", v.ACR, v.Subject)
	}
	if v := begin("scope", "openid offline_access", "client_id", "old-web"); strings.Join(v.Scopes, " ") != "openid" {
		t.Errorf("offline_access without the refresh grant: %v", v.Scopes)
	}
}

// The usual request makes a short visit; a long one is at most 4 KB.
func TestVisitSize(t *testing.T) {
	w := newWorld(t)
	w.set(func() { w.gate = "/login" })
	length := func(v url.Values) int {
		return len(w.ask(w.browser(), v).location(t).Query().Get("visit"))
	}
	if n := length(request("state", s256("state"), "nonce", s256("nonce"))); n == 0 || n > 420 {
		t.Errorf("the usual request takes %d characters", n)
	}
	if n := length(request("state", noise(t, 1900))); n == 0 || n > oauth.Sealed {
		t.Errorf("a long state takes %d characters", n)
	}
}

// noise does not compress.
func noise(t *testing.T, n int) string {
	t.Helper()
	var s string
	for len(s) < n {
		s += rand.Text()
	}
	return s[:n]
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
