// Package store is the ground floor: a small transactional store of records.
//
// A room declares its collections and logs in its records.go and works on them
// inside DB.View and DB.Update. Personal records are sealed with a key of
// their account, so that destroying the key erases them wherever their bytes
// went. The package knows no HTTP, no people and no database: rows of bytes are
// kept by a Driver. Start at Collection for the records, DB for transactions,
// Keys for what is sealed how, Driver for what a database has to do.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// SchemaVersion numbers the way records are kept. A store with a higher number
// is refused.
const SchemaVersion = 1

// Options of Open. Now and Keys are needed.
type Options struct {
	Now      func() time.Time
	Keys     *Keys
	Log      *slog.Logger // nil: nothing is logged
	RunTwice bool         // for tests: run the fn of every Update twice and throw the first result away
}

// A DB is an open store. It is safe for concurrent use.
type DB struct {
	driver Driver
	tables map[string]*table
	keys   *Keys
	whose  *whose
	now    func() time.Time
	log    *slog.Logger
	twice  bool

	rekeying sync.Mutex // one bucket at a time
}

// Open prepares d for tables and checks that its records belong to o.Keys.
// Each table must be declared once, and d is used by one DB only. Closing the
// DB closes d; if Open fails, d is still the caller's.
func Open(ctx context.Context, d Driver, tables []Table, o Options) (*DB, error) {
	if o.Now == nil || o.Keys == nil {
		return nil, errors.New("opening store: a clock and keys are needed")
	}
	db := &DB{driver: d, tables: map[string]*table{}, keys: o.Keys, whose: newWhose(), now: o.Now, log: o.Log, twice: o.RunTwice}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	schema := Schema{Version: SchemaVersion, Now: db.now().UTC(), Reindex: db.reindex}
	for _, t := range slices.Concat([]Table{accountKeys, bucketFloors, rekeys, identities}, tables) {
		t := t.table()
		if err := t.check(); err != nil {
			return nil, err
		}
		if db.tables[t.name] != nil {
			return nil, fmt.Errorf("opening store: table %s is declared twice", t.name)
		}
		db.tables[t.name] = t
		schema.Tables = append(schema.Tables, t.schema())
	}
	if err := d.Prepare(ctx, schema); err != nil {
		return nil, fmt.Errorf("opening store: %w", err)
	}
	if err := db.checkKeys(ctx); err != nil {
		return nil, fmt.Errorf("opening store: %w", err)
	}
	return db, nil
}

// Close closes the driver. What is under way ends first.
func (db *DB) Close() error { return db.driver.Close() }

// Secret derives 32 bytes from the master key for a purpose, such as "form" or
// "email". It is the same every time.
func (db *DB) Secret(label string) []byte { return db.keys.derive("use " + label) }

type inside struct{} // context key: a transaction is open

var errNested = errors.New("store: a transaction inside a transaction")

// View runs fn on a consistent snapshot. fn must not wait for anything outside
// the store, as it holds the snapshot.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	if ctx.Value(inside{}) != nil {
		return errNested
	}
	return late(db.driver.View(ctx, func(r Reader) error {
		tx := db.begin(ctx, r, false)
		defer tx.end()
		if err := fn(tx); err != nil {
			return err
		}
		return tx.err
	}))
}

// late says of what ran out of time that it may be tried again.
func late(err error) error {
	if errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrUnavailable) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// Update runs fn serializably with every other Update; what it wrote is
// durable when Update returns nil. fn may run more than once and others wait
// for it, so it has no side effects and does nothing slow. If fn returns an
// error nothing is written. An error of the commit itself that wraps
// ErrUnavailable leaves open whether it was written.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	if ctx.Value(inside{}) != nil {
		return errNested
	}
	run := func(r Reader) (*Writes, error) {
		tx := db.begin(ctx, r, true)
		defer tx.end()
		if err := fn(tx); err != nil {
			return nil, err
		}
		return tx.seal()
	}
	return late(db.driver.Update(ctx, func(r Reader) (*Writes, error) {
		if db.twice {
			run(r)
		}
		return run(r)
	}))
}

// An identity ties a store to the keys it was begun with.
type identity struct {
	Keys string `json:"keys"` // Keys.fingerprint
}

var identities = Plain("store", func(*identity) Key { return K("keys") })

// checkKeys refuses a store that was written with other keys: nothing in it
// could be opened, and new records would be lost with whichever keys go first.
func (db *DB) checkKeys(ctx context.Context) error {
	want := db.keys.fingerprint()
	var got *identity
	get := func(tx *Tx) (err error) {
		got, err = identities.Get(tx, K("keys"))
		return err
	}
	err := db.View(ctx, get)
	if errors.Is(err, ErrNotFound) {
		err = db.Update(ctx, func(tx *Tx) error {
			if err := get(tx); !errors.Is(err, ErrNotFound) {
				return err
			}
			got = &identity{Keys: want}
			identities.Insert(tx, got)
			return nil
		})
	}
	if err != nil {
		return err
	}
	if got.Keys != want {
		return fmt.Errorf("%s are not the keys this store was written with; put those back, or begin a new store", db.keys.names)
	}
	if db.keys.settled == nil {
		return nil
	}
	// The store is ours alone from here on, and the key file with it.
	return db.keys.settled()
}
