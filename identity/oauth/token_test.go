package oauth_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/store"
)

func TestGauntlet_P05_PKCE_Token(t *testing.T) {
	w := newWorld(t)
	for _, v := range []string{"", "x", verifier + "x", verifier[:42], strings.Repeat("v", 129), challenge, verifier[:len(verifier)-1] + "!"} {
		code := w.code()
		w.count.Reset()
		w.wantError(w.redeem(code, "code_verifier", v), 400, "invalid_grant")
		if n := w.count.Commits(); n != 1 {
			t.Errorf("verifier %q: %d commits", v, n)
		}
		// No second guess, and no way around the proof by leaving it out.
		w.wantError(w.redeem(code), 400, "invalid_grant")
		w.wantError(w.redeem(code, "code_verifier", ""), 400, "invalid_grant")
	}
	for _, n := range []int{43, 128} {
		v := strings.Repeat("v", n)
		w.tokens(w.redeem(w.code("code_challenge", s256(v)), "code_verifier", v))
	}
	// A client that may do without: with a challenge the proof is asked for, and
	// without one a verifier is refused.
	old := func(code, v string) answer {
		f := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}}
		if v != "" {
			f.Set("code_verifier", v)
		}
		return w.post(w.server.Client(), w.issuer+"/token", f, "old-web", secretA)
	}
	with := []string{"client_id", "old-web", "scope", "openid"}
	without := append([]string{"code_challenge", "", "code_challenge_method", ""}, with...)
	w.wantError(old(w.code(with...), ""), 400, "invalid_grant")
	w.wantError(old(w.code(without...), verifier), 400, "invalid_grant")
	w.tokens(old(w.code(with...), verifier))
	if got := w.tokens(old(w.code(without...), "")); got.refresh != "" {
		t.Error("a refresh token without the grant for it")
	}
}

