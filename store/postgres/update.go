package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/proffer-id/proffer/store"
)

var appendAll = prepare(`INSERT INTO _inbox (log, value)
	SELECT log, value FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS e (log, value, n) ORDER BY n`)

// Update implements store.Driver.
func (d *Driver) Update(ctx context.Context, fn func(store.Reader) (*store.Writes, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.updates.Add(1)
	began := time.Now()
	var held *locks
	for attempt := 0; ; attempt++ {
		r := &reader{d: d, ctx: ctx, update: true, held: held}
		err := d.attempt(r, fn)
		held = r.held
		if !retryable(err) {
			return unavailable(err)
		}
		d.retries.Add(1)
		if e := d.wait(ctx, began, attempt); e != nil {
			d.givenUp.Add(1)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return unavailable(fmt.Errorf("given up after %d attempts: %w", attempt+1, err))
		}
	}
}

// attempt runs fn once and commits what it wrote. The first attempt reads from
// a snapshot without holding anything, and has its locks for no longer than the
// commit takes. If somebody was in its way, the next one begins with the locks
// that the one before found it needs: many who want the same queue up instead
// of outrunning each other.
func (d *Driver) attempt(r *reader, fn func(store.Reader) (*store.Writes, error)) error {
	defer r.end()
	held := r.held != nil
	w, err := fn(r)
	switch {
	case r.broken != nil:
		return r.broken
	case err != nil || w.Empty():
		if held {
			// What it read is no snapshot, if it was not what the one before it read.
			if e := d.verify(r); e != nil {
				return e
			}
		}
		return err
	}
	return d.commit(r, w)
}

// verify looks whether all that r has read is so at one time.
func (d *Driver) verify(r *reader) error {
	if r.conn == nil {
		return nil
	}
	within, cancel := d.within(r.ctx)
	defer cancel()
	if err := d.trip(within, r.conn, d.checked(r, newLocks(d.salt))); err != nil {
		return d.readError(r.ctx, err)
	}
	return nil
}

// checked returns the calls that take the locks for what r has read, beside
// those that are in l, and look whether it is still so.
func (d *Driver) checked(r *reader, l *locks) []call {
	for i := range r.seen {
		l.read(&r.seen[i])
	}
	calls := []call{l.call(d.layout.Load())}
	for i := range r.seen {
		if s := &r.seen[i]; !s.table.Log || len(s.keys) > 0 {
			calls = append(calls, s.same())
		}
	}
	return calls
}

// commit does all that is left in one round trip: it ends the snapshot, takes
// the locks, looks whether what was read is still so, writes and commits. It is
// not cancelled half-way, as nobody would know then whether it is written.
func (d *Driver) commit(r *reader, w *store.Writes) error {
	ctx, cancel := d.within(context.WithoutCancel(r.ctx))
	defer cancel()
	writes, err := d.writes(w)
	if err != nil {
		return err
	}
	var calls []call
	switch {
	case r.conn == nil:
		if r.conn, err = d.acquire(r.ctx, d.pool); err != nil {
			return d.readError(r.ctx, err)
		}
		calls = append(calls, call{st: begin})
	case r.held == nil:
		calls = append(calls, call{st: commit}, call{st: begin})
	}
	l := newLocks(d.salt)
	l.write(d, w)
	calls = append(calls, d.checked(r, l)...)
	calls = append(append(calls, writes...), call{st: commit})
	err = d.trip(ctx, r.conn, calls)
	if len(w.Log) > 0 {
		select {
		case d.appended <- struct{}{}: // also if nobody knows whether it is committed
		default:
		}
	}
	if err != nil {
		r.held = l
		return d.commitError(err)
	}
	d.commits.Add(1)
	return nil
}

// A work is what is written to one table.
type work struct {
	table                     *table
	all, removed, put, insert []store.Put
	vanish                    []store.Put // of the inserts, those that are gone by now: only for there to be none
}

// writes returns the calls that write w: first what makes room, last what must
// find it.
func (d *Driver) writes(w *store.Writes) ([]call, error) {
	var all []*work
	byName := map[string]*work{}
	for _, p := range w.Put {
		x := byName[p.Table]
		if x == nil {
			t := d.table(p.Table)
			if t == nil {
				return nil, fmt.Errorf("there is no table %s", p.Table)
			}
			x = &work{table: t}
			byName[p.Table] = x
			all = append(all, x)
		}
		if err := x.add(p); err != nil {
			return nil, err
		}
	}
	var calls []call
	for _, x := range all {
		if len(x.removed) > 0 {
			calls = append(calls, call{st: x.table.remove, args: [][]byte{keysOf(x.removed)}})
		}
		calls = append(calls, x.makeRoom(int8Bytes(instant(w.Now)))...)
	}
	for _, x := range all {
		if len(x.put) > 0 {
			calls = append(calls, x.table.rows(x.table.put, x.put))
		}
	}
	for _, x := range all {
		if len(x.insert) > 0 {
			calls = append(calls, x.table.rows(x.table.insert, x.insert))
		}
		if len(x.vanish) > 0 {
			calls = append(calls, call{st: x.table.remove, args: [][]byte{keysOf(x.vanish)}})
		}
	}
	if len(w.Log) > 0 {
		logs, values := newArray(oidText, len(w.Log), 16), newArray(oidBytea, len(w.Log), 200)
		for _, a := range w.Log {
			if t := d.table(a.Table); t == nil || !t.Log {
				return nil, fmt.Errorf("there is no log %s", a.Table)
			}
			logs.add([]byte(a.Table))
			values.add(a.Value)
		}
		calls = append(calls, call{st: appendAll, args: [][]byte{logs.bytes(), values.bytes()}})
	}
	for _, trim := range w.Trims {
		t := d.table(trim.Table)
		if t == nil || !t.Log {
			return nil, fmt.Errorf("there is no log %s", trim.Table)
		}
		calls = append(calls, call{st: t.trim, args: [][]byte{store.K(trim.UpTo)}})
	}
	return calls, nil
}

// add sorts p in.
func (x *work) add(p store.Put) error {
	if !p.Delete && len(p.Indexes) != len(x.table.Indexes) {
		return fmt.Errorf("%s: keys for %d indexes, want %d", p.Table, len(p.Indexes), len(x.table.Indexes))
	}
	if p.Insert && p.Delete {
		p.Indexes = make([]store.Key, len(x.table.Indexes))
		x.vanish = append(x.vanish, p)
	}
	x.all = append(x.all, p)
	switch {
	case p.Insert:
		x.insert = append(x.insert, p)
	case p.Delete:
		x.removed = append(x.removed, p)
	default:
		x.put = append(x.put, p)
	}
	return nil
}

// makeRoom returns the calls that take away what has expired and was not swept
// yet, where it holds a key that is wanted.
func (x *work) makeRoom(now []byte) (calls []call) {
	if x.table.stale != nil && len(x.insert) > 0 {
		calls = append(calls, call{st: x.table.stale, args: [][]byte{keysOf(x.insert), now}})
	}
	for i, st := range x.table.staleBy {
		if st == nil {
			continue
		}
		entries := newArray(oidBytea, len(x.all), 32)
		for _, p := range x.all {
			if i < len(p.Indexes) && p.Indexes[i] != nil {
				entries.add(p.Indexes[i])
			}
		}
		if entries.n > 0 {
			calls = append(calls, call{st: st, args: [][]byte{entries.bytes(), now, keysOf(x.all)}})
		}
	}
	return calls
}

// keysOf are the primary keys of puts as an argument.
func keysOf(puts []store.Put) []byte {
	keys := newArray(oidBytea, len(puts), 32)
	for _, p := range puts {
		keys.add(notNil(p.Key))
	}
	return keys.bytes()
}

// rows gives the columns of puts to a statement.
func (t *table) rows(st *statement, puts []store.Put) call {
	args := make([]array, len(t.columns))
	for i, c := range t.columns {
		if c == "expires" {
			args[i] = newArray(oidInt8, len(puts), 8)
		} else {
			args[i] = newArray(oidBytea, len(puts), 64)
		}
	}
	for _, p := range puts {
		args[0].add(notNil(p.Key))
		args[1].add(notNil(p.Value))
		n := 2
		if t.Expires {
			args[n].add(nanos(p.Expires))
			n++
		}
		for i := range t.Indexes {
			args[n+i].add(t.entry(i, p))
		}
	}
	c := call{st: st}
	for i := range args {
		c.args = append(c.args, args[i].bytes())
	}
	return c
}
