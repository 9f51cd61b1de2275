package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/ory/fosite"

	"github.com/proffer-id/proffer/store"
)

// A work is one run of one Update: what is being read and changed in it. fosite
// passes no transaction along, so it stands in the context; nothing of it
// survives the run.
type work struct {
	p      *Provider
	tx     *store.Tx
	ring   *ring
	now    time.Time
	client *Client // authenticated
	shown  *token  // the code or refresh token presented; nil if it was not ours

	grant    *Grant // loaded once
	facts    Facts  // of its account, for the client
	loaded   bool
	accepted bool // the code shown was live and this client's
	within   bool // the refresh token shown was used a moment ago
	changed  bool // grant is to be written
	inserted bool // grant is new

	idToken []byte // payload, signed after the commit
	err     error  // the first error of the store
}

type workKey struct{}

func (w *work) in(ctx context.Context) context.Context { return context.WithValue(ctx, workKey{}, w) }

func workIn(ctx context.Context) *work { return ctx.Value(workKey{}).(*work) }

// fails keeps the store's own error, which fosite would wrap beyond recognition.
func (w *work) fails(err error) error {
	if w.err == nil {
		w.err = err
	}
	return err
}

// load returns the grant the shown token leads to, or fosite.ErrNotFound if it
// is not this client's, or nobody's any more. A stranger must never reach the
// code that revokes.
func (w *work) load() (*Grant, error) {
	if w.loaded {
		if w.grant == nil {
			return nil, fosite.ErrNotFound
		}
		return w.grant, nil
	}
	if w.shown == nil {
		return nil, fosite.ErrNotFound
	}
	g, facts, err := w.p.liveGrant(w.tx, w.shown.grant, w.client)
	if err != nil {
		return nil, w.fails(err)
	}
	w.loaded, w.facts = true, facts
	if g == nil || g.Client != w.client.ID {
		return nil, fosite.ErrNotFound
	}
	w.grant = g
	return g, nil
}

// liveGrant reads a grant of this issuer whose account may be spoken for, with
// the facts for a client. It is nil, without an error, if there is none, or if it
// cannot be opened any more. Whether it is that client's is the caller's to see. A
// View reads nothing after it.
func (p *Provider) liveGrant(tx *store.Tx, id store.ID, c *Client) (*Grant, Facts, error) {
	var b store.Batch
	var facts Facts
	wanted := grants.WantWith(&b, store.K(id), func(account store.ID) { facts = p.deps.Facts(&b, account, c) })
	if err := tx.ReadLast(&b); err != nil {
		return nil, Facts{}, fmt.Errorf("grant %s: %w", id, err)
	}
	g, err := wanted.Get()
	if errors.Is(err, store.ErrNotFound) {
		return nil, Facts{}, nil
	}
	if errors.Is(err, store.ErrSealed) {
		p.deps.Log.Warn("grant cannot be unsealed", "grant", id, "err", err)
		return nil, Facts{}, nil
	}
	if err != nil {
		return nil, Facts{}, fmt.Errorf("grant %s: %w", id, err)
	}
	if g.Issuer != p.cfg.Issuer {
		return nil, Facts{}, nil
	}
	active, err := facts.Active()
	if err != nil {
		return nil, Facts{}, fmt.Errorf("grant %s: %w", id, err)
	}
	if !active {
		return nil, Facts{}, nil
	}
	return g, facts, nil
}

// requester is the grant as fosite sees it.
func (w *work) requester(g *Grant, s fosite.Session) fosite.Requester {
	own, ok := s.(*session)
	if !ok || own == nil {
		own = newSession("")
	}
	own.fill(g.Subject)
	scopes := w.client.allowed(g.Scopes) // what the client lost since is not granted again
	form := url.Values{"redirect_uri": {g.Redirect}}
	if g.Challenge != "" {
		form.Set("code_challenge", g.Challenge)
		form.Set("code_challenge_method", "S256")
	}
	return &fosite.Request{
		ID: g.ID.String(), RequestedAt: g.Began, Client: engineClient{w.client},
		RequestedScope: scopes, GrantedScope: scopes, Form: form, Session: own,
	}
}

// storage is what fosite calls its store: the one grant of the work at hand.
type storage struct{}

// GetClient is asked for the client of an authorization request.
func (storage) GetClient(ctx context.Context, id string) (fosite.Client, error) {
	if c := workIn(ctx).client; c.ID == id {
		return engineClient{c}, nil
	}
	return nil, fosite.ErrNotFound
}

func (storage) ClientAssertionJWTValid(context.Context, string) error { return fosite.ErrNotFound }

func (storage) SetClientAssertionJWT(context.Context, string, time.Time) error {
	return fosite.ErrNotFound
}

// CreateAuthorizeCodeSession keeps the grant that Finish has prepared.
func (storage) CreateAuthorizeCodeSession(ctx context.Context, _ string, _ fosite.Requester) error {
	w := workIn(ctx)
	w.inserted = true
	return nil
}