func TestGauntlet_P07_CodeInjection(t *testing.T) {
	w := newWorld(t)
	sole := func(code string) answer {
		return w.post(w.server.Client(), w.issuer+"/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}, "sole-web", secretS)
	}
	code := w.code()
	w.count.Reset()
	w.wantError(sole(code), 400, "invalid_grant")
	for _, forged := range forgeries(code) {
		w.wantError(w.redeem(forged), 400, "invalid_grant")
	}
	w.wantError(w.redeem(code, "client_id", "sole-web"), 400, "invalid_request")
	if n := w.count.Commits(); n != 0 {
		t.Errorf("strangers and forgers made %d commits", n)
	}
	w.tokens(w.redeem(code)) // and the code lives

	for _, other := range []string{"", "https://kopi.example/other?x=1", callback + "/", callbackS} {
		code := w.code()
		w.wantError(w.redeem(code, "redirect_uri", other), 400, "invalid_grant")
		w.wantError(w.redeem(code), 400, "invalid_grant") // dead
	}
}

// forgeries are texts near a token.
func forgeries(tok string) []string {
	head, rest, _ := strings.Cut(tok, "_")
	parts := strings.Split(rest, ".")
	flip := func(s string, i int) string {
		c := byte('A')
		if s[i] == 'A' {
			c = 'B'
		}
		return s[:i] + string(c) + s[i+1:]
	}
	out := []string{
		"", "x", head + "_", tok + "A", tok[:len(tok)-1], tok + ".", "." + tok, strings.ToUpper(tok), tok + "=", tok + "\t", " " + tok,
		head + "_" + parts[0] + "." + parts[1], head + "_" + parts[0] + "." + parts[1] + ".", head + "_" + parts[0] + ".." + parts[2], head + "_." + parts[1] + "." + parts[2],
		head + "_" + parts[0] + "." + parts[1] + "A." + parts[2], head + "_" + parts[0] + "." + parts[1][:21] + "." + parts[2],
		strings.Repeat("A", 10000), head + "_" + strings.Repeat("A.", 100),
	}
	for i := range tok {
		if tok[i] != '.' && tok[i] != '_' {
			out = append(out, flip(tok, i))
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == tok })
}

func TestGauntlet_P08_CodeReplay(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	first := w.tokens(w.redeem(code))
	if a := w.userinfo(first.access); a.status != 200 {
		t.Fatalf("UserInfo before the replay: %d", a.status)
	}
	w.count.Reset()
	w.wantError(w.redeem(code), 400, "invalid_grant")
	if n := w.count.Commits(); n != 1 {
		t.Errorf("the first replay made %d commits", n)
	}
	if a := w.userinfo(first.access); a.status != 401 {
		t.Errorf("the access token lives after a replay: %d", a.status)
	}
	w.wantError(w.refresh(first.refresh), 400, "invalid_grant")
	w.count.Reset()
	w.wantError(w.redeem(code), 400, "invalid_grant")
	if n := w.count.Commits(); n != 0 {
		t.Errorf("the second replay made %d commits", n)
	}
}

func TestGauntlet_P08_ManyAtOnce(t *testing.T) {
	w := newWorld(t)
	for _, n := range []int{20, 50} {
		code := w.code()
		var wg sync.WaitGroup
		answers := make([]answer, n)
		for i := range answers {
			wg.Go(func() { answers[i] = w.redeem(code) })
		}
		wg.Wait()
		good := 0
		var got tokenSet
		for _, a := range answers {
			if a.status == 200 {
				good++
				got = w.tokens(a)
			} else {
				w.wantError(a, 400, "invalid_grant")
			}
		}
		if good != 1 {
			t.Fatalf("%d of %d exchanges of one code succeeded", good, n)
		}
		if w.userinfo(got.access).status != 401 || w.refresh(got.refresh).status != 400 {
			t.Error("the grant is not revoked")
		}
	}
}

// Without offline_access there is no refresh token; with a scope the client may
// not have there is the rest.
func TestScopes(t *testing.T) {
	w := newWorld(t)
	if got := w.tokens(w.redeem(w.code("scope", "openid zp"))); got.refresh != "" {
		t.Error("a refresh token without offline_access")
	}
	a := w.redeem(w.code("scope", "admin openid nonsense"))
	if got := a.json(t)["scope"]; got != "openid" {
		t.Errorf("scope %v", got)
	}
	if got := a.json(t)["token_type"]; got != "Bearer" {
		t.Errorf("token_type %v", got)
	}
	if got := a.json(t)["expires_in"]; got != 600. {
		t.Errorf("expires_in %v", got)
	}
	if got := w.tokens(w.redeem(w.code("scope", "zp"))); got.id != "" {
		t.Error("an ID token without openid")
	}
}

func TestCodeExpires(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	w.clock.Add(61 * time.Second)
	w.wantError(w.redeem(code), 400, "invalid_grant")
	w.clock.Add(-61 * time.Second)
	w.wantError(w.redeem(code), 400, "invalid_grant") // dead for good
	code = w.code()
	w.clock.Add(59 * time.Second)
	w.tokens(w.redeem(code))
}

func TestGauntlet_P13_TokenSwaps(t *testing.T) {
	w := newWorld(t)
	s := w.signIn()
	code := w.code()
	w.count.Reset()
	for _, tok := range []string{code, s.access, s.id, "", "Bearer"} {
		w.wantError(w.refresh(tok), 400, "invalid_grant")
	}
	for _, tok := range []string{s.refresh, s.access, s.id} {
		w.wantError(w.redeem(tok), 400, "invalid_grant")
	}
	for _, tok := range append(forgeries(s.access), code, s.refresh, s.id) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", w.issuer+"/userinfo", strings.NewReader(url.Values{"access_token": {tok}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if a := w.do(w.server.Client(), r); a.status/100 != 4 {
			t.Errorf("%.80q at UserInfo: %d", tok, a.status)
		}
	}
	for _, tok := range forgeries(s.refresh) {
		w.wantError(w.refresh(tok), 400, "invalid_grant")
	}
	a := w.post(w.server.Client(), w.issuer+"/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {s.refresh}}, "sole-web", secretS)
	w.wantError(a, 400, "invalid_grant")
	if n := w.count.Commits(); n != 0 {
		t.Errorf("%d commits", n)
	}
	w.tokens(w.refresh(s.refresh)) // nothing was revoked

	// Nor does a stranger's reuse of a used one revoke.
	s2 := w.tokens(w.redeem(code))
	s3 := w.tokens(w.refresh(s2.refresh))
	w.clock.Add(time.Minute)
	w.wantError(w.post(w.server.Client(), w.issuer+"/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {s2.refresh}}, "sole-web", secretS), 400, "invalid_grant")
	w.tokens(w.refresh(s3.refresh))
}

func TestClientAuthentication(t *testing.T) {
	w := newWorld(t)
	try := func(user, password string, pairs ...string) answer {
		t.Helper()
		f := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return w.post(w.server.Client(), w.issuer+"/token", f, user, password)
	}
	for _, a := range []answer{
		try("kopi-web", secretA), try("kopi-web", secretA2), try("kopi-web", secretA, "client_id", "kopi-web"),
		try("", "", "client_id", "kopi-web", "client_secret", secretA), try("", "", "client_id", "kopi-web", "client_secret", secretA2),
		try("", "", "client_id", "kopi-app"), try("kopi-app", ""), try("", "", "client_id", "kopi-app", "client_secret", ""),
	} {
		w.wantError(a, 400, "invalid_grant") // in, and asked for the token
	}
	for _, a := range []answer{
		try("kopi-web", "wrong"), try("kopi-web", ""), try("kopi-web", secretS), try("nobody", secretA), try("", ""), try("", "", "client_id", "nobody"),
		try("", "", "client_id", "kopi-web"), try("", "", "client_id", "kopi-web", "client_secret", ""), try("", "", "client_id", "kopi-web", "client_secret", secretA+"x"),
		try("", "", "client_id", "kopi-app", "client_secret", "x"), try("kopi-app", "x"), try("", "", "client_assertion", "x", "client_id", "kopi-web", "client_secret", secretA),
	} {
		w.wantError(a, 401, "invalid_client")
		if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("WWW-Authenticate %q", a.header.Get("WWW-Authenticate"))
		}
	}
	w.wantError(try("kopi-web", secretA, "client_secret", secretA), 400, "invalid_request")
	w.wantError(try("kopi-web", secretA, "client_id", "sole-web"), 400, "invalid_request")

	pinned := clients()
	pinned[0].AuthMethods = []string{"client_secret_post"}
	if err := w.reload(pinned); err != nil {
		t.Fatal(err)
	}
	w.wantError(try("kopi-web", secretA), 401, "invalid_client")
	w.wantError(try("", "", "client_id", "kopi-web", "client_secret", secretA), 400, "invalid_grant")

	// Both halves of the header are form-encoded (RFC 6749, 2.3.1).
	odd := "a:b%+/ ü=&"
	pinned[0].AuthMethods, pinned[0].Secrets = nil, [][32]byte{sha256.Sum256([]byte(odd))}
	if err := w.reload(pinned); err != nil {
		t.Fatal(err)
	}
	w.wantError(try("kopi-web", odd), 400, "invalid_grant")
	w.wantError(try("", "", "client_id", "kopi-web", "client_secret", odd), 400, "invalid_grant")
	for _, h := range []string{"Basic", "Basic x", "Basic " + base64.StdEncoding.EncodeToString([]byte("kopi-web")), "Basic " + base64.StdEncoding.EncodeToString([]byte("kopi-web:%zz")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte("%zz:x")), "Bearer " + secretA, "Digest x"} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", w.issuer+"/token", strings.NewReader("grant_type=refresh_token"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", h)
		w.wantError(w.do(w.server.Client(), r), 401, "invalid_client")
	}
	if err := w.reload(clients()); err != nil {
		t.Fatal(err)
	}

	// A wrong secret leaves the code alone.
	code := w.code()
	w.count.Reset()
	f := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}, "client_id": {"kopi-web"}, "client_secret": {"wrong"}}
	w.wantError(w.post(w.server.Client(), w.issuer+"/token", f, "", ""), 401, "invalid_client")
	if w.count.Updates() != 0 {
		t.Error("an Update for a client that is not known")
	}
	f.Set("client_secret", secretA)
	w.tokens(w.post(w.server.Client(), w.issuer+"/token", f, "", ""))
}

