// Package admin is what those who work for a brand do over HTTP, with a token:
// JSON in and out, problems as of RFC 9457. No cookie counts here, and no token
// does anything at another brand. It does not know how a set is checked or comes
// into force: the root hands that in. Start at Admin; screens.go has the routes.
package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/bundle"
)

// TokenPrefix begins every token, so that who finds one in a file or a log knows
// what it is.
const TokenPrefix = "pfd_"

// NewToken makes a token of 256 random bits.
func NewToken() string {
	var bits [32]byte
	rand.Read(bits[:]) // never fails (crypto/rand)
	return TokenPrefix + base64.RawURLEncoding.EncodeToString(bits[:])
}

// Sum is what is kept of a token.
func Sum(token string) [32]byte { return sha256.Sum256([]byte(token)) }

// A Token lets who has it deploy the screen sets of one brand.
type Token struct {
	Brand, Name string
	Sum         [32]byte // of the token's text
}

// Deps is what the root hands in. All are needed.
type Deps struct {
	Log    *slog.Logger
	Tokens []Token

	// List gives the versions of a brand before a number, 0 for the newest on.
	List func(ctx context.Context, brand string, before, limit int) (*List, error)
	// Show gives a version with its bundle; FromFile is the file of the configuration,
	// InForce what is in force.
	Show func(ctx context.Context, brand string, number int) (*Shown, error)
	// Check says what would be found in a bundle beside the other brands' sets.
	Check func(ctx context.Context, brand string, b *bundle.Bundle) ([]diag.Finding, error)
	// Deploy puts a bundle in force. The error may be a *Refused or a *Moved.
	Deploy func(ctx context.Context, d Deploy) (*Deployed, error)
}

// Numbers that are no version's.
const (
	FromFile = 0  // the file of the configuration
	InForce  = -1 // whatever is in force
)

// Admin answers below /admin/. It is safe for use by many at once.
type Admin struct{ deps Deps }

// New makes it.
func New(d Deps) *Admin { return &Admin{d} }

// takes is how long one request may take: a set of many pictures on a slow line.
const takes = 2 * time.Minute

// A who is the token that a request came with.
type who struct{ brand, name string }

// authorize finds the token of a request. All are compared, each in constant
// time, so that the time says nothing about any of them.
func (a *Admin) authorize(r *http.Request) (who, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") { // RFC 9110, 11.1: in any case
		return who{}, false
	}
	sum := Sum(token)
	var found who
	ok := 0
	for _, t := range a.deps.Tokens {
		if subtle.ConstantTimeCompare(sum[:], t.Sum[:]) == 1 {
			found, ok = who{t.Brand, t.Name}, 1
		}
	}
	return found, ok == 1
}

// Handler adapts a route: it lets nobody in without a token of the brand in the
// path. Whether there is such a brand is not said to who may not know.
func (a *Admin) Handler(serve func(w http.ResponseWriter, r *http.Request, by string) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		by, ok := a.authorize(r)
		if !ok {
			a.refuse(w, r)
			return nil
		}
		if brand := r.PathValue("brand"); brand != by.brand {
			a.write(w, r, &Problem{Status: http.StatusForbidden, Code: "brand", Title: "this token is for another brand",
				Detail: "A token deploys the screen sets of one brand alone."})
			return nil
		}
		// An upload may take longer than a page; the server's own bounds are for those.
		control := http.NewResponseController(w)
		until := time.Now().Add(takes)
		_, _ = control.SetReadDeadline(until), control.SetWriteDeadline(until) // where they are supported
		// Who hangs up in the middle of a deploy does not stop it half-way.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), takes)
		defer cancel()
		if err := serve(w, r.WithContext(ctx), by.name); err != nil {
			a.trouble(w, r, by, err)
		}
		return nil
	}
}

// Nothing answers what no route knows.
func (a *Admin) Nothing(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	if _, ok := a.authorize(r); !ok {
		a.refuse(w, r)
		return nil
	}
	a.write(w, r, &Problem{Status: http.StatusNotFound, Code: "route", Title: "there is no such path or method"})
	return nil
}

// refuse asks for a token (RFC 6750, 3): the same answer whatever was wrong with one that was sent.
func (a *Admin) refuse(w http.ResponseWriter, r *http.Request) {
	challenge := `Bearer realm="proffer"`
	p := &Problem{Status: http.StatusUnauthorized, Code: "token", Title: "a token of the brand is needed",
		Detail: "Send it as Authorization: Bearer …; proffer screens token makes one."}
	if r.Header.Get("Authorization") != "" {
		challenge += `, error="invalid_token"`
		p.Title, p.Detail = "this is no token of the brand", "Its SHA-256 has to stand under deploy_tokens of the brand in the configuration of the server; proffer screens token makes one, and says what to write there."
	}
	w.Header().Set("WWW-Authenticate", challenge)
	a.write(w, r, p)
}
