package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/templates"
)

// GetRecover handles GET /recover: who forgot their password asks for a code.
func (p *People) GetRecover(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visitOf(w, r, "/recover")
	if v == nil || err != nil {
		return err
	}
	return p.deps.Site.Write(w, r, http.StatusOK, p.recoverView(r, v, hinted(v)))
}

func (p *People) recoverView(r *http.Request, v *web.Visit, email string) *templates.Recover {
	return &templates.Recover{Page: p.formPage(r, v, "/recover", "recover"), Email: email, Login: p.in("/login", v)}
}

// PostRecover handles POST /recover and returns to the walk.
func (p *People) PostRecover(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.posted(w, r, "recover")
	if err != nil {
		return err
	}
	email := form.Get("email")
	if err := p.requestCode(r, v, forRecovery, email); err != nil {
		return p.again(w, r, p.recoverView(r, v, email), err)
	}
	p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
	return nil
}

// GetNewPassword handles GET /new-password, open once the code was right.
func (p *People) GetNewPassword(w http.ResponseWriter, r *http.Request) error {
	v, err := p.deps.Visit(r)
	if err != nil {
		return err
	}
	q, err := p.seeWaiting(r.Context(), v.ID)
	if err != nil {
		return err
	}
	if q == nil || q.Proven.IsZero() {
		p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
		return nil
	}
	return p.deps.Site.Write(w, r, http.StatusOK, p.newPasswordView(r, v, q))
}

func (p *People) newPasswordView(r *http.Request, v *web.Visit, q *Pending) *templates.NewPassword {
	return &templates.NewPassword{Page: p.formPage(r, v, "/new-password", "new-password"), Email: q.Email, MinChars: p.cfg.MinChars}
}

// PostNewPassword handles POST /new-password and returns to the walk, signed in.
func (p *People) PostNewPassword(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.posted(w, r, "new-password")
	if err != nil {
		return err
	}
	q, err := p.seeWaiting(r.Context(), v.ID)
	if err != nil {
		return err
	}
	if q == nil || q.Proven.IsZero() {
		p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
		return nil
	}
	in := p.arriving(r, v, byCode, byPassword)
	switch err := p.reset(r, in, v, q, form.Get("password")); {
	case errors.Is(err, errNotProven):
		p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
		return nil
	case err != nil:
		return p.again(w, r, p.newPasswordView(r, v, q), err)
	}
	return p.enter(w, r, v, in)
}

// errNotProven says that the code of a recovery is not, or no longer, good.
var errNotProven = errors.New("recovery not proven")

// reset sets a new password and ends everything that the old one opened:
// sessions, grants, and codes under way. The owner gets a mail.
func (p *People) reset(r *http.Request, in *arrival, v *web.Visit, q *Pending, typed string) error {
	ctx := r.Context()
	password, err := p.newPassword(typed, q.Email)
	if err != nil {
		return err
	}
	hash, err := p.hasher.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash: %w", err)
	}
	m, err := p.passwordMail(ctx, r, q, v)
	if err != nil {
		return err
	}
	now := in.s.AuthTime
	changed := event(q.Account, q.Brand, "password.changed", now)
	err = p.update(ctx, func(tx *store.Tx) error {
		still, err := p.waiting(tx, q.Visit)
		if err != nil {
			return err
		}
		if still == nil || still.Account != q.Account || still.Proven.IsZero() {
			return errNotProven
		}
		a, err := accounts.Get(tx, store.K(q.Account))
		if gone(err) || err == nil && a.State != Active {
			return errNotProven
		}
		if err != nil {
			return err
		}
		b := *a
		b.Password, b.Changed, b.Verified = hash, now, now
		accounts.Put(tx, &b)
		if err := p.endAll(tx, b.ID); err != nil {
			return err
		}
		outbox.Append(tx, changed)
		outbox.Send(tx, m)
		return in.begin(tx, b.ID, false)
	})
	if err != nil {
		return fmt.Errorf("new password of %s: %w", q.Account, err)
	}
	p.wake()
	return p.forgive(ctx, q.Address)
}

// endAll ends the sessions, grants and codes under way of an account.
func (p *People) endAll(tx *store.Tx, account store.ID) error {
	if err := p.endSessions(tx, account); err != nil {
		return err
	}
	if err := forgetPendings(tx, account); err != nil {
		return err
	}
	if p.deps.Revoke == nil {
		return nil
	}
	if err := p.deps.Revoke(tx, account); err != nil {
		return fmt.Errorf("revoke grants of %s: %w", account, err)
	}
	return nil
}

// passwordMail tells the owner, in their own language, at the address the
// account has.
func (p *People) passwordMail(ctx context.Context, r *http.Request, q *Pending, v *web.Visit) (*outbox.Mail, error) {
	var a *Account
	err := p.view(ctx, func(tx *store.Tx) (err error) {
		a, err = p.Account(tx, q.Account)
		return err
	})
	if gone(err) {
		return nil, errNotProven
	}
	if err != nil {
		return nil, err
	}
	lang, now := p.langOf(a, r, v), p.now()
	m, err := p.mail(a.ID, "password changed", lang, templates.PasswordChangedMail{
		Brand: p.brand(q.Brand, lang), Link: p.deps.Site.URL("/recover"), When: now, Device: deviceOf(r),
	}, now)
	if err != nil {
		return nil, err
	}
	m.To = a.Email
	return m, nil
}

// langOf is the language an account is written to in: its own while we have
// it, else that of the page.
func (p *People) langOf(a *Account, r *http.Request, v *web.Visit) string {
	for _, l := range p.deps.Site.Languages() {
		if l == a.Lang {
			return l
		}
	}
	return p.deps.Site.Lang(r, v)
}
