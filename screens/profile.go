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
	all := store.Range{Prefix: store.K(account)}
	err := errors.Join(
		answers.DeleteAll(tx, all),
		current.DeleteAll(tx, all),
		people.DeleteAll(tx, all),
		histories.DeleteAll(tx, all),
		passes.DeleteAll(tx, all),
	)
	if err != nil {
		return fmt.Errorf("forget account %s: %w", account, err)
	}
	return nil
}
