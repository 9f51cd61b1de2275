package screens

import (
	"context"
	"errors"
	"fmt"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

// Publish keeps the bytes of every screen that can be shown.
// It comes before the first page is served, so every hash in the ledger has its
// bytes. What is kept already is left as it is.
func (a *Asking) Publish(ctx context.Context, d *Definitions) error {
	every := map[catalogue.Hash]catalogue.Resolved{}
	for _, r := range d.Wordings.Every() {
		every[r.Hash] = r
	}
	err := a.deps.DB.View(ctx, func(tx *store.Tx) error {
		var b store.Batch
		wanted := map[catalogue.Hash]*store.Wanted[wording]{}
		for h := range every {
			wanted[h] = wordings.Want(&b, store.K([32]byte(h)))
		}
		if err := tx.Read(&b); err != nil {
			return err
		}
		for h, w := range wanted {
			switch _, err := w.Get(); {
			case err == nil:
				delete(every, h)
			case !errors.Is(err, store.ErrNotFound):
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("published screens: %w", err)
	}
	if len(every) == 0 {
		return nil
	}
	now := a.now()
	err = a.deps.DB.Update(ctx, func(tx *store.Tx) error {
		for _, r := range every {
			wordings.Put(tx, &wording{Hash: r.Hash, Bytes: r.Bytes, First: now})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("publish screens: %w", err)
	}
	return nil
}

// Wording returns the bytes of a screen as it was shown: what an answer's hash
// stands for. The error is store.ErrNotFound for a hash that was never published.
func Wording(tx *store.Tx, h catalogue.Hash) ([]byte, error) {
	w, err := wordings.Get(tx, store.K([32]byte(h)))
	if err != nil {
		return nil, fmt.Errorf("screen %s: %w", h, err)
	}
	return w.Bytes, nil
}
