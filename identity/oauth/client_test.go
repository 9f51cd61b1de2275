package oauth_test

import (
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/identity/oauth"
)

// An independent client goes the whole way: discovery, code with PKCE, ID token
// with nonce and at_hash, UserInfo, refresh; for both signature algorithms, and
// as a public client.
func TestIndependentClient(t *testing.T) {
	w := emptyWorld(t)
	w.unseeded = true
	w.start("")
	w.who = w.account()
	w.claims = func(q oauth.ClaimsQuery) (oauth.Claims, error) {
		if q.Use == oauth.UserInfo {
			return oauth.Claims{Values: map[string]any{"email": "user0@example.com"}}, nil
		}
		return oauth.Claims{Values: map[string]any{"zp": map[string]any{"coffee_milk": "oat"}}, Set: []string{"coffee_milk@1"}}, nil
	}
	ctx := w.clientContext()
	provider, err := oidc.NewProvider(ctx, w.issuer)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ id, secret, callback, alg string }{
		{"kopi-web", secretA, callback, "ES256"},
		{"kopi-web", secretA2, callback, "ES256"},
		{"sole-web", secretS, callbackS, "RS256"},
		{"kopi-app", "", callbackP, "RS256"},
	} {
		t.Run(c.id, func(t *testing.T) {
			conf := oauth2.Config{
				ClientID: c.id, ClientSecret: c.secret, RedirectURL: c.callback, Endpoint: provider.Endpoint(),
				Scopes: []string{oidc.ScopeOpenID, "email", "zp", oidc.ScopeOfflineAccess},
			}
			proof := oauth2.GenerateVerifier()
			to := conf.AuthCodeURL("the state", oauth2.S256ChallengeOption(proof), oidc.Nonce("the nonce"))
			back := w.get(w.browser(), to).location(t).Query()
			if back.Get("state") != "the state" || back.Get("iss") != w.issuer {
				t.Fatalf("came back with %v", back)
			}
			token, err := conf.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(proof))
			if err != nil {
				t.Fatal(err)
			}
			verifier := provider.VerifierContext(ctx, &oidc.Config{ClientID: c.id, Now: w.clock.Now})
			check := func(token *oauth2.Token) *oidc.IDToken {
				t.Helper()
				raw, _ := token.Extra("id_token").(string)
				id, err := verifier.Verify(ctx, raw)
				if err != nil {
					t.Fatal(err)
				}
				if err := id.VerifyAccessToken(token.AccessToken); err != nil {
					t.Fatal(err)
				}
				var claims struct {
					ZP map[string]string `json:"zp"`
				}
				if err := id.Claims(&claims); err != nil || claims.ZP["coffee_milk"] != "oat" {
					t.Errorf("claims %v, %v", claims, err)
				}
				return id
			}
			id := check(token)
			if id.Nonce != "the nonce" {
				t.Errorf("nonce %q", id.Nonce)
			}
			info, err := provider.UserInfo(ctx, conf.TokenSource(ctx, token))
			if err != nil {
				t.Fatal(err)
			}
			if info.Subject != id.Subject || info.Email != "user0@example.com" {
				t.Errorf("UserInfo of %q: %+v", id.Subject, info)
			}
			stale := *token
			stale.AccessToken, stale.Expiry = "", token.Expiry.AddDate(-1, 0, 0)
			renewed, err := conf.TokenSource(ctx, &stale).Token()
			if err != nil {
				t.Fatal(err)
			}
			if renewed.RefreshToken == token.RefreshToken {
				t.Error("refresh token was not rotated")
			}
			if again := check(renewed); again.Subject != id.Subject || again.Nonce != "" {
				t.Errorf("after refresh: subject %q, nonce %q", again.Subject, again.Nonce)
			}
		})
	}
}
