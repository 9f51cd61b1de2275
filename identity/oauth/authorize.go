package oauth

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
)

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
// brand's site asks for and ties it to the browser. A POST (OpenID
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
		if uri := form["request_uri"]; len(uri) == 1 && strings.HasPrefix(uri[0], pushedURN) {
			return p.pushed(uri[0], form.Get("client_id"))
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
	form, err := p.deps.Site.ParseForm(w, r)
	if err != nil {
		if bad, ok := errors.AsType[*problem.Problem](err); ok {
			unreadable.page.Status = bad.Status
		}
		return nil, unreadable
	}
	return p.check(form)
}

// refuse makes a refusal that goes back to the brand's site.
func (q *request) refuse(code, description string) *refusal {
	return &refusal{code: code, description: description, redirect: q.Redirect, state: q.State, client: q.Client}
}

// Refuse answers a visit with a protocol error, such as login_required, at the
// brand's site.
func (p *Provider) Refuse(w http.ResponseWriter, r *http.Request, v *web.Visit, code, description string) {
	q, c := requestOf(v), p.client(v.Client)
	if c == nil || !c.redirectsTo(q.Redirect) {
		p.deps.Trouble(w, r, &problem.Problem{Code: "client.redirect", Status: http.StatusBadRequest})
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
