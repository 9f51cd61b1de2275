package screens

import (
	"errors"
	"fmt"

	"github.com/proffer-id/proffer/store"
)

// Reading is a wish, put into a batch, for the profile one brand may know of:
// person-wide answers and its own.
type Reading struct{ person, brand *store.WantedList[Current] }

// WantProfile puts the wish into b. Ask it after Tx.Read. Release and consent
// are not looked at here: what may leave is decided by who asks.
func WantProfile(b *store.Batch, account store.ID, brand string) *Reading {
	return &Reading{
		person: current.WantList(b, store.Range{Prefix: store.K(account, "")}),
		brand:  current.WantList(b, store.Range{Prefix: store.K(account, brand)}),
	}
}

// Get returns where each question stands, by its id.
func (r *Reading) Get() (map[string]*Current, error) {
	out := map[string]*Current{}
	for _, w := range []*store.WantedList[Current]{r.person, r.brand} {
		list, err := w.All()
		if err != nil {
			return nil, fmt.Errorf("profile: %w", err)
		}
		for _, c := range list {
			had := out[c.Question]
			if had == nil {
				out[c.Question] = c
			} else if c.Skipped.After(had.At) { // person-wide, skipped at this brand
				both := *had
				both.Skipped, both.SkippedVisit = c.Skipped, c.SkippedVisit
				out[c.Question] = &both
			}
		}
	}
	return out, nil
}

// Profile returns where every question of an account stands, at all brands.
func Profile(tx *store.Tx, account store.ID) ([]*Current, error) {
	list, err := current.List(tx, store.Range{Prefix: store.K(account)})
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return list, nil
}

// Ledger returns every entry of an account, oldest first.
func Ledger(tx *store.Tx, account store.ID) ([]*Answer, error) {
	list, err := answers.List(tx, store.Range{Prefix: store.K(account)})
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return list, nil
}

// Forget deletes what this room keeps of an account. The words of screens stay:
// they are nobody's.
func Forget(tx *store.Tx, account store.ID) error {
	return errors.Join(
		forget(tx, account, answers, func(a *Answer) store.Key { return store.K(a.Account, a.Seq) }),
		forget(tx, account, current, func(c *Current) store.Key { return store.K(c.Account, c.Scope, c.Question) }),
		forget(tx, account, people, func(p *person) store.Key { return store.K(p.Account) }),
		forget(tx, account, histories, func(h *history) store.Key { return store.K(h.Account, h.Brand, h.Campaign) }),
		forget(tx, account, passes, func(p *pass) store.Key { return store.K(p.Account, p.Visit) }),
	)
}

func forget[T any](tx *store.Tx, account store.ID, c *store.Collection[T], key func(*T) store.Key) error {
	list, err := c.List(tx, store.Range{Prefix: store.K(account)})
	if sealed, ok := errors.AsType[*store.SealedError](err); ok { // what cannot be read goes all the same
		for _, k := range sealed.Keys {
			c.Delete(tx, k)
		}
	} else if err != nil {
		return fmt.Errorf("forget account %s: %w", account, err)
	}
	for _, v := range list {
		c.Delete(tx, key(v))
	}
	return nil
}
