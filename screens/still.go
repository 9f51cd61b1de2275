package screens

import (
	"net/http"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/templates"
)

// showStill asks for a one-tap confirmation of an answer whose time ran out. It
// is the same screen, posted to the same path.
func (a *Asking) showStill(w http.ResponseWriter, r *http.Request, p *askPage) error {
	q := p.questions[0]
	c := p.profile[q.ID]
	if c == nil || q.Special || !q.AcceptsOn(c.Value, a.now()) { // the options changed, or the day has passed: ask anew
		return a.showAsk(w, r, p, http.StatusOK, p.saidBefore(), nil)
	}
	res, ok := p.words.Screen(p.set.Brand, p.campaign, p.screen.ID, p.lang)
	if !ok {
		return errNotNow
	}
	v := &templates.Still{
		Page: a.deps.Site.Page(r, p.visit), Name: q.Name.In(p.lang), Value: q.Show(c.Value, p.lang, a.deps.Words),
		ToldOn: a.deps.Words.Date(p.lang, c.At), Why: q.Why.In(p.lang), PutOff: a.putOff(p),
	}
	v.Action = a.deps.Site.In("/ask/"+p.screen.ID, p.visit)
	v.Hidden = append(v.Hidden, a.askHidden(p.bind(), p.screen.ID, res.Hash)...)
	if p.at > 0 {
		v.Back = a.deps.Site.In("/ask/"+p.pass.Done[p.at-1].Screen, p.visit)
	}
	return a.deps.Site.Write(w, r, http.StatusOK, v)
}

// PostStill answers POST /preferences/answers/{question}/still: what has run out
// still holds.
func (a *Asking) PostStill(w http.ResponseWriter, r *http.Request) error {
	p, err := a.rowPost(w, r)
	if p == nil {
		return err
	}
	if p.question == nil || p.young || p.question.Special || p.current.State != catalogue.Answered || !p.question.AcceptsOn(p.current.Value, a.now()) {
		return errNoAnswer
	}
	o := p.occasion(a)
	o.how = "confirmed an earlier answer"
	return a.rewrite(w, r, p, o, say(p.question, p.current.Brand, catalogue.Answered, p.current.Value))
}
