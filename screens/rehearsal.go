package screens

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/screens/due"
)

// A Rehearsal is a visit walked in memory, as the pages walk it: what is due is
// decided by the same function, and what is said stands afterwards where keep
// would have stored it. Nothing is stored, and no store is needed.
type Rehearsal struct {
	def      *catalogue.Catalogue
	visit    *web.Visit
	who      Respondent
	customer *Customer
	now      time.Time
}

// A Line is what a customer does with one question.
type Line struct {
	Outcome catalogue.Outcome // answered, skipped, declined or unsure
	Value   catalogue.Value   // where answered
}

// NewCustomer is one of whom nothing is known but, for their attention, when
// questions were decided, and how often they signed in at each brand before.
func NewCustomer(asked []time.Time, before map[string]int) *Customer {
	p := &person{Asked: asked, SignIns: map[string]signIns{}}
	for brand, n := range before {
		p.SignIns[brand] = signIns{Count: n}
	}
	return &Customer{
		Profile: map[string]*Current{}, Releases: map[string]consent.Release{}, Consents: map[string]consent.Consent{},
		Campaigns: map[string]catalogue.History{}, person: p,
	}
}

// Rehearse begins a visit of the customer, who is not changed. now does not move.
func Rehearse(def *catalogue.Catalogue, v *web.Visit, who Respondent, c *Customer, now time.Time) *Rehearsal {
	copied := &Customer{
		Profile: maps.Clone(c.Profile), Releases: maps.Clone(c.Releases), Consents: maps.Clone(c.Consents), Campaigns: maps.Clone(c.Campaigns),
		person: &person{Asked: slices.Clone(c.person.Asked), SignIns: c.person.SignIns}, pass: newPass(who.Account, v),
	}
	return &Rehearsal{def: def, visit: v, who: who, customer: copied, now: now.UTC().Round(0)}
}

// CarryIn lets the visit begin with answers that the brand's site hands over, by
// claim. The error is that of Asking.CarryIn.
func (r *Rehearsal) CarryIn(answers map[string]json.RawMessage) error {
	c, handle, err := carryIn(r.def, r.visit.Brand, answers, r.now)
	if err == nil {
		r.customer.carried, r.visit.Carry = c, handle
	}
	return err
}

// A CarriedItem is an answer that the customer may confirm.
type CarriedItem struct {
	Question *catalogue.Question
	Value    catalogue.Value
}

// Carried is the gate before the screens: what was carried in and may still count.
func (r *Rehearsal) Carried() ([]CarriedItem, error) {
	if r.customer.carried == nil || r.visit.Asks("none") {
		return nil, nil
	}
	items, err := r.customer.stand(r.def, r.visit, r.who).toConfirm(r.now)
	var out []CarriedItem
	for _, item := range items {
		out = append(out, CarriedItem{item.question, item.value})
	}
	return out, err
}

// Keep is what the customer confirms of what was carried in; the rest is forgotten.
func (r *Rehearsal) Keep(items []CarriedItem) {
	set := r.def.Set(r.visit.Brand)
	o := occasion{
		account: r.who.Account, session: r.who.Session, visit: r.visit.ID, brand: r.visit.Brand, set: set,
		source: SourceCarriedIn, asked: r.now, at: r.now, client: r.visit.Client, locale: r.who.Lang, release: true,
	}
	for _, item := range items {
		one := say(item.Question, r.visit.Brand, catalogue.Answered, item.Value)
		one.until(item.Question, set, r.now)
		r.customer.remember(o, one)
	}
	r.customer.pass.Carried = true
}

// Customer is the customer as they stand now.
func (r *Rehearsal) Customer() *Customer { return r.customer }

// State and Facts are what is decided by now.
func (r *Rehearsal) State() (catalogue.State, catalogue.Facts) {
	s := r.customer.stand(r.def, r.visit, r.who)
	s.state.Campaigns = maps.Clone(s.state.Campaigns) // which the rehearsal goes on with
	return s.state, s.facts
}

// Due is gate 5, with what its conditions came of. That a campaign was offered is
// noted, as the walk does before it sends anybody to the page.
func (r *Rehearsal) Due() (due.Decision, []due.Traced) {
	s, v := r.State()
	d, traces := due.Explain(r.def, r.visit.Brand, s, v, r.now)
	if d.Due() && !v.Silent {
		h := s.Campaigns[d.Campaign]
		r.customer.Campaigns[d.Campaign] = h.WithOffer(r.visit.ID, d.Arm, r.now)
	}
	return d, traces
}

