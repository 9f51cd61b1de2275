package postgres

import (
	"maps"
	"slices"

	"github.com/proffer-id/proffer/store"
)

// Updates are made serializable by locks, taken all at once, in one order, when
// an Update commits: on what it read, shared, and on what it writes, alone.
// Then it looks whether what it read is still so, and writes. Nobody who could
// change that can be at the same point, nobody who waits holds what another one
// waits for (but who is run again, see attempt; PostgreSQL ends such a knot),
// and two Updates of different accounts never meet.
//
// (SERIALIZABLE would do the same, but it locks pages of indexes, and as long
// as there are few records everybody's stand on one page: with 32 customers at
// once on an empty database most Updates would have to be run again.)
//
// A lock is for everything whose primary key begins with one part, such as an
// account, whatever the table; for all keys in an index that begin with one
// part; or for a whole table. Who reads a range that does not begin with a
// whole part locks the table against all who write to it. A record that is
// found through an index is locked by its primary key too: so who takes it out
// of the index need not know where it stood.
type locks struct {
	salt  uint64
	alone map[int64]bool // by id; false: shared with others
}

// most is how many locks an Update takes at most. One that needs more locks out
// everybody: the memory for locks is PostgreSQL's, and limited.
const most = 400

func newLocks(salt uint64) *locks {
	return &locks{salt: salt, alone: map[int64]bool{everything(salt): false}}
}

// everything is the lock of a whole store. It sorts before all others.
func everything(salt uint64) int64 { return -1 - int64(salt>>1) }

// What a lock is for.
const (
	ofKey   = 1
	ofEntry = 2
	ofTable = 3
)

func (l *locks) id(kind byte, table, index string, part []byte) int64 {
	h := add(l.salt, kind)
	if kind != ofKey {
		h = addText(h, table)
		h = addText(add(h, 0), index)
	}
	h = add(h, 0)
	for _, c := range part {
		h = add(h, c)
	}
	return int64(h >> 1)
}

// add is a step of FNV-1a.
func add(h uint64, c byte) uint64 { return (h ^ uint64(c)) * 1099511628211 }

func addText(h uint64, s string) uint64 {
	for i := range len(s) {
		h = add(h, s[i])
	}
	return h
}

func (l *locks) key(k store.Key, writes bool) { l.take(l.id(ofKey, "", "", first(k)), writes) }

func (l *locks) take(id int64, alone bool) { l.alone[id] = l.alone[id] || alone }

// first is the part that a lock is for: the first one, or all of a key that is
// not made of parts.
func first(k store.Key) store.Key {
	if f := k.First(); f != nil {
		return f
	}
	return k
}

// read adds what keeps s as it is.
func (l *locks) read(s *seen) {
	t := s.table
	switch {
	case t.Log:
		l.take(l.id(ofTable, t.Name, "", nil), false)
		return // entries are only ever trimmed
	case s.req.Key != nil && s.path.index == "":
		l.key(s.req.Key, false)
		return
	case s.req.Key != nil:
		l.take(l.id(ofEntry, t.Name, s.path.index, first(s.req.Key)), false)
	default:
		part := s.req.Range.Prefix.First()
		switch {
		case part == nil:
			l.take(l.id(ofTable, t.Name, "", nil), true)
			return // no record of it can be written
		case s.path.index == "":
			l.key(part, false)
			return
		}
		l.take(l.id(ofEntry, t.Name, s.path.index, part), false)
	}
	for _, k := range s.keys {
		l.key(k, false)
	}
}

// write adds what w needs.
func (l *locks) write(d *Driver, w *store.Writes) {
	for _, p := range w.Put {
		l.take(l.id(ofTable, p.Table, "", nil), false)
		l.key(p.Key, true)
		for i, x := range d.table(p.Table).Indexes {
			if i < len(p.Indexes) && p.Indexes[i] != nil {
				l.take(l.id(ofEntry, p.Table, x.Name, first(p.Indexes[i])), true)
			}
		}
	}
	for _, t := range w.Trims {
		l.take(l.id(ofTable, t.Table, "", nil), true)
	}
}

// call takes the locks.
func (l *locks) call(layout int64) call {
	if len(l.alone) > most {
		l.alone = map[int64]bool{everything(l.salt): true}
	}
	all := slices.Sorted(maps.Keys(l.alone))
	ids, writes := newArray(oidInt8, len(all), 8), newArray(oidBool, len(all), 1)
	for _, id := range all {
		ids.addInt64(id)
		if l.alone[id] {
			writes.add([]byte{1})
		} else {
			writes.add([]byte{0})
		}
	}
	return call{st: lockAll, args: [][]byte{int8Bytes(layout), ids.bytes(), writes.bytes()}}
}

var lockAll = prepare(`SELECT _lock($1, $2, $3)`)
