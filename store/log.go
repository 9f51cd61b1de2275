package store

import (
	"errors"
	"fmt"

	"github.com/segmentio/encoding/json"
)

// A Log is a table whose entries have dense positions 1, 2, … If B was begun
// after A was acknowledged, or read what A wrote, A's entries stand before
// B's. Who reads it never sees a gap that fills later.
//
// An entry may get its position a moment after its Update returned: on bolt it
// has it by then, on PostgreSQL within 100 ms, while the Run of its process
// runs; what a process left that has died, another one's finds within a second.
// Whoever follows a log asks again from where it was.
type Log[T any] struct {
	t       table
	account func(*T) ID
}

// An Entry is a record of a log at its position.
type Entry[T any] struct {
	Pos    uint64
	Record *T // nil if it cannot be unsealed
}

// NewLog declares a log whose entries stand in the clear.
func NewLog[T any](name string) *Log[T] {
	return &Log[T]{t: table{name: name, log: true, seal: inClear}}
}

// SealedLog declares a log whose entries are sealed with the key of the
// account they are about, which stands in the clear beside them.
func SealedLog[T any](name string, account func(*T) ID) *Log[T] {
	return &Log[T]{t: table{name: name, log: true, seal: byAccount}, account: account}
}

func (l *Log[T]) table() *table { return &l.t }

// Append adds an entry. It is durable once Update has returned, and After finds
// it as soon as it has its position. It never fails; what is wrong shows when
// Update returns.
func (l *Log[T]) Append(tx *Tx, v *T) {
	if !tx.writable(&l.t) {
		return
	}
	value, err := json.Marshal(v)
	if err != nil {
		tx.fail(fmt.Errorf("%s: %w", l.t.name, err))
		return
	}
	a := appended{table: &l.t, value: value}
	if l.account != nil {
		a.account = l.account(v)
	}
	tx.appends = append(tx.appends, a)
}

// After returns up to limit entries behind a position, in order; limit 0
// returns all of them. It does not see what the same transaction appended or
// trimmed.
func (l *Log[T]) After(tx *Tx, pos uint64, limit int) ([]Entry[T], error) {
	var b Batch
	var entries []Entry[T]
	var bad error
	a := &ask{table: &l.t, req: Request{Range: Range{From: K(pos).After(), Limit: limit}}}
	b.add(a, func(tx *Tx) {
		for _, r := range a.rows {
			e := Entry[T]{}
			if e.Pos, bad = position(r.Key); bad != nil {
				return
			}
			if value, ok := tx.open(&l.t, r); ok {
				e.Record = new(T)
				if bad = json.Unmarshal(value, e.Record); bad != nil {
					bad = fmt.Errorf("%s %d: %w", l.t.name, e.Pos, bad)
					return
				}
			}
			entries = append(entries, e)
		}
	})
	if err := tx.Read(&b); err != nil {
		return nil, err
	}
	if bad != nil {
		return nil, bad
	}
	return entries, nil
}

// Trim deletes the entries up to and with a position. Later ones keep theirs.
func (l *Log[T]) Trim(tx *Tx, upTo uint64) {
	if tx.writable(&l.t) {
		tx.trims = append(tx.trims, Trim{Table: l.t.name, UpTo: upTo})
	}
}

func position(k Key) (uint64, error) {
	parts, err := k.parts()
	if err != nil {
		return 0, err
	}
	if len(parts) == 1 {
		switch p := parts[0].(type) {
		case int64:
			return uint64(p), nil
		case uint64:
			return p, nil
		}
	}
	return 0, errors.New("key of a log entry is no position")
}
