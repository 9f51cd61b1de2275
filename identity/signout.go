package identity

import (
	"fmt"
	"net/http"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// seeSession returns the session of r in a View of its own, or nil.
func (p *People) seeSession(r *http.Request) (s *Session, a *Account, err error) {
	err = p.view(r.Context(), func(tx *store.Tx) error {
		s, a, err = p.SignedIn(tx, r)
		return err
	})
	return s, a, err
}

// GetSignOut handles GET /signout: a page with one button, since a GET changes
// nothing and a picture on a stranger's page must not sign anybody out. Who is
// not signed in learns just that.
func (p *People) GetSignOut(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.seeSession(r)
	if err != nil {
		return fmt.Errorf("sign-out page: %w", err)
	}
	v := p.standsIn(r)
	m := &templates.Message{Page: p.deps.Site.Page(r, v)}
	say := func(key string) string { return p.deps.Mails.Say(m.Lang, key) }
	m.Page.SignOut = ""
	switch {
	case s != nil:
		m.Heading, m.Text = say("signout.heading"), say("signout.text")
		m.Action, m.ActionIs, m.Post = p.in("/signout", v), say("signout.button"), true
		m.Page.Action = m.Action
		m.Page.Hidden = append(m.Page.Hidden, p.deps.Site.FormToken(s.ID.String(), "signout"))
	case r.URL.Query().Has("deleted"):
		m.Heading, m.Text = say("delete.done.heading"), say("delete.done.text")
	default:
		m.Heading, m.Text = say("signout.done.heading"), say("signout.done.text")
	}
	if s == nil && m.Home != "" {
		m.Action, m.ActionIs = m.Home, p.deps.Mails.Say(m.Lang, "message.back", "brand", m.Brand.Name)
	}
	return p.deps.Site.Write(w, r, http.StatusOK, m)
}

// PostSignOut handles POST /signout.
func (p *People) PostSignOut(w http.ResponseWriter, r *http.Request) error {
	form, err := p.deps.Site.ParseForm(w, r)
	if err != nil {
		return err
	}
	s, _, err := p.seeSession(r)
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	if s != nil {
		if err := p.deps.Site.CheckToken(form, s.ID.String(), "signout"); err != nil {
			return err
		}
		if err := p.SignOut(w, r); err != nil {
			return err
		}
	}
	to := p.deps.Site.Path("/signout")
	if v := p.standsIn(r); v != nil { // "Not you?" in the middle of a visit: it goes on with whoever signs in
		to = p.deps.Site.Walk(v)
	}
	p.deps.Site.Redirect(w, r, to)
	return nil
}

// standsIn is the visit a request stands in; nil if it stands in none, or in one
// that cannot be opened.
func (p *People) standsIn(r *http.Request) *web.Visit {
	v, err := p.deps.Visit(r)
	if err != nil {
		return nil
	}
	return v
}
