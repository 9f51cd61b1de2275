package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// GetLogin handles GET /login.
func (p *People) GetLogin(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visitOf(w, r, "/login")
	if v == nil || err != nil {
		return err
	}
	view := p.loginView(r, v, hinted(v))
	if v.Subject != "" {
		other, err := p.otherAccount(r, v)
		if err != nil {
			return err
		}
		if other {
			view.Notice = &templates.Notice{Kind: "info", Text: p.deps.Mails.Say(view.Lang, "login.other_account")}
		}
	}
	return p.deps.Site.Write(w, r, http.StatusOK, view)
}

// hinted is what the brand's site thinks the address is. It is a stranger's
// word: only an address is shown, and only as a value to change.
func hinted(v *web.Visit) string {
	a, err := parseAddress(v.LoginHint)
	if err != nil {
		return ""
	}
	return a.Mail
}

// otherAccount says whether somebody signed in during this visit, but not the
// one the brand's site knows. Without a word the page would just come back.
func (p *People) otherAccount(r *http.Request, v *web.Visit) (other bool, err error) {
	err = p.view(r.Context(), func(tx *store.Tx) error {
		s, _, err := p.SignedIn(tx, r)
		if err != nil || s == nil || s.Visit != v.ID {
			return err
		}
		ok, err := p.suits(tx, s, v)
		other = !ok
		return err
	})
	return other, err
}

func (p *People) loginView(r *http.Request, v *web.Visit, email string) *templates.Login {
	return &templates.Login{
		Page: p.formPage(r, v, "/login", "login"), Email: email,
		Register: p.in("/register", v), Recover: p.in("/recover", v), Code: p.in("/login/code", v),
	}
}

// PostLogin handles POST /login and returns to the walk. Answer and timing are
// the same whether or not the account exists.
func (p *People) PostLogin(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.posted(w, r, "login")
	if err != nil {
		return err
	}
	in := p.arriving(r, v, byPassword)
	email := form.Get("email")
	if err := p.logIn(r.Context(), in, email, form.Get("password"), p.deps.Site.ClientAddr(r)); err != nil {
		return p.again(w, r, p.loginView(r, v, email), err)
	}
	return p.enter(w, r, v, in)
}

// logIn begins the session of who knows the password. Its error is a
// *problem.Problem or problem.List if they can do something about it.
func (p *People) logIn(ctx context.Context, in *arrival, email, password string, client netip.Addr) error {
	addr, err := parseAddress(email)
	var list problem.List
	if q, ok := errors.AsType[*problem.Problem](err); ok {
		list = append(list, q)
	}
	if password == "" {
		list = append(list, problem.At("password", "password.missing"))
	}
	if err := list.Err(); err != nil {
		return err
	}
	a, err := p.checkPassword(ctx, p.addressKey(addr), password, client)
	if err != nil {
		return err
	}
	if err := p.update(ctx, func(tx *store.Tx) error {
		if err := p.stillOpens(tx, a); err != nil {
			return err
		}
		return in.begin(tx, a.ID, false)
	}); err != nil {
		return fmt.Errorf("log in %s: %w", a.ID, err)
	}
	return nil
}

func errMismatch() error { return problem.New("login.mismatch") }

// checkPassword returns the account that address and password belong to. The
// try is counted first; whatever is wrong, a hash is computed and the answer is
// the same.
func (p *People) checkPassword(ctx context.Context, key [32]byte, password string, client netip.Addr) (*Account, error) {
	if err := p.tryPassword(ctx, key, client); err != nil {
		return nil, err
	}
	var a *Account
	if err := p.view(ctx, func(tx *store.Tx) (err error) {
		a, err = byAddress(tx, key)
		return err
	}); err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	hash := ""
	normal, ok := normalPassword(password)
	if a != nil && a.State == Active && ok {
		hash = a.Password
	}
	right, stale, err := p.hasher.Check(ctx, hash, normal)
	if err != nil {
		return nil, fmt.Errorf("check password: %w", err)
	}
	if !right {
		return nil, errMismatch()
	}
	if err := p.right(ctx, key, client); err != nil {
		return nil, err
	}
	if stale {
		if err := p.rehash(ctx, a, normal); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// stillOpens says whether the account that a password was checked for is still
// there with that password: hashing took a while.
func (p *People) stillOpens(tx *store.Tx, a *Account) error {
	now, err := accounts.Get(tx, store.K(a.ID))
	if gone(err) || err == nil && (now.State != Active || now.Password != a.Password) {
		return errMismatch()
	}
	return err
}

// rehash keeps a password at today's cost, in a transaction of its own.
func (p *People) rehash(ctx context.Context, a *Account, password string) error {
	hash, err := p.hasher.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash anew: %w", err)
	}
	err = p.update(ctx, func(tx *store.Tx) error {
		if err := p.stillOpens(tx, a); err != nil {
			return err
		}
		now, err := accounts.Get(tx, store.K(a.ID))
		if err != nil {
			return err
		}
		b := *now
		b.Password = hash
		accounts.Put(tx, &b)
		return nil
	})
	if err != nil {
		return fmt.Errorf("hash of %s anew: %w", a.ID, err)
	}
	a.Password = hash
	return nil
}

// PostLoginCode handles POST /login/code: a code by mail instead of a password.
// The password, if one was typed, is not looked at.
func (p *People) PostLoginCode(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.posted(w, r, "login")
	if err != nil {
		return err
	}
	email := form.Get("email")
	if err := p.requestCode(r, v, forSignIn, email); err != nil {
		return p.again(w, r, p.loginView(r, v, email), err)
	}
	p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
	return nil
}

// requestCode has a code mailed for sign-in or recovery, to an address as typed.
func (p *People) requestCode(r *http.Request, v *web.Visit, kind Kind, email string) error {
	addr, err := parseAddress(email)
	if err != nil {
		return err
	}
	if err := p.askCode(r.Context(), p.addressKey(addr), p.deps.Site.ClientAddr(r)); err != nil {
		return err
	}
	return p.sendCode(r.Context(), codeRequest{kind: kind, visit: v, address: addr, lang: p.deps.Site.Lang(r, v), device: deviceOf(r)})
}
