package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/proffer-id/proffer/store"
)

// A statement is SQL under the name it is prepared by on each connection, the
// first time it is used there.
type statement struct{ name, sql string }

// prepare names a statement. PostgreSQL cuts names at 63 bytes.
func prepare(sql string) *statement {
	sum := sha256.Sum256([]byte(sql))
	return &statement{name: "proffer " + hex.EncodeToString(sum[:12]), sql: sql}
}

// A call is one execution of a statement. Arguments and results are in
// PostgreSQL's binary format; row, if set, is called for every row, and must
// not keep the values.
type call struct {
	st   *statement
	args [][]byte
	row  func(values [][]byte) error
}

var inBinary = []int16{1}

// trip is one round trip: it sends all calls at once and reads what comes of
// them. The first error ends it: the server skips what comes after.
func (d *Driver) trip(ctx context.Context, c *pgxpool.Conn, calls []call) error {
	d.trips.Add(1)
	err := send(ctx, c, calls)
	// Broken, or silent for too long; not if the caller had too little time.
	if err != nil && (ctx.Err() == nil || context.Cause(ctx) == errSilent) && c.Conn().IsClosed() {
		d.lost(c)
	}
	return err
}

// A server that went silent, as one that another took over from, never answers.
var errSilent = errors.New("it does not answer")

func (d *Driver) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, 2*d.o.Patience, errSilent)
}

func send(ctx context.Context, c *pgxpool.Conn, calls []call) error {
	pg := c.Conn().PgConn()
	known := pg.CustomData()
	p := pg.StartPipeline(ctx)
	var preparing []*statement
	for _, c := range calls {
		if described, ok := known[c.st.name].(*pgconn.StatementDescription); ok {
			p.SendQueryStatement(described, c.args, inBinary, inBinary)
			continue
		}
		if !slices.Contains(preparing, c.st) {
			preparing = append(preparing, c.st)
			p.SendPrepare(c.st.name, c.st.sql, nil)
		}
		p.SendQueryPrepared(c.st.name, c.args, inBinary, inBinary)
	}
	first := p.Sync()
	for done := first != nil; !done; {
		got, err := p.GetResults()
		if err != nil {
			if first == nil {
				first = err
			}
			var e *pgconn.PgError
			if !errors.As(err, &e) {
				break
			}
			continue // to where the server goes on
		}
		switch got := got.(type) {
		case *pgconn.StatementDescription:
			st := preparing[0]
			preparing = preparing[1:]
			got.Name, got.SQL = st.name, st.sql
			if len(got.Fields) == 0 {
				// It has no rows and never will, which pgconn would ask about each time.
				got.Fields = make([]pgconn.FieldDescription, 1)
			}
			known[st.name] = got
		case *pgconn.ResultReader:
			row := calls[0].row
			calls = calls[1:]
			for got.NextRow() {
				if row != nil && first == nil {
					first = row(got.Values())
				}
			}
			if _, err := got.Close(); err != nil && first == nil {
				first = err
			}
		default: // the end
			done = true
		}
	}
	if err := p.Close(); first == nil {
		first = err
	}
	return first
}

// A result of an unexpected shape means that somebody else's table is there.
func shape(values [][]byte, want int) error {
	if len(values) != want {
		return fmt.Errorf("a row of %d columns, want %d", len(values), want)
	}
	return nil
}

// PostgreSQL's binary formats, as far as they are needed here.

func int64Of(b []byte) int64 {
	if len(b) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b))
}

func int8Bytes(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// limit is the argument of LIMIT: 0 is none.
func limit(n int) []byte {
	if n == 0 {
		return nil
	}
	return int8Bytes(int64(n))
}

// Object ids of the types of array elements (pg_type).
const (
	oidBool  = 16
	oidBytea = 17
	oidInt8  = 20
	oidText  = 25
	oidXid   = 28
)

// An array is an argument under way: one dimension, from 1 on.
type array struct {
	b []byte
	n uint32
}

func newArray(oid uint32, n, size int) array {
	a := array{b: make([]byte, 20, 20+n*(4+size))}
	binary.BigEndian.PutUint32(a.b, 1)
	binary.BigEndian.PutUint32(a.b[4:], 1) // there may be NULLs
	binary.BigEndian.PutUint32(a.b[8:], oid)
	binary.BigEndian.PutUint32(a.b[16:], 1)
	return a
}

// add adds an element; nil is NULL.
func (a *array) add(v []byte) {
	a.n++
	if v == nil {
		a.b = append(a.b, 0xff, 0xff, 0xff, 0xff)
		return
	}
	a.b = append(binary.BigEndian.AppendUint32(a.b, uint32(len(v))), v...)
}

func (a *array) addInt64(n int64) {
	a.n++
	a.b = binary.BigEndian.AppendUint64(append(a.b, 0, 0, 0, 8), uint64(n))
}

// bytes is the array as an argument. An empty one has no dimension.
func (a *array) bytes() []byte {
	if a.n == 0 {
		binary.BigEndian.PutUint32(a.b, 0)
		return a.b[:12]
	}
	binary.BigEndian.PutUint32(a.b[12:], a.n)
	return a.b
}

// nanos is a time as it stands in a column; nil, which is NULL, is never.
func nanos(t time.Time) []byte {
	if t.IsZero() {
		return nil
	}
	return int8Bytes(instant(t))
}

func timeOf(b []byte) time.Time {
	if b == nil {
		return time.Time{}
	}
	return time.Unix(0, int64Of(b)).UTC()
}

// instant is t in nanoseconds, the nearest there is if it is further than 292
// years from 1970.
func instant(t time.Time) int64 {
	first, last := time.Unix(0, -1<<63), time.Unix(0, 1<<63-1)
	switch {
	case t.Before(first):
		return -1 << 63
	case t.After(last):
		return 1<<63 - 1
	}
	return t.UnixNano()
}

// notNil makes an empty key what it is: empty, not NULL.
func notNil(k store.Key) []byte {
	if k == nil {
		return []byte{}
	}
	return k
}