func TestGauntlet_P18_TokenEndpoint(t *testing.T) {
	w := newWorld(t)
	send := func(method, contentType, body string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, w.issuer+"/token?client_id=kopi-web&client_secret="+secretA+"&grant_type=refresh_token", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		return w.do(w.server.Client(), r)
	}
	const form = "application/x-www-form-urlencoded"
	w.wantError(send("GET", "", ""), 405, "invalid_request")
	w.wantError(send("PUT", form, "a=b"), 405, "invalid_request")
	w.wantError(send("POST", "application/json", `{"grant_type":"refresh_token"}`), 400, "invalid_request")
	w.wantError(send("POST", "", "grant_type=refresh_token"), 400, "invalid_request")
	w.wantError(send("POST", form, "grant_type=refresh_token"), 401, "invalid_client") // the query counts for nothing
	w.wantError(send("POST", form, "grant_type=refresh_token&grant_type=refresh_token"), 400, "invalid_request")
	w.wantError(send("POST", form, "a=%zz"), 400, "invalid_request")
	w.wantError(send("POST", form, "a="+strings.Repeat("x", 70000)), 413, "invalid_request")
	known := "client_id=kopi-web&client_secret=" + secretA
	w.wantError(send("POST", form, known), 400, "invalid_request")
	for _, g := range []string{"password", "client_credentials", "implicit", "authorization_code+refresh_token", "urn:ietf:params:oauth:grant-type:device_code"} {
		w.wantError(send("POST", form, known+"&grant_type="+g), 400, "unsupported_grant_type")
	}
	w.wantError(send("POST", form, "client_id=old-web&client_secret="+secretA+"&grant_type=refresh_token&refresh_token=x"), 400, "unauthorized_client")
}

