package oauth

import (
	"net/http"

	"github.com/proffer-id/proffer/store"
)

// Revoke handles /revoke, POST and the preflight of browsers (RFC 7009). Either
// token ends the whole grant, with all that came of it. A token that is not this
// client's is as unknown as a forged one: 200, and nothing happens.
func (p *Provider) Revoke(w http.ResponseWriter, r *http.Request) {
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
		p.writeError(w, bad)
		return
	}
	p.onlyFor(w, r, c)
	text := form.Get("token")
	if text == "" {
		p.writeError(w, badRequest("token is missing"))
		return
	}
	// The kind shows in the token itself; token_type_hint is not needed.
	t := p.readToken(r.Context(), kindRefresh, text)
	if t == nil {
		t = p.readToken(r.Context(), kindAccess, text)
	}
	if t != nil {
		now := p.now()
		err := p.deps.DB.Update(r.Context(), func(tx *store.Tx) error {
			g, _, err := p.liveGrant(tx, t.grant, c)
			if err != nil || g == nil || g.Client != c.ID || !g.Revoked.IsZero() {
				return err
			}
			g.Revoked = now
			grants.Put(tx, g)
			return nil
		})
		if err != nil {
			p.writeFault(w, r, err) // the token may live: the client must know (RFC 7009, 2.2.1)
			return
		}
		p.deps.Log.InfoContext(r.Context(), "token revoked", "client", c.ID)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}
