package identity

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/templates"
)

// GetRegister handles GET /register.
func (p *People) GetRegister(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visitOf(w, r, "/register")
	if v == nil || err != nil {
		return err
	}
	return p.deps.Site.Write(w, r, http.StatusOK, p.registerView(r, v, hinted(v)))
}

func (p *People) registerView(r *http.Request, v *web.Visit, email string) *templates.Register {
	page := p.formPage(r, v, "/register", "register")
	if now := p.terms(v.Brand, page.Lang).Version; now > 0 {
		page.Hidden = append(page.Hidden, templates.Hidden{Name: "terms", Value: fmt.Sprint(now)})
	}
	return &templates.Register{
		Page: page, Email: email,
		Login: p.in("/login", v), MinChars: p.cfg.MinChars,
	}
}

// PostRegister handles POST /register and returns to the walk, whose first gate
// then names /verify. No account is made before the address is proven, so nobody
// can sit in an account before its owner; if the address has one already, the
// very same follows, and the mail tells its owner.
func (p *People) PostRegister(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.posted(w, r, "register")
	if err != nil {
		return err
	}
	if err := p.register(r, v, form); err != nil {
		return p.again(w, r, p.registerView(r, v, form.Get("email")), err)
	}
	p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
	return nil
}

func (p *People) register(r *http.Request, v *web.Visit, form url.Values) error {
	var list problem.List
	addr, err := parseAddress(form.Get("email"))
	if q, ok := errors.AsType[*problem.Problem](err); ok {
		list = append(list, q)
	}
	password, err := p.newPassword(form.Get("password"), addr.Canon)
	if q, ok := errors.AsType[*problem.Problem](err); ok {
		list = append(list, q)
	}
	if err := list.Err(); err != nil {
		return err
	}
	if err := p.askCode(r.Context(), p.addressKey(addr), p.deps.Site.ClientAddr(r)); err != nil {
		return err
	}
	hash, err := p.hasher.Hash(r.Context(), password)
	if err != nil {
		return fmt.Errorf("hash: %w", err)
	}
	lang := p.deps.Site.Lang(r, v)
	agreed := p.terms(v.Brand, lang).Version
	if form.Get("terms") != fmt.Sprint(agreed) {
		agreed = 0 // new since the page was shown: gate 4 asks
	}
	return p.sendCode(r.Context(), codeRequest{
		kind: forRegistration, visit: v, address: addr, password: hash, lang: lang, device: deviceOf(r),
		terms: agreed,
	})
}
