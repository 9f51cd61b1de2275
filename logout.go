package proffer

import (
	"net/http"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// logout handles GET and POST /logout, a brand's wish that the customer be
// signed out (OpenID Connect RP-Initiated Logout 1.0). Only an id_token_hint of
// the very session is enough; anything else is asked first, since a picture on
// any page could send a browser here.
func (s *rooms) logout(w http.ResponseWriter, r *http.Request) error {
	l, err := s.oauth.Logout(w, r)
	if err != nil {
		return err
	}
	session, err := s.session(r)
	if err != nil {
		return err
	}
	switch {
	case session == nil:
		return s.loggedOut(w, r, l)
	case l.Verified && l.SID == s.oauth.SID(session.ID, l.Brand):
		if err := s.people.SignOut(w, r); err != nil {
			return err
		}
		return s.loggedOut(w, r, l)
	}
	m := &templates.Message{Page: s.site.Page(r, nil)}
	say := func(key string, args ...any) string { return s.pages.Say(m.Lang, key, args...) }
	m.Heading, m.Text = say("signout.heading"), say("signout.text")
	m.Action, m.ActionIs, m.Post = s.site.Path("/logout/confirm"), say("signout.button"), true
	for name, values := range l.Params {
		for _, v := range values {
			m.Hidden = append(m.Hidden, templates.Hidden{Name: name, Value: v})
		}
	}
	m.Hidden = append(m.Hidden, s.site.FormToken(session.ID.String(), "logout"))
	if l.Return != "" {
		m.Forms = []string{web.Target(l.Return)}
	}
	return s.site.Write(w, r, http.StatusOK, m)
}

// confirmLogout handles POST /logout/confirm: the customer's own yes.
func (s *rooms) confirmLogout(w http.ResponseWriter, r *http.Request) error {
	form, err := s.site.ParseForm(w, r)
	if err != nil {
		return err
	}
	l, err := s.oauth.Logout(w, r)
	if err != nil {
		return err
	}
	session, err := s.session(r)
	if err != nil {
		return err
	}
	if session != nil {
		if err := s.site.CheckToken(form, session.ID.String(), "logout"); err != nil {
			return err
		}
		if err := s.people.SignOut(w, r); err != nil {
			return err
		}
	}
	return s.loggedOut(w, r, l)
}

// loggedOut goes to the address the brand named and we know, or says so here.
func (s *rooms) loggedOut(w http.ResponseWriter, r *http.Request, l oauth.Logout) error {
	if l.Return != "" {
		s.site.Redirect(w, r, l.Return)
		return nil
	}
	m := &templates.Message{Page: s.site.Page(r, nil)}
	m.Account, m.SignOut = "", ""
	m.Heading, m.Text = s.pages.Say(m.Lang, "signout.done.heading"), s.pages.Say(m.Lang, "signout.done.text")
	if m.Home != "" {
		m.Action, m.ActionIs = m.Home, s.pages.Say(m.Lang, "message.back", "brand", m.Brand.Name)
	}
	return s.site.Write(w, r, http.StatusOK, m)
}

// alreadyFinished answers who comes back to a visit whose code was redeemed.
func (s *rooms) alreadyFinished(w http.ResponseWriter, r *http.Request, v *web.Visit) error {
	m := &templates.Message{Page: s.site.Page(r, v)}
	say := func(key string, args ...any) string { return s.pages.Say(m.Lang, key, args...) }
	m.Heading, m.Text = say("visit.finished.heading"), say("visit.finished", "brand", m.Brand.Name)
	if site := s.brandSite(v.Brand); site != "" {
		m.Action, m.ActionIs = site, say("message.back", "brand", m.Brand.Name)
	}
	m.Second, m.SecondIs = s.site.Path("/preferences/answers"), say("message.change")
	return s.site.Write(w, r, http.StatusOK, m)
}

func (s *rooms) session(r *http.Request) (session *identity.Session, err error) {
	err = s.db.View(r.Context(), func(tx *store.Tx) error {
		session, _, err = s.people.SignedIn(tx, r)
		return err
	})
	return session, err
}
