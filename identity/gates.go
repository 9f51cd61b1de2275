package identity

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
)

// Authenticate is gate 1: is somebody signed in, in the way this visit asks for?
// While a code is awaited it names the page for that. s may be nil: nobody is.
func (p *People) Authenticate(tx *store.Tx, s *Session, v *web.Visit) (page string, err error) {
	if s != nil {
		if ok, err := p.suits(tx, s, v); err != nil || ok {
			return "", err
		}
	}
	q, err := pendings.Get(tx, store.K(v.ID))
	switch {
	case err == nil && p.now().Before(q.Until):
		if !q.Proven.IsZero() {
			return "/new-password", nil
		}
		return "/verify", nil
	case err != nil && !gone(err):
		return "", err
	case v.Asks("create"):
		return "/register", nil
	}
	return "/login", nil
}

// suits says whether a session is what the visit asks for. Who signed in during
// the visit has done what prompt and max_age want (OpenID Connect Core 1.0,
// 3.1.2.1), even if the questions after it took long.
func (p *People) suits(tx *store.Tx, s *Session, v *web.Visit) (bool, error) {
	if s.Visit != v.ID {
		for _, again := range []string{"login", "select_account", "create"} {
			if v.Asks(again) {
				return false, nil
			}
		}
		if v.MaxAge != nil && p.now().Sub(s.AuthTime) > time.Duration(*v.MaxAge)*time.Second {
			return false, nil
		}
	}
	if p.deps.IsSubject == nil {
		return true, nil
	}
	return p.deps.IsSubject(tx, v, s.Account)
}

// StrongEnough is gate 2. acr_values is a wish (OpenID Connect Core 1.0,
// 5.5.1.1): it closes only where signing in again could fulfil it. All that this
// provider can give is one factor.
func (p *People) StrongEnough(s *Session, v *web.Visit) (page string) {
	if slices.Contains(v.ACR, s.ACR) || !slices.Contains(v.ACR, Level1) {
		return ""
	}
	return "/login"
}

// Verified is gate 3: is the address of the account proven?
func (p *People) Verified(a *Account) (page string) {
	if !a.Verified.IsZero() {
		return ""
	}
	return "/verify"
}

// TermsAgreed is gate 4: were the brand's current terms accepted?
func (p *People) TermsAgreed(a *Account, v *web.Visit) (page string) {
	want := p.terms(v.Brand, "").Version
	if want == 0 || a.Terms[v.Brand].Version >= want {
		return ""
	}
	return "/terms"
}

func (p *People) terms(brand, lang string) Terms {
	if p.deps.Terms == nil || brand == "" {
		return Terms{}
	}
	return p.deps.Terms(brand, lang)
}
