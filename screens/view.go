package screens

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/templates"
)

// showAsk shows a screen, with what form has filled in. bad is a problem of the
// form, or the notice that the screen has changed.
func (a *Asking) showAsk(w http.ResponseWriter, r *http.Request, p *askPage, status int, form url.Values, bad error) error {
	v := &templates.Ask{Page: a.deps.Site.Page(r, p.visit), First: p.open.First, AtMost: p.open.AtMost, Optional: p.open.Optional, Later: p.mayGoOnLater(), Decline: p.declinable(), Unsure: p.unsure(), PutOff: a.putOff(p)}
	v.Action = a.deps.Site.In("/ask/"+p.screen.ID, p.visit)
	res, ok := p.words.Screen(p.set.Brand, p.campaign, p.screen.ID, p.lang)
	if !ok {
		return errNotNow
	}
	v.Hidden = append(v.Hidden, a.askHidden(p.bind(), p.screen.ID, res.Hash)...)
	if p.at > 0 {
		v.Back = a.deps.Site.In("/ask/"+p.pass.Done[p.at-1].Screen, p.visit)
	}
	if o := p.set.Offer(p.open.Offer); o != nil {
		v.Offer = o.Text.In(p.lang)
	}
	if err := a.problems(&v.Page, bad); err != nil {
		return err
	}
	for _, q := range p.questions {
		v.Questions = append(v.Questions, q.View(p.lang, form, v.Problem(q.Field())))
	}
	about := a.about(p.set, p.questions, p.lang)
	v.Why, v.UsedFor, v.KeptUntil = about.why, about.usedFor, about.keptUntil
	var who []string
	for _, q := range p.questions {
		if s := a.whoGets(p.set, q, p.lang, p.releases[q.ID]); !slices.Contains(who, s) {
			who = append(who, s)
		}
	}
	v.Who = strings.Join(who, " ")
	a.asks(v, p.set, p.questions[0], p.lang)
	return a.deps.Site.Write(w, r, status, v)
}

// asks puts the words of an agreement on the page of the question that asks for one.
func (a *Asking) asks(v *templates.Ask, set *catalogue.Set, q *catalogue.Question, lang string) {
	words, ok := set.Asks(q, lang, a.deps.Words.Say)
	if !ok {
		return
	}
	v.Agree, v.Refuse = words.Agree, words.Refuse
	if words.Box != "" {
		v.Box = &templates.Box{ID: q.BoxField(), Text: words.Box}
	}
	if one := &v.Questions[0]; one.Hint == "" {
		one.Hint = words.Hint
	}
}

// problems puts what is to be put right on the page: answer.stale as the one
// notice, everything else as problems.
func (a *Asking) problems(page *templates.Page, bad error) error {
	if bad == nil {
		return nil
	}
	if one, ok := bad.(*problem.Problem); ok && one.Code == "answer.stale" {
		page.Notice = &templates.Notice{Kind: "bad", Text: a.deps.Words.Say(page.Lang, one.Code)}
		return nil
	}
	if !a.deps.Site.Problems(page, bad) {
		return bad
	}
	return nil
}

// about is what stands around the questions of a page.
type about struct{ why, usedFor, keptUntil string }

func (a *Asking) about(set *catalogue.Set, questions []*catalogue.Question, lang string) about {
	var why, used []string
	kept := ""
	for i, q := range questions {
		if s := q.Why.In(lang); !slices.Contains(why, s) {
			why = append(why, s)
		}
		if p := set.Purpose(q.Purpose); p != nil && !slices.Contains(used, p.Text.In(lang)) {
			used = append(used, p.Text.In(lang))
		}
		if at := q.Expires(set, a.now()); i == 0 && !at.IsZero() {
			kept = a.deps.Words.MonthYear(lang, at)
		}
	}
	return about{strings.Join(why, " "), strings.Join(used, " · "), kept}
}

// whoGets is the one sentence that is true of who gets the answer.
func (a *Asking) whoGets(set *catalogue.Set, q *catalogue.Question, lang string, r consent.Release) string {
	if p := set.Purpose(q.Purpose); r.State == consent.Given && (p == nil || p.Basis != "contract") {
		return a.deps.Words.Say(lang, "ask.who.allowed", "brand", set.Name.In(lang), "date", a.deps.Words.Date(lang, r.Since))
	}
	return set.WhoGets(q, lang, a.deps.Words.Say)
}
