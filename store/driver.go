package store

import (
	"bytes"
	"context"
	"time"
)

// A Driver keeps rows of bytes; DB does the rest: types, sealing, the overlay
// of writes. store/bolt is one. A driver is done when storetest.Run passes.
//
// Errors that will pass, such as a full disk or a lost connection, wrap
// ErrUnavailable.
type Driver interface {
	// Prepare makes room for the tables of s. It refuses a store whose schema
	// number is above s.Version. A table that has records and was prepared with
	// other indexes before is put through s.Reindex, whole or not at all. It is
	// called once, before anything else.
	Prepare(ctx context.Context, s Schema) error

	// View gives fn a consistent snapshot. Rows are good until fn returns.
	View(ctx context.Context, fn func(Reader) error) error

	// Update runs fn, serializably with every other Update, and applies the
	// writes it returns; nil writes change nothing. It returns nil once they
	// are durable. If fn returns an error, or the writes are not unique
	// (*NotUniqueError), nothing is written. fn may be run again. A panic of fn
	// reaches the caller and harms nobody else.
	Update(ctx context.Context, fn func(Reader) (*Writes, error)) error

	// Sweep deletes up to limit rows whose time had come at now, in one commit
	// of their own, and returns how many.
	Sweep(ctx context.Context, now time.Time, limit int) (int, error)

	// Run does the driver's own work behind it until ctx ends, then returns nil.
	// It returns an error only if the store can no longer be trusted.
	Run(ctx context.Context) error

	Close() error
}

// A Reader reads from one snapshot; inside an Update from what it will be
// serialized after.
type Reader interface {
	// Read answers all requests, one slice of rows each, in one round trip. After
	// the last one nothing more is read: a View may end with it.
	Read(ctx context.Context, requests []Request, last bool) ([][]Row, error)
}

// A Request is for one row by its Key or for all rows of a Range.
type Request struct {
	Table string
	Key   Key       // if set, the row with this primary key, or key of the unique index Range.Index
	Range Range     // else these rows, in order
	Now   time.Time // rows whose time had come by then are left out
}

// A Row is a record as it stands in a driver. The entries of a log are rows
// whose key is K of their position.
type Row struct {
	Key     Key
	Index   Key // key in the index that was read; nil if it was the primary one
	Value   []byte
	Expires time.Time // zero: never
}

// Writes are everything one Update changes. Put and Append take rows to
// different places, so their order does not matter.
type Writes struct {
	Now   time.Time // rows whose time had come by then do not count against uniqueness
	Put   []Put     // at most one for each table and key
	Log   []Append  // numbered in this order, after all that was acknowledged before; by Run, if not at once
	Trims []Trim
}

// Empty says whether there is nothing to write.
func (w *Writes) Empty() bool { return w == nil || len(w.Put)+len(w.Log)+len(w.Trims) == 0 }

// A Put writes or deletes one row, with all its index entries.
type Put struct {
	Table   string
	Key     Key
	Insert  bool // there must be none yet
	Delete  bool // take it away; the fields below are empty then
	Value   []byte
	Indexes []Key     // keys in the table's indexes, in order of its schema; nil leaves the row out
	Expires time.Time // zero: never
}

// An Append adds an entry to a log.
type Append struct {
	Table string
	Value []byte
}

// A Trim deletes the entries of a log up to a position.
type Trim struct {
	Table string
	UpTo  uint64
}

// A Schema is what a driver must know of the tables.
type Schema struct {
	Version uint64 // of the way records are kept
	Tables  []TableSchema
	Now     time.Time // rows whose time had come by then need not be indexed anew

	// Reindex returns the Puts that give rows of a table, as r reads them, the
	// keys in its indexes that they have now.
	Reindex func(ctx context.Context, r Reader, table string, rows []Row) ([]Put, error)
}

// A TableSchema describes one collection or log.
type TableSchema struct {
	Name    string
	Log     bool
	Expires bool
	Indexes []IndexSchema
}

// An IndexSchema describes one index. An index that is not unique is ordered
// by its key, then by primary key.
type IndexSchema struct {
	Name   string
	Unique bool
}

// A Range is a part of a collection or index. The zero value is all of it.
// In an index that is not unique the bounds are compared with the index key
// followed by the primary key: a page that goes on behind a record begins at
// K(its index key, its primary key).After().
type Range struct {
	Index   string // "" is the primary key
	Prefix  Key    // only keys that begin with it
	From    Key    // inclusive lower bound
	To      Key    // exclusive upper bound
	Reverse bool
	Limit   int // 0: no limit
}

// Bounds are the least key of a range and the first beyond it; nil is unbounded.
func (r Range) Bounds() (low, high Key) {
	low, high = r.Prefix, r.Prefix.following()
	if bytes.Compare(r.From, low) > 0 {
		low = r.From
	}
	if r.To != nil && (high == nil || bytes.Compare(r.To, high) < 0) {
		high = r.To
	}
	return low, high
}
