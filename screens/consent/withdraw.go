package consent

import (
	"maps"
	"slices"

	"github.com/proffer-id/proffer/store"
)

// Withdraw takes the releases of d.Claims to d.Brand back, purpose by purpose;
// what is not released is left as it is. d.Purpose and d.State are not read.
func Withdraw(tx *store.Tx, d Decision) error { return turn(tx, d, Given, Withdrawn) }

// Restore gives back what was withdrawn: the customer has undone it. d.Purpose
// and d.State are not read.
func Restore(tx *store.Tx, d Decision) error { return turn(tx, d, Withdrawn, Given) }

func turn(tx *store.Tx, d Decision, from, to State) error {
	was, err := Releases(tx, d.Account, d.Brand)
	if err != nil {
		return err
	}
	by := map[string][]string{}
	for _, claim := range d.Claims {
		if r := was[claim]; r.State == from {
			by[r.Purpose] = append(by[r.Purpose], claim)
		}
	}
	for _, purpose := range slices.Sorted(maps.Keys(by)) {
		one := d
		one.Purpose, one.State, one.Claims = Purpose{ID: purpose}, to, by[purpose]
		if _, err := Record(tx, one); err != nil {
			return err
		}
	}
	return nil
}
