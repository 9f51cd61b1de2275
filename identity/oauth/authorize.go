package oauth

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
)

// Scopes that mean something to the protocol.
const (
	scopeOpenID  = "openid"
	scopeOffline = "offline_access"
)

const maxBody = 64 << 10 // bytes of a posted form

// prompts are the values of prompt (OpenID Connect Core 1.0, 3.1.2.1; Initiating
// User Registration 1.0).
var prompts = []string{"none", "login", "consent", "select_account", "create"}

// A refusal is a request that is not let in. With a redirect it is answered
// there (RFC 6749, 4.1.2.1), without one on a page of our own, since then the
// redirect cannot be trusted.
type refusal struct {
	code, description string
	redirect, state   string
	client            string
	page              *problem.Problem
}

// Begin answers GET and POST /authorize without a visit: it checks what the
// brand's site asks for, seals it, and ties it to the browser. A POST (OpenID
// Connect Core 1.0, 3.1.2.1) comes without cookies, so it is answered 303 to its
// GET. False: Begin has answered.
func (p *Provider) Begin(w http.ResponseWriter, r *http.Request) (*web.Visit, bool) {
	q, no := p.arrival(w, r)
	if no == nil && r.Method == http.MethodPost {
		// Good for as long as a browser needs to follow a redirect.
		q.Began = p.now().UnixMilli()
		posted, err := p.seal.seal(sealedPosted, q)
		if err == nil {
			p.deps.Site.Redirect(w, r, p.deps.Site.Path("/authorize")+"?posted="+url.QueryEscape(posted))
			return nil, false
		}
		no = q.refuse("invalid_request", sealTrouble(err))
	}
	if no == nil {
		v, err := p.bind(w, r, q)
		if err == nil {
			return v, true
		}
		no = q.refuse("invalid_request", sealTrouble(err))
	}
	p.deps.Log.InfoContext(r.Context(), "authorization request refused", "client", no.client, "error", no.code)
	if no.page != nil {
		p.deps.Trouble(w, r, no.page)
		return nil, false
	}
	p.deps.Site.Redirect(w, r, p.errorURL(no))
	return nil, false
}

func sealTrouble(err error) string {
	if errors.Is(err, errTooLarge) {
		return "the request is too large"
	}
	return "the request cannot be carried"
}

// arrival reads and checks the request.
func (p *Provider) arrival(w http.ResponseWriter, r *http.Request) (*request, *refusal) {
	unreadable := &refusal{page: &problem.Problem{Code: "client.request", Status: http.StatusBadRequest}}
	if r.Method != http.MethodPost {
		form, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return nil, unreadable
		}
		if !form.Has("posted") {
			return p.check(form)
		}
		q, err := p.seal.open(sealedPosted, form.Get("posted"))
		if err != nil {
			return nil, unreadable
		}
		if p.now().Sub(q.began()) > time.Minute {
			return nil, &refusal{client: q.Client, page: &problem.Problem{Code: "visit.expired", Status: http.StatusGone}}
		}
		return q, nil
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/x-www-form-urlencoded" {
		unreadable.page.Status = http.StatusUnsupportedMediaType
		return nil, unreadable
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return nil, unreadable
	}
	return p.check(r.PostForm)
}

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
	case form.Has("request"):
		return nil, q.refuse("request_not_supported", "")
	case form.Has("request_uri"):
		return nil, q.refuse("request_uri_not_supported", "")
	case form.Has("registration"):
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
	for _, part := range []func(*Client, url.Values, *request) *refusal{p.checkScope, p.checkPKCE, p.checkPrompt, p.checkClaims, p.checkHints} {
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

// refuse makes a refusal that goes back to the brand's site.
func (q *request) refuse(code, description string) *refusal {
	return &refusal{code: code, description: description, redirect: q.Redirect, state: q.State, client: q.Client}
}

// Refuse answers a visit with a protocol error, such as login_required, at the
// brand's site.
func (p *Provider) Refuse(w http.ResponseWriter, r *http.Request, v *web.Visit, code, description string) {
	q, err := p.reopen(v)
	c := p.client(v.Client)
	if err != nil || c == nil || !c.redirectsTo(q.Redirect) {
		p.deps.Trouble(w, r, &problem.Problem{Code: "client.redirect", Status: http.StatusBadRequest, Err: err})
		return
	}
	p.deps.Site.Redirect(w, r, p.errorURL(q.refuse(code, description)))
}

// errorURL says who refuses, so that a client of several providers cannot be
// misled (RFC 9207, 2).
func (p *Provider) errorURL(no *refusal) string {
	v := url.Values{"error": {no.code}, "iss": {p.cfg.Issuer}}
	if no.description != "" {
		v.Set("error_description", plainASCII(no.description))
	}
	if no.state != "" {
		v.Set("state", no.state)
	}
	return withQuery(no.redirect, v)
}

// withQuery adds parameters to a registered URI without touching what it has.
func withQuery(uri string, v url.Values) string {
	if strings.Contains(uri, "?") {
		return uri + "&" + v.Encode()
	}
	return uri + "?" + v.Encode()
}

// plainASCII keeps to what error_description may hold (RFC 6749, 4.1.2.1).
func plainASCII(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"' || r == '\\':
			return '\''
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, s)
}
