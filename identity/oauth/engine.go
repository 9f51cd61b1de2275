package oauth

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/handler/pkce"
	"github.com/ory/fosite/token/jwt"
)

// newEngine puts fosite together by hand: its handlers for code, PKCE, refresh
// and OpenID Connect, over our storage (storage.go) and our tokens (tokens.go).
// Requests are checked before fosite sees them; it is the second look.
func (p *Provider) newEngine() *fosite.Fosite {
	cfg := settings{&fosite.Config{
		AccessTokenLifespan:         p.cfg.AccessLife,
		IDTokenLifespan:             p.cfg.IDTokenLife,
		RefreshTokenLifespan:        -1, // lifetimes of refresh tokens are ours: tokens.go
		RefreshTokenScopes:          []string{scopeOffline},
		ScopeStrategy:               fosite.ExactScopeStrategy,
		MinParameterEntropy:         1,
		OmitRedirectScopeParam:      true,
		EnforcePKCEForPublicClients: true,
		RedirectSecureChecker:       func(context.Context, *url.URL) bool { return true }, // checked when the client was loaded
		ClientAuthenticationStrategy: func(ctx context.Context, _ *http.Request, _ url.Values) (fosite.Client, error) {
			return engineClient{workIn(ctx).client}, nil // authenticated before the Update: client_auth.go
		},
	}}
	var kept storage
	var made tokens
	idTokens := &openid.IDTokenHandleHelper{IDTokenStrategy: made}
	code := &oauth2.AuthorizeExplicitGrantHandler{
		AccessTokenStrategy: made, RefreshTokenStrategy: made, AuthorizeCodeStrategy: made,
		CoreStorage: kept, TokenRevocationStorage: kept, Config: cfg,
	}
	oidc := &codeHandler{&openid.OpenIDConnectExplicitHandler{OpenIDConnectRequestStorage: kept, Config: cfg, IDTokenHandleHelper: idTokens}}
	proof := &pkce.Handler{AuthorizeCodeStrategy: made, Storage: kept, Config: cfg}
	refresh := &refreshHandler{&oauth2.RefreshTokenGrantHandler{
		AccessTokenStrategy: made, RefreshTokenStrategy: made, TokenRevocationStorage: kept, Config: cfg,
	}}
	cfg.AuthorizeEndpointHandlers = fosite.AuthorizeEndpointHandlers{code, oidc, proof}
	cfg.TokenEndpointHandlers = fosite.TokenEndpointHandlers{
		code, oidc, proof, refresh,
		&openid.OpenIDConnectRefreshHandler{IDTokenHandleHelper: idTokens, Config: cfg},
	}
	return &fosite.Fosite{Store: kept, Config: cfg}
}

// settings is fosite's configuration where it depends on the client.
type settings struct{ *fosite.Config }

// GetEnforcePKCE is on unless the client was let off.
func (settings) GetEnforcePKCE(ctx context.Context) bool { return !workIn(ctx).client.NoPKCE }

// codeHandler leaves prompt, max_age and hints to the gates: fosite would
// compare them with the wall clock, after the customer has signed in.
type codeHandler struct {
	*openid.OpenIDConnectExplicitHandler
}

// HandleAuthorizeEndpointRequest has nothing to add: nonce and claims are in the
// grant already.
func (*codeHandler) HandleAuthorizeEndpointRequest(context.Context, fosite.AuthorizeRequester, fosite.AuthorizeResponder) error {
	return nil
}

// refreshHandler adds what RFC 6749, 6 says of scope: it may ask for less, for
// this answer only.
type refreshHandler struct {
	*oauth2.RefreshTokenGrantHandler
}

// HandleTokenEndpointRequest narrows what fosite grants to what was asked for.
func (h *refreshHandler) HandleTokenEndpointRequest(ctx context.Context, r fosite.AccessRequester) error {
	asked := r.GetRequestedScopes()
	if err := h.RefreshTokenGrantHandler.HandleTokenEndpointRequest(ctx, r); err != nil {
		return err
	}
	if len(asked) == 0 {
		return nil
	}
	granted := r.GetGrantedScopes()
	for _, s := range asked {
		if !granted.Has(s) {
			return fosite.ErrInvalidScope.WithHint("The scope asks for more than was granted.")
		}
	}
	r.(*fosite.AccessRequest).GrantedScope = asked
	return nil
}

// engineClient is a Client as fosite sees it.
type engineClient struct{ c *Client }

func (e engineClient) GetID() string                      { return e.c.ID }
func (e engineClient) GetHashedSecret() []byte            { return nil }
func (e engineClient) GetRedirectURIs() []string          { return e.c.RedirectURIs }
func (e engineClient) GetGrantTypes() fosite.Arguments    { return e.c.Grants }
func (e engineClient) GetResponseTypes() fosite.Arguments { return fosite.Arguments{"code"} }
func (e engineClient) GetScopes() fosite.Arguments        { return e.c.Scopes }
func (e engineClient) IsPublic() bool                     { return e.c.Public() }
func (e engineClient) GetAudience() fosite.Arguments      { return nil }

// session is what fosite carries of a grant from handler to handler. It keeps
// no times: all expiry is in tokens.go, by our own clock.
type session struct {
	subject string
	claims  *jwt.IDTokenClaims
	headers *jwt.Headers
}

func newSession(subject string) *session {
	return &session{subject: subject, claims: &jwt.IDTokenClaims{Subject: subject}, headers: &jwt.Headers{}}
}

func (s *session) IDTokenClaims() *jwt.IDTokenClaims        { return s.claims }
func (s *session) IDTokenHeaders() *jwt.Headers             { return s.headers }
func (s *session) SetExpiresAt(fosite.TokenType, time.Time) {}
func (s *session) GetExpiresAt(fosite.TokenType) time.Time  { return time.Time{} }
func (s *session) GetUsername() string                      { return "" }
func (s *session) GetSubject() string                       { return s.subject }
func (s *session) Clone() fosite.Session                    { return newSession(s.subject) }

// fill makes s, which fosite made empty and passed along, the session of a grant.
func (s *session) fill(subject string) { s.subject, s.claims.Subject = subject, subject }
