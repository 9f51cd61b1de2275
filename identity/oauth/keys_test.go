package oauth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/store"
)

func (w *world) jwks() (set jose.JSONWebKeySet) {
	w.t.Helper()
	a := w.get(w.server.Client(), w.issuer+"/jwks")
	if a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != "*" {
		w.t.Fatalf("JWKS: %d", a.status)
	}
	if strings.Contains(a.body, `"d"`) || strings.Contains(a.body, `"k"`) {
		w.t.Fatal("a private key is published")
	}
	if err := json.Unmarshal([]byte(a.body), &set); err != nil {
		w.t.Fatal(err)
	}
	return set
}

// A key is published before it signs, signs for its time, stays published while
// what it signed is good, and verifies hints long after.
func TestKeyRotation(t *testing.T) {
	const day = 24 * time.Hour
	w := newWorld(t)
	first := w.jwks()
	if len(first.Keys) != 2 {
		t.Fatalf("%d keys", len(first.Keys))
	}
	old := w.signIn()
	verifier := func() *oidc.IDTokenVerifier {
		ctx := w.clientContext()
		return oidc.NewVerifier(w.issuer, oidc.NewRemoteKeySet(ctx, w.issuer+"/jwks"), &oidc.Config{ClientID: "kopi-web", Now: w.clock.Now, SupportedSigningAlgs: []string{"ES256", "RS256"}})
	}
	kid := func(tok string) string {
		sig, err := jose.ParseSignedCompact(tok, []jose.SignatureAlgorithm{"ES256", "RS256"})
		if err != nil {
			t.Fatal(err)
		}
		return sig.Signatures[0].Protected.KeyID
	}
	w.clock.Add(88 * day)
	w.rotate()
	if n := len(w.jwks().Keys); n != 2 {
		t.Errorf("%d keys, two days before the change", n)
	}
	w.clock.Add(25 * time.Hour)
	w.rotate()
	w.rotate()
	if n := len(w.jwks().Keys); n != 4 {
		t.Fatalf("%d keys on the eve of the change", n)
	}
	cached := verifier() // reads the set now, with the next key in it
	before := w.signIn()
	if kid(before.id) != kid(old.id) {
		t.Error("a key signs before its time")
	}
	if _, err := cached.Verify(t.Context(), before.id); err != nil {
		t.Error(err)
	}
	w.clock.Add(24*time.Hour + time.Minute)
	after := w.signIn()
	if kid(after.id) == kid(before.id) {
		t.Error("the next key does not sign")
	}
	if _, err := cached.Verify(t.Context(), after.id); err != nil {
		t.Error(err)
	}
	w.restart()
	if n := len(w.jwks().Keys); n != 4 {
		t.Errorf("%d keys just after the change", n)
	}
	w.tokens(w.refresh(before.refresh)) // codes and tokens live through it
	w.clock.Add(3 * day)
	w.rotate()
	for _, k := range w.jwks().Keys {
		if k.KeyID == kid(old.id) {
			t.Error("a key that nothing needs is still published")
		}
	}
	// The old ID token, long expired and its key gone from the set, is a good hint.
	w.set(func() { w.gate = "" })
	if q := w.ask(w.browser(), request("id_token_hint", old.id)).location(t).Query(); !q.Has("code") {
		t.Errorf("an old hint: %v", q)
	}
	w.clock.Add(400 * day)
	w.rotate()
	if q := w.ask(w.browser(), request("id_token_hint", old.id)).location(t).Query(); q.Get("error") != "invalid_request" {
		t.Errorf("a hint of a key that is gone for good: %v", q)
	}
	w.clock.Add(2 * day)
	w.signIn()
}

