package store

import (
	"fmt"
	"time"

	"github.com/segmentio/encoding/json"
)

// A Collection is a table of records of type T, kept as JSON. Its methods work
// inside a transaction; it holds no state of its own and is safe to share.
type Collection[T any] struct {
	t       table
	key     func(*T) Key
	account func(*T) ID // nil: the first part of the key
	indexes []func(*T) Key
	expires func(*T) time.Time
}

// An Option of a collection is an Index, a Unique or Expires.
type Option[T any] func(*Collection[T])

// Plain records stand in the clear: for what is not personal.
func Plain[T any](name string, key func(*T) Key, opts ...Option[T]) *Collection[T] {
	return declare(name, inClear, key, opts)
}

// Sealed records are encrypted with the key of their account, whose ID is the
// first part of their key.
func Sealed[T any](name string, key func(*T) Key, opts ...Option[T]) *Collection[T] {
	return declare(name, byAccount, key, opts)
}

// SealedFor is Sealed where the account is not the first part of the key. The
// account stands in the clear beside the record.
func SealedFor[T any](name string, key func(*T) Key, account func(*T) ID, opts ...Option[T]) *Collection[T] {
	c := declare(name, byAccount, key, opts)
	c.account, c.t.apart = account, true
	return c
}

// Secret records are encrypted under the master key: signing keys and the like.
func Secret[T any](name string, key func(*T) Key, opts ...Option[T]) *Collection[T] {
	return declare(name, byMaster, key, opts)
}

func declare[T any](name string, s sealing, key func(*T) Key, opts []Option[T]) *Collection[T] {
	c := &Collection[T]{t: table{name: name, seal: s}, key: key}
	for _, o := range opts {
		o(c)
	}
	c.t.keys = func(r row, value []byte) ([]Key, time.Time, error) {
		v, err := c.decode(r, value)
		if err != nil {
			return nil, time.Time{}, err
		}
		indexes, expires := c.places(v)
		return indexes, expires, nil
	}
	return c
}

// Index declares a secondary index. A nil Key leaves a record out of it. Index
// keys stand in the clear, sealed or not: ids, times and keyed hashes only.
func Index[T any](name string, key func(*T) Key) Option[T] { return index(name, false, key) }

// Unique is an Index in which no two records may have the same key.
func Unique[T any](name string, key func(*T) Key) Option[T] { return index(name, true, key) }

func index[T any](name string, unique bool, key func(*T) Key) Option[T] {
	return func(c *Collection[T]) {
		c.t.indexes = append(c.t.indexes, IndexSchema{Name: name, Unique: unique})
		c.indexes = append(c.indexes, key)
	}
}

// Expires makes records invisible from the time given on, and swept later.
// Zero: never.
func Expires[T any](at func(*T) time.Time) Option[T] {
	return func(c *Collection[T]) { c.t.expires, c.expires = true, at }
}

func (c *Collection[T]) table() *table { return &c.t }

// Get returns the record with a key. It wraps ErrNotFound with the
// collection's name if there is none, and ErrSealed if it cannot be opened.
func (c *Collection[T]) Get(tx *Tx, key Key) (*T, error) {
	var b Batch
	w := c.Want(&b, key)
	if err := tx.Read(&b); err != nil {
		return nil, err
	}
	return w.Get()
}

// GetBy looks a unique index up. Errors as of Get.
func (c *Collection[T]) GetBy(tx *Tx, index string, key Key) (*T, error) {
	var b Batch
	w := c.WantBy(&b, index, key)
	if err := tx.Read(&b); err != nil {
		return nil, err
	}
	return w.Get()
}

// List returns the records in order of key, or of the index named in r. If
// some of them cannot be opened it returns the others and a *SealedError with
// the keys of these.
func (c *Collection[T]) List(tx *Tx, r Range) ([]*T, error) {
	var b Batch
	w := c.WantList(&b, r)
	if err := tx.Read(&b); err != nil {
		return nil, err
	}
	return w.All()
}

// Put writes v, over what had its key. It never fails; what is wrong shows
// when Update returns.
func (c *Collection[T]) Put(tx *Tx, v *T) { c.write(tx, v, false) }

// Insert is a Put with which Update returns a NotUniqueError if the key is taken.
func (c *Collection[T]) Insert(tx *Tx, v *T) { c.write(tx, v, true) }

// Delete takes a record away, readable or not. Of what is not there it does nothing.
func (c *Collection[T]) Delete(tx *Tx, key Key) {
	tx.put(&c.t, &write{Put: Put{Key: key, Delete: true}})
}

// DeleteAll takes the records of a range away, readable or not: it opens none of
// them. It returns an error only if the store could not be read.
func (c *Collection[T]) DeleteAll(tx *Tx, r Range) error {
	a := &ask{table: &c.t, req: Request{Range: r}}
	if err := tx.read([]*ask{a}, false); err != nil {
		return err
	}
	for _, found := range a.rows {
		c.Delete(tx, found.ownKey())
	}
	return nil
}

func (c *Collection[T]) write(tx *Tx, v *T, insert bool) {
	value, err := json.Marshal(v)
	if err != nil {
		tx.fail(fmt.Errorf("%s: %w", c.t.name, err))
		return
	}
	w := &write{Put: Put{Key: c.key(v), Insert: insert, Value: value}}
	w.Indexes, w.Expires = c.places(v)
	if c.t.seal == byAccount {
		if c.account != nil {
			w.account = c.account(v)
		} else if w.account, _ = w.Key.account(); w.account.IsZero() {
			tx.fail(fmt.Errorf("%s: the key of a sealed record must begin with its account", c.t.name))
			return
		}
	}
	tx.put(&c.t, w)
}

// places returns the keys of v in the indexes and when it expires.
func (c *Collection[T]) places(v *T) (indexes []Key, expires time.Time) {
	for _, key := range c.indexes {
		indexes = append(indexes, key(v))
	}
	if c.expires != nil {
		expires = c.expires(v).UTC()
	}
	return indexes, expires
}

// maxKey is the longest key that drivers take, with the key of an index before it.
const maxKey = 2048

// put takes a write into the overlay.
func (tx *Tx) put(t *table, w *write) {
	if !tx.writable(t) {
		return
	}
	if len(w.Key) == 0 || len(w.Key) > maxKey {
		tx.fail(fmt.Errorf("%s: key of %d bytes", t.name, len(w.Key)))
		return
	}
	for i, k := range w.Indexes {
		if k != nil && len(k) == 0 || len(k) > maxKey {
			tx.fail(fmt.Errorf("%s: key of %d bytes in index %s", t.name, len(k), t.indexes[i].Name))
			return
		}
	}
	w.table, w.Table = t, t.name
	tx.writes.add(tx, w)
}

// decode makes a record of an opened row.
func (c *Collection[T]) decode(r row, value []byte) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(value, v); err != nil {
		return nil, fmt.Errorf("%s %s: %w", c.t.name, r.Key, err)
	}
	return v, nil
}
