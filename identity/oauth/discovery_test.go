package oauth_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/identity/oauth"
)

func TestDiscovery(t *testing.T) {
	w := newWorld(t, func(c *oauth.Config) {
		c.Scopes, c.Claims, c.Locales = []string{"email", "zp", "openid"}, []string{"email", "zp"}, []string{"en", "th"}
	})
	a := w.get(w.server.Client(), w.issuer+"/.well-known/openid-configuration")
	b := w.get(w.server.Client(), w.server.URL+"/.well-known/oauth-authorization-server/id")
	if a.status != 200 || a.body != b.body || a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %d %s", a.status, b.status, a.body)
	}
	got := a.json(t)
	for name, v := range got {
		if v == nil {
			t.Errorf("%s is null", name)
		}
		if s, ok := v.(string); ok && !strings.HasPrefix(s, w.issuer) {
			t.Errorf("%s is %q", name, s)
		}
	}
	for name, want := range map[string]any{
		"issuer": w.issuer, "authorization_endpoint": w.issuer + "/authorize", "token_endpoint": w.issuer + "/token", "jwks_uri": w.issuer + "/jwks",
		"userinfo_endpoint": w.issuer + "/userinfo", "revocation_endpoint": w.issuer + "/revoke", "end_session_endpoint": w.issuer + "/logout",
		"response_types_supported": []any{"code"}, "response_modes_supported": []any{"query"}, "subject_types_supported": []any{"pairwise", "public"},
		"grant_types_supported":                          []any{"authorization_code", "refresh_token"},
		"id_token_signing_alg_values_supported":          []any{"RS256", "ES256"},
		"token_endpoint_auth_methods_supported":          []any{"client_secret_basic", "client_secret_post", "none"},
		"code_challenge_methods_supported":               []any{"S256"},
		"scopes_supported":                               []any{"openid", "email", "zp", "offline_access"},
		"ui_locales_supported":                           []any{"en", "th"},
		"claims_parameter_supported":                     true,
		"request_parameter_supported":                    false,
		"request_uri_parameter_supported":                false, // its default would be true
		"authorization_response_iss_parameter_supported": true,
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if _, ok := got["acr_values_supported"]; ok {
		t.Error("acr_values_supported without any")
	}
	// S07: nothing of it comes from the request.
	r, err := http.NewRequestWithContext(t.Context(), "GET", w.issuer+"/.well-known/openid-configuration", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "evil.example"
	r.Header.Set("X-Forwarded-Host", "evil.example")
	r.Header.Set("X-Forwarded-Proto", "gopher")
	if evil := w.do(w.server.Client(), r); evil.body != a.body {
		t.Errorf("with another Host: %s", evil.body)
	}
	var keys struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(w.get(w.server.Client(), w.issuer+"/jwks").body), &keys); err != nil {
		t.Fatal(err)
	}
	algs := map[string]bool{}
	for _, k := range keys.Keys {
		if k["kid"] == "" || k["use"] != "sig" {
			t.Errorf("key %v", k)
		}
		algs[k["alg"]] = true
	}
	if !algs["RS256"] || !algs["ES256"] {
		t.Errorf("keys for %v", algs)
	}
}

func TestCORS(t *testing.T) {
	w := newWorld(t)
	s := w.signIn()
	send := func(method, path, origin, body string, set ...string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, w.issuer+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if method == "OPTIONS" {
			r.Header.Set("Access-Control-Request-Method", "POST")
		}
		for i := 0; i < len(set); i += 2 {
			r.Header.Set(set[i], set[i+1])
		}
		return w.do(w.server.Client(), r)
	}
	const ours, evil = "https://kopi.example", "https://evil.example"
	kopi, sole := "client_id=kopi-web&client_secret="+secretA, "client_id=sole-web&client_secret="+secretS
	for _, c := range []struct {
		a      answer
		status int
		allow  string
	}{
		{send("OPTIONS", "/token", ours, ""), 204, ours},
		{send("OPTIONS", "/token", evil, ""), 204, ""},
		{send("OPTIONS", "/token", "null", ""), 204, ""},
		{send("OPTIONS", "/userinfo", ours, ""), 204, ours},
		{send("OPTIONS", "/revoke", ours, ""), 204, ours},
		{send("POST", "/token", ours, "grant_type=x"), 401, ours}, // errors too, or a script cannot read them
		{send("POST", "/token", evil, "grant_type=x"), 401, ""},
		{send("POST", "/token", ours, kopi+"&grant_type=refresh_token&refresh_token=x"), 400, ours},
		{send("POST", "/token", ours, kopi+"&grant_type=refresh_token&refresh_token="+s.refresh), 200, ours},
		{send("POST", "/token", ours, sole+"&grant_type=refresh_token&refresh_token=x"), 400, ""}, // not that client's origin
		{send("GET", "/userinfo", ours, "", "Authorization", "Bearer "+s.access), 200, ours},
		{send("GET", "/userinfo", evil, "", "Authorization", "Bearer "+s.access), 200, ""},
		{send("GET", "/userinfo", ours, "", "Authorization", "Bearer x"), 401, ours},
		{send("POST", "/revoke", ours, kopi+"&token=x"), 200, ours},
		{send("POST", "/revoke", ours, sole+"&token=x"), 200, ""},
	} {
		if got := c.a.header.Get("Access-Control-Allow-Origin"); c.a.status != c.status || got != c.allow || c.a.header.Get("Vary") != "Origin" {
			t.Errorf("%d, allows %q, want %d and %q", c.a.status, got, c.status, c.allow)
		}
		if c.a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Error("credentials are allowed")
		}
	}
	a := send("OPTIONS", "/userinfo", ours, "")
	if a.header.Get("Access-Control-Allow-Methods") != "GET, POST" || !strings.Contains(a.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("preflight: %v", a.header)
	}
}

// No code, token or secret reaches the log, whatever goes wrong with it.
func TestGauntlet_I05_LogHasNoSecrets(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	sealed := w.atGate(b, "login_hint", "canary@example.com", "state", "canary-state", "nonce", "canary-nonce")
	code := w.walk(b, sealed).location(t).Query().Get("code")
	s := w.tokens(w.redeem(code))
	w.redeem(code)
	w.redeem(w.code(), "code_verifier", "canary-verifier-canary-verifier-canary-verifier")
	w.refresh(s.refresh + "x")
	w.revoke(s.access, "kopi-web", secretA)
	w.revoke(s.access, "kopi-web", "canary-secret")
	w.post(w.server.Client(), w.issuer+"/token", map[string][]string{"grant_type": {"canary-grant"}, "client_id": {"canary-client"}, "client_secret": {"canary-secret"}}, "", "")
	w.userinfo(s.access)
	w.ask(w.browser(), request("client_id", "canary-client"))
	w.ask(w.browser(), request("prompt", "canary-prompt"))
	log := w.log.String()
	if log == "" {
		t.Fatal("nothing was logged at all")
	}
	for _, secret := range []string{code, s.access, s.refresh, s.id, secretA, verifier, sealed, "canary", strings.Split(s.refresh, ".")[2]} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}
