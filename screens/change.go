package screens

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// errNoAnswer means that there is no answer to do something with.
var errNoAnswer = &problem.Problem{Code: "page.missing", Status: http.StatusNotFound}

// changePage is one answer of a signed-in customer, to be changed.
type changePage struct {
	who      Respondent
	lang     string
	set      *catalogue.Set
	question *catalogue.Question
	current  *Current
	release  consent.Release // to the brand that asked
	young    bool            // the question is not for the customer, as far as is known
}

// GetChange shows GET /preferences/answers/{question}/change.
func (a *Asking) GetChange(w http.ResponseWriter, r *http.Request) error {
	p, err := a.changePage(r)
	if err != nil {
		return err
	}
	if p == nil {
		return a.again(w, r, answersPath)
	}
	form := url.Values{}
	if p.current.State == catalogue.Answered {
		p.question.Fill(form, p.current.Value, p.lang)
	}
	return a.showChange(w, r, p, http.StatusOK, form, nil)
}

// PostChange records POST /preferences/answers/{question}/change: a new entry;
// the page names brand and purpose, so it is the consent too. What the customer
// stopped sharing stays so.
func (a *Asking) PostChange(w http.ResponseWriter, r *http.Request) error {
	form, err := a.deps.Site.ParseForm(w, r)
	if err != nil {
		return err
	}
	p, err := a.changePage(r)
	if err != nil {
		return err
	}
	if p == nil {
		return a.again(w, r, answersPath)
	}
	if err := a.deps.Site.CheckToken(form, p.who.Session.String(), askForm(p.form(), form)); err != nil {
		return err
	}
	screen, lang, ok := p.version(a.force.Wordings, form.Get("version"))
	if !ok {
		return a.showChange(w, r, p, http.StatusConflict, url.Values{}, problem.New("answer.stale"))
	}
	outcome, value := catalogue.Declined, catalogue.Value{}
	do := form.Get("do")
	switch q := p.question; {
	case q.Agrees() && (do == "agree" || do == "refuse"):
		outcome, value, err = agreement(q, form, a.now())
	case q.Special:
		err = problem.At(q.BoxField(), "answer.explicit")
	case do == "decline" && q.Decline:
	case do == "unsure" && q.Unsure:
		outcome = catalogue.Unsure
	default:
		outcome = catalogue.Answered
		value, err = q.ParseOn(form, a.now())
	}
	if err != nil {
		return a.showChange(w, r, p, http.StatusUnprocessableEntity, form, err)
	}
	o := p.occasion(a)
	o.asked, o.locale, o.screen, o.how = web.AskedAt(form, o.at), lang, screen, "changed an answer and pressed Save"
	o.agreed(p.question, do)
	s := say(p.question, p.current.Brand, outcome, value)
	s.refused = p.question.Agrees() && do == "refuse"
	return a.rewrite(w, r, p, o, s)
}

// rewrite stores what the customer says now of a question they answered.
func (a *Asking) rewrite(w http.ResponseWriter, r *http.Request, p *changePage, o occasion, s said) error {
	s.until(p.question, p.set, o.at)
	err := a.deps.DB.Update(r.Context(), func(tx *store.Tx) error {
		c, err := current.Get(tx, store.K(p.who.Account, p.current.Scope, p.current.Question))
		if err != nil {
			return err
		}
		if c.Brand != p.current.Brand { // another brand has asked it anew meanwhile
			return errNoAnswer
		}
		if young, err := a.youngNow(tx, c); err != nil {
			return err
		} else if young { // told another age meanwhile
			return errNoAnswer
		}
		releases, err := consent.Releases(tx, p.who.Account, o.brand)
		if err != nil {
			return err
		}
		now := o // a second run begins with the same
		state := releases[s.question].State
		now.release = state == "" || state == consent.Given || p.question.Agrees() // such a page asks for nothing else
		return a.enter(tx, now, s, c)
	})
	if err != nil {
		return fmt.Errorf("change answer %s: %w", s.question, err)
	}
	a.deps.Site.Redirect(w, r, a.deps.Site.Path(answersPath)+"?done=saved")
	return nil
}

