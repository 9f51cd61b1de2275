package web

import (
	"net/http"
	"time"
)

// CookieName returns the full name of a cookie: with a hash of the issuer, so
// that several providers on one host do not take each other's, and with the
// __Host- prefix wherever the issuer is https (RFC 6265bis, 4.1.3.2).
func (s *Site) CookieName(name string) string {
	full := "pf_" + name + "_" + s.tag
	if s.secure {
		return "__Host-" + full
	}
	return full
}

// SetCookie sets a cookie for this host. maxAge zero ends it with the browser.
func (s *Site) SetCookie(w http.ResponseWriter, name, value string, maxAge time.Duration) {
	http.SetCookie(w, s.cookie(name, value, int(maxAge/time.Second)))
}

// ClearCookie removes a cookie.
func (s *Site) ClearCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, s.cookie(name, "", -1))
}

// Lax, not Strict: a customer arrives from the brand's site.
func (s *Site) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: s.CookieName(name), Value: value, Path: "/", MaxAge: maxAge,
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// Cookie returns a cookie's value, or "".
func (s *Site) Cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.CookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}
