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
	person, err := r.person.All()
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	brand, err := r.brand.All()
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return merged(person, brand), nil
}

// merged is where each question stands with a brand: as told person-wide, and as
// told or skipped there.
func merged(person, brand []*Current) map[string]*Current {
	out := map[string]*Current{}
	for _, list := range [][]*Current{person, brand} {
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
	return out
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
