package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/proffer-id/proffer/store"
)

var (
	begin    = prepare(`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`)
	snapshot = prepare(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
	commit   = prepare(`COMMIT`)
	rollback = prepare(`ROLLBACK`)
)

// View implements store.Driver.
func (d *Driver) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &reader{d: d, ctx: ctx}
	defer r.end()
	err := fn(r)
	if r.broken != nil {
		return unavailable(r.broken)
	}
	return err
}

// A reader reads from one snapshot, which begins with its first read.
type reader struct {
	d      *Driver
	ctx    context.Context
	conn   *pgxpool.Conn // nil before the first read
	update bool
	seen   []seen // by an Update, to be checked
	held   *locks // by an Update that is run again: taken before it reads
	ended  bool   // its snapshot: the last read was done
	broken error  // why nothing more can be read, whatever the caller makes of it
}

// seen is a request and what it found.
type seen struct {
	table   *table
	path    path
	req     store.Request
	keys    []store.Key
	version [][]byte // xmin of each row
}

var errEnded = fmt.Errorf("%w: more is to be read than was thought", store.ErrUnavailable)

// Read implements store.Reader. The last read of a View brings the end of the
// transaction along; a connection that is ready for others costs no trip more.
func (r *reader) Read(ctx context.Context, requests []store.Request, last bool) ([][]store.Row, error) {
	if r.ended && r.broken == nil {
		r.broken = errEnded
	}
	if r.broken != nil {
		return nil, r.broken
	}
	last = last && !r.update
	found := make([][]store.Row, len(requests))
	began, since := r.conn != nil, time.Now()
	for attempt := 0; ; attempt++ {
		asked, err := r.read(ctx, requests, found, last)
		if err == nil {
			if last {
				r.end()
				r.ended = true
			}
			r.seen = append(r.seen, asked...)
			return found, nil
		}
		var lost *lostError
		if errors.As(err, &lost) && !began && !r.update {
			// Nobody has seen anything of this snapshot yet. An Update begins again as a whole.
			r.drop()
			if r.d.wait(ctx, since, attempt) == nil {
				clear(found)
				continue
			}
		}
		r.broken = err
		return nil, err
	}
}

func (r *reader) read(ctx context.Context, requests []store.Request, found [][]store.Row, last bool) ([]seen, error) {
	calls := make([]call, 0, len(requests)+2)
	if r.conn == nil {
		conn, err := r.d.acquire(ctx, r.d.pool)
		if err != nil {
			return nil, r.d.readError(ctx, err)
		}
		r.conn = conn
		if r.held == nil {
			calls = append(calls, call{st: snapshot})
		} else {
			calls = append(calls, call{st: begin}, r.held.call(r.d.layout.Load()))
		}
	}
	var asked []seen
	if r.update {
		asked = make([]seen, len(requests))
	}
	for i, q := range requests {
		t, p, err := find(r.d.table(q.Table), q)
		if err != nil {
			return nil, err
		}
		st, args := t.ask(p, q)
		one := call{st: st, args: args, row: func(values [][]byte) error {
			if err := shape(values, 5); err != nil {
				return err
			}
			row, err := t.row(p, values)
			if err != nil {
				return err
			}
			found[i] = append(found[i], row)
			if r.update {
				asked[i].keys = append(asked[i].keys, row.Key)
				asked[i].version = append(asked[i].version, bytes.Clone(values[4]))
			}
			return nil
		}}
		if r.update {
			asked[i].table, asked[i].path, asked[i].req = t, p, q
		}
		calls = append(calls, one)
	}
	if last {
		calls = append(calls, call{st: commit})
	}
	within, cancel := r.d.within(ctx)
	defer cancel()
	if err := r.d.trip(within, r.conn, calls); err != nil {
		return nil, r.d.readError(ctx, err)
	}
	return asked, nil
}

// ask returns what answers a request, with its arguments.
func (t *table) ask(p path, q store.Request) (*statement, [][]byte) {
	var st *statement
	var args [][]byte
	switch {
	case q.Key != nil:
		st, args = p.one, [][]byte{q.Key}
	default:
		low, high := bounds(q.Range)
		st, args = p.up, [][]byte{low, high, limit(q.Range.Limit)}
		if q.Range.Reverse {
			st = p.down
		}
	}
	if t.Expires {
		args = append(args, int8Bytes(instant(q.Now)))
	}
	return st, args
}

// row copies a row out of the buffer of its connection.
func (t *table) row(p path, values [][]byte) (store.Row, error) {
	key, entry, value := values[0], values[1], values[2]
	if entry != nil && !p.unique {
		if !bytes.HasSuffix(entry, key) {
			return store.Row{}, fmt.Errorf("%s: an entry of index %s is not that of its record", t.Name, p.index)
		}
		entry = entry[:len(entry)-len(key)]
	}
	b := make([]byte, 0, len(key)+len(entry)+len(value))
	b = append(append(append(b, key...), entry...), value...)
	row := store.Row{Key: b[:len(key):len(key)], Value: b[len(key)+len(entry):], Expires: timeOf(values[3])}
	if entry != nil {
		row.Index = b[len(key) : len(key)+len(entry) : len(key)+len(entry)]
	}
	return row, nil
}

// same returns the call that ends the transaction unless s is still so.
func (s *seen) same() call {
	st, args := s.table.ask(s.path, s.req)
	switch {
	case st == s.path.one:
		st = s.path.oneSame
		var was []byte
		if len(s.version) > 0 {
			was = s.version[0]
		}
		return call{st: st, args: append(args, was)}
	case st == s.path.up:
		st = s.path.upSame
	default:
		st = s.path.downSame
	}
	if s.table.Log {
		// What was written meanwhile stands behind what was read.
		args[2] = int8Bytes(int64(len(s.keys)))
	}
	keys, versions := newArray(oidBytea, len(s.keys), 32), newArray(oidXid, len(s.keys), 4)
	for i, k := range s.keys {
		keys.add(k)
		versions.add(s.version[i])
	}
	return call{st: st, args: append(args, keys.bytes(), versions.bytes())}
}

func (r *reader) end() {
	if r.conn != nil {
		r.d.giveBack(r.ctx, r.conn)
	}
	r.conn = nil
}

// giveBack ends the transaction of a connection, if it is in one, and gives it
// back to its pool. Nobody waits for that.
func (d *Driver) giveBack(ctx context.Context, c *pgxpool.Conn) {
	if c.Conn().IsClosed() || c.Conn().PgConn().TxStatus() == 'I' {
		c.Release()
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.o.Patience)
		defer cancel()
		defer c.Release() // which closes it if this fails
		send(ctx, c, []call{{st: rollback}})
	}()
}

// drop gives up a connection that broke before anything came of it.
func (r *reader) drop() {
	if r.conn != nil {
		r.conn.Release()
		r.conn = nil
	}
}
