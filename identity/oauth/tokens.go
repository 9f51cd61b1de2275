package oauth

import (
	"context"
	"fmt"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/openid"
)

// tokens makes and judges codes, access and refresh tokens for fosite, always of
// the grant of the work at hand. What was shown has been read before the Update
// began: a "signature" is its fields, or "" if it was not ours.
type tokens struct{}

func (w *work) signature(k kind) string {
	if w.shown == nil || w.shown.kind != k {
		return ""
	}
	return string(w.shown.fields())
}

// AuthorizeCodeSignature names the code shown, or, while one is being issued,
// the one made.
func (tokens) AuthorizeCodeSignature(ctx context.Context, _ string) string {
	return workIn(ctx).signature(kindCode)
}

// GenerateAuthorizeCode makes the code of the grant: always the same one.
func (tokens) GenerateAuthorizeCode(ctx context.Context, _ fosite.Requester) (string, string, error) {
	w := workIn(ctx)
	key := w.ring.find(algMAC, w.grant.CodeKey)
	if key == nil {
		return "", "", fmt.Errorf("key %s of grant %s is gone", w.grant.CodeKey, w.grant.ID)
	}
	w.shown = &token{kind: kindCode, key: key.id, grant: w.grant.ID}
	return w.shown.write(w.p.cfg.Issuer, key), w.signature(kindCode), nil
}

// ValidateAuthorizeCode refuses a code that is too old.
func (tokens) ValidateAuthorizeCode(ctx context.Context, _ fosite.Requester, _ string) error {
	w := workIn(ctx)
	if w.now.After(w.grant.CodeUntil) {
		return fosite.ErrTokenExpired
	}
	return nil
}

// next is the generation that is being made: the one after the token shown.
func (w *work) next() uint32 { return w.shown.generation + 1 }

func (tokens) AccessTokenSignature(context.Context, string) string { return "" }

// GenerateAccessToken makes an access token with the scopes granted this time.
func (tokens) GenerateAccessToken(ctx context.Context, r fosite.Requester) (string, string, error) {
	w := workIn(ctx)
	t := &token{
		kind: kindAccess, grant: w.grant.ID, generation: w.next(),
		expires: w.now.Add(w.p.cfg.AccessLife), scopes: mask(w.grant.Scopes, r.GetGrantedScopes()), client: w.grant.Client,
	}
	return t.write(w.p.cfg.Issuer, w.ring.active(algMAC, w.now)), string(t.fields()), nil
}

// ValidateAccessToken is not used: UserInfo reads tokens itself.
func (tokens) ValidateAccessToken(context.Context, fosite.Requester, string) error {
	return fosite.ErrTokenExpired
}

func (tokens) RefreshTokenSignature(ctx context.Context, _ string) string {
	return workIn(ctx).signature(kindRefresh)
}

// GenerateRefreshToken makes the next generation. Within the grace period it is
// made with the key of the first time, so it is the same token.
func (tokens) GenerateRefreshToken(ctx context.Context, _ fosite.Requester) (string, string, error) {
	w := workIn(ctx)
	key := w.ring.active(algMAC, w.now)
	if w.within {
		if key = w.ring.find(algMAC, w.grant.RefreshKey); key == nil {
			return "", "", fmt.Errorf("key %s of grant %s is gone", w.grant.RefreshKey, w.grant.ID)
		}
	}
	t := &token{kind: kindRefresh, grant: w.grant.ID, generation: w.next()}
	return t.write(w.p.cfg.Issuer, key), string(t.fields()), nil
}

// ValidateRefreshToken refuses one that lay unused for too long, or whose grant
// is too old.
func (tokens) ValidateRefreshToken(ctx context.Context, _ fosite.Requester, _ string) error {
	w := workIn(ctx)
	if w.now.After(w.p.refreshUntil(w.grant)) {
		return fosite.ErrTokenExpired
	}
	return nil
}

// refreshUntil is how long the newest refresh token of a grant is good.
func (p *Provider) refreshUntil(g *Grant) time.Time {
	idle, total := g.Used.Add(p.cfg.RefreshIdle), g.Began.Add(p.cfg.RefreshTotal)
	if total.Before(idle) {
		return total
	}
	return idle
}

// GenerateIDToken prepares the payload; it is signed after the commit, and what
// it returns is replaced then. An error here must be the server's: the code is
// to live.
func (tokens) GenerateIDToken(ctx context.Context, _ time.Duration, r fosite.Requester) (string, error) {
	w := workIn(ctx)
	hash := ""
	if s, ok := r.GetSession().(openid.Session); ok {
		hash = s.IDTokenClaims().AccessTokenHash
	}
	payload, err := w.idTokenPayload(r.GetGrantedScopes(), hash)
	if err != nil {
		return "", w.fails(err)
	}
	w.idToken = payload
	return "signed later", nil
}
