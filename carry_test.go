package proffer

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

// handOver posts a body to an endpoint of the provider as the site's server does.
func (s *site) handOver(path, kind, body string) (status int, answer map[string]any) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.issuer()+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.SetBasicAuth(url.QueryEscape(s.oauth.ClientID), url.QueryEscape(s.oauth.ClientSecret))
	res, err := s.http.Client().Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || json.Unmarshal(b, &answer) != nil {
		s.Fatalf("%s answers %q", path, b)
	}
	return res.StatusCode, answer
}

// carry hands answers over and returns their handle.
func (s *site) carry(answers string) string {
	s.Helper()
	status, got := s.handOver("/carry-in", "application/json", `{"answers": `+answers+`}`)
	if status != http.StatusCreated {
		s.Fatalf("/carry-in answers %d: %v", status, got)
	}
	return got["carry_in"].(string)
}

// push pushes the authorization request that the site would send the browser with.
func (s *site) push(opts ...oauth2.AuthCodeOption) (status int, answer map[string]any) {
	s.Helper()
	u, err := url.Parse(s.authorize(opts...))
	if err != nil {
		s.Fatal(err)
	}
	return s.handOver("/par", "application/x-www-form-urlencoded", u.RawQuery)
}

// pushed is the address the browser is sent to after a push.
func (s *site) pushed(opts ...oauth2.AuthCodeOption) string {
	s.Helper()
	status, got := s.push(opts...)
	if status != http.StatusCreated || got["expires_in"] != 90.0 {
		s.Fatalf("/par answers %d: %v", status, got)
	}
	return s.oauth.Endpoint.AuthURL + "?" + url.Values{"client_id": {s.oauth.ClientID}, "request_uri": {got["request_uri"].(string)}}.Encode()
}

