package screens

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/screens/due"
	"github.com/proffer-id/proffer/store"
)

// Offered is the campaign that closed gate 5.
type Offered struct {
	Campaign string
	Arm      string // of the campaign, in which the customer is; may be ""
	new      bool   // not recorded yet for this visit
}

// A Wish, put into a batch, is for all that is known of a customer at the brand of
// a visit: where they stand with its campaigns, and, for others to read too, the
// profile and what they decided about the brand.
type Wish struct {
	Profile *Reading
	Decided *consent.Reading

	visit     *web.Visit
	account   store.ID
	campaigns *store.WantedList[history]
	person    *store.Wanted[person]
	pass      *store.Wanted[pass]
	carried   *store.Wanted[carried] // nil: the visit carries nothing in
}

// Want puts the wish into b. What other brands asked for themselves is not even
// read.
func Want(b *store.Batch, v *web.Visit, account store.ID) *Wish {
	return &Wish{
		Profile:   WantProfile(b, account, v.Brand),
		Decided:   consent.Want(b, account, v.Brand),
		visit:     v,
		account:   account,
		campaigns: histories.WantList(b, store.Range{Prefix: store.K(account, v.Brand)}),
		person:    people.Want(b, store.K(account)),
		pass:      passes.Want(b, store.K(account, v.ID)),
		carried:   wantCarried(b, v.Carry),
	}
}

// Due is gate 5: it names the page of the screen that is due for the customer
// in this visit, with the campaign it belongs to. It changes nothing.
func (a *Asking) Due(w *Wish, who Respondent) (page string, offered *Offered, err error) {
	v := w.visit
	if v.Brand == "" || !v.Asking() {
		return "", nil, nil // a visit of our own asks nothing, unless a link to a campaign began it
	}
	now := a.now()
	s, err := a.standing(w, who)
	if err != nil {
		return "", nil, err
	}
	d := s.decide(now)
	if !d.Due() {
		return "", nil, nil
	}
	return pageOf(d), &Offered{Campaign: d.Campaign, Arm: d.Arm, new: s.state.Campaigns[d.Campaign].Visit != v.ID}, nil
}

// pageOf is the page of what is due.
func pageOf(d due.Decision) string {
	if d.Check {
		return "/check/" + d.Campaign
	}
	return "/ask/" + d.Screen
}

// NoteOffered records, once a visit, that the campaign was offered: its
// cooldown starts, also for a tab that is closed now. The second time it does
// not even open a transaction.
func (a *Asking) NoteOffered(ctx context.Context, v *web.Visit, who Respondent, o *Offered) error {
	if o == nil || !o.new {
		return nil
	}
	now := a.now()
	err := a.deps.DB.Update(ctx, func(tx *store.Tx) error {
		h, err := historyOf(tx, who.Account, v.Brand, o.Campaign)
		if err != nil || h.Visit == v.ID {
			return err
		}
		h.History = h.WithOffer(v.ID, o.Arm, now)
		histories.Put(tx, h)
		return nil
	})
	if err != nil {
		return fmt.Errorf("campaign %s offered: %w", o.Campaign, err)
	}
	return nil
}

func historyOf(tx *store.Tx, account store.ID, brand, campaign string) (*history, error) {
	h, err := histories.Get(tx, store.K(account, brand, campaign))
	if errors.Is(err, store.ErrNotFound) {
		return &history{Account: account, Brand: brand, Campaign: campaign}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("campaign %s: %w", campaign, err)
	}
	return h, nil
}

// standing is all that is known of one customer at one brand in one visit.
type standing struct {
	def      *catalogue.Catalogue // as the visit began with
	words    *catalogue.Wordings  // of def
	set      *catalogue.Set
	visit    *web.Visit
	who      Respondent
	facts    catalogue.Facts
	state    catalogue.State
	profile  map[string]*Current // by question
	releases map[string]consent.Release
	person   *person
	pass     *pass
	carried  *carried // nil: nothing was carried in
}

// decide says what is due.
func (s *standing) decide(now time.Time) due.Decision {
	return due.Next(s.def, s.visit.Brand, s.state, s.facts, now)
}

// stand reads where the customer stands with the visit's brand.
func (a *Asking) stand(tx *store.Tx, v *web.Visit, who Respondent) (*standing, error) {
	var b store.Batch
	w := Want(&b, v, who.Account)
	if err := tx.Read(&b); err != nil {
		return nil, fmt.Errorf("where a customer stands: %w", err)
	}
	return a.standing(w, who)
}

// standing is what was read for a wish.
func (a *Asking) standing(w *Wish, who Respondent) (*standing, error) {
	c, err := w.customer()
	if err != nil {
		return nil, err
	}
	began := a.definitions(w.visit)
	out := c.stand(began.Catalogue, w.visit, who)
	out.words = began.Wordings
	return out, nil
}

// NoteSignIn counts a visit that leaves for the brand's site, once. A site that
// looks without being seen (prompt=none) is no sign-in. It is meant for the
// transaction that issues the code, which writes anyway; w must have been read in tx.
func (a *Asking) NoteSignIn(tx *store.Tx, w *Wish) error {
	if w.visit.Asks("none") {
		return nil
	}
	p, err := orNew(w.person, &person{Account: w.account})
	if err != nil {
		return fmt.Errorf("count a sign-in: %w", err)
	}
	was, v := p.SignIns[w.visit.Brand], w.visit
	n := p.signInsAt(v.Brand, v.ID)
	if n == was.Count {
		return nil
	}
	with := *p
	with.SignIns = maps.Clone(p.SignIns)
	if with.SignIns == nil {
		with.SignIns = map[string]signIns{}
	}
	with.SignIns[v.Brand] = signIns{Count: n, Visit: v.ID}
	people.Put(tx, &with)
	return nil
}

// signInsAt is how many sign-ins at a brand there are, the visit at hand counted.
func (p *person) signInsAt(brand string, visit store.ID) int {
	was := p.SignIns[brand]
	if was.Visit == visit {
		return was.Count
	}
	return min(was.Count+1, catalogue.MaxSignIns)
}

// passLife is how long a pass outlives the beginning of its visit, which is
// good for two hours.
const passLife = 3 * time.Hour

func newPass(account store.ID, v *web.Visit) *pass {
	return &pass{Account: account, Visit: v.ID, Until: v.Began.Add(passLife)}
}

// orNew is the wanted record, or blank where there is none.
func orNew[T any](w *store.Wanted[T], blank *T) (*T, error) {
	v, err := w.Get()
	if errors.Is(err, store.ErrNotFound) {
		return blank, nil
	}
	return v, err
}
