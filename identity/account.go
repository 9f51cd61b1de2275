package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

// Account returns an account, or an error that is store.ErrNotFound.
func (p *People) Account(tx *store.Tx, account store.ID) (*Account, error) {
	a, err := accounts.Get(tx, store.K(account))
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", account, err)
	}
	return a, nil
}

// WantAccount puts into b the wish for an account.
func WantAccount(b *store.Batch, account store.ID) *store.Wanted[Account] {
	return accounts.Want(b, store.K(account))
}

// InUse returns the account of a wish after Tx.Read, or nil if it is gone or may
// not be used.
func InUse(w *store.Wanted[Account]) (*Account, error) {
	a, err := w.Get()
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("account: %w", err)
	}
	if a.State != Active {
		return nil, nil
	}
	return a, nil
}

// byAddress returns the account of an address, or nil.
func byAddress(tx *store.Tx, key [32]byte) (*Account, error) {
	a, err := accounts.GetBy(tx, "address", store.K(key))
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("account by address: %w", err)
	}
	return a, nil
}

// Forget deletes what this room keeps of an account, the account included. Its
// key, and what other rooms keep, are the caller's.
func (p *People) Forget(tx *store.Tx, account store.ID) error {
	if err := p.endSessions(tx, account); err != nil {
		return err
	}
	if err := forgetPendings(tx, account); err != nil {
		return err
	}
	accounts.Delete(tx, store.K(account))
	return nil
}

func forgetPendings(tx *store.Tx, account store.ID) error {
	if err := pendings.DeleteAll(tx, store.Range{Index: "account", Prefix: store.K(account)}); err != nil {
		return fmt.Errorf("what %s waits for: %w", account, err)
	}
	return nil
}

// A DevAccount is an account for development and tests, made at start.
type DevAccount struct{ Email, Password string }

// Seed makes accounts that do not exist yet, with a proven address and a
// password that is not held against the common ones. Existing accounts stay as
// they are.
func (p *People) Seed(ctx context.Context, list []DevAccount) error {
	for i, d := range list {
		if err := p.seed(ctx, d); err != nil {
			return fmt.Errorf("accounts[%d]: %w", i, err)
		}
	}
	return nil
}

func (p *People) seed(ctx context.Context, d DevAccount) error {
	addr, err := parseAddress(d.Email)
	if err != nil {
		return err
	}
	password, ok := normalPassword(d.Password)
	if !ok {
		return errors.New("not a password")
	}
	key := p.addressKey(addr)
	var there *Account
	if err := p.view(ctx, func(tx *store.Tx) (err error) {
		there, err = byAddress(tx, key)
		return err
	}); err != nil || there != nil {
		return err
	}
	hash, err := p.hasher.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash: %w", err)
	}
	now := p.now()
	a := &Account{ID: store.NewID(), Email: addr.Mail, Address: key, Password: hash, Created: now, Verified: now, Changed: now, Lang: p.deps.Site.Languages()[0]}
	err = p.update(ctx, func(tx *store.Tx) error {
		tx.CreateKey(a.ID)
		accounts.Insert(tx, a)
		return nil
	})
	if errors.Is(err, store.ErrNotUnique) {
		return nil // another process was faster
	}
	return err
}

// event makes an event of this room, before the transaction that appends it.
func event(account store.ID, brand, kind string, at time.Time) *outbox.Event {
	return &outbox.Event{ID: store.NewID(), Account: account, Brand: brand, Type: kind, At: at}
}
