package consent

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/proffer-id/proffer/store"
)

// Withdraw takes the releases of d.Claims to d.Brand back, purpose by purpose;
// what is not released is left as it is. d.Purpose and d.State are not read.
func Withdraw(tx *store.Tx, d Decision) error { return turn(tx, d, Given, Withdrawn, d.At) }

// Restore gives back what was withdrawn at since: the customer has undone it. A
// consent that they withdrew later stays withdrawn, and its claims with it.
// d.Purpose and d.State are not read.
func Restore(tx *store.Tx, d Decision, since time.Time) error {
	return turn(tx, d, Withdrawn, Given, since)
}

func turn(tx *store.Tx, d Decision, from, to State, since time.Time) error {
	var b store.Batch
	decided := Want(&b, d.Account, d.Brand)
	if err := tx.Read(&b); err != nil {
		return fmt.Errorf("releases: %w", err)
	}
	was, err := decided.Releases()
	if err != nil {
		return err
	}
	stands, err := decided.Consents()
	if err != nil {
		return err
	}
	by := map[string][]string{}
	for _, claim := range d.Claims {
		r := was[claim]
		if c := stands[r.Purpose]; to.Allows() && !c.State.Allows() && c.At.After(since) {
			continue
		}
		if r.State == from {
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
