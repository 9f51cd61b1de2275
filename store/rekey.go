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

// A bucketFloor is the oldest version of a bucket's key that may wrap the key
// of an account from now on. It only rises, and older versions are not dropped
// before it did. None: any.
//
// An Update that makes an account reads it. So one with an older bucket key
// either comes before the re-keying that raised the floor, which then finds the
// account, or is run again; whichever process it runs in.
type bucketFloor struct {
	Bucket  uint16 `json:"bucket"`
	Version uint32 `json:"version"`
}

var bucketFloors = Plain("bucket_floor", func(f *bucketFloor) Key { return K(f.Bucket) })

// rewrapAtOnce bounds how many account keys one Update wraps anew.
const rewrapAtOnce = 64

// Rekey replaces the bucket key of an account that Tx.DestroyKey was called
// for: after it returns, what was sealed for that account can no longer be
// opened, wherever its bytes are, but with a copy of the bucket keys from
// before. It may be called again, and Run goes on with it where it was cut off.
// What DestroyKey alone leaves behind, until then, is the account's wrapped key
// in freed pages and in backups.
//
// Other processes with the same keys forget the old one within a minute, if
// their Run runs.
func (db *DB) Rekey(ctx context.Context, account ID) error {
	if err := db.rekeyBucket(ctx, bucketOf(account)); err != nil {
		return fmt.Errorf("re-keying for account %s: %w", account, err)
	}
	return nil
}

// rekeyBucket sets a new bucket key beside the old one, raises the floor to it,
// wraps the keys of all accounts that are left anew, drops the old key and then
// the marks that were there at the beginning. Cut off anywhere, it begins again
// with another key. Several may do it at the same time: each has a version of
// its own, wraps anew and drops what is below that only.
func (db *DB) rekeyBucket(ctx context.Context, bucket uint16) error {
	db.rekeying.Lock()
	defer db.rekeying.Unlock()
	var marks []*rekey
	var above uint32
	err := db.View(ctx, func(tx *Tx) error {
		var b Batch
		list, floor := rekeys.WantList(&b, Range{Prefix: K(bucket)}), bucketFloors.Want(&b, K(bucket))
		err := tx.Read(&b)
		if err != nil {
			return err
		}
		if marks, err = list.All(); err != nil {
			return err
		}
		f, err := floor.Get()
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err == nil {
			above = f.Version
		}
		return err
	})
	if err != nil || len(marks) == 0 {
		return err
	}
	version, err := db.keys.renew(ctx, bucket, above)
	if err != nil {
		return err
	}
	if err := db.raise(ctx, bucket, version); err != nil {
		return err
	}
	first, last := ID{byte(bucket >> 4), byte(bucket << 4)}, ID{byte(bucket >> 4), byte(bucket<<4) | 0xf}
	for i := 2; i < len(last); i++ {
		last[i] = 0xff
	}
	for from := K(first); from != nil; {
		if from, err = db.rewrap(ctx, from, K(last).After(), version); err != nil {
			return err
		}
	}
	if err := db.keys.retire(ctx, bucket, version); err != nil {
		return err
	}
	return db.Update(ctx, func(tx *Tx) error {
		for _, m := range marks {
			rekeys.Delete(tx, K(m.Bucket, m.Account))
		}
		return nil
	})
}

// raise lifts the floor of a bucket to a version.
func (db *DB) raise(ctx context.Context, bucket uint16, version uint32) error {
	return db.Update(ctx, func(tx *Tx) error {
		f, err := bucketFloors.Get(tx, K(bucket))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err != nil || f.Version < version {
			bucketFloors.Put(tx, &bucketFloor{Bucket: bucket, Version: version})
		}
		return nil
	})
}

// rewrap wraps some account keys anew and says where to go on; nil: nowhere.
func (db *DB) rewrap(ctx context.Context, from, to Key, version uint32) (next Key, err error) {
	// Accounts that come to be while it looks have a newer key: the floor was
	// raised. So the Update reads none but those it writes.
	var below []*accountKey
	err = db.View(ctx, func(tx *Tx) error {
		some, err := accountKeys.List(tx, Range{From: from, To: to, Limit: rewrapAtOnce})
		if err != nil {
			return err
		}
		for _, k := range some {
			if k.Version < version {
				below = append(below, k)
			}
		}
		if len(some) == rewrapAtOnce {
			next = K(some[len(some)-1].Account).After()
		}
		return nil
	})
	if err != nil || len(below) == 0 {
		return next, err
	}
	return next, db.Update(ctx, func(tx *Tx) error {
		var b Batch
		found := make([]*Wanted[accountKey], len(below))
		for i, k := range below {
			found[i] = accountKeys.Want(&b, K(k.Account))
		}
		if err := tx.Read(&b); err != nil {
			return err
		}
		for _, w := range found {
			k, err := w.Get()
			if errors.Is(err, ErrNotFound) || err == nil && k.Version >= version {
				continue
			}
			if err != nil {
				return err
			}
			if err := db.rewrapOne(tx, k, version); err != nil {
				return err
			}
		}
		return nil
	})
}

func (db *DB) rewrapOne(tx *Tx, k *accountKey, version uint32) error {
	key, err := db.keys.unwrap(tx.ctx, k)
	if errors.Is(err, errNoKey) {
		// Nobody can open it any more; it must not keep the others from being erased.
		db.log.Error("account key cannot be wrapped anew", "account", k.Account, "err", err)
		return nil
	}
	if err != nil {
		return err
	}
	b, err := db.keys.newest(tx.ctx, bucketOf(k.Account), version)
	if err != nil {
		return err
	}
	k.Version, k.Wrapped = b.version, b.wrap(k.Account, key)
	accountKeys.Put(tx, k)
	return nil
}

// rekeyAll re-keys every bucket that is marked, and forgets the keys that other
// processes have replaced.
func (db *DB) rekeyAll(ctx context.Context) error {
	var marks []*rekey
	var floors []*bucketFloor
	err := db.View(ctx, func(tx *Tx) error {
		var b Batch
		m, f := rekeys.WantList(&b, Range{}), bucketFloors.WantList(&b, Range{})
		err := tx.Read(&b)
		if err == nil {
			marks, err = m.All()
		}
		if err == nil {
			floors, err = f.All()
		}
		return err
	})
	for _, m := range marks {
		err = errors.Join(err, db.Rekey(ctx, m.Account))
	}
	for _, f := range floors {
		err = errors.Join(err, db.keys.forget(ctx, f.Bucket, f.Version))
	}
	return err
}
