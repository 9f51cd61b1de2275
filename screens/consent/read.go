package consent

import (
	"errors"
	"fmt"

	"github.com/proffer-id/proffer/store"
)

// Reading is a wish, put into a batch, for what one customer decided about one
// brand.
type Reading struct {
	releases *store.WantedList[Release]
	consents *store.WantedList[Consent]
}

// Want puts the wish into b. Ask it after Tx.Read.
func Want(b *store.Batch, account store.ID, brand string) *Reading {
	return &Reading{
		releases: releases.WantList(b, store.Range{Prefix: store.K(account, brand)}),
		consents: consents.WantList(b, store.Range{Prefix: store.K(account, brand)}),
	}
}

// Releases returns the decision on each claim the brand was ever told of or
// refused, by the claim's id.
func (r *Reading) Releases() (map[string]Release, error) {
	list, err := r.releases.All()
	if err != nil {
		return nil, fmt.Errorf("releases: %w", err)
	}
	out := make(map[string]Release, len(list))
	for _, rel := range list {
		out[rel.Claim] = *rel
	}
	return out, nil
}

// Consents returns how each purpose stands, by the purpose's id.
func (r *Reading) Consents() (map[string]Consent, error) {
	list, err := r.consents.All()
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	out := make(map[string]Consent, len(list))
	for _, c := range list {
		out[c.Purpose] = *c
	}
	return out, nil
}

// Releases is Want for those who read nothing else.
func Releases(tx *store.Tx, account store.ID, brand string) (map[string]Release, error) {
	var b store.Batch
	r := Want(&b, account, brand)
	if err := tx.Read(&b); err != nil {
		return nil, fmt.Errorf("releases: %w", err)
	}
	return r.Releases()
}

// EveryRelease returns the releases of an account to all brands, in the order
// of brand and claim.
func EveryRelease(tx *store.Tx, account store.ID) ([]*Release, error) {
	list, err := releases.List(tx, store.Range{Prefix: store.K(account)})
	if err != nil {
		return nil, fmt.Errorf("releases: %w", err)
	}
	return list, nil
}

// EveryConsent returns the consents of an account to all brands.
func EveryConsent(tx *store.Tx, account store.ID) ([]*Consent, error) {
	list, err := consents.List(tx, store.Range{Prefix: store.K(account)})
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	return list, nil
}

// Chain returns the events of one consent, oldest first.
func Chain(tx *store.Tx, account store.ID, brand, purpose string) ([]*Event, error) {
	list, err := events.List(tx, store.Range{Prefix: store.K(account, brand, purpose)})
	if err != nil {
		return nil, fmt.Errorf("consent to %s of %s: %w", purpose, brand, err)
	}
	return list, nil
}

// Wording returns what stood on a share page, by the hash of a release or an
// event. The error is store.ErrNotFound if this customer never saw such a page:
// the words of a question's screen are kept by package screens.
func Wording(tx *store.Tx, account store.ID, h Hash) ([]byte, error) {
	w, err := wordings.Get(tx, store.K(account, [32]byte(h)))
	if err != nil {
		return nil, fmt.Errorf("share page %s: %w", h, err)
	}
	return w.Bytes, nil
}

// Forget deletes what this room keeps of an account. Entries of the release
// log stay, and can no longer be opened once the account's key is gone.
func Forget(tx *store.Tx, account store.ID) error {
	all := store.Range{Prefix: store.K(account)}
	err := errors.Join(
		consents.DeleteAll(tx, all),
		events.DeleteAll(tx, all),
		releases.DeleteAll(tx, all),
		wordings.DeleteAll(tx, all),
	)
	if err != nil {
		return fmt.Errorf("forget account %s: %w", account, err)
	}
	return nil
}
