package store

import (
	"context"
	"errors"
	"fmt"
)

// A rekey says that an account of a bucket was erased and the bucket's key is
// to be replaced.
type rekey struct {
	Bucket  uint16 `json:"bucket"`
	Account ID     `json:"account"`
}

var rekeys = Plain("rekey", func(r *rekey) Key { return K(r.Bucket, r.Account) })

// rewrapAtOnce bounds how many account keys one Update wraps anew.
const rewrapAtOnce = 64

// Rekey replaces the bucket key of an account that Tx.DestroyKey was called
// for: after it returns, what was sealed for that account can no longer be
// opened, wherever its bytes are. It may be called again, and Run goes on with
// it where it was cut off. What DestroyKey alone leaves behind, until then, is
// the account's wrapped key in freed pages and in backups.
func (db *DB) Rekey(ctx context.Context, account ID) error {
	if err := db.rekeyBucket(ctx, bucketOf(account)); err != nil {
		return fmt.Errorf("re-keying for account %s: %w", account, err)
	}
	return nil
}

// rekeyBucket sets a new bucket key beside the old one, wraps the keys of all
// accounts that are left anew, drops the old key and then the marks that were
// there at the beginning. Cut off anywhere, it begins again with another key.
func (db *DB) rekeyBucket(ctx context.Context, bucket uint16) error {
	db.rekeying.Lock()
	defer db.rekeying.Unlock()
	var marks []*rekey
	err := db.View(ctx, func(tx *Tx) (err error) {
		marks, err = rekeys.List(tx, Range{Prefix: K(bucket)})
		return err
	})
	if err != nil || len(marks) == 0 {
		return err
	}
	version, err := db.keys.renew(bucket)
	if err != nil {
		return err
	}
	// Every Update that begins from here on wraps with the new key, and those
	// before are seen by the ones below.
	first, last := ID{byte(bucket >> 4), byte(bucket << 4)}, ID{byte(bucket >> 4), byte(bucket<<4) | 0xf}
	for i := 2; i < len(last); i++ {
		last[i] = 0xff
	}
	for from := K(first); from != nil; {
		if from, err = db.rewrap(ctx, from, K(last).After(), version); err != nil {
			return err
		}
	}
	if err := db.keys.retire(bucket); err != nil {
		return err
	}
	return db.Update(ctx, func(tx *Tx) error {
		for _, m := range marks {
			rekeys.Delete(tx, K(m.Bucket, m.Account))
		}
		return nil
	})
}

// rewrap wraps some account keys anew and says where to go on; nil: nowhere.
func (db *DB) rewrap(ctx context.Context, from, to Key, version uint32) (next Key, err error) {
	err = db.Update(ctx, func(tx *Tx) error {
		next = nil
		some, err := accountKeys.List(tx, Range{From: from, To: to, Limit: rewrapAtOnce})
		if err != nil {
			return err
		}
		for _, k := range some {
			if k.Version == version {
				continue
			}
			key, err := db.keys.unwrap(k)
			if err != nil {
				// Nobody can open it any more; it must not keep the others from being erased.
				db.log.Error("account key cannot be wrapped anew", "account", k.Account, "err", err)
				continue
			}
			k.Version, k.Wrapped = db.keys.wrap(k.Account, key)
			accountKeys.Put(tx, k)
		}
		if len(some) == rewrapAtOnce {
			next = K(some[len(some)-1].Account).After()
		}
		return nil
	})
	return next, err
}

// rekeyAll re-keys every bucket that is marked.
func (db *DB) rekeyAll(ctx context.Context) error {
	var marks []*rekey
	err := db.View(ctx, func(tx *Tx) (err error) {
		marks, err = rekeys.List(tx, Range{})
		return err
	})
	for _, m := range marks {
		err = errors.Join(err, db.Rekey(ctx, m.Account))
	}
	return err
}
