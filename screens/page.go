package screens

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/due"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// A screen that is not open sends the customer on, one way or another.
var (
	errNobody = errors.New("nobody is signed in")
	errNotNow = errors.New("screen not open now") // neither due nor decided in this visit
)

// askPage is one screen as it stands open for one customer in one visit.
type askPage struct {
	*standing
	lang      string
	screen    *catalogue.Screen
	campaign  *catalogue.Campaign
	questions []*catalogue.Question
	open      due.Decision // what due.Next said, or the same made up for a screen decided in this visit
	at        int          // its place among the screens of the visit
	decided   bool         // in this visit
}

// GetAsk shows GET /ask/{screen}. A screen that is not open now returns to the
// walk, which knows better.
func (a *Asking) GetAsk(w http.ResponseWriter, r *http.Request) error {
	p, err := a.openPage(r)
	if errors.Is(err, errNotNow) || errors.Is(err, errNobody) {
		a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
		return nil
	}
	if err != nil {
		return err
	}
	if p.open.Still && p.open.Optional && r.URL.Query().Get("anew") == "" {
		return a.showStill(w, r, p)
	}
	return a.showAsk(w, r, p, http.StatusOK, p.saidBefore(), nil)
}

// PostAsk records POST /ask/{screen} and returns to the walk. Nothing is stored
// of a form that is foreign, of another version of the screen, for a screen
// that is not open, or with anything in it that was not offered.
func (a *Asking) PostAsk(w http.ResponseWriter, r *http.Request) error {
	form, err := a.deps.Site.ParseForm(w, r)
	if err != nil {
		return err
	}
	p, err := a.openPage(r)
	switch {
	case errors.Is(err, errNobody):
		a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
		return nil
	case errors.Is(err, errNotNow) && form.Get("do") == "snooze": // sent twice
		a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
		return nil
	case errors.Is(err, errNotNow):
		return a.showNotNow(w, r, p)
	case err != nil:
		return err
	}
	if err := a.deps.Site.CheckToken(form, p.bind(), askForm(p.screen.ID, form)); err != nil {
		return err
	}
	screen, lang, ok := p.version(form.Get("version"))
	if !ok {
		return a.showAsk(w, r, p, http.StatusConflict, p.saidBefore(), problem.New("answer.stale"))
	}
	if form.Get("do") == "changed" && p.open.Still {
		a.deps.Site.Redirect(w, r, a.deps.Site.In("/ask/"+p.screen.ID+"?anew=1", p.visit))
		return nil
	}
	if form.Get("do") == "snooze" && p.open.Snooze {
		return a.snooze(w, r, p)
	}
	later := form.Get("do") == "later" && p.mayGoOnLater()
	says, err := p.read(form, a.now())
	if err != nil {
		return a.showAsk(w, r, p, http.StatusUnprocessableEntity, form, err)
	}
	o := p.occasion(a.now(), form, screen, lang)
	for i := range says {
		q := p.set.Question(says[i].question)
		says[i].until(q, p.set, o.at)
		o.agreed(q, form.Get("do"))
	}
	err = a.deps.DB.Update(r.Context(), func(tx *store.Tx) error { return a.keep(tx, p, o, says, later) })
	if errors.Is(err, errNotNow) {
		return a.showNotNow(w, r, p)
	}
	if err != nil {
		return fmt.Errorf("answer on screen %s: %w", p.screen.ID, err)
	}
	a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
	return nil
}

