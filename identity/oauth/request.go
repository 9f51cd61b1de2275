package oauth

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/proffer-id/proffer/internal/problem"
)

// Scopes that mean something to the protocol.
const (
	scopeOpenID  = "openid"
	scopeOffline = "offline_access"
)

// prompts are the values of prompt (OpenID Connect Core 1.0, 3.1.2.1; Initiating
// User Registration 1.0).
var prompts = []string{"none", "login", "consent", "select_account", "create"}

// check is the whole of what may be wrong with a request. Client and redirect
// come first: until both are known to be right, nothing is sent anywhere.
func (p *Provider) check(form url.Values) (*request, *refusal) {
	page := func(code string) *refusal {
		return &refusal{code: "invalid_request", page: &problem.Problem{Code: code, Status: http.StatusBadRequest}}
	}
	if !readable(form) {
		return nil, page("client.request")
	}
	if len(form["client_id"]) != 1 {
		return nil, page("client.unknown")
	}
	c := p.client(form.Get("client_id"))
	if c == nil {
		return nil, page("client.unknown")
	}
	if len(form["redirect_uri"]) != 1 || !c.redirectsTo(form.Get("redirect_uri")) {
		no := page("client.redirect")
		no.client = c.ID
		return nil, no
	}

	q := &request{Client: c.ID, Brand: c.Brand, Redirect: form.Get("redirect_uri")}
	if len(form["state"]) == 1 {
		q.State = form.Get("state")
	}
	for name, values := range form { // RFC 6749, 3.1
		if len(values) > 1 {
			return nil, q.refuse("invalid_request", twice(name))
		}
	}
	if len(q.State) > 2048 {
		q.State = ""
		return nil, q.refuse("invalid_request", "state is too long")
	}
	switch {
	case form.Get("request") != "":
		return nil, q.refuse("request_not_supported", "")
	case form.Get("request_uri") != "":
		return nil, q.refuse("request_uri_not_supported", "")
	case form.Get("registration") != "":
		return nil, q.refuse("registration_not_supported", "")
	}
	switch form.Get("response_type") {
	case "code":
	case "":
		return nil, q.refuse("invalid_request", "response_type is missing")
	default:
		return nil, q.refuse("unsupported_response_type", "response_type must be code")
	}
	if m := form.Get("response_mode"); m != "" && m != "query" {
		return nil, q.refuse("invalid_request", "response_mode must be query")
	}
	for _, part := range []func(*Client, url.Values, *request) *refusal{p.checkScope, p.checkPKCE, p.checkPrompt, p.checkClaims, p.checkHints, p.checkCarry, p.checkAsk} {
		if no := part(c, form, q); no != nil {
			return nil, no
		}
	}
	return q, nil
}

// twice says which parameter is repeated, if its name can be a name.
func twice(name string) string {
	if len(name) > 40 {
		return "a parameter is there more than once"
	}
	return "a parameter is there more than once: " + name
}

// readable refuses what nobody sends in earnest: too many parameters, text that
// is not UTF-8, control characters in it.
func readable(form url.Values) bool {
	if len(form) > 200 {
		return false
	}
	for name, values := range form {
		for _, s := range append(values, name) {
			if !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' && c != '\n' && c != '\r' && c != '\t' }) {
				return false
			}
		}
	}
	return true
}

// checkScope drops what the client may not have; what was granted stands in the
// token response (RFC 6749, 3.3).
func (p *Provider) checkScope(c *Client, form url.Values, q *request) *refusal {
	asked := strings.Fields(form.Get("scope"))
	q.Scopes = c.allowed(asked)
	if dropped := len(asked) - len(q.Scopes); dropped > 0 && len(q.Scopes) > 0 {
		p.deps.Log.Info("scopes dropped", "client", c.ID, "count", dropped)
	}
	if len(q.Scopes) == 0 {
		return q.refuse("invalid_scope", "no scope that this client may have; openid is usual")
	}
	if q.Nonce = form.Get("nonce"); len(q.Nonce) > 512 {
		return q.refuse("invalid_request", "nonce is too long")
	}
	return nil
}

