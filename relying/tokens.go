package relying

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Tokens are what a sign-in or a refresh gave. They are worth as much as a
// password: keep them on the server.
type Tokens struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"` // "" unless offline_access was granted
	Expires time.Time `json:"expires"`           // of Access; zero: not said
	RawID   string    `json:"id_token"`          // for [Client.SignOut]; "" if a refresh brought none
	ID      IDToken   `json:"claims"`            // RawID, verified and read
}

// IDToken is a verified ID token.
type IDToken struct {
	Issuer   string    `json:"iss"`
	Subject  string    `json:"sub"` // the customer's number at this brand, and nowhere else
	Nonce    string    `json:"nonce,omitempty"`
	Issued   time.Time `json:"iat"`
	Expires  time.Time `json:"exp"`
	SignedIn time.Time `json:"auth_time,omitzero"`
	Session  string    `json:"sid,omitempty"` // for back-channel logout
	Answers  Answers   `json:"answers"`
	// Payload is the token's claims as they came, for what is not read here.
	Payload json.RawMessage `json:"payload"`
}

// ErrNoIDToken says that a sign-in brought no ID token.
var ErrNoIDToken = errors.New("no id_token in the answer")

// Verify checks a raw ID token: signature, issuer, audience, authorized party
// and expiry (OpenID Connect Core, 3.1.3.7). The nonce is the caller's to
// compare; [Client.Finish] does.
func (c *Client) Verify(ctx context.Context, raw string) (*IDToken, error) {
	token, err := c.verifier.Verify(c.context(ctx), raw)
	if err != nil {
		return nil, fmt.Errorf("verify id token: %w", err)
	}
	return c.read(token)
}

func (c *Client) read(token *oidc.IDToken) (*IDToken, error) {
	var payload json.RawMessage
	var more struct {
		AuthTime int64  `json:"auth_time"`
		Session  string `json:"sid"`
		Party    string `json:"azp"`
	}
	if err := token.Claims(&payload); err != nil {
		return nil, fmt.Errorf("read id token: %w", err)
	}
	if err := json.Unmarshal(payload, &more); err != nil {
		return nil, fmt.Errorf("read id token: %w", err)
	}
	if more.Party != "" && more.Party != c.config.ClientID || more.Party == "" && len(token.Audience) > 1 {
		return nil, errors.New("verify id token: meant for another party")
	}
	answers, err := ReadAnswers(payload, c.claim)
	if err != nil {
		return nil, fmt.Errorf("read id token: %w", err)
	}
	id := &IDToken{
		Issuer: token.Issuer, Subject: token.Subject, Nonce: token.Nonce,
		Issued: token.IssuedAt.UTC(), Expires: token.Expiry.UTC(),
		Session: more.Session, Answers: answers, Payload: payload,
	}
	if more.AuthTime > 0 {
		id.SignedIn = time.Unix(more.AuthTime, 0).UTC()
	}
	return id, nil
}

// tokens verifies what the token endpoint gave.
func (c *Client) tokens(ctx context.Context, t *oauth2.Token) (*Tokens, error) {
	raw, _ := t.Extra("id_token").(string)
	if raw == "" {
		return nil, ErrNoIDToken
	}
	token, err := c.verifier.Verify(c.context(ctx), raw)
	if err != nil {
		return nil, fmt.Errorf("verify id token: %w", err)
	}
	if token.AccessTokenHash != "" { // OpenID Connect Core, 3.1.3.8
		if err := token.VerifyAccessToken(t.AccessToken); err != nil {
			return nil, fmt.Errorf("verify id token: %w", err)
		}
	}
	id, err := c.read(token)
	if err != nil {
		return nil, err
	}
	return &Tokens{Access: t.AccessToken, Refresh: t.RefreshToken, Expires: t.Expiry, RawID: raw, ID: *id}, nil
}

// ErrSignedOut says that the provider takes the tokens no more: the customer
// signed out everywhere, withdrew, or is gone. End the site's session too.
var ErrSignedOut = errors.New("the provider takes these tokens no more")

// Refresh trades the refresh token for new tokens, which carry what the
// customer shares at this moment. The old tokens are used up: keep only the new
// ones. The error is [ErrSignedOut] when there is nothing left to refresh.
func (c *Client) Refresh(ctx context.Context, old *Tokens) (*Tokens, error) {
	if old.Refresh == "" {
		return nil, ErrSignedOut
	}
	source := c.config.TokenSource(c.context(ctx), &oauth2.Token{RefreshToken: old.Refresh})
	token, err := source.Token()
	if err != nil {
		err = refusal(err)
		if r, ok := errors.AsType[*Refused](err); ok && r.Code == "invalid_grant" {
			err = ErrSignedOut
		}
		return nil, fmt.Errorf("refresh: %w", err)
	}
	t, err := c.tokens(ctx, token)
	if errors.Is(err, ErrNoIDToken) { // allowed by OpenID Connect Core, 12.2
		kept := *old
		kept.Access, kept.Refresh, kept.Expires = token.AccessToken, token.RefreshToken, token.Expiry
		return &kept, nil
	}
	if err != nil {
		return nil, err
	}
	if t.ID.Subject != old.ID.Subject || t.ID.Issuer != old.ID.Issuer { // OpenID Connect Core, 12.2
		return nil, fmt.Errorf("%w: refreshed for somebody else", ErrMismatch)
	}
	return t, nil
}

// refusal turns x/oauth2's error into the words of this package. The answer's
// body is left out: it has no place in a log.
func refusal(err error) error {
	if r, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		if r.ErrorCode != "" {
			return &Refused{Code: r.ErrorCode, Description: r.ErrorDescription}
		}
		if r.Response != nil {
			return fmt.Errorf("token endpoint answered %d", r.Response.StatusCode)
		}
	}
	return err
}
