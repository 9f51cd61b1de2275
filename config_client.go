package proffer

import (
	"os"
	"regexp"
	"slices"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/static"
)

// Client is one site or app of a brand: a client in the sense of OAuth 2.0.
type Client struct {
	// SecretFile is the file of the client's secret, or a list of two while one
	// takes over from the other. A missing file is made at the start, readable by
	// its owner alone (0600), with 256 random bits. Not for public clients.
	SecretFile Paths `yaml:"secret_file"`

	// Secrets are the secrets themselves: read from SecretFile, or given by an
	// embedder; each at least 32 characters, made by chance.
	Secrets []Secret `yaml:"-" env:"secret"`

	// KeysFile is a JSON Web Key Set (RFC 7517) with the public keys that the site
	// signs answers with that it carries in: what a visitor said before signing up. A
	// site that hands them over from server to server needs none.
	KeysFile string `yaml:"keys_file"`

	// Keys is the JSON Web Key Set itself: read from KeysFile, or given by an
	// embedder.
	Keys []byte `yaml:"-"`

	// RedirectURIs are where a customer may be sent back to, compared byte by
	// byte. https, or http on localhost; a native app may have a scheme of its
	// own with a dot in it (com.example.app:/back).
	RedirectURIs []string `yaml:"redirect_uris"`

	// PostLogoutRedirectURIs are where a customer may be sent after signing out.
	PostLogoutRedirectURIs []string `yaml:"post_logout_redirect_uris"`

	// IDTokenAlg signs the client's ID tokens: RS256, which every library takes,
	// or ES256, which costs a twentieth; default RS256.
	IDTokenAlg string `yaml:"id_token_alg"`

	// Grants are authorization_code, and refresh_token for clients that look
	// again later; default authorization_code.
	Grants []string `yaml:"grants"`

	// Scopes are what the client may ask for: openid, email, profile,
	// phone, address, zp (answers), offline_access (refresh tokens); default openid. Others are
	// dropped from its requests.
	Scopes []string `yaml:"scopes"`

	// Claims says what this client may receive, by the id of the question (or
	// email), and as what. Nothing else is ever handed to it. What the customer
	// agreed to narrows it further.
	Claims map[string]*ClaimPolicy `yaml:"claims"`

	// Ask are the campaigns that the client may ask for by name, with the parameter
	// ask of its authorization request; each has ask in its when. Default: none, and
	// the parameter is ignored.
	Ask []string `yaml:"ask"`

	// IDTokenClaims are the standard claims that stand in the ID token too
	// (email, given_name, …); by default they are in UserInfo alone.
	IDTokenClaims []string `yaml:"id_token_claims"`

	// Aliases give answers a flat claim of their own beside zp: question to name
	// of the claim.
	Aliases map[string]string `yaml:"aliases"`

	// Origins are the origins whose scripts may call the token and UserInfo
	// endpoints (CORS), for apps that run in the browser: https://shop.example.
	Origins []string `yaml:"origins"`

	// Public clients have no secret: apps in the browser or on a device.
	Public bool `yaml:"public"`

	// Native clients run on a device; they are public, may use a scheme of their
	// own, and localhost with any port.
	Native bool `yaml:"native"`

	// RequirePKCE asks for a code challenge (RFC 7636) at every sign-in; default
	// true. A public client cannot turn it off.
	RequirePKCE *bool `yaml:"require_pkce"`

	// Theme is what the pages look like for who comes from this client, set over
	// the brand's theme. Its own pages (preferences, mails) keep the brand's.
	Theme static.Theme `yaml:"theme"`

	// Subject is pairwise, so that the customer's number at this brand is known
	// to no other, or public for one number at all clients that choose it;
	// default pairwise.
	Subject string `yaml:"subject"`
}

// ClaimPolicy is what a client may receive of one answer.
type ClaimPolicy struct {
	// IDToken puts it in the ID token too, while there is room (2 KB); default
	// false: UserInfo alone.
	IDToken bool `yaml:"id_token"`

	// As is exact, or withheld to stop handing it over without taking it from
	// the list; default exact.
	As string `yaml:"as"`

	// Purpose is what this brand uses it for: a purpose of its screen set.
	// Default: that of the question. Needed for what another brand asks, and for
	// email.
	Purpose string `yaml:"purpose"`
}

// PKCE says whether the client must send a code challenge.
func (c *Client) PKCE() bool { return c.RequirePKCE == nil || *c.RequirePKCE }

// What a client may be configured with.
var (
	clientID  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	claimName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$|^https://[a-z0-9.-]+(/[A-Za-z0-9._~-]+)+$`)
)

const (
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
)

