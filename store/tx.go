package store

import (
	"bytes"
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"time"
)

// A Tx is one View or Update. It is good until its fn returns and is not for
// concurrent use. What it writes stays in memory, seen by its own reads, until
// fn has returned.
type Tx struct {
	db     *DB
	ctx    context.Context
	reader Reader
	now    time.Time
	update bool
	ended  bool

	writes  overlay
	appends []appended
	trims   []Trim
	keys    map[ID]cipher.AEAD // of accounts; nil: there is none
	made    map[ID][]byte      // keys of accounts that CreateKey made, to be wrapped by seal
	err     error              // the first that could not be returned where it arose
}

func (db *DB) begin(ctx context.Context, r Reader, update bool) *Tx {
	tx := &Tx{db: db, reader: r, now: db.now().UTC(), update: update, writes: overlay{}, keys: map[ID]cipher.AEAD{}}
	tx.ctx = context.WithValue(ctx, inside{}, true)
	return tx
}

func (tx *Tx) end() { tx.ended = true }

// Context is the context of the View or Update. A transaction begun with it is
// refused, as it would wait for this one.
func (tx *Tx) Context() context.Context { return tx.ctx }

// fail keeps an error of a method that returns none; Update returns it.
func (tx *Tx) fail(err error) {
	if tx.err == nil {
		tx.err = err
	}
}

var (
	errEnded = errors.New("store: the transaction has ended")
	errView  = errors.New("store: a write in a View")
)

// writable says whether tx may write to t, and keeps the error if not.
func (tx *Tx) writable(t *table) bool {
	err := tx.usable(t)
	if err == nil && !tx.update {
		err = fmt.Errorf("%s: %w", t.name, errView)
	}
	if err != nil {
		tx.fail(err)
	}
	return err == nil
}

// An ask is one request of a Read and what came of it.
type ask struct {
	table *table
	req   Request
	rows  []row
	more  func(account ID) // see WantWith; may be nil
	guess ID               // the account that more was called for before anything was read
}

// A row is what a transaction sees: a row of the driver, or of its own overlay.
type row struct {
	Row
	own *write // nil: from the driver
}

// ownKey is the key of a row, good beyond the transaction.
func (r row) ownKey() Key { return bytes.Clone(r.Key) }

// usable says whether tx may work on t.
func (tx *Tx) usable(t *table) error {
	switch {
	case tx.ended:
		return errEnded
	case tx.db.tables[t.name] != t:
		return fmt.Errorf("table %s was not given to Open", t.name)
	}
	return nil
}

// read does all asks in at most one round trip, overlay included. The last one of
// a View ends its snapshot.
func (tx *Tx) read(asks []*ask, last bool) error {
	var (
		requests []Request
		sent     []*ask
	)
	for _, a := range asks {
		if err := tx.usable(a.table); err != nil {
			return err
		}
		a.req.Table, a.req.Now = a.table.name, tx.now
		req, needed, err := tx.writes.widen(a)
		if err != nil {
			return err
		}
		if needed {
			requests, sent = append(requests, req), append(sent, a)
		}
	}
	var found [][]Row
	if len(requests) > 0 {
		if err := tx.ctx.Err(); err != nil {
			tx.fail(err)
			return err
		}
		var err error
		if found, err = tx.reader.Read(tx.ctx, requests, last && !tx.update); err != nil {
			tx.fail(err) // an Update that went on without having seen must not commit
			return err
		}
	}
	for i, a := range sent {
		a.rows = make([]row, len(found[i]))
		for j, r := range found[i] {
			a.rows[j] = row{Row: r}
		}
	}
	for _, a := range asks {
		tx.writes.merge(a, tx.now)
	}
	return nil
}
