package identity

import (
	"fmt"
	"maps"
	"net/http"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/templates"
)

// GetTerms handles GET /terms: a brand's terms that are new, or changed.
func (p *People) GetTerms(w http.ResponseWriter, r *http.Request) error {
	v, err := p.deps.Visit(r)
	if err != nil {
		return err
	}
	var a *Account
	if err := p.view(r.Context(), func(tx *store.Tx) (err error) {
		_, a, err = p.SignedIn(tx, r)
		return err
	}); err != nil {
		return err
	}
	if a == nil || p.terms(v.Brand, "").Version == 0 {
		p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
		return nil
	}
	return p.deps.Site.Write(w, r, http.StatusOK, p.termsView(r, v, a))
}

func (p *People) termsView(r *http.Request, v *web.Visit, a *Account) *templates.Terms {
	page := p.formPage(r, v, "/terms", termsForm(a))
	now := p.terms(v.Brand, page.Lang)
	page.Hidden = append(page.Hidden, templates.Hidden{Name: "version", Value: fmt.Sprint(now.Version)})
	return &templates.Terms{Page: page, Changes: now.Changes, Whole: now.Whole, New: a.Terms[v.Brand].Version == 0}
}

// termsForm names the form of one customer: somebody else may sign in on the same
// visit while the page stands open in another tab, and has not agreed.
func termsForm(a *Account) string { return "terms\x00" + a.ID.String() }

// PostTerms handles POST /terms. Agreeing is kept and the walk goes on; "not
// now" goes back to the brand's site with an error it can show, or ends there where
// a link led here, and keeps nothing. Agreed is the version that was shown, not one that came since.
func (p *People) PostTerms(w http.ResponseWriter, r *http.Request) error {
	_, a, err := p.seeSession(r)
	if err != nil {
		return fmt.Errorf("terms: %w", err)
	}
	if a == nil { // signed out in another tab
		v, err := p.deps.Visit(r)
		if err == nil {
			p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
		}
		return err
	}
	v, form, err := p.posted(w, r, termsForm(a))
	if err != nil {
		return err
	}
	switch form.Get("do") {
	case "agree":
		return p.agree(w, r, v, form.Get("version"))
	case "later":
		return p.deps.Refuse(w, r, v, "access_denied", "The terms were not accepted.") // RFC 6749, 4.1.2.1
	}
	return &problem.Problem{Code: "form.unreadable", Status: http.StatusBadRequest}
}

func (p *People) agree(w http.ResponseWriter, r *http.Request, v *web.Visit, shown string) error {
	want := p.terms(v.Brand, "").Version
	if want > 0 && shown == fmt.Sprint(want) {
		now := p.now()
		agreed := event(store.ID{}, v.Brand, "terms.agreed", now)
		err := p.update(r.Context(), func(tx *store.Tx) error {
			_, a, err := p.SignedIn(tx, r)
			if err != nil || a == nil || a.Terms[v.Brand].Version >= want {
				return err
			}
			b := *a
			b.Terms = maps.Clone(a.Terms)
			if b.Terms == nil {
				b.Terms = map[string]Agreement{}
			}
			b.Terms[v.Brand] = Agreement{Version: want, At: now, Visit: v.ID}
			accounts.Put(tx, &b)
			e := *agreed
			e.Account = a.ID
			outbox.Append(tx, &e)
			return nil
		})
		if err != nil {
			return fmt.Errorf("agree to terms of %s: %w", v.Brand, err)
		}
	}
	p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
	return nil
}
