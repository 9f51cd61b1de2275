package oauth

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// How a client says who it is (RFC 6749, 2.3.1).
const (
	authBasic = "client_secret_basic"
	authPost  = "client_secret_post"
	authNone  = "none"
)

// authenticate finds out which client calls, before anything else is looked at.
// Libraries differ, and some try one way after the other, so a client may use
// any of its ways at any time, but only one at once.
func (p *Provider) authenticate(r *http.Request, form url.Values) (*Client, *protocolError) {
	id, secret, method := form.Get("client_id"), form.Get("client_secret"), authPost
	if form.Has("client_assertion") || form.Has("client_assertion_type") {
		return nil, invalidClient("client assertions are not supported")
	}
	if h := r.Header.Get("Authorization"); h != "" {
		bid, bsecret, ok := basic(h)
		if !ok {
			return nil, invalidClient("the Authorization header cannot be read")
		}
		if form.Get("client_secret") != "" {
			return nil, badRequest("the client authenticates in two ways at once")
		}
		if id != "" && id != bid {
			return nil, badRequest("client_id is not that of the Authorization header")
		}
		id, secret, method = bid, bsecret, authBasic
	}
	c := p.client(id)
	if c == nil {
		return nil, invalidClient("")
	}
	if c.Public() {
		if secret != "" {
			return nil, invalidClient("")
		}
		return c, nil // known by its id alone; PKCE holds the code together
	}
	if !c.hasSecret(secret) || !slices.Contains(c.AuthMethods, method) {
		return nil, invalidClient("")
	}
	return c, nil
}

// basic reads an Authorization header. Both halves are form-encoded inside it.
func basic(header string) (id, secret string, ok bool) {
	scheme, rest, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil {
		return "", "", false
	}
	id, secret, ok = strings.Cut(string(raw), ":")
	if !ok {
		return "", "", false
	}
	if id, err = url.QueryUnescape(id); err != nil {
		return "", "", false
	}
	if secret, err = url.QueryUnescape(secret); err != nil {
		return "", "", false
	}
	return id, secret, true
}
