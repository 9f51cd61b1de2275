package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/problem"
)

func (w *world) logout(method string, v url.Values) (oauth.Logout, string) {
	w.t.Helper()
	to, body := w.issuer+"/logout", ""
	if method == "POST" {
		body = v.Encode()
	} else {
		to += "?" + v.Encode()
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, to, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	out, err := w.Provider.Logout(httptest.NewRecorder(), r)
	if err == nil {
		return out, ""
	}
	p, ok := err.(*problem.Problem)
	if !ok {
		w.t.Fatalf("not a problem: %v", err)
	}
	if out.Return != "" {
		w.t.Errorf("a problem, and a redirect to %s", out.Return)
	}
	return out, p.Code
}

// The cases of RP-Initiated Logout: where the customer is sent afterwards, and
// where to nowhere.
func TestRPInitiatedLogout(t *testing.T) {
	w := newWorld(t)
	id := w.signIn().id
	none := w.badHints(id)["alg none"]
	w.clock.Add(time.Hour) // the hint has expired
	q := func(pairs ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	for _, c := range []struct {
		name     string
		v        url.Values
		want     string // where to
		problem  string
		verified bool
	}{
		{"rp-initiated-logout", q("id_token_hint", id, "post_logout_redirect_uri", afterwards, "state", "a b"), afterwards + "?state=a+b", "", true},
		{"no-state", q("id_token_hint", id, "post_logout_redirect_uri", afterwards), afterwards, "", true},
		{"with client_id", q("id_token_hint", id, "client_id", "kopi-web", "post_logout_redirect_uri", afterwards), afterwards, "", true},
		{"bad-post-logout-redirect-uri", q("id_token_hint", id, "post_logout_redirect_uri", "https://evil.example/"), "", "logout.redirect", true},
		{"query-added-to-post-logout-redirect-uri", q("id_token_hint", id, "post_logout_redirect_uri", afterwards+"?foo=bar"), "", "logout.redirect", true},
		{"a redirect_uri of sign-in", q("id_token_hint", id, "post_logout_redirect_uri", callback), "", "logout.redirect", true},
		{"bad-id-token-hint", q("id_token_hint", id+"x", "post_logout_redirect_uri", afterwards), "", "logout.hint", false},
		{"modified-id-token-hint", q("id_token_hint", none, "post_logout_redirect_uri", afterwards), "", "logout.hint", false},
		{"no-id-token-hint", q("post_logout_redirect_uri", afterwards), "", "logout.redirect", false},
		{"only client_id", q("client_id", "kopi-web", "post_logout_redirect_uri", afterwards), "", "logout.redirect", false},
		{"client_id of another", q("id_token_hint", id, "client_id", "sole-web", "post_logout_redirect_uri", afterwards), "", "logout.hint", false},
		{"no-params", q(), "", "", false},
		{"no-post-logout-redirect-uri", q("id_token_hint", id, "state", "x"), "", "", true},
		{"only-state", q("state", "x"), "", "", false},
	} {
		for _, method := range []string{"GET", "POST"} {
			got, problem := w.logout(method, c.v)
			if got.Return != c.want || problem != c.problem || got.Verified != c.verified {
				t.Errorf("%s %s: to %q, problem %q, verified %v", method, c.name, got.Return, problem, got.Verified)
			}
			if c.verified && (got.SID != w.SID(w.who.Session, "kopi") || got.Client != "kopi-web" || got.Brand != "kopi" || got.Subject != payload(t, id)["sub"]) {
				t.Errorf("%s %s: %+v", method, c.name, got)
			}
		}
	}
	got, _ := w.logout("GET", q("client_id", "kopi-web", "ui_locales", "th en", "state", "x", "evil", "1"))
	if got.Client != "kopi-web" || got.Verified || strings.Join(got.Locales, " ") != "th en" || got.Params.Get("state") != "x" || got.Params.Has("evil") {
		t.Errorf("%+v", got)
	}
}

func TestGauntlet_P15_LogoutRedirects(t *testing.T) {
	w := newWorld(t)
	id := w.signIn().id
	for _, uri := range append(mutants(afterwards), "//evil", "/\\evil", "/%09/evil", "https:evil", "/..//evil", "https://kopi.example") {
		if got, problem := w.logout("GET", url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {uri}}); got.Return != "" || problem == "" {
			t.Errorf("%q: to %q", uri, got.Return)
		}
	}
	if got, problem := w.logout("GET", url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {afterwards, afterwards}}); got.Return != "" || problem == "" {
		t.Errorf("twice: to %q", got.Return)
	}
}