// ledger is every entry of the customer who is signed in.
func (b *browser) ledger() []*screens.Answer {
	b.Helper()
	var list []*screens.Answer
	account := b.account()
	err := b.db.View(b.Context(), func(tx *store.Tx) (err error) {
		list, err = screens.Ledger(tx, account)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return list
}

// TestCarryIn: what a visitor said before signing up comes along, is seen and
// confirmed answer by answer, and only then counts; it is not asked again.
func TestCarryIn(t *testing.T) {
	l := newLab(t, labOptions{})
	b, kopi := l.browser(), l.site("kopi-web")
	handle := kopi.carry(`{"coffee_milk": "oat", "birthday": "--03-14"}`)
	p := b.register(kopi, "nok@example.com", pass, oauth2.SetAuthURLParam("carry_in", handle)).at("/carried", "Keep what you told Kopi Club?", "Oat milk", "14 March")
	if boxes := p.count("input", "type", "checkbox"); boxes != 2 || p.count("input", "checked", "") != 0 {
		t.Fatalf("%d boxes, %d ticked", boxes, p.count("input", "checked", ""))
	}
	p = p.form("/carried").send("do", "keep").at("/carried", "Tick what to keep")
	p = p.form("/carried").send("answer", "coffee_milk", "do", "keep")
	if strings.HasSuffix(p.url.Path, "/ask/coffee") {
		t.Fatal("asks what has just been confirmed")
	}
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	tok := kopi.redeem(p.left)
	wantZP(t, "ID token", tok.claims, map[string]any{"coffee_milk": "oat"})

	var said []string
	for _, a := range b.ledger() {
		if a.State == catalogue.Answered {
			said = append(said, a.Question+" "+string(a.Source))
			if a.Screen == (catalogue.Hash{}) || a.Consent.IsZero() || a.Client != "kopi-web" {
				t.Errorf("provenance: screen %s, consent %s, client %s", a.Screen, a.Consent, a.Client)
			}
			if err := l.db.View(t.Context(), func(tx *store.Tx) error { _, err := screens.Wording(tx, a.Screen); return err }); err != nil {
				t.Error(err)
			}
		}
	}
	if strings.Join(said, ", ") != "coffee_milk carried_in" {
		t.Errorf("the ledger says %q", said)
	}
	// The same handle a second time: it has served.
	p = b.open(kopi.authorize(oauth2.SetAuthURLParam("carry_in", handle)))
	if p.left == nil && strings.HasSuffix(p.url.Path, "/carried") {
		t.Error("asks again for what was decided")
	}
}

// TestCarryInNeverOverwrites: what the customer said here, declined or removed
// stays as it is, whatever a site hands over later; and prompt=none shows nothing.
func TestCarryInNeverOverwrites(t *testing.T) {
	l := newLab(t, labOptions{})
	b, kopi := l.browser(), l.site("kopi-web")
	p := b.register(kopi, "nok@example.com", pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "black", "do", "continue").at("/ask/when")
	p = p.form("/ask/when").send("do", "decline")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	kopi.redeem(p.left)
	handle := kopi.carry(`{"coffee_milk": "oat", "coffee_when": ["morning"], "birthday": "--03-14"}`)
	if p = b.open(kopi.authorize(oauth2.SetAuthURLParam("carry_in", handle), oauth2.SetAuthURLParam("prompt", "none"))); p.left == nil || p.left.Query().Get("error") != "" {
		t.Fatalf("prompt=none left for %v", p.left)
	}
	p = b.open(kopi.authorize(oauth2.SetAuthURLParam("carry_in", handle))).at("/carried", "14 March")
	if strings.Contains(p.text(), "oat") || p.count("input", "type", "checkbox") != 1 {
		t.Fatalf("offers to overwrite:\n%s", p.text())
	}
	f := p.form("/carried")
	f.values["answer"] = []string{"coffee_milk"}
	if p = f.send("do", "keep"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a box that is not on the page: %d", p.status)
	}
	tok := kopi.redeem(b.open(kopi.authorize(oauth2.SetAuthURLParam("carry_in", handle))).at("/carried").form("/carried").send("do", "nothing").left)
	wantZP(t, "ID token", tok.claims, map[string]any{"coffee_milk": "black"})
	if p = b.open(kopi.authorize(oauth2.SetAuthURLParam("carry_in", handle))); p.left == nil {
		t.Errorf("asks again after nothing was kept: %s", p.url.Path)
	}
}

// TestCarryInRefused: what cannot be an answer here is refused to the site, which
// can put it right, and nobody else can use what it handed over.
func TestCarryInRefused(t *testing.T) {
	l := newLab(t, labOptions{})
	kopi, sole := l.site("kopi-web"), l.site("sole-web")
	for body, want := range map[string]string{
		`{"answers": {}}`:                                "answers",
		`[]`:                                             "answers",
		`{"answers": {"coffee_milk": "petrol"}}`:         "coffee_milk",
		`{"answers": {"coffee_milk": ["oat"]}}`:          "coffee_milk",
		`{"answers": {"shoe_size": "42"}}`:               "shoe_size",
		`{"answers": {"email": "x@example.com"}}`:        "email",
		`{"answers": {"sub": "x", "<script>": 1}}`:       "script",
		`{"answers": {"coffee_milk": "other:\u0007"}}`:   "coffee_milk",
		`{"answers": {"coffee_milk": 1e309}}`:            "coffee_milk",
		`{"answers": {"coffee_milk": {"a": {"b": []}}}}`: "coffee_milk",
	} {
		status, got := kopi.handOver("/carry-in", "application/json", body)
		if why, _ := got["error_description"].(string); status != http.StatusBadRequest || !strings.Contains(why, want) {
			t.Errorf("%s: %d %v", body, status, got)
		}
	}
	kopi.oauth.ClientSecret = strings.Repeat("x", 43)
	if status, _ := kopi.handOver("/carry-in", "application/json", `{"answers": {"coffee_milk": "oat"}}`); status != http.StatusUnauthorized {
		t.Errorf("a wrong secret: %d", status)
	}
	kopi = l.site("kopi-web")
	// Another brand's handle carries nothing in.
	p := l.browser().register(sole, "nok@example.com", pass, oauth2.SetAuthURLParam("carry_in", kopi.carry(`{"coffee_milk": "oat"}`)))
	if strings.HasSuffix(p.url.Path, "/carried") {
		t.Error("one brand shows what another was told")
	}
	if p := l.browser().open(kopi.authorize(oauth2.SetAuthURLParam("carry_in", "x"))); p.left == nil || p.left.Query().Get("error") != "invalid_request" {
		t.Errorf("no handle: %v", p.left)
	}
}

// TestCarryInWaits: what was handed over stands in no log, and not for longer than
// a visit may take.
func TestCarryInWaits(t *testing.T) {
	l := newLab(t, labOptions{set: map[string][2]string{"kopi": {"      - {id: oat,", "      - {id: other, other: true}\n      - {id: oat,"}}})
	kopi := l.site("kopi-web")
	handle := kopi.carry(`{"coffee_milk": "other:` + canary + `"}`)
	if strings.Contains(l.logs.String(), canary) || strings.Contains(l.logs.String(), handle) {
		t.Error("it stands in a log")
	}
	l.clock.Add(4 * time.Hour)
	p := l.browser().register(kopi, "nok@example.com", pass, oauth2.SetAuthURLParam("carry_in", handle))
	if strings.HasSuffix(p.url.Path, "/carried") {
		t.Error("it waits longer than it says")
	}
}

const canary = "zebra-marmalade"

// TestRFC9126_Pushed: a request that was pushed is the one that counts, once it is
// the client's own and for as long as it says.
func TestRFC9126_Pushed(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public := jose.JSONWebKey{Key: key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}})
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t, labOptions{change: func(cfg *Config) {
		k, _ := cfg.Client("kopi-web")
		k.Keys = set
	}})
	sign := func(typ string, key any, claims map[string]any) string {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := signer.Sign(body)
		if err != nil {
			t.Fatal(err)
		}
		out, err := sig.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	kopi, sole := l.site("kopi-web"), l.site("sole-web")
	good := func() map[string]any {
		return map[string]any{"iss": "kopi-web", "aud": l.issuer(), "exp": l.clock.Now().Add(5 * time.Minute).Unix(), "answers": map[string]any{"coffee_milk": "oat"}}
	}
	carry := func(token string) oauth2.AuthCodeOption { return oauth2.SetAuthURLParam("carry_in", token) }

	b := l.browser()
	address := kopi.pushed(create, carry(sign("carry-in+jwt", key, good())))
	// What somebody writes into the address beside it is not looked at.
	p := b.open(address + "&state=evil&scope=openid&redirect_uri=https://evil.example")
	p = b.join(p, "nok@example.com", pass).at("/carried", "Oat milk").form("/carried").send("answer", "coffee_milk", "do", "keep")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	wantZP(t, "ID token", kopi.redeem(p.left).claims, map[string]any{"coffee_milk": "oat"})

	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	with := func(name string, v any) map[string]any { c := good(); c[name] = v; return c }
	for what, token := range map[string]string{
		"another key":      sign("carry-in+jwt", other, good()),
		"another type":     sign("JWT", key, good()),
		"another issuer":   sign("carry-in+jwt", key, with("iss", "sole-web")),
		"another audience": sign("carry-in+jwt", key, with("aud", "https://elsewhere.example")),
		"two audiences":    sign("carry-in+jwt", key, with("aud", []string{l.issuer(), "https://elsewhere.example"})),
		"no end":           sign("carry-in+jwt", key, with("exp", nil)),
		"over":             sign("carry-in+jwt", key, with("exp", l.clock.Now().Add(-2*time.Minute).Unix())),
		"for a day":        sign("carry-in+jwt", key, with("exp", l.clock.Now().Add(24*time.Hour).Unix())),
		"for ever":         sign("carry-in+jwt", key, with("exp", 1e308)),
		"for ages":         sign("carry-in+jwt", key, with("exp", l.clock.Now().Unix()+1<<55)),
		"long ago":         sign("carry-in+jwt", key, with("exp", -1e308)),
		"no answers":       sign("carry-in+jwt", key, with("answers", map[string]any{})),
		"wrong answers":    sign("carry-in+jwt", key, with("answers", map[string]any{"coffee_milk": "petrol"})),
		"not signed":       "eyJhbGciOiJub25lIiwidHlwIjoiY2FycnktaW4rand0In0.e30.",
	} {
		if status, got := kopi.push(carry(token)); status != http.StatusBadRequest || got["error"] != "invalid_request" {
			t.Errorf("%s: %d %v", what, status, got)
		}
	}
	if status, got := sole.push(carry(sign("carry-in+jwt", key, good()))); status != http.StatusBadRequest {
		t.Errorf("a client without keys: %d %v", status, got)
	}
	if status, got := kopi.push(oauth2.SetAuthURLParam("redirect_uri", "https://evil.example")); status != http.StatusBadRequest || got["request_uri"] != nil {
		t.Errorf("a redirect that is not registered: %d %v", status, got)
	}
	if status, _ := kopi.push(oauth2.SetAuthURLParam("request_uri", "urn:ietf:params:oauth:request_uri:x")); status != http.StatusBadRequest {
		t.Errorf("request_uri inside a pushed request (RFC 9126, 2.1): %d", status)
	}
	if p := l.browser().open(strings.Replace(kopi.pushed(), "client_id=kopi-web", "client_id=sole-web", 1)); p.left != nil || p.status != http.StatusBadRequest {
		t.Errorf("at another client: %d, left for %v", p.status, p.left)
	}
	late := kopi.pushed()
	l.clock.Add(91 * time.Second)
	if p := l.browser().open(late); p.left != nil || p.status != http.StatusGone {
		t.Errorf("after its time: %d, left for %v", p.status, p.left)
	}
	if bytes.Contains([]byte(l.logs.String()), []byte("oat")) {
		t.Error("an answer stands in a log")
	}
}