// Say is what the customer does with the screen that is due: a line for each of
// its questions. At Check the answers stay as they are.
func (r *Rehearsal) Say(d due.Decision, lines map[string]Line) {
	set := r.def.Set(r.visit.Brand)
	o := occasion{
		account: r.who.Account, session: r.who.Session, visit: r.visit.ID, brand: r.visit.Brand, set: set,
		source: SourceAsked, asked: r.now, at: r.now, client: r.visit.Client,
		campaign: d.Campaign, arm: d.Arm, offer: d.Offer, locale: r.who.Lang, release: true,
	}
	h := r.customer.Campaigns[d.Campaign].WithOffer(r.visit.ID, d.Arm, r.now)
	if d.Check {
		r.customer.Campaigns[d.Campaign] = h.WithCheck()
		return
	}
	for _, id := range d.Questions {
		q := set.Question(id)
		if q == nil {
			continue
		}
		one := say(q, r.visit.Brand, lines[id].Outcome, lines[id].Value)
		one.refused = q.Agrees() && (one.outcome == catalogue.Declined || q.IsConsent() && one.value.Equal(q.Refusal()))
		one.until(q, set, r.now)
		o.explicit = q.Special && one.outcome == catalogue.Answered
		r.customer.remember(o, one)
		r.customer.person.count(r.now, r.def.Attention.Every)
		h = h.WithDecision(id, one.outcome)
	}
	r.customer.Campaigns[d.Campaign] = h
	r.customer.pass.Done = append(r.customer.pass.Done, done{Campaign: d.Campaign, Screen: d.Screen, Questions: d.Questions})
}

// remember is save in memory.
func (c *Customer) remember(o occasion, s said) {
	was := c.Profile[s.question]
	if was == nil {
		was = &Current{}
	}
	c.person.Seq++
	a := o.entry(s, was, c.person.Seq)
	if s.outcome == catalogue.Answered || s.refused {
		state := consent.Given
		if s.refused {
			state = consent.Refused
		}
		consent.Apply(c.Releases, c.Consents, o.decision(s, state))
		a.Consent = c.Releases[s.question].Consent
	}
	cur := a.current(s, was)
	if s.outcome == catalogue.Skipped && was.State != "" && was.Scope == "" { // a deferral stands at the brand alone
		cur = merged([]*Current{was}, []*Current{cur})[s.question]
	}
	c.Profile[s.question] = cur
}

// Decide is what the customer decides on the page that asks what to share.
func (r *Rehearsal) Decide(open []consent.Candidate, shared []string) {
	for _, d := range consent.Decisions(open, shared) {
		d.Account, d.Brand, d.Asked, d.At = r.who.Account, r.visit.Brand, r.now, r.now
		d.Locale, d.Visit, d.Client = r.who.Lang, r.visit.ID, r.visit.Client
		consent.Apply(r.customer.Releases, r.customer.Consents, d)
	}
}

// Draw writes the page of the screen that is due in a rehearsal, before anything is
// said on it.
func (a *Asking) Draw(w http.ResponseWriter, r *http.Request, of *Rehearsal, screen string) error {
	s := a.standsIn(of)
	p, err := s.page(screen, of.now)
	if err != nil {
		return fmt.Errorf("screen %s: %w", screen, err)
	}
	p.lang = of.who.Lang
	if p.open.Still && p.open.Optional {
		return a.showStill(w, r, p)
	}
	return a.showAsk(w, r, p, http.StatusOK, p.saidBefore(), nil)
}

// standsIn is where the customer of a rehearsal stands, with the words of its pages.
func (a *Asking) standsIn(of *Rehearsal) *standing {
	s := of.customer.stand(of.def, of.visit, of.who)
	s.words = a.force.Wordings
	return s
}

// DrawCarried writes the page on which what was carried in is confirmed.
func (a *Asking) DrawCarried(w http.ResponseWriter, r *http.Request, of *Rehearsal) error {
	p := &carriedPage{standing: a.standsIn(of), lang: of.who.Lang}
	var err error
	if p.items, err = p.toConfirm(of.now); err != nil {
		return err
	}
	return a.showCarried(w, r, p, http.StatusOK, nil, nil)
}

// DrawCheck writes the page that shows together what was said to a campaign.
func (a *Asking) DrawCheck(w http.ResponseWriter, r *http.Request, of *Rehearsal, campaign string) error {
	return a.showCheck(w, r, &checkPage{standing: a.standsIn(of), lang: of.who.Lang, campaign: campaign})
}

// DrawEnd writes the page at which a link to a campaign ends.
func (a *Asking) DrawEnd(w http.ResponseWriter, r *http.Request, of *Rehearsal) error {
	return a.showEnd(w, r, of.visit, of.visit.Brand, of.customer.pass.end())
}
