package store

import (
	"errors"
	"fmt"
	"slices"
)

// A Batch collects reads of several collections for one Tx.Read. The zero
// Batch is empty; each is read once.
type Batch struct {
	asks []*ask
	take []func(tx *Tx) // opens and decodes what was found
}

// Wanted is one record of a batch.
type Wanted[T any] struct {
	v   *T
	err error
}

// WantedList is a range of a batch.
type WantedList[T any] struct {
	all []*T
	err error
}

var errUnread = errors.New("store: the batch was not read")

// Want adds the record with a key.
func (c *Collection[T]) Want(b *Batch, key Key) *Wanted[T] { return c.WantBy(b, "", key) }

// WantBy adds the record with a key in a unique index.
func (c *Collection[T]) WantBy(b *Batch, index string, key Key) *Wanted[T] {
	if key == nil {
		key = Key{} // that of no record; a nil one would ask for a range
	}
	w := &Wanted[T]{err: errUnread}
	a := &ask{table: &c.t, req: Request{Key: key, Range: Range{Index: index}}}
	b.add(a, func(tx *Tx) {
		if len(a.rows) == 0 {
			w.err = fmt.Errorf("%s: %w", c.t.name, ErrNotFound)
			return
		}
		value, ok := tx.open(&c.t, a.rows[0])
		if !ok {
			w.err = &SealedError{Collection: c.t.name, Keys: []Key{a.rows[0].ownKey()}}
			return
		}
		w.v, w.err = c.decode(a.rows[0], value)
	})
	return w
}

// WantWith is Want for a record that is SealedFor an account. If it is there,
// more puts into the batch what is to be known of that account besides. That is
// read in the round trip that fetches the account's key, which is the first one
// if the record was seen here before: then more is called before it is known
// whether the record is still there. It is called again should the account be
// another one, and what counts is what it wanted last. Whether the record can be
// opened is not known by then.
func (c *Collection[T]) WantWith(b *Batch, key Key, more func(account ID)) *Wanted[T] {
	w := c.Want(b, key)
	b.asks[len(b.asks)-1].more = more
	return w
}

// WantList adds the records of a range.
func (c *Collection[T]) WantList(b *Batch, r Range) *WantedList[T] {
	w := &WantedList[T]{err: errUnread}
	a := &ask{table: &c.t, req: Request{Range: r}}
	b.add(a, func(tx *Tx) {
		w.all, w.err = nil, nil
		var sealed *SealedError
		for _, r := range a.rows {
			value, ok := tx.open(&c.t, r)
			if !ok {
				if sealed == nil {
					sealed = &SealedError{Collection: c.t.name}
				}
				sealed.Keys = append(sealed.Keys, r.ownKey())
				continue
			}
			v, err := c.decode(r, value)
			if err != nil {
				w.all, w.err = nil, err
				return
			}
			w.all = append(w.all, v)
		}
		if sealed != nil {
			w.err = sealed
		}
	})
	return w
}

func (b *Batch) add(a *ask, take func(*Tx)) {
	b.asks, b.take = append(b.asks, a), append(b.take, take)
}

// Get returns the record after Tx.Read; errors as of Collection.Get.
func (w *Wanted[T]) Get() (*T, error) { return w.v, w.err }

// All returns the records after Tx.Read; errors as of Collection.List.
func (w *WantedList[T]) All() ([]*T, error) { return w.all, w.err }

// Read does every wanted read of b in one round trip; keys of accounts are
// fetched along where the wanted key begins with the account or it is remembered
// whose the record is, else in a second one, with what WantWith has added. It returns an error only if the store could
// not be read.
func (tx *Tx) Read(b *Batch) error { return tx.readAll(b, false) }

// ReadLast is Read, where nothing is read after it: a View then ends its snapshot in
// the same round trip. Should what is remembered of whose a record is be wrong, it
// returns an error that wraps ErrUnavailable, and it is remembered right.
func (tx *Tx) ReadLast(b *Batch) error { return tx.readAll(b, true) }

func (tx *Tx) readAll(b *Batch, last bool) error {
	var keys []*ask // that are still missing
	for done := 0; done < len(b.asks) || len(keys) > 0; {
		from, all := done, true            // nothing can come of these that is to be read besides
		for ; done < len(b.asks); done++ { // which grow
			a := b.asks[done]
			if a.table.seal != byAccount {
				continue
			}
			id, ok := a.account()
			if !ok && a.more != nil {
				if id, ok = tx.db.whose.account(a.table, a.req.Key); ok {
					a.guess = id
					a.more(id)
				}
			}
			if ok {
				keys = tx.wantKey(keys, id)
			}
			all = all && ok
		}
		asked := b.asks[from:]
		if err := tx.read(slices.Concat(asked, keys), last && all); err != nil {
			return err
		}
		if err := tx.takeKeys(keys); err != nil {
			return err
		}
		keys = nil
		for _, a := range asked {
			if a.table.seal != byAccount {
				continue
			}
			for _, r := range a.rows {
				id, sealed := sealedFor(r)
				if sealed {
					keys = tx.wantKey(keys, id)
				} else if r.own != nil {
					id = r.own.account
				}
				if a.more == nil {
					continue
				}
				if id == a.guess && !id.IsZero() {
					continue
				}
				if !id.IsZero() {
					tx.db.whose.remember(a.table, r.Key, id)
				}
				a.more(id)
			}
		}
	}
	for _, take := range b.take {
		take(tx)
	}
	return nil
}

// account is the one whose records alone a can find, as far as its bounds tell.
func (a *ask) account() (ID, bool) {
	if a.req.Range.Index != "" || a.table.apart {
		return ID{}, false
	}
	if a.req.Key != nil {
		return a.req.Key.account()
	}
	return a.req.Range.Prefix.account()
}
