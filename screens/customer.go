package screens

import (
	"fmt"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
)

// A Customer is all that is kept of one customer as one brand's screens see it:
// read from a store, or made up for a rehearsal.
type Customer struct {
	Profile   map[string]*Current          // by question
	Releases  map[string]consent.Release   // to the brand, by claim
	Consents  map[string]consent.Consent   // at the brand, by purpose
	Campaigns map[string]catalogue.History // of the brand

	person  *person
	pass    *pass
	carried *carried
}

// Customer returns what was read for a wish, after Tx.Read.
func (w *Wish) Customer() (*Customer, error) { return w.customer() }

func (w *Wish) customer() (*Customer, error) {
	c := &Customer{Campaigns: map[string]catalogue.History{}}
	var err error
	if c.Profile, err = w.Profile.Get(); err != nil {
		return nil, err
	}
	if c.Releases, err = w.Decided.Releases(); err != nil {
		return nil, err
	}
	if c.Consents, err = w.Decided.Consents(); err != nil {
		return nil, err
	}
	list, err := w.campaigns.All()
	if err != nil {
		return nil, fmt.Errorf("campaigns: %w", err)
	}
	for _, h := range list {
		c.Campaigns[h.Campaign] = h.History
	}
	if c.person, err = orNew(w.person, &person{Account: w.account}); err != nil {
		return nil, err
	}
	if c.pass, err = orNew(w.pass, newPass(w.account, w.visit)); err != nil {
		return nil, err
	}
	c.carried, err = w.carriedOf()
	return c, err
}

// stand is where the customer stands in a visit: what is decided by. It is pure.
func (c *Customer) stand(def *catalogue.Catalogue, v *web.Visit, who Respondent) *standing {
	s := &standing{
		def: def, set: def.Set(v.Brand), visit: v, who: who,
		facts:   catalogue.Facts{Visit: v.ID, Moment: catalogue.SignIn, Client: v.Client, Locale: who.Lang, Silent: v.Asks("none"), Wants: who.Wants},
		state:   catalogue.State{Seed: who.Account, Answers: map[string]catalogue.Standing{}, Campaigns: c.Campaigns, Consents: map[string]bool{}, Asked: c.person.Asked},
		profile: c.Profile, releases: c.Releases, person: c.person, pass: c.pass, carried: c.carried,
	}
	if who.Registered {
		s.facts.Moment = catalogue.Registration
	}
	if v.End != "" {
		s.facts.Link = v.Ask
	} else {
		s.facts.Asks = v.Ask
	}
	s.facts.SignIns = c.person.signInsAt(v.Brand, v.ID)
	for id, one := range c.Consents {
		s.state.Consents[id] = one.State.Allows()
	}
	for id, cur := range c.Profile {
		s.state.Answers[id] = cur.Standing(v.Brand, c.Releases[id])
	}
	return s
}
