package screens

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/templates"
)

// GetEnd shows GET /ask, where a visit ends that a link to a campaign began: it says
// whether anything was told, and leads on. Any other visit takes its walk.
func (a *Asking) GetEnd(w http.ResponseWriter, r *http.Request) error {
	if !r.URL.Query().Has("visit") {
		a.deps.Site.Redirect(w, r, a.deps.Site.Path(deskPath))
		return nil
	}
	s, err := a.standsHere(r)
	if s == nil {
		return err
	}
	v := s.visit
	switch nobody := errors.Is(err, errNobody); {
	case err != nil && !nobody:
		return fmt.Errorf("end of a link: %w", err)
	case nobody || v.End == "" || v.Ask == "":
		a.deps.Site.Redirect(w, r, a.deps.Site.Walk(v))
		return nil
	}
	return a.showEnd(w, r, v, v.Brand, s.pass.end())
}

// end is the message at the end of a visit that a link began.
func (p *pass) end() string {
	if len(p.Done) > 0 {
		return "ask.end.done"
	}
	return "ask.end.none"
}

// ShowNothing says that a brand has no question for a customer now.
func (a *Asking) ShowNothing(w http.ResponseWriter, r *http.Request, brand string) error {
	return a.showEnd(w, r, nil, brand, "ask.end.none")
}

// ShowRefused says that nothing is asked, as the customer does not agree to the terms
// of the visit's brand.
func (a *Asking) ShowRefused(w http.ResponseWriter, r *http.Request, v *web.Visit) error {
	return a.showEnd(w, r, v, v.Brand, "ask.end.terms")
}

func (a *Asking) showEnd(w http.ResponseWriter, r *http.Request, v *web.Visit, brand, key string) error {
	m := &templates.Message{Page: a.deps.Site.Page(r, v)}
	say := func(key string, args ...any) string { return a.deps.Words.Say(m.Lang, key, args...) }
	m.Heading, m.Text = say(key+".heading"), say(key)
	if site := a.deps.BrandSite(brand); site != "" {
		m.Action, m.ActionIs = site, say("message.back", "brand", a.brandName(brand, m.Lang))
	}
	m.Second, m.SecondIs = a.deps.Site.Path(answersPath), say("answers.heading")
	return a.deps.Site.Write(w, r, http.StatusOK, m)
}