// keep stores all that was said on a screen in one transaction: entries,
// profile, consents, releases, campaign, attention, pass and events. It asks
// once more whether the screen is open. later: the customer goes on another time.
func (a *Asking) keep(tx *store.Tx, p *askPage, o occasion, says []said, later bool) error {
	s, err := a.stand(tx, p.visit, p.who)
	if err != nil {
		return err
	}
	now, err := s.page(p.screen.ID, o.at)
	if err != nil {
		return err
	}
	if now.campaign.ID != p.campaign.ID || now.campaign.Arm != p.campaign.Arm {
		return errNotNow
	}
	h := s.state.Campaigns[p.campaign.ID].WithOffer(p.visit.ID, p.campaign.Arm, o.at)
	changed := false
	for _, one := range says {
		id := one.question
		if !slices.ContainsFunc(now.questions, func(q *catalogue.Question) bool { return q.ID == id }) {
			return errNotNow
		}
		wrote, err := save(tx, o, one, s.profile[id], s.person)
		if err != nil {
			return err
		}
		changed = changed || wrote
		h = h.WithDecision(id, one.outcome)
		if !now.decided {
			s.person.count(o.at, s.def.Attention.Every)
		}
	}
	if later {
		h = h.WithLater()
	}
	if !changed && !later {
		return nil
	}
	people.Put(tx, s.person)
	if !now.decided { // a change of mind in the same visit asks nothing more of anybody
		d := done{Campaign: p.campaign.ID, Screen: p.screen.ID}
		for _, one := range says {
			d.Questions = append(d.Questions, one.question)
		}
		if len(says) > 0 {
			s.pass.Done = append(s.pass.Done, d)
			passes.Put(tx, s.pass)
		}
		histories.Put(tx, &history{Account: p.who.Account, Brand: p.visit.Brand, Campaign: p.campaign.ID, History: h})
	}
	return nil
}

// openPage finds the screen of the path. With errNobody and errNotNow the page
// has its visit, and nothing else.
func (a *Asking) openPage(r *http.Request) (*askPage, error) {
	s, err := a.standsHere(r)
	if s == nil {
		return nil, err
	}
	p := &askPage{standing: s}
	if err == nil {
		var open *askPage
		if open, err = s.page(r.PathValue("screen"), a.now()); err == nil {
			p = open
		}
	}
	p.lang = a.deps.Site.Lang(r, s.visit)
	if err != nil {
		return p, fmt.Errorf("screen %q: %w", r.PathValue("screen"), err)
	}
	return p, nil
}

// standsHere is where the customer of a request stands in its visit. With errNobody
// it has the visit, and nothing else; without a visit it is nil.
func (a *Asking) standsHere(r *http.Request) (*standing, error) {
	v, err := a.deps.Visit(r)
	if err != nil {
		return nil, err
	}
	s := &standing{visit: v}
	err = a.deps.DB.View(r.Context(), func(tx *store.Tx) error {
		who, in, err := a.deps.Respondent(tx, r)
		if err != nil {
			return err
		}
		if !in {
			return errNobody
		}
		here, err := a.stand(tx, v, who)
		if err == nil {
			s = here
		}
		return err
	})
	return s, err
}

// page is a screen if it is open: due, or decided in this visit already.
func (s *standing) page(screen string, now time.Time) (*askPage, error) {
	if s.set == nil {
		return nil, errNotNow
	}
	p := &askPage{standing: s, open: s.decide(now), at: len(s.pass.Done)}
	if p.open.Screen != screen || !p.open.Due() {
		i := slices.IndexFunc(s.pass.Done, func(d done) bool { return d.Screen == screen })
		if i < 0 {
			return nil, errNotNow
		}
		p.at, p.decided = i, true
		p.open = due.Decision{Campaign: s.pass.Done[i].Campaign, Screen: screen, Questions: s.pass.Done[i].Questions, First: i == 0}
	}
	p.screen, p.campaign = s.set.Screen(screen), s.set.Campaign(p.open.Campaign)
	if p.screen == nil || p.campaign == nil { // the definitions changed meanwhile
		return nil, errNotNow
	}
	if p.decided {
		p.open.Arm = s.state.Campaigns[p.open.Campaign].Arm
	}
	p.campaign = p.campaign.In(p.open.Arm)
	if p.decided {
		p.open.AtMost, p.open.Optional, p.open.Offer = p.campaign.AtMost, !p.campaign.Blocking, p.campaign.Offer
	}
	for _, id := range p.open.Questions {
		if q := s.set.Question(id); q != nil {
			p.questions = append(p.questions, p.screen.Put(q).Shuffled(s.visit.ID))
		}
	}
	if len(p.questions) == 0 || s.anyYoung(p.questions, now) { // who came back, and told another age meanwhile
		return nil, errNotNow
	}
	return p, nil
}