// checkPKCE lets only S256 in (RFC 7636, 4.3), and only in its exact form, so
// that a slip shows here and not at the token endpoint.
func (p *Provider) checkPKCE(c *Client, form url.Values, q *request) *refusal {
	challenge, method := form.Get("code_challenge"), form.Get("code_challenge_method")
	switch {
	case challenge == "" && method == "" && c.NoPKCE:
		return nil
	case challenge == "":
		return q.refuse("invalid_request", "code_challenge is missing")
	case method != "S256":
		return q.refuse("invalid_request", "code_challenge_method must be S256")
	}
	if sum, err := b64.DecodeString(challenge); err != nil || len(sum) != 32 {
		return q.refuse("invalid_request", "code_challenge must be the base64url SHA-256 of the verifier")
	}
	q.Challenge = challenge
	return nil
}

func (p *Provider) checkPrompt(_ *Client, form url.Values, q *request) *refusal {
	q.Prompt = strings.Fields(form.Get("prompt"))
	for _, v := range q.Prompt {
		if !slices.Contains(prompts, v) {
			return q.refuse("invalid_request", "prompt has an unknown value")
		}
	}
	if slices.Contains(q.Prompt, "none") && len(q.Prompt) > 1 {
		return q.refuse("invalid_request", "prompt none goes with no other value")
	}
	if s := form.Get("max_age"); s != "" {
		n, err := strconv.ParseUint(s, 10, 31)
		if err != nil {
			return q.refuse("invalid_request", "max_age must be a number of seconds")
		}
		age := int(n)
		q.MaxAge = &age
	}
	return nil
}

func (p *Provider) checkClaims(_ *Client, form url.Values, q *request) *refusal {
	q.ACR = strings.Fields(form.Get("acr_values"))
	text := form.Get("claims")
	if text == "" {
		return nil
	}
	var err error
	if q.Claims, err = parseClaims(text); err != nil {
		return q.refuse("invalid_request", "claims cannot be read")
	}
	// OpenID Connect Core 1.0, 5.5.1.1: acr asked for as a claim says the same as acr_values.
	if acr, ok := q.Claims.IDToken["acr"]; ok && len(q.ACR) == 0 {
		for _, v := range append([]any{acr.Value}, acr.Values...) {
			if s, ok := v.(string); ok && s != "" {
				q.ACR = append(q.ACR, s)
			}
		}
	}
	// 5.5.1: sub with a value is about that customer or nobody, as a hint is.
	if s, ok := q.Claims.IDToken["sub"].Value.(string); ok {
		q.Subject = s
	}
	return nil
}

func (p *Provider) checkHints(c *Client, form url.Values, q *request) *refusal {
	if s := strings.TrimSpace(form.Get("login_hint")); len(s) <= 320 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
		q.LoginHint = s
	}
	if q.Locales = strings.Fields(form.Get("ui_locales")); len(q.Locales) > 8 {
		q.Locales = q.Locales[:8]
	}
	text := form.Get("id_token_hint")
	if text == "" {
		return nil
	}
	h, err := p.readHint(text)
	if err != nil {
		return q.refuse("invalid_request", "id_token_hint is not an ID token of this provider")
	}
	if of := p.client(h.client); of == nil || of.sector() != c.sector() {
		return q.refuse("invalid_request", "id_token_hint was given to somebody else")
	}
	if q.Subject != "" && q.Subject != h.Subject {
		return q.refuse("invalid_request", "id_token_hint and claims name two subjects")
	}
	q.Subject = h.Subject
	return nil
}

// checkCarry takes a handle for answers. A token with answers themselves has no
// business in an address; it comes by Push.
func (p *Provider) checkCarry(_ *Client, form url.Values, q *request) *refusal {
	handle := form.Get("carry_in")
	if handle == "" || isToken(handle) {
		return nil
	}
	if b, err := b64.DecodeString(handle); err != nil || len(b) != 32 {
		return q.refuse("invalid_request", "carry_in is no handle of this provider")
	}
	q.Carry = handle
	return nil
}

// checkAsk takes the campaign that a client asks for by name. What its policy does
// not have is left out, whether or not there is such a campaign: the answer tells
// nothing of what a brand asks, or whom.
func (p *Provider) checkAsk(c *Client, form url.Values, q *request) *refusal {
	switch ask := form.Get("ask"); {
	case ask == "":
	case slices.Contains(c.Asks, ask):
		q.Ask = ask
	default:
		p.deps.Log.Info("ask ignored", "client", c.ID, "reason", "not in the client's policy")
	}
	return nil
}
