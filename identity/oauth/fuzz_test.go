package oauth

import (
	"crypto/rand"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

// What is read as a token was written by us, and is spelled in one way only.
func FuzzReadToken(f *testing.F) {
	key, err := makeKey("https://id.example.com", algMAC, time.Unix(0, 0))
	if err != nil {
		f.Fatal(err)
	}
	r, err := newRing([]*Key{key})
	if err != nil {
		f.Fatal(err)
	}
	p := &Provider{cfg: Config{Issuer: "https://id.example.com"}}
	p.deps.Now = func() time.Time { return time.Unix(100, 0) }
	p.ring.Store(r)
	p.reread = time.Unix(100, 0) // there is no store to read keys from
	for _, k := range []kind{kindCode, kindAccess, kindRefresh} {
		t := token{kind: k, grant: store.ID{1, 2, 3}, generation: 7, expires: time.Unix(1e9, 0), scopes: 5}
		f.Add(t.write(p.cfg.Issuer, r.keys[0]))
		f.Add(t.write("https://other.example.com", r.keys[0]))
	}
	f.Add("pfa_." + strings.Repeat("A", 38) + ".")
	f.Fuzz(func(t *testing.T, text string) {
		for _, k := range []kind{kindCode, kindAccess, kindRefresh} {
			if got := p.readToken(t.Context(), k, text); got != nil && got.write(p.cfg.Issuer, r.keys[0]) != text {
				t.Errorf("%q was read as %+v", text, got)
			}
		}
	})
}

// Only the registered string passes, whatever a parser would make of it.
func FuzzRedirectsTo(f *testing.F) {
	web := &Client{RedirectURIs: []string{"https://kopi.example/callback"}}
	app := &Client{RedirectURIs: []string{"http://127.0.0.1:7000/back"}, Native: true}
	for _, s := range []string{"https://kopi.example/callback", "https://kopi.example/callback/", "http://127.0.0.1:1/back", "http://127.0.0.1:1@x/back", "http://[::1]:1/back", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		if web.redirectsTo(uri) != (uri == "https://kopi.example/callback") {
			t.Errorf("%q passes", uri)
		}
		if !app.redirectsTo(uri) {
			return
		}
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.Path != "/back" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			t.Errorf("%q passes", uri)
		}
	})
}

// A claims parameter that is taken says the same after a round trip, as it will
// have one in the visit and one in the grant.
func FuzzParseClaims(f *testing.F) {
	for _, s := range []string{"", "{}", "null", "[]", `{"userinfo":{"email":null,"zp":{"essential":true}},"id_token":{"acr":{"values":["a","b"]},"sub":{"value":"x"}}}`, `{"userinfo":{"email":1}}`, `{} {}`, `{"x":1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseClaims(s)
		if err != nil {
			return
		}
		if len(c.IDToken) > maxClaims || len(c.UserInfo) > maxClaims {
			t.Errorf("%d and %d claims", len(c.IDToken), len(c.UserInfo))
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseClaims(string(text)); err != nil {
			t.Errorf("%q became %q: %v", s, text, err)
		}
	})
}

// No text but our own opens.
func FuzzOpenVisit(f *testing.F) {
	key := make([]byte, 32)
	rand.Read(key)
	s, err := newSealer(key, "https://id.example.com")
	if err != nil {
		f.Fatal(err)
	}
	own, err := s.seal(sealedVisit, &request{Client: "kopi-web", State: "x"})
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{own, own + "A", own[:len(own)-1], "", "AQ", strings.Repeat("A", 5000)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := s.open(sealedVisit, text); (err == nil) != (text == own) {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := s.open(sealedPosted, text); err == nil {
			t.Errorf("%q opens as something else", text)
		}
	})
}

func TestMask(t *testing.T) {
	all := []string{"openid", "email", "zp"}
	for _, some := range [][]string{nil, {"openid"}, {"email", "zp"}, all} {
		if got := unmask(all, mask(all, some)); !slices.Equal(got, some) {
			t.Errorf("%v became %v", some, got)
		}
	}
	if got := unmask(all, ^uint32(0)); !slices.Equal(got, all) {
		t.Errorf("all bits are %v", got)
	}
}

// A claims parameter is kept in every grant it comes to, so a long one is
// refused, however well it packs.
func TestClaimsParameterTooLong(t *testing.T) {
	long := `{"userinfo":{"zp":{"value":"` + strings.Repeat("a", maxClaimsText) + `"}}}`
	if _, err := parseClaims(long); err == nil {
		t.Error("taken")
	}
	if _, err := parseClaims(`{"userinfo":{"zp":{"value":"` + strings.Repeat("a", maxClaimsText/2) + `"}}}`); err != nil {
		t.Error(err)
	}
}
