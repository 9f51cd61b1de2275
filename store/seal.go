package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Sealing is AES-256-GCM with random nonces. A value in the driver is
//
//	01 json                           in the clear
//	02 account(16) nonce(12) sealed   under the key of an account
//	03 nonce(12) sealed               under the master key
//
// What is authenticated along binds it to its account, table and key: sealed
// bytes moved to another record do not open. The entry of a log is bound to
// its account and log only, as its position is not known when it is sealed.

// An accountKey is the key of one account, wrapped by the key of its bucket.
// Its entry is all there is of it: without it the account's records are noise.
type accountKey struct {
	Account ID        `json:"account"`
	Version uint32    `json:"version"` // of the bucket key; 0: made by this Update and not wrapped yet
	Wrapped []byte    `json:"wrapped"`
	Expires time.Time `json:"expires,omitzero"`
}

var accountKeys = Plain("account_key", func(k *accountKey) Key { return K(k.Account) },
	Expires(func(k *accountKey) time.Time { return k.Expires }))

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("store: " + err.Error()) // keys are made here, 32 bytes each
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("store: " + err.Error())
	}
	return aead
}

// CreateKey makes the key of a new account, needed before the first sealed
// record of it. Update returns a NotUniqueError if the account has one.
func (tx *Tx) CreateKey(account ID) { tx.CreateKeyUntil(account, time.Time{}) }

// CreateKeyUntil is CreateKey for an account that may never come to be, such
// as a pending registration: from the time given on the key is gone, and what
// was sealed with it is not to be had through the store. Tx.KeepKey lifts
// that. Zero: no such time. The bucket is not re-keyed for it: who has a copy
// of the file and the keys may find the wrapped key in a freed page until the
// page is written over or another account of the bucket is erased.
func (tx *Tx) CreateKeyUntil(account ID, expires time.Time) {
	if account.IsZero() {
		tx.fail(errors.New("store: a key for no account"))
		return
	}
	key := make([]byte, 32)
	rand.Read(key)
	accountKeys.Insert(tx, &accountKey{Account: account, Expires: expires.UTC()})
	if tx.made == nil {
		tx.made = map[ID][]byte{}
	}
	tx.made[account], tx.keys[account] = key, newAEAD(key)
}

// KeepKey makes the key of an account last. Update fails if there is none.
func (tx *Tx) KeepKey(account ID) {
	k, err := accountKeys.Get(tx, K(account))
	if err != nil {
		tx.fail(err)
		return
	}
	if !k.Expires.IsZero() {
		k.Expires = time.Time{}
		accountKeys.Put(tx, k)
	}
}

// DestroyKey deletes the account's key and records that its bucket is to be
// re-keyed: DB.Rekey, which nothing sealed for the account survives.
func (tx *Tx) DestroyKey(account ID) {
	accountKeys.Delete(tx, K(account))
	tx.keys[account] = nil
	rekeys.Put(tx, &rekey{Bucket: bucketOf(account), Account: account})
}

// wantKey adds an ask for the key of an account unless tx has it.
func (tx *Tx) wantKey(asks []*ask, account ID) []*ask {
	if _, has := tx.keys[account]; has {
		return asks
	}
	tx.keys[account] = nil // until takeKeys, so that it is asked for once
	return append(asks, &ask{table: accountKeys.table(), req: Request{Key: K(account)}})
}

// takeKeys unwraps the keys that were asked for. Its error is of what keeps the
// bucket keys, and ends the transaction; a key that nobody can unwrap is none.
func (tx *Tx) takeKeys(asks []*ask) error {
	for _, a := range asks {
		if len(a.rows) == 0 {
			continue
		}
		value, ok := tx.open(a.table, a.rows[0])
		if !ok {
			continue
		}
		k, err := accountKeys.decode(a.rows[0], value)
		if err != nil {
			continue
		}
		key, err := tx.db.keys.unwrap(tx.ctx, k)
		switch {
		case errors.Is(err, errNoKey):
			tx.db.log.Error("account key is lost", "account", k.Account, "err", err)
			continue
		case err != nil:
			tx.fail(err) // or the account would seem to be erased
			return err
		}
		tx.keys[k.Account] = newAEAD(key)
	}
	return nil
}

// wrapMade wraps the key of an account that this Update made, with a bucket key
// that is not older than the floor, which the Update has read: a re-keying that
// raises it comes before, or finds the account.
func (tx *Tx) wrapMade(w *write, floor *Wanted[bucketFloor]) error {
	k := new(accountKey)
	if err := json.Unmarshal(w.Value, k); err != nil {
		return fmt.Errorf("%s: %w", w.Table, err)
	}
	var atLeast uint32
	switch f, err := floor.Get(); {
	case err == nil:
		atLeast = f.Version
	case !errors.Is(err, ErrNotFound):
		return err
	}
	b, err := tx.db.keys.newest(tx.ctx, bucketOf(k.Account), atLeast)
	if err != nil {
		return err
	}
	k.Version, k.Wrapped = b.version, b.wrap(k.Account, tx.made[k.Account])
	w.Value, err = json.Marshal(k)
	return err
}

