package screens

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
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
	Outcome catalogue.Outcome // answered, skipped or declined
	Value   catalogue.Value   // where answered
}

// NewCustomer is one of whom nothing is known but, for their attention, when
// questions were decided.
func NewCustomer(asked []time.Time) *Customer {
	return &Customer{
		Profile: map[string]*Current{}, Releases: map[string]consent.Release{}, Consents: map[string]consent.Consent{},
		Campaigns: map[string]catalogue.History{}, person: &person{Asked: asked},
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
		if one.refused = q.Agrees() && (one.outcome == catalogue.Declined || q.IsConsent() && one.value.Equal(q.Refusal())); !one.refused {
			one.expires = q.Expires(set, r.now)
		}
		r.customer.remember(o, one, r.def.Attention.Every)
		h = h.WithDecision(id, one.outcome)
	}
	r.customer.Campaigns[d.Campaign] = h
	r.customer.pass.Done = append(r.customer.pass.Done, done{Campaign: d.Campaign, Screen: d.Screen, Questions: d.Questions})
}

// remember is save in memory.
func (c *Customer) remember(o occasion, s said, every diag.Period) {
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
	c.person.count(o.at, every)
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
	s := of.customer.stand(of.def, of.visit, of.who)
	s.words = a.force.Wordings
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
