package proffer

import (
	"errors"
	"net/http"
	"net/url"
	"path"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
)

// authorize handles GET and POST /authorize: the beginning of every visit, and
// where every page of it returns to. A request of a brand's site is checked and
// sealed; a sealed visit is opened. Then the gates are asked.
func (s *rooms) authorize(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodPost || r.URL.Query().Get("visit") == "" {
		v, ok := s.oauth.Begin(w, r)
		if !ok {
			return nil // answered: the error is the brand's, or stands on a page
		}
		s.site.SetCookie(w, "b", v.Brand, 0)
		return s.walk(w, r, v)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	return s.walk(w, r, v)
}

// visit opens the visit a request stands in. Whoever was not signed in yet when
// it ran out is told that nothing was saved.
func (s *rooms) visit(r *http.Request) (*web.Visit, error) {
	v, err := s.oauth.Open(r)
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Code == "visit.expired" {
		if session, noSession := s.session(r); noSession == nil && session == nil {
			before := *p
			before.Code = "visit.expired_early"
			return nil, &before
		}
	}
	if err == nil {
		s.fetchEdition(r.Context(), v)
	}
	return v, err
}

// walk sends the browser to the page of the first closed gate, or, if all are
// open, to where the visit ends. The gates are asked in one transaction: where a
// customer may be on their way back to a brand's site, in the Update that issues
// the code, which writes nothing if a gate is closed.
func (s *rooms) walk(w http.ResponseWriter, r *http.Request, v *web.Visit) error {
	a := &asked{r: r, visit: v, lang: s.site.Lang(r, v), wants: s.wants(v)}
	var closed *gate
	var page, to string
	var err error
	if v.End == "" && s.people.MayBeSignedIn(r) {
		to, page, err = s.oauth.Finish(r.Context(), v, func(tx *store.Tx, also func(*store.Batch, store.ID)) (who oauth.Who, page string, err error) {
			closed, page, err = s.firstClosed(tx, a, also)
			if err != nil || closed != nil {
				return oauth.Who{}, page, err
			}
			s.people.Touch(tx, a.session)
			if err := s.asking.NoteSignIn(tx, a.wish); err != nil {
				return oauth.Who{}, "", err
			}
			return oauth.Who{
				Account: a.session.Account, Session: a.session.ID,
				AuthTime: a.session.AuthTime, ACR: a.session.ACR, AMR: a.session.AMR,
			}, "", nil
		})
	} else {
		if to = s.site.Path(v.End); v.Ask != "" {
			to = s.site.In(v.End, v) // which says what came of it
		}
		err = s.db.View(r.Context(), func(tx *store.Tx) (err error) {
			closed, page, err = s.firstClosed(tx, a, func(*store.Batch, store.ID) {})
			return err
		})
	}
	switch finished := (*oauth.FinishedError)(nil); {
	case errors.As(err, &finished):
		return s.alreadyFinished(w, r, v)
	case err != nil:
		return err
	case closed == nil:
		s.site.Redirect(w, r, to)
		return nil
	case v.Asks("none"):
		s.oauth.Refuse(w, r, v, closed.refusal, "")
		return nil
	}
	if a.offered != nil {
		if err := s.asking.NoteOffered(r.Context(), v, a.who(), a.offered); err != nil {
			return err
		}
	}
	if err := s.oauth.Seal(v); err != nil {
		return err
	}
	s.site.Redirect(w, r, s.site.In(page, v))
	return nil
}

// refuse ends a visit whose customer does not agree: at the brand's site, with a
// protocol's error, or, where a link began it, at a page that says so.
func (s *rooms) refuse(w http.ResponseWriter, r *http.Request, v *web.Visit, code, description string) error {
	if v.End != "" {
		return s.asking.ShowRefused(w, r, v)
	}
	s.oauth.Refuse(w, r, v, code, description)
	return nil
}

// atHome stands before a page of our own that needs a customer: whoever is not
// signed in takes the walk first, and it ends at that page.
func (s *rooms) atHome(next func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		brand := s.site.Cookie(r, "b")
		if id := r.URL.Query().Get("client_id"); id != "" {
			if c, ok := s.clients[id]; ok && c.brand != brand {
				brand = c.brand
				s.site.SetCookie(w, "b", brand, 0)
				r = withCookie(r, s.site.CookieName("b"), brand)
			}
		}
		session, err := s.session(r)
		if err != nil {
			return err
		}
		if session != nil {
			return next(w, r)
		}
		end := "/preferences"
		if r.Method == http.MethodGet {
			end = (&url.URL{Path: r.URL.Path[len(s.site.Prefix()):]}).EscapedPath()
			if path.Clean(end) != end { // %2e%2e%2f in the name of a question is no way to another page
				end = "/preferences"
			}
		}
		v, err := s.oauth.BeginOwn(w, r, end, brand)
		if err != nil {
			return err
		}
		return s.walk(w, withCookie(r, s.site.CookieName("b"), brand), v)
	}
}

// withCookie is r as if it had come with the cookie just set.
func withCookie(r *http.Request, name, value string) *http.Request {
	c := r.Clone(r.Context())
	c.Header.Del("Cookie")
	for _, old := range r.Cookies() {
		if old.Name != name {
			c.AddCookie(old)
		}
	}
	c.AddCookie(&http.Cookie{Name: name, Value: value})
	return c
}
