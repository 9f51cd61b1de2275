// Package relying is for brands that write their site in Go: it signs a
// customer in at Proffer and reads, typed, what the customer agreed to share.
//
// It verifies everything it receives (coreos/go-oidc does the cryptography)
// and keeps nothing: sessions and storage are the site's own. Start at
// [Client.Begin]; the customer comes back to [Client.Finish]; what they said
// is in [Answers].
package relying

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Config says which client of which provider the site is.
type Config struct {
	Issuer   string // exactly as the provider writes it, without a trailing slash
	ClientID string
	// ClientSecret is empty for a public client, which has PKCE alone.
	ClientSecret string
	RedirectURL  string
	// Scopes to ask for; nil asks for openid, zp and offline_access.
	Scopes []string
	// Claim is the name of the object claim that carries the answers; "" is "zp".
	Claim string
	// HTTP is used for every call to the provider; nil is a client that gives
	// up after 10 seconds.
	HTTP *http.Client
	// Now is the clock tokens are checked by; nil is time.Now.
	Now func() time.Time
}

// Client is one site's connection to the provider. It may be used by many
// requests at once.
type Client struct {
	config   oauth2.Config
	issuer   string
	claim    string
	http     *http.Client
	now      func() time.Time
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	meta     metadata
}

// metadata is what go-oidc leaves to its users of the discovery document.
type metadata struct {
	EndSession  string `json:"end_session_endpoint"`
	Revocation  string `json:"revocation_endpoint"`
	IssReturned bool   `json:"authorization_response_iss_parameter_supported"` // RFC 9207, 3
}

// New reads the provider's discovery document and returns a client. It fails
// if the provider cannot be reached or calls itself by another issuer.
func New(ctx context.Context, c Config) (*Client, error) {
	if c.Scopes == nil {
		c.Scopes = []string{oidc.ScopeOpenID, "zp", oidc.ScopeOfflineAccess}
	}
	if !slices.Contains(c.Scopes, oidc.ScopeOpenID) {
		return nil, errors.New("relying: scopes lack openid")
	}
	if c.Claim == "" {
		c.Claim = "zp"
	}
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: 10 * time.Second}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, c.HTTP), c.Issuer)
	if err != nil {
		return nil, fmt.Errorf("discover %s: %w", c.Issuer, err)
	}
	client := &Client{issuer: c.Issuer, claim: c.Claim, http: c.HTTP, now: c.Now, provider: provider}
	if err := provider.Claims(&client.meta); err != nil {
		return nil, fmt.Errorf("discover %s: %w", c.Issuer, err)
	}
	endpoint := provider.Endpoint()
	// Said, not probed: a probe sends the same code twice, and the second time
	// looks like a stolen one (RFC 6749, 4.1.2).
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if c.ClientSecret == "" {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	client.config = oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret,
		RedirectURL: c.RedirectURL, Scopes: c.Scopes, Endpoint: endpoint,
	}
	client.verifier = provider.Verifier(&oidc.Config{ClientID: c.ClientID, Now: c.Now})
	return client, nil
}

// context carries the client's own http.Client to go-oidc and x/oauth2.
func (c *Client) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, c.http)
}
