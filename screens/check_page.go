package screens

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// checkPage is what was said in one visit, at the end of a campaign that shows it
// together.
type checkPage struct {
	*standing
	lang     string
	campaign string
}

// GetCheck shows GET /check/{campaign}. If it is not its turn, it returns to the
// walk, which knows better.
func (a *Asking) GetCheck(w http.ResponseWriter, r *http.Request) error {
	p, err := a.checkPage(r)
	if errors.Is(err, errNotNow) || errors.Is(err, errNobody) {
		a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
		return nil
	}
	if err != nil {
		return err
	}
	return a.showCheck(w, r, p)
}

func (a *Asking) showCheck(w http.ResponseWriter, r *http.Request, p *checkPage) error {
	v := &templates.Check{Page: a.deps.Site.Page(r, p.visit)}
	v.Action = a.deps.Site.In("/check/"+p.campaign, p.visit)
	v.Hidden = append(v.Hidden, a.deps.Site.FormToken(p.bind(), checkForm(p.campaign)))
	for _, d := range p.pass.Done {
		if d.Campaign != p.campaign {
			continue
		}
		screen := p.set.Screen(d.Screen)
		if screen == nil { // the definitions changed meanwhile
			continue
		}
		v.Back = a.deps.Site.In("/ask/"+d.Screen, p.visit)
		for _, id := range d.Questions {
			if q := p.set.Question(id); q != nil {
				row := templates.CheckRow{Name: screen.Put(q).Name.In(p.lang), Value: a.saidIn(p, q)}
				if p.old(q, a.now()) {
					row.Change = v.Back
				}
				v.Rows = append(v.Rows, row)
			}
		}
	}
	return a.deps.Site.Write(w, r, http.StatusOK, v)
}

// saidIn is what was said to a question in this visit, in words.
func (a *Asking) saidIn(p *checkPage, q *catalogue.Question) string {
	switch c := p.profile[q.ID]; {
	case c == nil || c.SkippedVisit == p.visit.ID && c.Skipped.After(c.At):
		return a.deps.Words.Say(p.lang, "check.skipped")
	case c.State == catalogue.Declined:
		return a.deps.Words.Say(p.lang, "answers.declined")
	default:
		return q.Show(c.Value, p.lang, a.deps.Words)
	}
}

// PostCheck records POST /check/{campaign}, that the customer has looked, and
// returns to the walk.
func (a *Asking) PostCheck(w http.ResponseWriter, r *http.Request) error {
	form, err := a.deps.Site.ParseForm(w, r)
	if err != nil {
		return err
	}
	p, err := a.checkPage(r)
	if errors.Is(err, errNotNow) || errors.Is(err, errNobody) { // sent twice, or signed out in another tab
		a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.deps.Site.CheckToken(form, p.bind(), checkForm(p.campaign)); err != nil {
		return err
	}
	err = a.deps.DB.Update(r.Context(), func(tx *store.Tx) error {
		h, err := historyOf(tx, p.who.Account, p.visit.Brand, p.campaign)
		if err != nil || h.Visit != p.visit.ID {
			return err
		}
		h.History = h.WithCheck()
		histories.Put(tx, h)
		return nil
	})
	if err != nil {
		return fmt.Errorf("check answers of campaign %s: %w", p.campaign, err)
	}
	a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
	return nil
}

// checkPage finds the page of the path. With errNobody and errNotNow it has its
// visit, and nothing else.
func (a *Asking) checkPage(r *http.Request) (*checkPage, error) {
	s, err := a.standsHere(r)
	if s == nil {
		return nil, err
	}
	p := &checkPage{standing: s, lang: a.deps.Site.Lang(r, s.visit), campaign: r.PathValue("campaign")}
	if err == nil && s.set == nil {
		err = errNotNow
	}
	if err == nil {
		if d := s.decide(a.now()); !d.Check || d.Campaign != p.campaign {
			err = errNotNow
		}
	}
	if err != nil {
		return p, fmt.Errorf("check %q: %w", p.campaign, err)
	}
	return p, nil
}

func checkForm(campaign string) string { return "check\x00" + campaign }
