package store

import (
	"hash/maphash"
	"sync/atomic"
)

// A whose remembers of records that are SealedFor an account which one that is,
// so that what is to be known of the account can be asked for together with the
// record, and not only when it has been read: a round trip less for who comes
// back (see Collection.WantWith). It may be wrong and may forget: what is read
// says whose it is. It holds ids and keys, nothing that is sealed.
type whose struct {
	seed  maphash.Seed
	slots [remembered]atomic.Pointer[belonging] // each key has one, that others may take
}

// remembered is how many records are remembered at most, of about 150 bytes each.
const remembered = 1 << 14

type belonging struct {
	table   *table
	key     string
	account ID
}

func newWhose() *whose { return &whose{seed: maphash.MakeSeed()} }

func (w *whose) slot(key Key) *atomic.Pointer[belonging] {
	return &w.slots[maphash.Bytes(w.seed, key)%remembered]
}

// account returns the one that a record was of.
func (w *whose) account(t *table, key Key) (ID, bool) {
	b := w.slot(key).Load()
	if b == nil || b.table != t || b.key != string(key) {
		return ID{}, false
	}
	return b.account, true
}

func (w *whose) remember(t *table, key Key, account ID) {
	slot := w.slot(key)
	if b := slot.Load(); b == nil || b.table != t || b.key != string(key) || b.account != account {
		slot.Store(&belonging{t, string(key), account})
	}
}

func (w *whose) forget(t *table, key Key) {
	slot := w.slot(key)
	if b := slot.Load(); b != nil && b.table == t && b.key == string(key) {
		slot.CompareAndSwap(b, nil)
	}
}