// GetAuthorizeCodeSession returns the grant of the code shown.
func (storage) GetAuthorizeCodeSession(ctx context.Context, signature string, s fosite.Session) (fosite.Requester, error) {
	w := workIn(ctx)
	if signature == "" {
		return nil, fosite.ErrNotFound
	}
	g, err := w.load()
	if err != nil {
		return nil, err
	}
	if g.CodeKey != w.shown.key {
		return nil, fosite.ErrNotFound
	}
	if g.spent() {
		return w.requester(g, s), fosite.ErrInvalidatedAuthorizeCode
	}
	w.accepted = true
	return w.requester(g, s), nil
}

// InvalidateAuthorizeCodeSession is the one place a code is redeemed.
func (storage) InvalidateAuthorizeCodeSession(ctx context.Context, _ string) error {
	w := workIn(ctx)
	g, err := w.load()
	if err != nil {
		return err
	}
	if g.spent() {
		return fosite.ErrInvalidatedAuthorizeCode
	}
	g.Redeemed, g.Generation, g.Used, g.RefreshKey = w.now, 1, w.now, w.ring.active(algMAC, w.now).id
	w.changed = true
	return nil
}

func (storage) CreateAccessTokenSession(context.Context, string, fosite.Requester) error { return nil }

// GetAccessTokenSession is not used: UserInfo reads tokens itself.
func (storage) GetAccessTokenSession(context.Context, string, fosite.Session) (fosite.Requester, error) {
	return nil, fosite.ErrNotFound
}

func (storage) DeleteAccessTokenSession(context.Context, string) error { return nil }

func (storage) CreateRefreshTokenSession(context.Context, string, string, fosite.Requester) error {
	return nil
}

// GetRefreshTokenSession decides on the generation shown: the newest is good,
// the one before it for the grace period, an older one has been stolen or
// copied. A newer one comes of a store put back to an older state: it is not
// known, and revokes nothing.
func (storage) GetRefreshTokenSession(ctx context.Context, signature string, s fosite.Session) (fosite.Requester, error) {
	w := workIn(ctx)
	if signature == "" {
		return nil, fosite.ErrNotFound
	}
	g, err := w.load()
	if err != nil {
		return nil, err
	}
	shown := w.shown.generation
	switch {
	case !g.Revoked.IsZero() || shown > g.Generation || shown == 0:
		return nil, fosite.ErrNotFound
	case shown == g.Generation:
		return w.requester(g, s), nil
	case shown == g.Generation-1 && w.now.Sub(g.Used).Abs() <= w.p.cfg.Grace && w.p.cfg.Grace > 0:
		w.within = true
		return w.requester(g, s), nil
	}
	return w.requester(g, s), fosite.ErrInactiveToken
}

func (storage) DeleteRefreshTokenSession(context.Context, string) error { return nil }

// RotateRefreshToken makes the next generation the newest one; within the grace
// period that has happened already.
func (storage) RotateRefreshToken(ctx context.Context, _, _ string) error {
	w := workIn(ctx)
	g, err := w.load()
	if err != nil || w.within {
		return err
	}
	if g.Generation != w.shown.generation {
		return fosite.ErrNotFound
	}
	g.Generation++
	g.Used, g.RefreshKey = w.now, w.ring.active(algMAC, w.now).id
	w.changed = true
	return nil
}

// RevokeRefreshToken ends the grant: there is nothing smaller to revoke.
func (storage) RevokeRefreshToken(ctx context.Context, _ string) error {
	w := workIn(ctx)
	g, err := w.load()
	if err != nil {
		return err
	}
	if g.Revoked.IsZero() {
		g.Revoked = w.now
		w.changed = true
	}
	return nil
}

// RevokeAccessToken ends the grant too.
func (s storage) RevokeAccessToken(ctx context.Context, id string) error {
	return s.RevokeRefreshToken(ctx, id)
}

// The nonce, the challenge and the rest of the request stand in the grant.

func (storage) CreateOpenIDConnectSession(context.Context, string, fosite.Requester) error {
	return nil
}

func (storage) GetOpenIDConnectSession(ctx context.Context, _ string, r fosite.Requester) (fosite.Requester, error) {
	w := workIn(ctx)
	g, err := w.load()
	if err != nil {
		return nil, err
	}
	if kept := w.requester(g, r.GetSession()); kept.GetGrantedScopes().Has(scopeOpenID) {
		return kept, nil
	}
	return nil, fosite.ErrNotFound
}

func (storage) DeleteOpenIDConnectSession(context.Context, string) error { return nil }

func (storage) CreatePKCERequestSession(context.Context, string, fosite.Requester) error { return nil }

func (storage) GetPKCERequestSession(ctx context.Context, signature string, s fosite.Session) (fosite.Requester, error) {
	w := workIn(ctx)
	if signature == "" {
		return nil, fosite.ErrNotFound
	}
	g, err := w.load()
	if err != nil {
		return nil, err
	}
	if g.Challenge == "" {
		return nil, fosite.ErrNotFound
	}
	return w.requester(g, s), nil
}

// DeletePKCERequestSession runs on success too, so it cannot mean that the code
// is dead: token.go sees to that.
func (storage) DeletePKCERequestSession(context.Context, string) error { return nil }
