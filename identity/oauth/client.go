package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// A Client is one OAuth 2.0 client of a brand. It is never changed once handed
// over.
type Client struct {
	ID      string
	Brand   string
	Secrets [][32]byte // SHA-256 of each live secret; none: a public client

	RedirectURIs           []string // exact; of a native client any port on a loopback address
	PostLogoutRedirectURIs []string // exact
	Origins                []string // that scripts may call token, userinfo and revoke from
	Grants                 []string // default authorization_code
	Asks                   []string // campaigns it may ask for by name
	Scopes                 []string // 32 at most; openid is always allowed
	AuthMethods            []string // default client_secret_basic and client_secret_post; none for public clients
	IDTokenAlg             string   // RS256 (default) or ES256

	Keys []jose.JSONWebKey // public; what the client signs answers with that it carries in

	Native        bool // an app: loopback ports and private-use schemes (RFC 8252, 7)
	NoPKCE        bool // may do without PKCE; never a public client
	PublicSubject bool // sub is the same at every such client, not the brand's own
}

// The grants a client may have.
const (
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
)

// A registry holds the clients of a provider.
type registry struct {
	byID    map[string]*Client
	origins map[string]bool // of all clients
}

func newRegistry(clients []Client) (*registry, error) {
	reg := &registry{byID: make(map[string]*Client, len(clients)), origins: map[string]bool{}}
	for i := range clients {
		c := clients[i]
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("client %q: %w", c.ID, err)
		}
		if reg.byID[c.ID] != nil {
			return nil, fmt.Errorf("client %q: is there twice", c.ID)
		}
		reg.byID[c.ID] = &c
		for _, o := range c.Origins {
			reg.origins[o] = true
		}
	}
	return reg, nil
}

// client returns a client, or nil.
func (p *Provider) client(id string) *Client { return p.clients.byID[id] }

// check refuses what would be unsafe, and fills in defaults.
func (c *Client) check() error {
	if c.ID == "" || c.Brand == "" { // without a brand its subjects would be everybody's
		return fmt.Errorf("id or brand is missing")
	}
	if len(c.Grants) == 0 {
		c.Grants = []string{grantCode}
	}
	for _, g := range c.Grants {
		if g != grantCode && g != grantRefresh {
			return fmt.Errorf("grant %q is unknown", g)
		}
	}
	if len(c.Scopes) > maxScopes {
		return fmt.Errorf("more than %d scopes", maxScopes)
	}
	if !slices.Contains(c.Scopes, scopeOpenID) {
		c.Scopes = append([]string{scopeOpenID}, c.Scopes...)
	}
	switch c.IDTokenAlg {
	case "":
		c.IDTokenAlg = algRS256
	case algRS256, algES256:
	default:
		return fmt.Errorf("id_token_alg %q is neither RS256 nor ES256", c.IDTokenAlg)
	}
	if len(c.AuthMethods) == 0 {
		c.AuthMethods = []string{authBasic, authPost}
		if c.Public() {
			c.AuthMethods = []string{authNone}
		}
	}
	for _, m := range c.AuthMethods {
		if m != authBasic && m != authPost && m != authNone {
			return fmt.Errorf("auth method %q is unknown", m)
		}
		if (m == authNone) != c.Public() {
			return fmt.Errorf("auth method %q does not go with the secrets it has", m)
		}
	}
	if c.Public() && c.NoPKCE {
		return fmt.Errorf("a public client needs PKCE")
	}
	for _, u := range c.RedirectURIs {
		if err := checkRedirectURI(u, c.Native); err != nil {
			return fmt.Errorf("redirect_uri %q: %w", u, err)
		}
	}
	for _, o := range c.Origins {
		u, err := url.Parse(o)
		if err != nil || o != u.Scheme+"://"+u.Host || (u.Scheme != "https" && !loopback(u.Hostname())) || u.Host == "" {
			return fmt.Errorf("origin %q: write https://host, with a port where there is one, and nothing after it", o)
		}
	}
	for _, u := range c.PostLogoutRedirectURIs {
		if err := checkRedirectURI(u, c.Native); err != nil {
			return fmt.Errorf("post_logout_redirect_uri %q: %w", u, err)
		}
	}
	return nil
}

// checkRedirectURI lets https pass, http on a loopback address, and for a
// native client a private-use scheme (RFC 8252, 7.1: with a dot in it), so that
// "javascript:" and its like never do. RFC 6749, 3.1.2: absolute, no fragment.
func checkRedirectURI(s string, native bool) error {
	u, err := url.Parse(s)
	if err != nil {
		return fmt.Errorf("cannot be read")
	}
	if strings.ContainsAny(s, "# \t\r\n\\") || u.User != nil {
		return fmt.Errorf("has a fragment, a blank, a backslash or a user name")
	}
	switch {
	case u.Scheme == "https" && u.Host != "":
	case u.Scheme == "http" && loopback(u.Hostname()):
	case native && strings.Contains(u.Scheme, ".") && u.Scheme != "":
	default:
		return fmt.Errorf("must be https, http on a loopback address, or for a native client a scheme with a dot in it")
	}
	return nil
}

// loopback says whether a host is this machine, by name or number.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// Public says whether the client has no secret.
func (c *Client) Public() bool { return len(c.Secrets) == 0 }

// sector is whom a subject is shared with: the brand, or everybody.
func (c *Client) sector() string {
	if c.PublicSubject {
		return ""
	}
	return c.Brand
}

// redirectsTo says whether uri is registered: the same string, byte for byte.
// Only a native client's port on a loopback address is free (RFC 8252, 7.3).
func (c *Client) redirectsTo(uri string) bool {
	if slices.Contains(c.RedirectURIs, uri) {
		return true
	}
	if !c.Native {
		return false
	}
	port := func(s string) (string, bool) {
		for _, host := range []string{"http://127.0.0.1", "http://[::1]"} {
			rest, ok := strings.CutPrefix(s, host)
			if !ok {
				continue
			}
			if digits, ok := strings.CutPrefix(rest, ":"); ok {
				n := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
				if n < 1 || n > 5 {
					return "", false
				}
				rest = digits[n:]
			}
			return host + rest, strings.HasPrefix(rest, "/")
		}
		return "", false
	}
	asked, ok := port(uri)
	if !ok {
		return false
	}
	return slices.ContainsFunc(c.RedirectURIs, func(r string) bool {
		registered, ok := port(r)
		return ok && registered == asked
	})
}

// allowed returns those of scopes that the client may have, in their order.
func (c *Client) allowed(scopes []string) []string {
	var out []string
	for _, s := range scopes {
		if slices.Contains(c.Scopes, s) && !slices.Contains(out, s) && (s != scopeOffline || slices.Contains(c.Grants, grantRefresh)) {
			out = append(out, s)
		}
	}
	return out
}

// hasSecret compares in constant time; the secrets are long and random, so one
// SHA-256 is enough.
func (c *Client) hasSecret(secret string) bool {
	sum := sha256.Sum256([]byte(secret))
	ok := 0
	for i := range c.Secrets {
		ok |= subtle.ConstantTimeCompare(sum[:], c.Secrets[i][:])
	}
	return ok == 1
}
