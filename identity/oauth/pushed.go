package oauth

import (
	"net/http"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
)

// pushedURN stands before a pushed request in request_uri (RFC 9126, 2.2).
const pushedURN = "urn:ietf:params:oauth:request_uri:"

// pushedLife is how long a pushed request may wait for its browser: as long as a
// redirect on a bad line (RFC 9126, 2.2 says 5 to 600 seconds).
const pushedLife = 90 * time.Second

// sealedPushed is what a pushed request is sealed for.
const sealedPushed = "pushed"

// pushedBody is what the pushed authorization request endpoint answers (RFC
// 9126, 2.2).
type pushedBody struct {
	RequestURI string `json:"request_uri"`
	ExpiresIn  int    `json:"expires_in"` // seconds
}

// Push handles POST /par (RFC 9126): the client hands its authorization request
// over itself, checked and with what must not stand in an address, such as answers
// that it carries in. Nothing is kept: the request comes back sealed, as a visit
// is, and whoever opens it begins a visit of their own.
func (p *Provider) Push(w http.ResponseWriter, r *http.Request) {
	form, bad := readForm(w, r)
	if bad != nil {
		p.writeError(w, bad)
		return
	}
	c, bad := p.authenticate(r, form)
	if bad != nil {
		p.deps.Log.InfoContext(r.Context(), "client not authenticated", "client", known(p, form.Get("client_id")))
		p.writeError(w, bad)
		return
	}
	form.Set("client_id", c.ID) // who authenticates by header need not say it again
	q, no := p.check(form)
	if no != nil {
		p.deps.Log.InfoContext(r.Context(), "pushed request refused", "client", c.ID, "error", no.code)
		p.writeError(w, no.toClient())
		return
	}
	if carried := form.Get("carry_in"); isToken(carried) {
		answers, err := p.readCarryIn(c, carried)
		if err == nil {
			q.Carry, err = p.deps.CarryIn(r.Context(), c.Brand, answers)
		}
		if bad := carryError(err); bad != nil {
			p.writeError(w, bad)
			return
		} else if err != nil {
			p.writeFault(w, r, err)
			return
		}
	}
	q.Began = p.now().UnixMilli()
	sealed, err := p.seal.seal(sealedPushed, q)
	if err != nil {
		p.writeError(w, badRequest(sealTrouble(err)))
		return
	}
	writeJSON(w, http.StatusCreated, pushedBody{pushedURN + sealed, int(pushedLife / time.Second)})
}

// toClient is a refusal as the client itself is told it, where there is no browser.
func (no *refusal) toClient() *protocolError {
	why := no.description
	if no.page != nil {
		why = map[string]string{
			"client.redirect": "redirect_uri is not registered for this client",
			"client.request":  "the request cannot be read",
		}[no.page.Code]
	}
	return &protocolError{http.StatusBadRequest, no.code, why}
}

// pushed reads a request that was pushed before. Whatever else stands in the
// address is not looked at: it was not the client who wrote it (RFC 9126, 4).
func (p *Provider) pushed(uri, client string) (*request, *refusal) {
	page := func(code string, status int) *refusal {
		return &refusal{code: "invalid_request_uri", client: known(p, client), page: &problem.Problem{Code: code, Status: status}}
	}
	sealed, _ := strings.CutPrefix(uri, pushedURN)
	q, err := p.seal.open(sealedPushed, sealed)
	switch {
	case err != nil || q.Client != client:
		return nil, page("client.request", http.StatusBadRequest)
	case p.now().Sub(q.began()) > pushedLife:
		return nil, page("visit.expired", http.StatusGone)
	}
	if c := p.client(q.Client); c == nil || !c.redirectsTo(q.Redirect) { // the configuration changed meanwhile
		return nil, page("client.redirect", http.StatusBadRequest)
	}
	return q, nil
}
