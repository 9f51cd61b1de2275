package oauth_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/store"
)

func TestRFC6750_Bearer(t *testing.T) {
	w := newWorld(t)
	s := w.signIn()
	send := func(method, query, body string, header ...string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, w.issuer+"/userinfo"+query, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for _, h := range header {
			r.Header.Add("Authorization", h)
		}
		return w.do(w.server.Client(), r)
	}
	good := url.Values{"access_token": {s.access}}.Encode()
	for _, a := range []answer{
		send("GET", "", "", "Bearer "+s.access), send("GET", "", "", "bearer "+s.access), send("POST", "", "", "Bearer "+s.access), send("POST", "", good),
	} {
		if a.status != 200 || a.json(t)["sub"] != payload(t, s.id)["sub"] || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	for _, c := range []struct {
		a      answer
		status int
		code   string
	}{
		{send("GET", "", ""), 401, ""},
		{send("GET", "?"+good, ""), 401, ""}, // never in the URL
		{send("GET", "", "", "Basic "+s.access), 401, ""},
		{send("GET", "", "", "Bearer x"), 401, "invalid_token"},
		{send("GET", "", "", "Bearer "+s.access+"x"), 401, "invalid_token"},
		{send("POST", "", good, "Bearer "+s.access), 400, "invalid_request"},
		{send("POST", "", good+"&"+good), 400, "invalid_request"},
		{send("GET", "", "", "Bearer "+s.access, "Bearer "+s.access), 400, "invalid_request"},
		{send("PUT", "", "", "Bearer "+s.access), 405, "invalid_request"},
	} {
		challenge := c.a.header.Get("WWW-Authenticate")
		if c.a.status != c.status || !strings.HasPrefix(challenge, "Bearer ") || strings.Contains(challenge, "error=") != (c.code != "") || !strings.Contains(challenge, c.code) {
			t.Errorf("%d %q, want %d %s", c.a.status, challenge, c.status, c.code)
		}
	}
	w.clock.Add(10*60e9 + 2e9)
	if got := w.userinfo(s.access).status; got != 401 {
		t.Errorf("after its life: %d", got)
	}
}

// What is handed over is read anew each time, and noted when it is news.
func TestHandingOver(t *testing.T) {
	w := newWorld(t)
	in := func(set ...string) oauth.Claims {
		zp := map[string]any{}
		for _, id := range set {
			zp[id] = "v"
		}
		return oauth.Claims{Values: map[string]any{"zp": zp}, Set: set}
	}
	var id, info oauth.Claims
	w.claims = func(q oauth.ClaimsQuery) (oauth.Claims, error) {
		if q.Account != w.who.Account || q.Client.ID != "kopi-web" || q.Visit.IsZero() || q.Grant.IsZero() {
			t.Errorf("asked %+v", q)
		}
		if _, ok := q.Requested.For(oauth.UserInfo)["email"]; !ok || !q.Requested.For(oauth.IDToken)["zp"].Essential {
			t.Errorf("the claims parameter is %+v", q.Requested)
		}
		if q.Use == oauth.IDToken {
			return id, nil
		}
		return info, nil
	}
	zp := func(m map[string]any) string {
		s := ""
		for k := range m["zp"].(map[string]any) {
			s += k
		}
		return s
	}
	told := func(want ...[2][]string) {
		t.Helper()
		got := w.released // each of the two runs of an Update tells
		w.released = nil
		var once [][2][]string
		for i, g := range got {
			if i%2 == 0 {
				once = append(once, g)
			}
		}
		if len(once) != len(want) {
			t.Errorf("told %v, want %v", once, want)
			return
		}
		for i := range want {
			if !reflect.DeepEqual(once[i], want[i]) {
				t.Errorf("told %v, want %v", once[i], want[i])
			}
		}
	}
	commits := func(want int) {
		t.Helper()
		if got := w.count.Commits(); got != want {
			t.Errorf("%d commits, want %d", got, want)
		}
		w.count.Reset()
	}
	id, info = in("b", "a"), in("a", "b")
	s := w.tokens(w.redeem(w.code("claims", `{"userinfo":{"email":null},"id_token":{"zp":{"essential":true}}}`)))
	told([2][]string{nil, {"a", "b"}})
	w.count.Reset()
	if got := zp(w.userinfo(s.access).json(t)); len(got) != 2 {
		t.Errorf("UserInfo hands over %q", got)
	}
	told()
	commits(0)
	info = in("a", "b", "c") // more than any ID token had
	w.userinfo(s.access)
	told([2][]string{{"a", "b"}, {"a", "b", "c"}})
	commits(1)
	w.userinfo(s.access)
	told()
	commits(0)
	id, info = in("a"), in("a") // withdrawn
	if got := zp(w.userinfo(s.access).json(t)); got != "a" {
		t.Errorf("UserInfo hands over %q", got)
	}
	told([2][]string{{"a", "b", "c"}, {"a", "b"}})
	commits(1)
	s = w.tokens(w.refresh(s.refresh))
	if got := zp(payload(t, s.id)); got != "a" {
		t.Errorf("the ID token hands over %q", got)
	}
	told([2][]string{{"a", "b"}, {"a"}})
	w.tokens(w.refresh(s.refresh))
	told()
	var kept *oauth.Grant
	if err := w.db.View(t.Context(), func(tx *store.Tx) error {
		all, err := w.GrantsOf(tx, w.who.Account)
		kept = all[0]
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if kept.InIDToken.Times != 3 || !kept.InIDToken.Last.Equal(w.clock.Now()) || kept.InUserInfo.Times != 2 || !reflect.DeepEqual(kept.Released(), []string{"a"}) {
		t.Errorf("the grant keeps %+v and %+v", kept.InIDToken, kept.InUserInfo)
	}
	// Signing in again is no news, neither in the ID token nor in UserInfo.
	request := []string{"claims", `{"userinfo":{"email":null},"id_token":{"zp":{"essential":true}}}`}
	id, info = in("a"), in("a", "d")
	w.userinfo(s.access)
	told([2][]string{{"a"}, {"a", "d"}})
	w.count.Reset()
	s = w.tokens(w.redeem(w.code(request...)))
	w.userinfo(s.access)
	told()
	commits(2)
	id = in("d") // but a change between two visits is
	s = w.tokens(w.redeem(w.code(request...)))
	told()
	info = in("d")
	w.userinfo(s.access)
	told([2][]string{{"a", "d"}, {"d"}})
	// A record that cannot be unsealed: zp is unknown, not empty; nothing is noted.
	w.claims = func(oauth.ClaimsQuery) (oauth.Claims, error) {
		return oauth.Claims{Values: map[string]any{"email": "e", "zp": map[string]any{}}}, fmt.Errorf("answer: %w", store.ErrSealed)
	}
	s = w.tokens(w.refresh(s.refresh))
	for _, m := range []map[string]any{payload(t, s.id), w.userinfo(s.access).json(t)} {
		if _, ok := m["zp"]; ok || m["email"] != "e" || m["sub"] == nil {
			t.Errorf("unsealable: %v", m)
		}
	}
	told()
}

func TestGauntlet_Z01_ProtocolClaims(t *testing.T) {
	w := newWorld(t)
	evil := map[string]any{"zp": "kept", "email_verified": true}
	for _, name := range []string{
		"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "sid", "cnf", "events", "act",
		"client_id", "scope", "_claim_names", "_claim_sources", "__proto__", "SUB", "Iss", "zp_more", "ZP_MORE", "",
	} {
		evil[name] = "evil"
	}
	w.claims = func(oauth.ClaimsQuery) (oauth.Claims, error) { return oauth.Claims{Values: evil, More: true}, nil }
	s := w.signIn()
	for use, m := range map[string]map[string]any{"ID token": payload(t, s.id), "UserInfo": w.userinfo(s.access).json(t)} {
		for name, v := range m {
			if v == "evil" {
				t.Errorf("%s: %q is evil", use, name)
			}
		}
		if m["zp"] != "kept" || m["email_verified"] != true {
			t.Errorf("%s: %v", use, m)
		}
		if (use == "ID token") != (m["zp_more"] == true) {
			t.Errorf("%s: zp_more %v", use, m["zp_more"])
		}
		delete(m, "zp")
	}
	if len(evil) < 20 {
		t.Error("the claims handed in were changed")
	}
}

// The ID token says what is known, and nothing else: no acr that nobody set.
func TestIDTokenClaims(t *testing.T) {
	w := newWorld(t)
	m := payload(t, w.signIn().id)
	now := float64(w.clock.Now().Unix())
	want := map[string]any{
		"iss": w.issuer, "aud": "kopi-web", "iat": now, "exp": now + 600, "auth_time": float64(w.who.AuthTime.Unix()), "nonce": "no", "amr": []any{"pwd"},
		"sid": w.SID(w.who.Session, "kopi"), "sub": m["sub"], "at_hash": m["at_hash"],
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %v\nwant %v", m, want)
	}
	if w.SID(w.who.Session, "sole") == w.SID(w.who.Session, "kopi") {
		t.Error("two brands can compare sid")
	}
	w.set(func() { w.who.ACR, w.who.AMR = "urn:proffer:1", nil })
	m = payload(t, w.tokens(w.redeem(w.code("nonce", ""))).id)
	if _, ok := m["nonce"]; ok || m["acr"] != "urn:proffer:1" || m["amr"] != nil {
		t.Errorf("%v", m)
	}
}