// version finds the language in which a posted version of the screen was
// served; false if it is not the screen as it is now.
func (p *askPage) version(posted string) (catalogue.Hash, string, bool) {
	for _, lang := range p.set.Languages {
		if r, ok := p.words.Screen(p.set.Brand, p.campaign, p.screen.ID, lang); ok && r.Hash.String() == posted {
			return r.Hash, lang, true
		}
	}
	return catalogue.Hash{}, "", false
}

// declinable says whether the page offers "I'd rather not say".
func (p *askPage) declinable() bool {
	return !slices.ContainsFunc(p.questions, func(q *catalogue.Question) bool { return !q.Decline })
}

// unsure says whether the page offers "I'm not sure".
func (p *askPage) unsure() bool {
	return !slices.ContainsFunc(p.questions, func(q *catalogue.Question) bool { return !q.Unsure })
}

func (p *askPage) occasion(now time.Time, form url.Values, screen catalogue.Hash, lang string) occasion {
	o := occasion{
		account: p.who.Account, session: p.who.Session, visit: p.visit.ID, brand: p.visit.Brand, set: p.set,
		source: SourceAsked, asked: web.AskedAt(form, now), at: now, client: p.visit.Client,
		campaign: p.campaign.ID, arm: p.campaign.Arm, offer: p.open.Offer, locale: lang, screen: screen, release: true,
		how: "chose an answer and pressed Continue",
	}
	switch form.Get("do") {
	case "yes":
		o.how = "confirmed an earlier answer"
	case "later":
		o.how = "chose an answer and pressed Save and go on later"
	}
	return o
}

// saidBefore is what the customer said on this page earlier in this visit, as a
// form. Nothing else is ever filled in.
func (p *askPage) saidBefore() url.Values {
	form := url.Values{}
	for _, q := range p.questions {
		if c := p.profile[q.ID]; c != nil && c.Visit == p.visit.ID && c.State == catalogue.Answered && q.Accepts(c.Value) {
			q.Fill(form, c.Value, p.lang)
		}
	}
	return form
}

// bind is what a page's form belongs to: the visit and the customer. Somebody
// else may sign in on the same visit while the page stands open in another tab.
func (s *standing) bind() string { return s.visit.ID.String() + " " + s.who.Account.String() }

// askForm names the form of a screen: its token holds for one screen, one
// version and the time it was shown.
func askForm(screen string, form url.Values) string {
	return "ask\x00" + screen + "\x00" + form.Get("version") + "\x00" + form.Get("asked")
}

// askHidden are the hidden fields of a page that takes an answer.
func (a *Asking) askHidden(bind, name string, version catalogue.Hash) []templates.Hidden {
	shown, asked := templates.Hidden{Name: "version", Value: version.String()}, web.Asked(a.now())
	form := url.Values{shown.Name: {shown.Value}, asked.Name: {asked.Value}}
	return []templates.Hidden{shown, asked, a.deps.Site.FormToken(bind, askForm(name, form))}
}

func (a *Asking) showNotNow(w http.ResponseWriter, r *http.Request, p *askPage) error {
	m := &templates.Message{Page: a.deps.Site.Page(r, p.visit), Action: a.deps.Site.Walk(p.visit)}
	say := func(key string) string { return a.deps.Words.Say(m.Lang, key) }
	m.Heading, m.Text, m.ActionIs = say("answer.not_now.heading"), say("answer.not_now"), say("continue")
	return a.deps.Site.Write(w, r, http.StatusConflict, m)
}
