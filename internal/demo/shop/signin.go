package shop

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/proffer-id/proffer/relying"
)

// getSignIn sends the customer to the provider.
func (s *Shop) getSignIn(w http.ResponseWriter, r *http.Request) {
	a, to := s.o.Client.Begin()
	key := newKey()
	s.keepAttempt(key, a)
	s.cookie(w, "attempt", key, attemptLife)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// getCallback is where the provider sends the customer back to. Whatever
// happens, the address bar ends without a code in it.
func (s *Shop) getCallback(w http.ResponseWriter, r *http.Request) {
	a, ok := s.takeAttempt(s.cookieOf(r, "attempt"))
	s.cookie(w, "attempt", "", 0)
	if !ok {
		if s.session(r) != nil { // the back button after signing in
			s.back(w, r, "")
			return
		}
		s.back(w, r, "again")
		return
	}
	tokens, err := s.o.Client.Finish(r.Context(), a, r.URL.Query())
	if refused, ok := errors.AsType[*relying.Refused](err); ok {
		s.o.Log.Info("sign-in refused", "brand", s.o.Brand.ID, "error", refused.Code)
		if refused.Code == "access_denied" {
			s.back(w, r, "turned-back")
			return
		}
		s.back(w, r, "trouble")
		return
	}
	if err != nil {
		s.o.Log.Warn("sign-in failed", "brand", s.o.Brand.ID, "err", err)
		s.back(w, r, "again")
		return
	}
	s.endSession(r) // a new sign-in is a new session: a planted cookie gains nothing
	key := newKey()
	s.keepSession(key, tokens)
	s.cookie(w, "session", key, sessionLife)
	s.back(w, r, "")
}

// postRefresh trades the refresh token for a new ID token.
func (s *Shop) postRefresh(w http.ResponseWriter, r *http.Request) {
	c := s.session(r)
	if c == nil {
		s.back(w, r, "ended")
		return
	}
	c.mu.Lock()
	err := s.renew(r.Context(), c)
	c.mu.Unlock()
	switch {
	case errors.Is(err, relying.ErrSignedOut):
		s.end(w, r)
		s.back(w, r, "ended")
	case err != nil:
		s.o.Log.Warn("refresh failed", "brand", s.o.Brand.ID, "err", err)
		s.back(w, r, "trouble")
	default:
		s.back(w, r, "")
	}
}

// postSignOut ends the session here, then at the provider.
func (s *Shop) postSignOut(w http.ResponseWriter, r *http.Request) {
	c := s.session(r)
	s.end(w, r)
	if c == nil {
		s.back(w, r, "signed-out")
		return
	}
	c.mu.Lock()
	tokens := c.tokens
	c.mu.Unlock()
	to := s.o.Client.SignOut(tokens, s.o.Origin+"/", "signed-out")
	if to == "" {
		s.back(w, r, "signed-out")
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (s *Shop) end(w http.ResponseWriter, r *http.Request) {
	s.endSession(r)
	s.cookie(w, "session", "", 0)
}

// back leads to the shop's front page, with something to say there. The
// provider's answer to a sign-out says it by the same name.
func (s *Shop) back(w http.ResponseWriter, r *http.Request, say string) {
	to := "/"
	if say != "" {
		to += "?" + url.Values{"state": {say}}.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// sayings are what the front page can be asked to say. Nothing else in an
// address reaches the page.
var sayings = map[string]string{
	"turned-back": "You came back without signing in. Nothing changed, and the shelf is still here.",
	"again":       "That sign-in did not come to an end. Try it once more from here.",
	"trouble":     "Signing in does not work at the moment. Try again in a minute; the shelf is still here.",
	"ended":       "You are signed out here now.",
	"signed-out":  "You are signed out. See you soon.",
}
