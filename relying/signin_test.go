package relying_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/relying"
)

func TestSignIn(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	tokens := l.signIn(c)
	if milk, ok := tokens.ID.Answers.String("coffee_milk"); !ok || milk != "oat" {
		t.Errorf("coffee_milk is %q", milk)
	}
	if tokens.ID.Subject != "somebody" || tokens.Refresh != "refresh-2" || tokens.Access != "access" {
		t.Errorf("tokens: %+v", tokens)
	}
	if l.calls != 1 {
		t.Errorf("the code was sent %d times", l.calls)
	}
	info, err := c.UserInfo(t.Context(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	if milk, _ := tokens.ID.Answers.Then(info.Answers).String("coffee_milk"); milk != "fresh" {
		t.Errorf("after UserInfo coffee_milk is %q", milk)
	}
	out, err := url.Parse(c.SignOut(tokens, "https://shop.example/", "bye"))
	if err != nil {
		t.Fatal(err)
	}
	if q := out.Query(); q.Get("id_token_hint") != tokens.RawID || q.Get("post_logout_redirect_uri") != "https://shop.example/" || q.Get("state") != "bye" {
		t.Errorf("sign-out: %s", out)
	}
}

// What comes back to the redirect URI may be anybody's.
func TestFinishRefusesAnswers(t *testing.T) {
	for name, bend := range map[string]func(*relying.Attempt, url.Values){
		"no state":                 func(_ *relying.Attempt, q url.Values) { q.Del("state") },
		"state of another":         func(_ *relying.Attempt, q url.Values) { q.Set("state", "x") },
		"two states":               func(_ *relying.Attempt, q url.Values) { q.Add("state", "x") },
		"two codes":                func(_ *relying.Attempt, q url.Values) { q.Add("code", "x") },
		"no iss though promised":   func(_ *relying.Attempt, q url.Values) { q.Del("iss") },
		"iss of another":           func(_ *relying.Attempt, q url.Values) { q.Set("iss", "https://evil.example") },
		"no attempt":               func(a *relying.Attempt, q url.Values) { *a = relying.Attempt{}; q.Set("state", "") },
		"nonce of another attempt": func(a *relying.Attempt, _ url.Values) { a.Nonce = "x" },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t)
			c := l.client()
			a, answer := l.begin(c)
			bend(&a, answer)
			if _, err := c.Finish(t.Context(), a, answer); !errors.Is(err, relying.ErrMismatch) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestFinishRefused(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	a, answer := l.begin(c)
	answer.Del("code")
	answer.Set("error", "access_denied")
	_, err := c.Finish(t.Context(), a, answer)
	if refused, ok := errors.AsType[*relying.Refused](err); !ok || refused.Code != "access_denied" {
		t.Errorf("%v", err)
	}
	// The same with a state that is not ours is no refusal, but nobody's.
	answer.Set("state", "x")
	if _, err := c.Finish(t.Context(), a, answer); !errors.Is(err, relying.ErrMismatch) {
		t.Errorf("%v", err)
	}
}

func TestFinishWrongVerifier(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	a, answer := l.begin(c)
	a.Verifier = strings.Repeat("x", 43)
	_, err := c.Finish(t.Context(), a, answer)
	if refused, ok := errors.AsType[*relying.Refused](err); !ok || refused.Code != "invalid_grant" {
		t.Fatalf("%v", err)
	}
	if strings.Contains(err.Error(), "secret-of-the-provider") {
		t.Errorf("the error carries the provider's answer: %v", err)
	}
	if l.calls != 1 {
		t.Errorf("the code was sent %d times", l.calls)
	}
}

// A token is worth what its signature, issuer, audience and time are.
func TestFinishRefusesTokens(t *testing.T) {
	set := func(name string, v any) func(*liar) {
		return func(l *liar) { l.claims = func(c map[string]any) { c[name] = v } }
	}
	for name, bend := range map[string]func(*liar){
		"another issuer":            set("iss", "https://evil.example"),
		"another audience":          set("aud", "other"),
		"two audiences, no party":   set("aud", []string{"shop", "other"}),
		"another authorized party":  set("azp", "other"),
		"run out":                   set("exp", time.Now().Add(-time.Minute).Unix()),
		"another nonce":             set("nonce", "x"),
		"no nonce":                  func(l *liar) { l.claims = func(c map[string]any) { delete(c, "nonce") } },
		"another access token":      set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"answers that are a list":   set("zp", []string{"coffee_milk"}),
		"answers that are not here": set("zp", nil),
		"no ID token":               func(l *liar) { l.noID = true },
		"another key": func(l *liar) {
			other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			l.sign = func(p []byte) string { return l.es256(other, p) }
		},
		"alg none": func(l *liar) {
			l.sign = func(p []byte) string {
				b := base64.RawURLEncoding.EncodeToString
				return b([]byte(`{"alg":"none"}`)) + "." + b(p) + "."
			}
		},
		"a changed payload": func(l *liar) {
			l.sign = func(p []byte) string {
				parts := strings.Split(l.es256(l.key, p), ".")
				p = []byte(strings.Replace(string(p), `"oat"`, `"condensed"`, 1))
				parts[1] = base64.RawURLEncoding.EncodeToString(p)
				return strings.Join(parts, ".")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t)
			bend(l)
			c := l.client()
			a, answer := l.begin(c)
			if tokens, err := c.Finish(t.Context(), a, answer); err == nil {
				t.Errorf("taken: %s", tokens.ID.Payload)
			}
		})
	}
}

func TestRefresh(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	tokens := l.signIn(c)
	l.claims = func(m map[string]any) { m["zp"] = map[string]any{} }
	renewed, err := c.Refresh(t.Context(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	if got := renewed.ID.Answers.Standing("coffee_milk"); got != relying.NotShared {
		t.Errorf("after refresh coffee_milk is %s", got)
	}
	l.claims = func(m map[string]any) { m["sub"] = "somebody else" }
	if _, err := c.Refresh(t.Context(), renewed); !errors.Is(err, relying.ErrMismatch) {
		t.Errorf("another customer's tokens: %v", err)
	}
	l.claims, l.noID = nil, true
	kept, err := c.Refresh(t.Context(), renewed)
	if err != nil || kept.RawID != renewed.RawID || kept.Refresh != "refresh-2" {
		t.Errorf("a refresh without ID token: %+v, %v", kept, err)
	}
	l.token = func(w http.ResponseWriter) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		w.Write([]byte(`{"error":"invalid_grant"}`))
		return true
	}
	if _, err := c.Refresh(t.Context(), renewed); !errors.Is(err, relying.ErrSignedOut) {
		t.Errorf("a grant that ended: %v", err)
	}
	l.token = func(w http.ResponseWriter) bool { w.WriteHeader(http.StatusServiceUnavailable); return true }
	if _, err := c.Refresh(t.Context(), renewed); err == nil || errors.Is(err, relying.ErrSignedOut) {
		t.Errorf("a provider that is busy signs nobody out: %v", err)
	}
}

func TestUserInfoRefuses(t *testing.T) {
	l := newLiar(t)
	c := l.client()
	tokens := l.signIn(c)
	say := func(status int, kind, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			w.Write([]byte(body))
		}
	}
	for name, answer := range map[string]func(http.ResponseWriter){
		"somebody else":  say(200, "application/json", `{"sub":"other","zp":{}}`),
		"nobody":         say(200, "application/json", `{"zp":{}}`),
		"a page":         say(200, "text/html", `<html>`),
		"a signed token": say(200, "application/jwt", `x.y.z`),
		"busy":           say(503, "application/json", `{}`),
		"no object":      say(200, "application/json", `{"sub":"somebody","zp":3}`),
	} {
		l.userinfo = answer
		if _, err := c.UserInfo(t.Context(), tokens); err == nil || errors.Is(err, relying.ErrSignedOut) {
			t.Errorf("%s: %v", name, err)
		}
	}
	expired := *tokens
	expired.Access = "another"
	if _, err := c.UserInfo(t.Context(), &expired); !errors.Is(err, relying.ErrSignedOut) {
		t.Errorf("a token that ran out: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	l := newLiar(t)
	if _, err := relying.New(t.Context(), relying.Config{Issuer: l.server.URL + "/", ClientID: "shop"}); err == nil {
		t.Error("another issuer than the provider's own was taken")
	}
	if _, err := relying.New(t.Context(), relying.Config{Issuer: l.server.URL, ClientID: "shop", Scopes: []string{"zp"}}); err == nil {
		t.Error("scopes without openid were taken")
	}
}
