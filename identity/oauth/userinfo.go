package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/store"
)

// UserInfo handles /userinfo: GET, POST and the preflight of browsers (OpenID
// Connect Core 1.0, 5.3). The token comes in the header, or in the form of a
// POST, never in the URL (RFC 6750, 2). It writes nothing unless what it hands
// over is not what the grant has handed over before.
func (p *Provider) UserInfo(w http.ResponseWriter, r *http.Request) {
	if p.crossOrigin(w, r, "GET, POST") {
		return
	}
	text, bad := bearer(w, r)
	if bad != nil {
		p.writeBearer(w, bad)
		return
	}
	t := p.readToken(r.Context(), kindAccess, text)
	now := p.now()
	if t == nil || now.After(t.expires) {
		p.writeBearer(w, invalidToken())
		return
	}
	u := &userInfo{p: p, shown: t, now: now, ring: p.ring.Load()}
	err := p.deps.DB.View(r.Context(), u.look)
	if err == nil && u.news {
		err = p.deps.DB.Update(r.Context(), u.handOver)
	}
	if err != nil {
		p.writeFault(w, r, err)
		return
	}
	if u.client != nil {
		p.onlyFor(w, r, u.client)
	}
	if u.bad != nil {
		p.writeBearer(w, u.bad)
		return
	}
	writeJSON(w, http.StatusOK, json.RawMessage(u.body))
}

// A userInfo is one request, and its outcome.
type userInfo struct {
	p     *Provider
	shown *token
	now   time.Time
	ring  *ring

	client *Client
	bad    *protocolError
	news   bool // what would be handed over is to be noted
	body   []byte
}

// open finds the grant of the token, and what is wrong with it.
func (u *userInfo) open(tx *store.Tx) (*work, []string, error) {
	u.bad, u.news, u.body, u.client = nil, false, nil, nil
	c := u.p.client(u.shown.client)
	if c == nil {
		u.bad = invalidToken()
		return nil, nil, nil
	}
	g, facts, err := u.p.liveGrant(tx, u.shown.grant, c)
	if err != nil {
		return nil, nil, err
	}
	if g == nil || g.Client != c.ID || !g.live() || u.shown.generation > g.Generation {
		u.bad = invalidToken()
		return nil, nil, nil
	}
	u.client = c
	scopes := u.client.allowed(unmask(g.Scopes, u.shown.scopes))
	if !slices.Contains(scopes, scopeOpenID) {
		u.bad = &protocolError{http.StatusForbidden, "insufficient_scope", "the scope openid is needed"}
		return nil, nil, nil
	}
	return &work{p: u.p, tx: tx, ring: u.ring, now: u.now, client: c, grant: g, facts: facts, loaded: true, shown: u.shown}, scopes, nil
}

// look answers without writing, if that is enough.
func (u *userInfo) look(tx *store.Tx) error {
	w, scopes, err := u.open(tx)
	if w == nil {
		return err
	}
	g := w.grant
	c, err := w.claims(UserInfo, scopes)
	sealed := errors.Is(err, store.ErrSealed)
	if err != nil && !sealed {
		return fmt.Errorf("claims of grant %s: %w", g.ID, err)
	}
	u.news = !sealed && isNews(g, sorted(c.Set))
	return u.answer(g, ours(c, UserInfo))
}

// isNews says whether a set is another than the client was last handed here, or,
// the first time, holds anything that no ID token has.
func isNews(g *Grant, set []string) bool {
	if len(g.InUserInfo.Set) > 0 || g.InUserInfo.Times > 0 {
		return !slices.Equal(set, g.InUserInfo.Set)
	}
	return slices.ContainsFunc(set, func(id string) bool { return !slices.Contains(g.InIDToken.Set, id) })
}

// handOver answers and notes it.
func (u *userInfo) handOver(tx *store.Tx) error {
	w, scopes, err := u.open(tx)
	if w == nil {
		return err
	}
	values, err := w.handOver(UserInfo, scopes)
	if err != nil {
		return err
	}
	if w.changed {
		grants.Put(tx, w.grant)
	}
	return u.answer(w.grant, values)
}

func (u *userInfo) answer(g *Grant, values map[string]any) (err error) {
	values["sub"] = g.Subject
	if u.body, err = json.Marshal(values); err != nil {
		return fmt.Errorf("UserInfo of grant %s: %w", g.ID, err)
	}
	return nil
}

// invalidToken is the answer to all that is wrong with an access token: which it
// was is nobody's business.
func invalidToken() *protocolError {
	return &protocolError{http.StatusUnauthorized, "invalid_token", "the access token is not valid, or not any more"}
}

// bearer reads the token (RFC 6750, 2.1 and 2.2). An error without a code is for
// a request that shows none (3.1).
func bearer(w http.ResponseWriter, r *http.Request) (string, *protocolError) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST, OPTIONS")
		return "", &protocolError{http.StatusMethodNotAllowed, "invalid_request", "the method must be GET or POST"}
	}
	inHeader, inForm := "", ""
	if h := r.Header.Values("Authorization"); len(h) > 1 {
		return "", badRequest("there is more than one Authorization header")
	} else if len(h) == 1 {
		scheme, rest, _ := strings.Cut(h[0], " ")
		if strings.EqualFold(scheme, "Bearer") {
			inHeader = strings.TrimSpace(rest)
		}
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Method == http.MethodPost && err == nil && t == "application/x-www-form-urlencoded" {
		form, bad := readForm(w, r)
		if bad != nil {
			return "", bad
		}
		inForm = form.Get("access_token")
	}
	switch {
	case inHeader != "" && inForm != "":
		return "", badRequest("there are two access tokens")
	case inHeader != "":
		return inHeader, nil
	case inForm != "":
		return inForm, nil
	}
	return "", &protocolError{status: http.StatusUnauthorized}
}

// writeBearer answers RFC 6750, 3.
func (p *Provider) writeBearer(w http.ResponseWriter, e *protocolError) {
	challenge := `Bearer realm="` + p.cfg.Issuer + `"`
	if e.code != "" {
		challenge += `, error="` + e.code + `", error_description="` + plainASCII(e.description) + `"`
	}
	if e.code == "insufficient_scope" {
		challenge += `, scope="` + scopeOpenID + `"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	if e.code == "" {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(e.status)
		return
	}
	writeJSON(w, e.status, errorBody{e.code, e.description})
}
