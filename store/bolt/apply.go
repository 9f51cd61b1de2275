package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/proffer-id/proffer/store"
)

// apply writes w into tx, or, if it is not unique, nothing of it.
func (d *Driver) apply(tx *bbolt.Tx, w *store.Writes) (err error) {
	stale, err := d.check(tx, w)
	if err != nil {
		return err
	}
	for _, s := range stale {
		if err := remove(tx, s.table, s.key); err != nil {
			return err
		}
	}
	for _, p := range w.Put {
		t := d.tables[p.Table]
		if p.Delete {
			err = remove(tx, t, p.Key)
		} else {
			err = put(tx, t, p)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.Table, err)
		}
	}
	for _, a := range w.Log {
		b := tx.Bucket([]byte(a.Table))
		pos, err := b.NextSequence()
		if err != nil {
			return fmt.Errorf("%s: %w", a.Table, err)
		}
		key := store.K(pos)
		if err := b.Put(key, record{value: a.Value}.encode(key)); err != nil {
			return fmt.Errorf("%s: %w", a.Table, err)
		}
	}
	for _, trim := range w.Trims {
		b := tx.Bucket([]byte(trim.Table))
		c, end := b.Cursor(), store.K(trim.UpTo).After()
		for k, _ := c.First(); k != nil && slices.Compare(k, end) < 0; k, _ = c.First() {
			if err := c.Delete(); err != nil {
				return fmt.Errorf("%s: %w", trim.Table, err)
			}
		}
	}
	return nil
}

// A stale record has expired, was not swept yet and holds a key that is wanted.
type staleRecord struct {
	table *table
	key   store.Key
}

// check looks for what is not unique before anything is written, as bbolt
// cannot take back a part of a transaction.
func (d *Driver) check(tx *bbolt.Tx, w *store.Writes) (stale []staleRecord, err error) {
	type place struct{ table, key string }
	written := map[place]bool{}
	for _, p := range w.Put {
		if d.tables[p.Table] == nil {
			return nil, fmt.Errorf("there is no table %s", p.Table)
		}
		written[place{p.Table, string(p.Key)}] = true
	}
	claimed := map[place]bool{} // keys of unique indexes
	for _, p := range w.Put {
		t := d.tables[p.Table]
		records := tx.Bucket(t.name)
		if p.Insert {
			alive, err := aliveAt(records, p.Key, w.Now)
			if err != nil {
				return nil, err
			}
			if alive {
				return nil, &store.NotUniqueError{Collection: p.Table}
			}
		}
		if p.Delete {
			continue
		}
		if len(p.Indexes) != len(t.indexes) {
			return nil, fmt.Errorf("%s: keys for %d indexes, want %d", p.Table, len(p.Indexes), len(t.indexes))
		}
		for i, x := range t.Indexes {
			key := p.Indexes[i]
			if !x.Unique || key == nil {
				continue
			}
			taken := &store.NotUniqueError{Collection: p.Table, Index: x.Name}
			at := place{string(t.indexes[i]), string(key)}
			if claimed[at] {
				return nil, taken
			}
			claimed[at] = true
			owner := tx.Bucket(t.indexes[i]).Get(key)
			if owner == nil || written[place{p.Table, string(owner)}] {
				continue // free, or freed by these writes unless claimed again above
			}
			alive, err := aliveAt(records, owner, w.Now)
			if err != nil {
				return nil, err
			}
			if alive {
				return nil, taken
			}
			stale = append(stale, staleRecord{t, slices.Clone(store.Key(owner))})
		}
	}
	return stale, nil
}

func aliveAt(records *bbolt.Bucket, key []byte, now time.Time) (bool, error) {
	v := records.Get(key)
	if v == nil {
		return false, nil
	}
	r, err := decodeRecord(key, v)
	return !r.gone(now), err
}

// remove takes a record away with its index entries and its place among those
// that expire. If there is none it does nothing.
func remove(tx *bbolt.Tx, t *table, key store.Key) error {
	records := tx.Bucket(t.name)
	v := records.Get(key)
	if v == nil {
		return nil
	}
	r, err := decodeRecord(key, v)
	if err != nil {
		return err
	}
	if err := forget(tx, t, key, r, record{}); err != nil {
		return err
	}
	return records.Delete(key)
}

// forget takes away the entries of a record that its successor does not have: a
// page that does not change is not written.
func forget(tx *bbolt.Tx, t *table, key store.Key, was, next record) error {
	for i, k := range was.indexes {
		if k == nil || i >= len(t.indexes) || next.has(i, k) {
			continue
		}
		b, at := tx.Bucket(t.indexes[i]), entry(t, i, k, key)
		if !bytes.Equal(b.Get(at), key) {
			continue // of another record: this one stems from before the index
		}
		if err := b.Delete(at); err != nil {
			return err
		}
	}
	if was.expires != 0 && was.expires != next.expires {
		return tx.Bucket(expiryBucket).Delete(expiry(was.expires, t, key))
	}
	return nil
}

// put writes a record, over what had its key.
func put(tx *bbolt.Tx, t *table, p store.Put) error {
	records := tx.Bucket(t.name)
	var was record
	if v := records.Get(p.Key); v != nil {
		var err error
		if was, err = decodeRecord(p.Key, v); err != nil {
			return err
		}
	}
	r := record{expires: nanos(p.Expires), indexes: p.Indexes, value: p.Value}
	if err := forget(tx, t, p.Key, was, r); err != nil {
		return err
	}
	for i, k := range p.Indexes {
		if k == nil {
			continue
		}
		b, at := tx.Bucket(t.indexes[i]), entry(t, i, k, p.Key)
		if was.has(i, k) && bytes.Equal(b.Get(at), p.Key) {
			continue
		}
		if err := b.Put(at, p.Key); err != nil {
			return err
		}
	}
	if r.expires != 0 && r.expires != was.expires {
		if err := tx.Bucket(expiryBucket).Put(expiry(r.expires, t, p.Key), []byte{}); err != nil {
			return err
		}
	}
	return records.Put(p.Key, r.encode(p.Key))
}

// entry is the key of a record in the bucket of an index.
func entry(t *table, i int, index, primary store.Key) []byte {
	if t.Indexes[i].Unique {
		return index
	}
	return slices.Concat(index, primary)
}

// expiry is the key of a record among those that expire, first come first.
func expiry(at int64, t *table, key store.Key) []byte {
	out := binary.BigEndian.AppendUint64(nil, uint64(at)^1<<63)
	out = append(append(out, t.name...), 0)
	return append(out, key...)
}
