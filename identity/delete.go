package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

const deletePath = "/preferences/delete"

// GetDelete handles GET /preferences/delete.
func (p *People) GetDelete(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.seeSession(r)
	if err != nil {
		return fmt.Errorf("delete page: %w", err)
	}
	if s == nil {
		return p.signInFirst(w, r)
	}
	return p.deps.Site.Write(w, r, http.StatusOK, p.deleteView(r, s))
}

// signInFirst is for whoever is not signed in, or no longer.
func (p *People) signInFirst(w http.ResponseWriter, r *http.Request) error {
	if p.deps.Begin == nil {
		p.deps.Site.Redirect(w, r, p.deps.Site.Path("/signout"))
		return nil
	}
	v, err := p.deps.Begin(w, r, deletePath)
	if err != nil {
		return fmt.Errorf("sign in before deleting: %w", err)
	}
	p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
	return nil
}

func (p *People) deleteView(r *http.Request, s *Session) *templates.Delete {
	page := p.deps.Site.Page(r, nil)
	page.Action = p.deps.Site.Path(deletePath)
	page.Hidden = append(page.Hidden, p.deps.Site.FormToken(s.ID.String(), "delete"))
	view := &templates.Delete{Page: page, Cancel: p.deps.Site.Path("/preferences")}
	if p.deps.Desk != nil {
		view.Sections = p.deps.Desk(r, deletePath)
	}
	return view
}

// PostDelete handles POST /preferences/delete: with the password once more, the
// account and everything kept of it go, at once and for good.
func (p *People) PostDelete(w http.ResponseWriter, r *http.Request) error {
	form, err := p.deps.Site.ParseForm(w, r)
	if err != nil {
		return err
	}
	s, a, err := p.seeSession(r)
	if err != nil {
		return fmt.Errorf("delete account: %w", err)
	}
	if s == nil {
		return p.signInFirst(w, r)
	}
	if err := p.deps.Site.CheckToken(form, s.ID.String(), "delete"); err != nil {
		return err
	}
	if err := p.confirmDelete(r.Context(), a, form.Get("password"), p.deps.Site.ClientAddr(r)); err != nil {
		return p.again(w, r, p.deleteView(r, s), err)
	}
	if err := p.Erase(r.Context(), a.ID); err != nil {
		return err
	}
	if err := p.take(w, r); err != nil {
		return err
	}
	p.deps.Site.Redirect(w, r, p.deps.Site.Path("/signout?deleted"))
	return nil
}

// confirmDelete checks the password of who wants their account deleted.
func (p *People) confirmDelete(ctx context.Context, a *Account, password string, client netip.Addr) error {
	if password == "" {
		return problem.At("password", "password.missing")
	}
	_, err := p.checkPassword(ctx, a.Address, password, client)
	if q, ok := errors.AsType[*problem.Problem](err); ok && q.Code == "login.mismatch" {
		return problem.At("password", "password.wrong")
	}
	return err
}

// Erase deletes an account in every room and destroys its key, so that what
// stood in free pages, write-ahead logs and backups cannot be read either.
func (p *People) Erase(ctx context.Context, account store.ID) error {
	err := p.update(ctx, func(tx *store.Tx) error {
		forget := p.deps.Forget
		if forget == nil {
			forget = p.Forget
		}
		if err := forget(tx, account); err != nil {
			return err
		}
		tx.DestroyKey(account)
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete account %s: %w", account, err)
	}
	if err := p.deps.DB.Rekey(ctx, account); err != nil {
		return fmt.Errorf("delete account %s: new bucket key: %w", account, err)
	}
	return nil
}
