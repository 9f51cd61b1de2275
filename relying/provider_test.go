package relying_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/proffer-id/proffer/relying"
)

// A liar is a provider that says whatever a test wants it to. The real one never
// sends what these tests are about; that the real one is understood is shown by
// the walk through the demo.
type liar struct {
	t      *testing.T
	server *httptest.Server
	key    *ecdsa.PrivateKey

	mu       sync.Mutex
	codes    map[string]code // what authorize would have handed out
	claims   func(map[string]any)
	sign     func(payload []byte) string
	userinfo func(http.ResponseWriter)
	token    func(http.ResponseWriter) bool // true: it has answered
	noID     bool
	calls    int // of the token endpoint
}

// code is what the provider remembers of a request for authorization.
type code struct{ nonce, challenge string }

func newLiar(t *testing.T) *liar {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l := &liar{t: t, key: key, codes: map[string]code{}}
	l.sign = func(payload []byte) string { return l.es256(key, payload) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{
			"issuer": l.server.URL, "authorization_endpoint": l.server.URL + "/authorize", "token_endpoint": l.server.URL + "/token",
			"userinfo_endpoint": l.server.URL + "/userinfo", "jwks_uri": l.server.URL + "/jwks", "end_session_endpoint": l.server.URL + "/logout",
			"id_token_signing_alg_values_supported": []string{"RS256", "ES256"}, "authorization_response_iss_parameter_supported": true,
		})
	})
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", l.postToken)
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if l.userinfo != nil {
			l.userinfo(w)
			return
		}
		reply(w, map[string]any{"sub": "somebody", "zp": map[string]any{"coffee_milk": "fresh"}})
	})
	l.server = httptest.NewServer(mux)
	t.Cleanup(l.server.Close)
	return l
}

func (l *liar) postToken(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	if id, secret, ok := r.BasicAuth(); !ok || id != "shop" || secret != "secret" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		w.Write([]byte(`{"error":"invalid_client"}`))
		return
	}
	if l.token != nil && l.token(w) {
		return
	}
	claims := map[string]any{
		"iss": l.server.URL, "aud": "shop", "sub": "somebody", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"zp": map[string]any{"coffee_milk": "oat"},
	}
	if r.FormValue("grant_type") == "authorization_code" {
		c, ok := l.codes[r.FormValue("code")]
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != c.challenge {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			w.Write([]byte(`{"error":"invalid_grant","error_description":"secret-of-the-provider"}`))
			return
		}
		claims["nonce"] = c.nonce
	}
	if l.claims != nil {
		l.claims(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		l.t.Error(err)
	}
	answer := map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 600, "refresh_token": "refresh-2"}
	if !l.noID {
		answer["id_token"] = l.sign(payload)
	}
	reply(w, answer)
}

func (l *liar) es256(key any, payload []byte) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		l.t.Fatal(err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		l.t.Fatal(err)
	}
	return raw
}

// client is a client of the liar.
func (l *liar) client() *relying.Client {
	l.t.Helper()
	c, err := relying.New(l.t.Context(), relying.Config{
		Issuer: l.server.URL, ClientID: "shop", ClientSecret: "secret", RedirectURL: "https://shop.example/callback",
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return c
}

// begin begins a sign-in and plays the customer: the answer is what the browser
// brings back.
func (l *liar) begin(c *relying.Client) (relying.Attempt, url.Values) {
	l.t.Helper()
	a, to := c.Begin()
	u, err := url.Parse(to)
	if err != nil {
		l.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("state") != a.State || q.Get("nonce") != a.Nonce {
		l.t.Fatalf("request for authorization: %s", to)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.codes["code"] = code{q.Get("nonce"), q.Get("code_challenge")}
	return a, url.Values{"code": {"code"}, "state": {q.Get("state")}, "iss": {l.server.URL}}
}

// signIn is a sign-in that nobody disturbs.
func (l *liar) signIn(c *relying.Client) *relying.Tokens {
	l.t.Helper()
	a, answer := l.begin(c)
	tokens, err := c.Finish(context.WithoutCancel(l.t.Context()), a, answer)
	if err != nil {
		l.t.Fatal(err)
	}
	return tokens
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
