package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/gorilla/sessions"

	"github.com/proffer-id/proffer/internal/web"
)

// cookies is a sessions.Store whose cookie carries nothing but an opaque id, with
// the flags that internal/web gives every cookie. The stores that come with
// gorilla/sessions keep state in the browser, where it can be rolled back, and
// default to SameSite=None and readable by scripts.
type cookies struct {
	site  *web.Site
	total time.Duration
}

var _ sessions.Store = (*cookies)(nil)

const sessionCookie = "s"

// Get returns the session cookie of r as New does; it keeps no registry.
func (c *cookies) Get(r *http.Request, name string) (*sessions.Session, error) { return c.New(r, name) }

// New reads the id from the cookie name of r. Without one, or with one that we
// never gave out, IsNew is true and ID empty.
func (c *cookies) New(r *http.Request, name string) (*sessions.Session, error) {
	s := sessions.NewSession(c, name)
	s.Options = &sessions.Options{MaxAge: int(c.total / time.Second)}
	s.IsNew = true
	given := c.site.Cookie(r, name)
	if raw, err := base64.RawURLEncoding.DecodeString(given); err == nil && len(raw) == secretBytes {
		s.ID, s.IsNew = given, false
	}
	return s, nil
}

// Save sets the cookie, or removes it where MaxAge is negative.
func (c *cookies) Save(_ *http.Request, w http.ResponseWriter, s *sessions.Session) error {
	if s.Options.MaxAge < 0 {
		c.site.ClearCookie(w, s.Name())
		return nil
	}
	c.site.SetCookie(w, s.Name(), s.ID, time.Duration(s.Options.MaxAge)*time.Second)
	return nil
}

const secretBytes = 32

// newSecret returns what the cookie of a new session holds: 256 random bits.
func newSecret() string {
	b := make([]byte, secretBytes)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashOf is what is stored of a cookie's value. It is long and random, so a
// plain hash is enough.
func hashOf(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

// secretOf returns the value of the session cookie of r, or "".
func (p *People) secretOf(r *http.Request) string {
	s, _ := p.cookies.New(r, sessionCookie)
	return s.ID
}

// give sets the cookie of a session that began.
func (p *People) give(w http.ResponseWriter, r *http.Request, secret string) error {
	s, err := p.cookies.New(r, sessionCookie)
	if err != nil {
		return err
	}
	s.ID = secret
	return s.Save(r, w)
}

// take removes the cookie.
func (p *People) take(w http.ResponseWriter, r *http.Request) error {
	s, err := p.cookies.New(r, sessionCookie)
	if err != nil {
		return err
	}
	s.Options.MaxAge = -1
	return s.Save(r, w)
}