// If the store is away the client hears 503 and the code lives.
func TestStoreFailure(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	w.fail.Updates(1)
	a := w.redeem(code)
	w.wantError(a, 503, "temporarily_unavailable")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	var failing error
	w.claims = func(oauth.ClaimsQuery) (oauth.Claims, error) { return oauth.Claims{}, failing }
	failing = fmt.Errorf("answers: %w", store.ErrUnavailable)
	w.count.Reset()
	w.wantError(w.redeem(code), 503, "temporarily_unavailable")
	if w.count.Commits() != 0 {
		t.Error("something was kept")
	}
	failing = nil
	s := w.tokens(w.redeem(code))

	failing = fmt.Errorf("answers: %w", store.ErrUnavailable)
	w.wantError(w.refresh(s.refresh), 503, "temporarily_unavailable")
	if got := w.userinfo(s.access).status; got != 503 {
		t.Errorf("UserInfo: %d", got)
	}
	failing = fmt.Errorf("waiting: %w", context.DeadlineExceeded)
	if a := w.userinfo(s.access); a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("UserInfo whose time is over: %d", a.status)
	}
	failing = nil
	w.fail.Views(1)
	if got := w.userinfo(s.access).status; got != 503 {
		t.Errorf("UserInfo: %d", got)
	}
	w.tokens(w.refresh(s.refresh))

	w.fail.Updates(1)
	if a := w.ask(w.browser(), request()); !strings.Contains(a.body, "store unavailable") || a.header.Get("Location") != "" {
		t.Errorf("no code can be kept: %d %s", a.status, a.body)
	}
}

func TestCommits(t *testing.T) {
	w := newWorld(t)
	w.claims = func(q oauth.ClaimsQuery) (oauth.Claims, error) {
		return oauth.Claims{Values: map[string]any{"zp": map[string]any{"a": "b"}}, Set: []string{"a@1"}}, nil
	}
	w.signIn()
	commits := func(what string, want int, f func()) {
		t.Helper()
		w.count.Reset()
		f()
		if got := w.count.Commits(); got != want {
			t.Errorf("%s: %d commits, want %d", what, got, want)
		}
	}
	var code string
	var s tokenSet
	commits("code issued", 1, func() { code = w.code() })
	commits("code exchanged", 1, func() { s = w.tokens(w.redeem(code)) })
	commits("refresh", 1, func() { s = w.tokens(w.refresh(s.refresh)) })
	commits("UserInfo", 0, func() { w.userinfo(s.access); w.userinfo(s.access) })
	commits("revoke", 1, func() { w.revoke(s.access, "kopi-web", secretA) })
	commits("revoke again", 0, func() { w.revoke(s.refresh, "kopi-web", secretA) })
}

// An account that may not be spoken for any more gets nothing new, and what it
// has is worth nothing.
func TestInactiveAccount(t *testing.T) {
	w := newWorld(t)
	s, code := w.signIn(), w.code()
	w.set(func() { w.active = false })
	w.wantError(w.redeem(code), 400, "invalid_grant")
	w.wantError(w.refresh(s.refresh), 400, "invalid_grant")
	if got := w.userinfo(s.access).status; got != 401 {
		t.Errorf("UserInfo: %d", got)
	}
	w.set(func() { w.active = true })
	w.tokens(w.refresh(s.refresh))
}
