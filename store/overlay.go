package store

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// An overlay holds the writes of a transaction by table and key, the last one
// for each.
type overlay map[*table]map[string]*write

// A write is a Put that is not sealed yet.
type write struct {
	Put
	table   *table
	account ID // whose key seals it
}

// appended is an Append that is not sealed yet.
type appended struct {
	table   *table
	account ID
	value   []byte
}

// add takes w instead of what was written to its key before.
func (o overlay) add(tx *Tx, w *write) {
	before := o[w.table][string(w.Key)]
	switch {
	case before == nil:
	case w.Insert && !before.gone(tx.now):
		tx.fail(&NotUniqueError{Collection: w.Table})
	case w.Insert:
		// It was taken away before by this transaction, so there will be none.
		w.Insert = before.Insert
	default:
		w.Insert = before.Insert // still only if there was none to begin with
	}
	if o[w.table] == nil {
		o[w.table] = map[string]*write{}
	}
	o[w.table][string(w.Key)] = w
}

// gone says whether reads at now see no record.
func (w *write) gone(now time.Time) bool {
	return w.Delete || !w.Expires.IsZero() && !now.Before(w.Expires)
}

// widen returns the request to send for a: with room for the rows that the
// overlay hides. needed is false if the overlay has the answer alone.
func (o overlay) widen(a *ask) (req Request, needed bool, err error) {
	index, unique, err := a.table.index(a.req.Range.Index)
	if err != nil {
		return Request{}, false, err
	}
	if a.req.Key != nil && !unique {
		return Request{}, false, fmt.Errorf("%s: index %s is not unique, so it has no one record for a key", a.table.name, a.req.Range.Index)
	}
	own := o[a.table]
	if a.req.Key != nil && index < 0 && own[string(a.req.Key)] != nil {
		return Request{}, false, nil
	}
	req = a.req
	if req.Range.Limit > 0 {
		req.Range.Limit += len(own)
	}
	return req, true, nil
}

// merge makes a.rows what they would be had the overlay been applied.
func (o overlay) merge(a *ask, now time.Time) {
	own := o[a.table]
	if len(own) == 0 {
		return
	}
	index, unique, _ := a.table.index(a.req.Range.Index)
	a.rows = slices.DeleteFunc(a.rows, func(r row) bool { return own[string(r.Key)] != nil })
	for _, w := range own {
		if w.gone(now) {
			continue
		}
		r := row{Row: Row{Key: w.Key, Value: w.Value, Expires: w.Expires}, own: w}
		if index >= 0 {
			if r.Index = w.Indexes[index]; r.Index == nil {
				continue
			}
		}
		if a.req.wants(r.Row, unique) {
			a.rows = append(a.rows, r)
		}
	}
	if a.req.Key != nil {
		return
	}
	slices.SortFunc(a.rows, func(x, y row) int {
		c := bytes.Compare(x.position(unique), y.position(unique))
		if a.req.Range.Reverse {
			return -c
		}
		return c
	})
	if n := a.req.Range.Limit; n > 0 && len(a.rows) > n {
		a.rows = a.rows[:n]
	}
}

// position is what rows of an index are ordered by.
func (r Row) position(unique bool) []byte {
	switch {
	case r.Index == nil:
		return r.Key
	case unique:
		return r.Index
	}
	return slices.Concat(r.Index, r.Key)
}

// wants says whether r answers the request.
func (q Request) wants(r Row, unique bool) bool {
	at := r.position(unique)
	if q.Key != nil {
		return bytes.Equal(at, q.Key)
	}
	return bytes.HasPrefix(at, q.Range.Prefix) &&
		(q.Range.From == nil || bytes.Compare(at, q.Range.From) >= 0) &&
		(q.Range.To == nil || bytes.Compare(at, q.Range.To) < 0)
}

// sorted returns all writes in order of table and key.
func (o overlay) sorted() []*write {
	var all []*write
	for _, own := range o {
		all = slices.AppendSeq(all, maps.Values(own))
	}
	slices.SortFunc(all, func(x, y *write) int {
		return cmp.Or(cmp.Compare(x.Table, y.Table), bytes.Compare(x.Key, y.Key))
	})
	return all
}