// enter writes one entry outside of a visit.
func (a *Asking) enter(tx *store.Tx, o occasion, s said, was *Current) error {
	p, err := people.Get(tx, store.K(o.account))
	if errors.Is(err, store.ErrNotFound) {
		p, err = &person{Account: o.account}, nil
	}
	if err != nil {
		return err
	}
	changed, err := save(tx, o, s, was, p)
	if err != nil || !changed {
		return err
	}
	people.Put(tx, p)
	return nil
}

// changePage finds the answer of the path and the brand of the query; nil if
// nobody is signed in, errNoAnswer if there is no such answer or question.
func (a *Asking) changePage(r *http.Request) (*changePage, error) {
	p, err := a.answerOf(r)
	if err != nil || p == nil {
		return nil, err
	}
	if p.question == nil || !p.current.told() || p.young {
		return nil, errNoAnswer
	}
	return p, nil
}

// answerOf finds an answer whatever its state, and whether or not its question
// still stands in the catalogue.
func (a *Asking) answerOf(r *http.Request) (*changePage, error) {
	p := &changePage{lang: a.deps.Site.Lang(r, nil)}
	in := false
	err := a.deps.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		if p.who, in, err = a.deps.Respondent(tx, r); err != nil || !in {
			return err
		}
		list, err := Profile(tx, p.who.Account)
		if err != nil {
			return err
		}
		if p.current = answerTo(list, r.PathValue("question"), r.URL.Query().Get("brand")); p.current == nil {
			return errNoAnswer
		}
		releases, err := consent.Releases(tx, p.who.Account, p.current.Brand)
		if err != nil {
			return err
		}
		p.release = releases[p.current.Question]
		p.young, err = a.youngNow(tx, p.current)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("answer %q: %w", r.PathValue("question"), err)
	}
	if !in {
		return nil, nil
	}
	if p.set = a.force.Catalogue.Set(p.current.Brand); p.set != nil {
		p.question = p.set.Question(p.current.Question)
	}
	return p, nil
}

func (p *changePage) form() string { return "change\x00" + p.current.Brand + "\x00" + p.question.ID }

func (p *changePage) version(w *catalogue.Wordings, posted string) (catalogue.Hash, string, bool) {
	for _, lang := range p.set.Languages {
		if r, ok := w.Question(p.set.Brand, p.question.ID, lang); ok && r.Hash.String() == posted {
			return r.Hash, lang, true
		}
	}
	return catalogue.Hash{}, "", false
}

func (p *changePage) occasion(a *Asking) occasion {
	now := a.now()
	return occasion{
		account: p.who.Account, session: p.who.Session, brand: p.current.Brand, set: p.set,
		source: SourceEdited, asked: now, at: now, locale: p.lang,
	}
}

func (a *Asking) showChange(w http.ResponseWriter, r *http.Request, p *changePage, status int, form url.Values, bad error) error {
	res, ok := a.force.Wordings.Question(p.set.Brand, p.question.ID, p.lang)
	if !ok {
		return errNoAnswer
	}
	v := &templates.Ask{Page: a.deps.Site.Page(r, nil), Edit: true, Decline: p.question.Decline, Unsure: p.question.Unsure, Cancel: a.deps.Site.Path(answersPath)}
	v.Action = a.answerPath(p.current, "change")
	v.Hidden = append(v.Hidden, a.askHidden(p.who.Session.String(), p.form(), res.Hash)...)
	if err := a.problems(&v.Page, bad); err != nil {
		return err
	}
	v.Questions = []templates.Question{p.question.View(p.lang, form, v.Problem(p.question.Field()))}
	about := a.about(p.set, []*catalogue.Question{p.question}, p.lang)
	v.Why, v.UsedFor, v.KeptUntil = about.why, about.usedFor, about.keptUntil
	v.Who = a.whoGets(p.set, p.question, p.lang, p.release)
	a.asks(v, p.set, p.question, p.lang)
	if s := p.release.State; s != "" && s != consent.Given && !p.question.Agrees() {
		v.Who = a.deps.Words.Say(p.lang, "ask.who.nobody", "brand", a.brandName(p.set.Brand, p.lang))
	}
	return a.deps.Site.Write(w, r, status, v)
}