// open returns the JSON of a row. The account's key must have been taken.
func (tx *Tx) open(t *table, r row) (value []byte, ok bool) {
	if r.own != nil {
		return r.own.Value, true
	}
	if len(r.Value) == 0 || sealing(r.Value[0]) != t.seal {
		return nil, false // also what says it is clear where it must not be
	}
	key := r.Key
	if t.log {
		key = nil
	}
	var err error
	switch body := r.Value[1:]; t.seal {
	case inClear:
		return body, true
	case byMaster:
		value, err = tx.db.keys.secrets.Open(nil, nil, body, bound(ID{}, t, key))
	case byAccount:
		account, is := sealedFor(r)
		aead := tx.keys[account]
		if !is || aead == nil {
			return nil, false
		}
		value, err = aead.Open(nil, nil, body[len(account):], bound(account, t, key))
	}
	return value, err == nil
}

// sealedFor is the account whose key opens a row of the driver.
func sealedFor(r row) (ID, bool) {
	if r.own != nil || len(r.Value) < 17 || sealing(r.Value[0]) != byAccount {
		return ID{}, false
	}
	return ID(r.Value[1:17]), true
}

// shut is the reverse of open.
func (tx *Tx) shut(t *table, account ID, key Key, value []byte) ([]byte, error) {
	out := append(make([]byte, 0, len(value)+64), byte(t.seal))
	switch t.seal {
	case byMaster:
		return tx.db.keys.secrets.Seal(out, nil, value, bound(ID{}, t, key)), nil
	case byAccount:
		aead := tx.keys[account]
		if aead == nil {
			return nil, fmt.Errorf("%s: account %s has no key: %w", t.name, account, ErrSealed)
		}
		out = append(out, account[:]...)
		return aead.Seal(out, nil, value, bound(account, t, key)), nil
	}
	return append(out, value...), nil
}

// bound is what a sealed value is bound to. A name holds no 00, so no two
// records have the same.
func bound(account ID, t *table, key Key) []byte {
	b := make([]byte, 0, len(account)+len(t.name)+1+len(key))
	b = append(append(b, account[:]...), t.name...)
	return append(append(b, 0), key...)
}

// seal ends an Update: it fetches the keys still missing in one round trip and
// turns the overlay into what the driver writes.
func (tx *Tx) seal() (*Writes, error) {
	if tx.err != nil {
		return nil, tx.err
	}
	all := tx.writes.sorted()
	var asks []*ask
	var b Batch
	floors := map[*write]*Wanted[bucketFloor]{}
	for _, w := range all {
		if w.gone(tx.now) {
			continue
		}
		if w.table.seal == byAccount {
			asks = tx.wantKey(asks, w.account)
		}
		if account, _ := w.Key.account(); w.table == accountKeys.table() && tx.made[account] != nil {
			floors[w] = bucketFloors.Want(&b, K(bucketOf(account)))
		}
	}
	for _, a := range tx.appends {
		if a.table.seal == byAccount {
			asks = tx.wantKey(asks, a.account)
		}
	}
	if len(asks)+len(b.asks) > 0 {
		if err := tx.read(slices.Concat(asks, b.asks), false); err != nil {
			return nil, err
		}
		if err := tx.takeKeys(asks); err != nil {
			return nil, err
		}
		for _, take := range b.take {
			take(tx)
		}
	}
	out := &Writes{Now: tx.now, Trims: tx.trims}
	for _, w := range all {
		if !w.Delete && w.gone(tx.now) {
			// Nobody will see it, so it need not be there for its keys to be in the way.
			w.Put = Put{Table: w.Table, Key: w.Key, Insert: w.Insert, Delete: true}
		}
		if f := floors[w]; f != nil {
			if err := tx.wrapMade(w, f); err != nil {
				return nil, err
			}
		}
		if !w.Delete {
			value, err := tx.shut(w.table, w.account, w.Key, w.Value)
			if err != nil {
				return nil, err
			}
			w.Put.Value = value
		}
		switch {
		case !w.table.apart:
		case w.Delete:
			tx.db.whose.forget(w.table, w.Key)
		default:
			tx.db.whose.remember(w.table, w.Key, w.account)
		}
		out.Put = append(out.Put, w.Put)
	}
	for _, a := range tx.appends {
		value, err := tx.shut(a.table, a.account, nil, a.value)
		if err != nil {
			return nil, err
		}
		out.Log = append(out.Log, Append{Table: a.table.name, Value: value})
	}
	return out, nil
}
