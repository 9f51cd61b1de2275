package oauth

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/proffer-id/proffer/store"
)

// tokenBody is what the token endpoint answers (RFC 6749, 5.1; OpenID Connect
// Core 1.0, 3.1.3.3).
type tokenBody struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope"`
	IDToken      string `json:"id_token,omitempty"`
}

// Token handles /token, POST and the preflight of browsers. All of it is one
// Update: it is kept when the client was wrong, so that a replayed code stays
// revoked, and undone when we were, so that the code lives and the client may
// try again.
func (p *Provider) Token(w http.ResponseWriter, r *http.Request) {
	if p.crossOrigin(w, r, "POST") {
		return
	}
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
	p.onlyFor(w, r, c)
	x := &exchange{p: p, client: c, form: form, ring: p.ring.Load(), now: p.now()}
	switch form.Get("grant_type") {
	case "":
		bad = badRequest("grant_type is missing")
	case grantCode:
		x.shown = p.readToken(r.Context(), kindCode, form.Get("code"))
	case grantRefresh:
		x.shown = p.readToken(r.Context(), kindRefresh, form.Get("refresh_token"))
	default:
		bad = &protocolError{http.StatusBadRequest, "unsupported_grant_type", ""}
	}
	if bad != nil {
		p.writeError(w, bad)
		return
	}
	x.ring = p.ring.Load() // reading a token may have found a new key
	if err := p.deps.DB.Update(r.Context(), x.run); err != nil {
		p.writeFault(w, r, err)
		return
	}
	if x.bad != nil {
		p.deps.Log.InfoContext(r.Context(), "token refused", "client", c.ID, "grant_type", form.Get("grant_type"), "error", x.bad.code, "reason", x.bad.description)
		p.writeError(w, x.bad)
		return
	}
	if x.idToken != nil {
		var err error
		if x.body.IDToken, err = x.ring.sign(c.IDTokenAlg, x.now, x.idToken); err != nil {
			p.writeFault(w, r, err)
			return
		}
	}
	writeJSON(w, http.StatusOK, x.body)
}

// known is a client's id for the log: never what a stranger typed.
func known(p *Provider, id string) string {
	if p.client(id) == nil {
		return ""
	}
	return id
}

// An exchange is one request at the token endpoint, and its outcome.
type exchange struct {
	p      *Provider
	client *Client
	form   url.Values
	shown  *token
	ring   *ring
	now    time.Time

	bad     *protocolError
	body    tokenBody
	idToken []byte
}

// run is the function of the Update. Everything is made anew each time: a
// requester carried over would skip its checks in the second run.
func (x *exchange) run(tx *store.Tx) error {
	x.bad, x.body, x.idToken = nil, tokenBody{}, nil
	w := &work{p: x.p, tx: tx, ring: x.ring, now: x.now, client: x.client}
	if x.shown != nil {
		shown := *x.shown
		w.shown = &shown
	}
	err := x.ask(w)
	if err == nil && w.err != nil {
		err = w.err
	}
	if err != nil {
		if x.bad, err = fromEngine(w, err); err != nil {
			return err
		}
		// Whatever else was wrong, a code that its own client has shown is used
		// up: there is no second guess at a verifier or a redirect.
		if w.accepted && w.grant.Redeemed.IsZero() && !w.grant.Dead {
			w.grant.Dead, w.changed = true, true
		}
	}
	if w.changed {
		x.keep(w)
	}
	return nil
}

// ask lets fosite decide, and takes its answer.
func (x *exchange) ask(w *work) error {
	ctx := w.in(w.tx.Context())
	form := url.Values{}
	for k, v := range x.form {
		form[k] = []string{v[0]}
	}
	r := &http.Request{Method: http.MethodPost, URL: new(url.URL), Header: http.Header{}, Form: form, PostForm: form}
	req, err := x.p.engine.NewAccessRequest(ctx, r, newSession(""))
	if err != nil {
		return err
	}
	resp, err := x.p.engine.NewAccessResponse(ctx, req)
	if err != nil {
		return err
	}
	refresh, _ := resp.GetExtra("refresh_token").(string)
	x.body = tokenBody{
		AccessToken: resp.GetAccessToken(), TokenType: "Bearer", ExpiresIn: int(x.p.cfg.AccessLife / time.Second),
		RefreshToken: refresh, Scope: strings.Join(req.GetGrantedScopes(), " "),
	}
	x.idToken = w.idToken
	return nil
}

// keep writes the grant, and lets it stay for as long as one of its tokens may
// be good, or its visit may come back.
func (x *exchange) keep(w *work) {
	g, p := w.grant, x.p
	if !g.Redeemed.IsZero() && g.Revoked.IsZero() {
		until := x.now.Add(p.cfg.AccessLife)
		if x.body.RefreshToken != "" {
			if u := p.refreshUntil(g).Add(p.cfg.AccessLife); u.After(until) {
				until = u
			}
		}
		if until.After(g.Until) {
			g.Until = until
		}
	}
	grants.Put(w.tx, g)
}