func (b *Brand) checkClient(clients diag.Node, id string, c *Config) {
	at := clients.Field(id)
	if !clientID.MatchString(id) {
		clients.Key(id).Errorf("%q cannot be a client_id: write a letter or digit, then letters, digits, . - or _, at most 64", id)
	}
	client := b.Clients[id]
	if client == nil {
		at.Errorf("is empty: a client has at least a secret_file and redirect_uris")
		return
	}
	client.checkSecrets(at)
	client.Theme.CheckOver(at.Field("theme"), b.Theme)
	if len(client.Secrets) == 0 {
		for i, file := range client.SecretFile {
			here := at.Field("secret_file")
			if here.IsList() {
				here = here.Index(i)
			}
			c.checkSecretFile(here, file, minSecret, false)
		}
	}
	client.checkKeys(at.Field("keys_file"), c)
	client.checkAddresses(at, c)
	client.checkGrants(at)
	oneOf(at.Field("id_token_alg"), client.IDTokenAlg, "RS256", "ES256")
	oneOf(at.Field("subject"), client.Subject, "pairwise", "public")
	if !client.PKCE() && (client.Public || client.Native) {
		at.Field("require_pkce").Errorf("a client without a secret cannot do without PKCE: whoever sees a code could use it")
	}
}

// checkKeys reads the public keys of a client.
func (k *Client) checkKeys(at diag.Node, c *Config) {
	if k.KeysFile != "" && k.Keys == nil {
		b, err := os.ReadFile(c.Path(k.KeysFile))
		if err != nil {
			at.Errorf("cannot be read: %s", cause(err))
			return
		}
		k.Keys = b
	}
	if k.Keys == nil {
		return
	}
	if k.Public || k.Native {
		at.Errorf("a client without a secret can keep no key either: whatever it signs, anybody could")
		return
	}
	if _, err := oauth.ParseKeys(k.Keys); err != nil {
		at.Errorf("%s", err)
	}
}

func (k *Client) checkSecrets(at diag.Node) {
	public := k.Public || k.Native
	files := at.Field("secret_file")
	switch {
	case public && (len(k.SecretFile) > 0 || len(k.Secrets) > 0):
		files.Errorf("a %s client has no secret: everybody could read it there", map[bool]string{true: "native", false: "public"}[k.Native])
	case !public && len(k.SecretFile) == 0 && len(k.Secrets) == 0:
		missing(at, "secret_file", "a file for the client's secret, made at the first start; or public: true")
	case len(k.SecretFile) > 2:
		files.Errorf("names %d files: at most two secrets are good at once", len(k.SecretFile))
	}
	for i, s := range k.Secrets {
		if len(s) < minSecret {
			at.Field("secret").Errorf("secret %d has %d characters; at least %d are needed, made by chance", i+1, len(s), minSecret)
		}
	}
}

func (k *Client) checkAddresses(at diag.Node, c *Config) {
	uris := at.Field("redirect_uris")
	if len(k.RedirectURIs) == 0 && slices.Contains(k.Grants, grantCode) {
		missing(at, "redirect_uris", "where customers come back to, such as https://kopi.example/callback")
	}
	for i, uri := range k.RedirectURIs {
		c.checkRedirect(uris.Index(i), k, uri)
		if slices.Contains(k.RedirectURIs[:i], uri) {
			uris.Index(i).Errorf("%q stands here twice", uri)
		}
	}
	for i, uri := range k.PostLogoutRedirectURIs {
		c.checkRedirect(at.Field("post_logout_redirect_uris").Index(i), k, uri)
	}
	for i, origin := range k.Origins {
		checkOrigin(at.Field("origins").Index(i), origin)
	}
}

func (k *Client) checkGrants(at diag.Node) {
	known := true
	for i, g := range k.Grants {
		known = oneOf(at.Field("grants").Index(i), g, grantCode, grantRefresh) && known
	}
	for i, s := range k.Scopes {
		known = oneOf(at.Field("scopes").Index(i), s, "openid", "email", "profile", "phone", "address", "zp", "offline_access") && known
	}
	if !known {
		return
	}
	refresh, offline := slices.Contains(k.Grants, grantRefresh), slices.Contains(k.Scopes, "offline_access")
	switch {
	case !slices.Contains(k.Scopes, "openid"):
		at.Field("scopes").Errorf("openid is missing: without it there is no ID token and no UserInfo")
	case refresh && !offline:
		at.Field("scopes").Errorf("offline_access is missing: without it the grant refresh_token is never used")
	case offline && !refresh:
		at.Field("grants").Errorf("refresh_token is missing: without it the scope offline_access gives nothing")
	}
	if refresh && !slices.Contains(k.Grants, grantCode) {
		at.Field("grants").Errorf("authorization_code is missing: refresh tokens come of it alone")
	}
	if len(k.Claims) > 0 && !slices.Contains(k.Scopes, "zp") && !onlyEmail(k.Claims) {
		at.Field("scopes").Warnf("zp is missing: the client gets answers only if it names each in the claims parameter")
	}
}

func onlyEmail(claims map[string]*ClaimPolicy) bool {
	_, email := claims["email"]
	return email && len(claims) == 1
}
