package oauth

import (
	"context"
	"sync"
	"time"

	"github.com/proffer-id/proffer/store"
)

// Rotate is what Run does every minute.
func (p *Provider) Rotate(ctx context.Context) error { return p.rotate(ctx) }

// PutGrant writes a grant as it is.
func PutGrant(tx *store.Tx, g *Grant) { grants.Put(tx, g) }

// Sealed says how long a visit's text may be.
const Sealed = 4096

// Seed puts keys that were made once for all tests into a store: making an RSA
// key takes longer than most tests.
func Seed(ctx context.Context, db *store.DB, issuer string, from time.Time) error {
	made, err := made()
	if err != nil {
		return err
	}
	return db.Update(ctx, func(tx *store.Tx) error {
		for _, k := range made {
			k.Issuer, k.From = issuer, from
			keys.Insert(tx, &k)
		}
		return nil
	})
}

var made = sync.OnceValues(func() (all []Key, err error) {
	for _, alg := range []string{algMAC, algRS256, algES256} {
		k, err := makeKey("", alg, time.Time{})
		if err != nil {
			return nil, err
		}
		all = append(all, *k)
	}
	return all, nil
})
