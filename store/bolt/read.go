package bolt

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"

	"github.com/proffer-id/proffer/store"
)

// View implements store.Driver.
func (d *Driver) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.trusted(); err != nil {
		return err
	}
	tx, err := d.db.Begin(false)
	if err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	defer tx.Rollback() // reads only: there is nothing to lose
	return fn(&reader{d: d, tx: tx})
}

// A reader reads in one bbolt transaction.
type reader struct {
	d  *Driver
	tx *bbolt.Tx
}

// Read implements store.Reader.
func (r *reader) Read(ctx context.Context, requests []store.Request, _ bool) (found [][]store.Row, err error) {
	defer r.d.damage(&err)()
	found = make([][]store.Row, len(requests))
	for i, q := range requests {
		t := r.d.tables[q.Table]
		if t == nil {
			return nil, fmt.Errorf("there is no table %s", q.Table)
		}
		if found[i], err = r.read(t, q); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", r.d.path, q.Table, err)
		}
	}
	return found, nil
}

// damage turns what bbolt does when a page of the file is not what it ought to
// be, a panic or a fault in the mapped memory, into an error. To be deferred.
func (d *Driver) damage(err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			*err = fmt.Errorf("%s is damaged: %v", d.path, p)
			d.log.Error("store is damaged", "err", *err)
		}
	}
}

func (r *reader) read(t *table, q store.Request) ([]store.Row, error) {
	records := r.tx.Bucket(t.name)
	at := -1
	for i, x := range t.Indexes {
		if x.Name == q.Range.Index {
			at = i
		}
	}
	if at < 0 {
		if q.Key != nil {
			return one(records, q.Key, nil, q.Now)
		}
		var rows []store.Row
		err := scan(records, q.Range, func(k, v []byte) (bool, error) {
			return take(&rows, k, nil, v, q.Now)
		})
		return rows, err
	}
	index := r.tx.Bucket(t.indexes[at])
	if q.Key != nil {
		k := index.Get(q.Key)
		if k == nil {
			return nil, nil
		}
		return one(records, k, q.Key, q.Now)
	}
	var rows []store.Row
	err := scan(index, q.Range, func(k, primary []byte) (bool, error) {
		if !t.Indexes[at].Unique {
			if !bytes.HasSuffix(k, primary) {
				return false, fmt.Errorf("entry of index %s: %w", q.Range.Index, errDamaged)
			}
			k = k[:len(k)-len(primary)]
		}
		v := records.Get(primary)
		if v == nil {
			return false, fmt.Errorf("entry of index %s without a record: %w", q.Range.Index, errDamaged)
		}
		return take(&rows, primary, k, v, q.Now)
	})
	return rows, err
}

func one(records *bbolt.Bucket, key, index store.Key, now time.Time) ([]store.Row, error) {
	if len(key) == 0 {
		return nil, nil
	}
	v := records.Get(key)
	if v == nil {
		return nil, nil
	}
	var rows []store.Row
	_, err := take(&rows, key, index, v, now)
	return rows, err
}

// take adds a record to rows unless it is gone, and says whether it did.
func take(rows *[]store.Row, key, index, v []byte, now time.Time) (bool, error) {
	rec, err := decodeRecord(key, v)
	if err != nil {
		return false, err
	}
	if rec.gone(now) {
		return false, nil
	}
	*rows = append(*rows, store.Row{Key: key, Index: index, Value: rec.value, Expires: rec.time()})
	return true, nil
}

// scan calls fn for the entries of a range until r.Limit of them counted.
func scan(b *bbolt.Bucket, r store.Range, fn func(k, v []byte) (counts bool, err error)) error {
	low, high := r.Bounds()
	c := b.Cursor()
	var k, v []byte
	next := c.Next
	if !r.Reverse {
		k, v = c.Seek(low)
	} else {
		next = c.Prev
		if high == nil {
			k, v = c.Last()
		} else if k, v = c.Seek(high); k == nil {
			k, v = c.Last()
		}
		if high != nil && k != nil && bytes.Compare(k, high) >= 0 {
			k, v = c.Prev()
		}
	}
	for n := 0; k != nil && (r.Limit == 0 || n < r.Limit); k, v = next() {
		if !r.Reverse && high != nil && bytes.Compare(k, high) >= 0 || r.Reverse && bytes.Compare(k, low) < 0 {
			break
		}
		counts, err := fn(k, v)
		if err != nil {
			return err
		}
		if counts {
			n++
		}
	}
	return nil
}
