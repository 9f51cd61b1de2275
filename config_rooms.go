package proffer

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/deliver"
	"github.com/proffer-id/proffer/static"
)

// What each room is told of the configuration.

// looks are the brands' themes and pictures.
func (c *Config) looks() map[string]static.Brand {
	out := map[string]static.Brand{}
	for id, b := range c.Brands {
		look := static.Brand{Theme: b.Theme, Panel: c.Picture(id, "panel"), Mark: c.Picture(id, "mark"), Clients: map[string]static.Theme{}, Files: c.ready.themed}
		for client, k := range b.Clients {
			if k.Theme != (static.Theme{}) {
				look.Clients[client] = k.Theme
			}
		}
		out[id] = look
	}
	return out
}

// protocol is the configuration of identity/oauth.
func (c *Config) protocol() (oauth.Config, error) {
	out := oauth.Config{Issuer: c.Issuer, Locales: c.Languages, ACRValues: []string{identity.Level1}}
	for brand, b := range c.Brands {
		for id, k := range b.Clients {
			one := oauth.Client{
				ID: id, Brand: brand, RedirectURIs: k.RedirectURIs, PostLogoutRedirectURIs: k.PostLogoutRedirectURIs,
				Origins: k.Origins, Grants: k.Grants, Asks: k.Ask, Scopes: k.Scopes, IDTokenAlg: k.IDTokenAlg,
				Native: k.Native, NoPKCE: !k.PKCE(), PublicSubject: k.Subject == "public",
			}
			if k.Keys != nil {
				var err error
				if one.Keys, err = oauth.ParseKeys(k.Keys); err != nil {
					return out, fmt.Errorf("keys of client %s: %w", id, err)
				}
			}
			if len(k.Secrets) == 0 && !k.Public && !k.Native {
				return out, fmt.Errorf("client %s has no secret: call Config.MakeSecrets before New, or set Client.Secrets", id)
			}
			for _, secret := range k.Secrets {
				one.Secrets = append(one.Secrets, sha256.Sum256([]byte(secret)))
			}
			out.Clients = append(out.Clients, one)
			out.Scopes = append(out.Scopes, k.Scopes...)
			for name := range k.Claims {
				if claimScope(name) == answersClaim {
					name = answersClaim
				}
				out.Claims = append(out.Claims, name)
			}
		}
	}
	slices.Sort(out.Scopes)
	slices.Sort(out.Claims)
	out.Scopes, out.Claims = slices.Compact(out.Scopes), slices.Compact(out.Claims)
	return out, nil
}

// identity is the configuration of identity.
func (c *Config) identity() identity.Config {
	return identity.Config{
		Idle: c.Sessions.Idle.D(), Total: c.Sessions.Total.D(), MinChars: c.Passwords.Min,
		Argon2: identity.Argon2{
			Memory: uint32(c.Passwords.Argon2id.Memory >> 10), Time: uint32(c.Passwords.Argon2id.Time), Threads: uint8(c.Passwords.Argon2id.Threads),
		},
		AtOnce: c.Passwords.AtOnce, Queue: c.Passwords.Queue,
		Limits: identity.Limits{Client: c.Guessing.Client, Requests: c.Guessing.Requests},
	}
}

// seeds are the accounts for development and tests.
func (c *Config) seeds() []identity.DevAccount {
	var out []identity.DevAccount
	for _, a := range c.Accounts {
		out = append(out, identity.DevAccount{Email: a.Email, Password: string(a.Password)})
	}
	return out
}

// mailer is the mail server of the configuration.
func (c *Config) mailer() (Mailer, error) {
	if c.Mail.SMTP == "" {
		return nil, fmt.Errorf("mail.smtp is missing: name a mail server, or hand New a Mailer")
	}
	server := c.Mail.SMTP
	if u, err := url.Parse(server); err == nil && u.Scheme == "smtp" && loopback(u.Hostname()) {
		server = "smtp+plain" + strings.TrimPrefix(server, u.Scheme) // it does not leave the machine
	}
	return deliver.NewSMTP(deliver.SMTPConfig{URL: server, From: c.Mail.From, Username: c.Mail.Username, Password: string(c.Mail.Password)})
}