// Replicas that start together on an empty store agree on one set of keys.
func TestFirstKeys(t *testing.T) {
	w := emptyWorld(t)
	w.unseeded = true
	w.start("")
	w.who = w.account()
	first := w.jwks()
	empty := w.cfg
	empty.Issuer = w.issuer + "/replicas"
	all := make([]*oauth.Provider, 3)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			var err error
			if all[i], err = oauth.New(t.Context(), empty, w.deps); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var sets []string
	for _, p := range all {
		rec := httptest.NewRecorder()
		p.JWKS(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/jwks", nil))
		sets = append(sets, rec.Body.String())
	}
	if sets[0] != sets[1] || sets[0] != sets[2] || strings.Count(sets[0], `"kid"`) != 2 || strings.Contains(sets[0], first.Keys[0].KeyID) {
		t.Errorf("the replicas have %v", sets)
	}
}

// Run ends with its context, and no sooner.
func TestRunEnds(t *testing.T) {
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.Run(ctx) }()
	select {
	case err := <-done:
		t.Errorf("ended: %v", err)
	default:
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A replica meets a token made with a key it has not read yet.
func TestKeyOfAnotherReplica(t *testing.T) {
	w := newWorld(t, func(c *oauth.Config) { c.KeyLife = time.Hour })
	slow := w.Provider
	w.clock.Add(2 * time.Hour)
	w.restart() // this one makes the next keys, and from in a while uses them
	w.clock.Add(20 * time.Minute)
	s := w.signIn()
	w.Provider = slow
	if got := w.userinfo(s.access).status; got != 200 {
		t.Errorf("%d", got)
	}
	w.tokens(w.refresh(s.refresh))
}

func TestGauntlet_P12_RestartKeepsRevocation(t *testing.T) {
	w := newWorld(t)
	s, live := w.signIn(), w.signIn()
	w.revoke(s.refresh, "kopi-web", secretA)
	w.restart()
	if got := w.userinfo(s.access).status; got != 401 {
		t.Errorf("the revoked one: %d", got)
	}
	w.wantError(w.refresh(s.refresh), 400, "invalid_grant")
	if got := w.userinfo(live.access).status; got != 200 {
		t.Errorf("the other one: %d", got)
	}
}

// hints are ID tokens that are not ours, or not any more.
func (w *world) badHints(good string) map[string]string {
	t := w.t
	t.Helper()
	enc := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	parts := strings.Split(good, ".")
	claims := payload(t, good)
	sig, err := jose.ParseSignedCompact(good, []jose.SignatureAlgorithm{"ES256", "RS256"})
	if err != nil {
		t.Fatal(err)
	}
	kid := sig.Signatures[0].Protected.KeyID
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(key any, alg jose.SignatureAlgorithm, extra map[jose.HeaderKey]any) string {
		o := &jose.SignerOptions{ExtraHeaders: extra}
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Sign(body)
		if err != nil {
			t.Fatal(err)
		}
		text, err := out.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	changed := map[string]any{}
	for k, v := range claims {
		changed[k] = v
	}
	changed["sub"] = "somebody"
	bad := map[string]string{
		"alg none":          enc(map[string]any{"alg": "none"}) + "." + parts[1] + ".",
		"alg none with kid": enc(map[string]any{"alg": "none", "kid": kid}) + "." + parts[1] + ".",
		"alg None":          enc(map[string]any{"alg": "None", "kid": kid}) + "." + parts[1] + ".",
		"changed":           parts[0] + "." + enc(changed) + "." + parts[2],
		"no signature":      parts[0] + "." + parts[1] + ".",
		"foreign key":       signed(foreign, "ES256", map[jose.HeaderKey]any{"kid": kid}),
		"no kid":            signed(foreign, "ES256", nil),
		"own jwk":           signed(foreign, "ES256", map[jose.HeaderKey]any{"kid": kid, "jwk": jose.JSONWebKey{Key: foreign.Public()}}),
		"jku":               signed(foreign, "ES256", map[jose.HeaderKey]any{"kid": "x", "jku": w.server.URL + "/evil"}),
		"kid path":          signed(foreign, "ES256", map[jose.HeaderKey]any{"kid": "../../" + kid}),
		"kid sql":           signed(foreign, "ES256", map[jose.HeaderKey]any{"kid": "' OR 1=1 --"}),
		"crit":              signed(foreign, "ES256", map[jose.HeaderKey]any{"kid": kid, "crit": []string{"x"}, "x": 1}),
		"words":             "not a token",
		"large":             strings.Repeat("A", 20000),
	}
	// HS256 over the public key, the classic confusion.
	for _, k := range w.jwks().Keys {
		public, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		head := enc(map[string]any{"alg": "HS256", "kid": k.KeyID})
		for i, key := range [][]byte{public, {}} {
			m := hmac.New(sha256.New, key)
			m.Write([]byte(head + "." + parts[1]))
			bad[fmt.Sprintf("HS256 %s %d", k.KeyID, i)] = head + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
		}
		if _, ok := k.Key.(*rsa.PublicKey); ok { // our kid, another algorithm
			bad["alg of another key"] = signed(foreign, "ES256", map[jose.HeaderKey]any{"kid": k.KeyID})
		}
	}
	return bad
}

func TestGauntlet_P19_Hints(t *testing.T) {
	w := newWorld(t)
	good := w.signIn().id
	for name, hint := range w.badHints(good) {
		if q := w.ask(w.browser(), request("id_token_hint", hint)).location(t).Query(); q.Get("error") != "invalid_request" || q.Has("code") {
			t.Errorf("%s: %v", name, q)
		}
	}
	code := w.code("client_id", "sole-web", "redirect_uri", callbackS)
	f := map[string][]string{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callbackS}, "code_verifier": {verifier}}
	sole := w.tokens(w.post(w.server.Client(), w.issuer+"/token", f, "sole-web", secretS))
	if q := w.ask(w.browser(), request("id_token_hint", sole.id)).location(t).Query(); q.Get("error") != "invalid_request" {
		t.Errorf("another brand's: %v", q)
	}
	if q := w.ask(w.browser(), request("id_token_hint", w.beside("/id").signInAs(w).id)).location(t).Query(); q.Get("error") != "invalid_request" {
		t.Errorf("another issuer's: %v", q)
	}
	if q := w.ask(w.browser(), request("id_token_hint", good, "claims", `{"id_token":{"sub":{"value":"other"}}}`)).location(t).Query(); q.Get("error") != "invalid_request" {
		t.Errorf("two subjects: %v", q)
	}
	// A good one names the customer, for the gates to compare.
	w.set(func() { w.gate = "/login" })
	b := w.browser()
	sealed := w.ask(b, request("id_token_hint", good)).location(t).Query().Get("visit")
	if len(sealed) > 600 {
		t.Errorf("the hint was not reduced: %d characters", len(sealed))
	}
	r := w.requestWith(b, "/login?visit="+sealed)
	v, err := w.Open(r)
	if err != nil || v.Subject != payload(t, good)["sub"] {
		t.Fatalf("subject %v, %v", v, err)
	}
	customer, other := w.who.Account, w.account()
	w.set(func() { w.gate, w.who = "", other })
	w.signIn()
	err = w.db.View(t.Context(), func(tx *store.Tx) error {
		for account, want := range map[store.ID]bool{other.Account: false, store.NewID(): false} {
			if got, err := w.IsSubject(tx, v, account); err != nil || got != want {
				t.Errorf("%s: %v, %v", account, got, err)
			}
		}
		if got, err := w.IsSubject(tx, v, customer); err != nil || !got {
			t.Errorf("the customer: %v, %v", got, err)
		}
		v.Subject = ""
		if got, err := w.IsSubject(tx, v, other.Account); err != nil || !got {
			t.Errorf("no hint: %v, %v", got, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
