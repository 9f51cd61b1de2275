package screens

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/templates"
)

// showAsk shows a screen, with what form has filled in. bad is a problem of the
// form, or the notice that the screen has changed.
func (a *Asking) showAsk(w http.ResponseWriter, r *http.Request, p *askPage, status int, form url.Values, bad error) error {
	v := &templates.Ask{Page: a.deps.Site.Page(r, p.visit), First: p.open.First, AtMost: p.open.AtMost, Optional: p.open.Optional, Decline: p.declinable()}
	v.Action = a.deps.Site.In("/ask/"+p.screen.ID, p.visit)
	res, ok := a.wordings.Screen(p.set.Brand, p.campaign.ID, p.screen.ID, p.lang)
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
		v.Questions = append(v.Questions, q.view(p.lang, form, v.Problem(q.Field())))
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
	return a.deps.Site.Write(w, r, status, v)
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

func (a *Asking) about(set *Set, questions []*Question, lang string) about {
	var why, used []string
	kept := ""
	for i, q := range questions {
		if s := q.Why.In(lang); !slices.Contains(why, s) {
			why = append(why, s)
		}
		if p := set.Purpose(q.Purpose); p != nil && !slices.Contains(used, p.Text.In(lang)) {
			used = append(used, p.Text.In(lang))
		}
		if at := q.expires(set, a.now()); i == 0 && !at.IsZero() {
			kept = a.deps.Words.MonthYear(lang, at)
		}
	}
	return about{strings.Join(why, " "), strings.Join(used, " · "), kept}
}

// whoGets is the one sentence that is true of who gets the answer.
func (a *Asking) whoGets(set *Set, q *Question, lang string, r consent.Release) string {
	if p := set.Purpose(q.Purpose); r.State == consent.Given && (p == nil || p.Basis != "contract") {
		return a.deps.Words.Say(lang, "ask.who.allowed", "brand", set.Name.In(lang), "date", a.deps.Words.Date(lang, r.Since))
	}
	return set.whoGets(q, lang, a.deps.Words.Say)
}

// view is a question as the page shows it, with what form has filled in.
func (q *Question) view(lang string, form url.Values, bad string) templates.Question {
	field := q.Field()
	v := templates.Question{
		ID: field, Kind: q.Kind.Name(), Ask: q.Ask.In(lang), Hint: q.Hint.In(lang), Short: q.Short, AtMost: q.AtMost, Limit: q.Limit, Fill: q.Autocomplete, Error: bad,
		Day: form.Get(field + ".day"), Month: form.Get(field + ".month"), Year: form.Get(field + ".year"), Top: q.First, Text: form.Get(field + ".other"),
	}
	if v.Kind == "text" {
		v.Text = form.Get(field)
	}
	if k, ok := q.Kind.(drawn); ok {
		k.draw(q, &v, form, lang)
	}
	for _, o := range q.offeredIn(lang) {
		v.Options = append(v.Options, templates.Option{
			Value: o.ID, Label: o.Label.In(lang), Hint: o.Hint.In(lang), Other: o.Other, Checked: slices.Contains(form[field], o.ID),
		})
	}
	return v
}

// fill writes a value into a form, as the customer would have on a page in the language.
func (q *Question) fill(form url.Values, v Value, lang string) {
	if k, ok := q.Kind.(filler); ok {
		k.fill(q, form, v, lang)
		return
	}
	field := q.Field()
	add := func(s string) {
		if words, ok := strings.CutPrefix(s, "other:"); ok && q.Option("other") != nil {
			form.Add(field, "other")
			form.Set(field+".other", words)
			return
		}
		form.Add(field, s)
	}
	switch x := v.Any().(type) {
	case float64:
		form.Set(field, v.num.String())
	case bool:
		form.Set(field, map[bool]string{true: "yes", false: "no"}[x])
	case []string:
		for _, s := range x {
			add(s)
		}
	case string:
		add(x)
	}
}
