package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/proffer-id/proffer/store"
)

// Entries of logs get their positions after they are committed: an Update puts
// them in the inbox, and one process at a time takes out what is there, in the
// order it came in, and gives it the next positions, within a tenth of a second.
// A process that appends sees to it; what one left that died then, others find
// within a second.
//
// What is begun after another Update was acknowledged is put in later, and
// whoever sees it there sees the other one too: so the order is as store.Log
// says. What comes in later never gets a position before one that was given:
// so no reader sees a gap that fills. A transaction that stays open for long,
// here or of another program, holds up nothing but itself.
//
// The lease is the lock of one row, which is PostgreSQL's to give on when its
// holder is gone.
const (
	numberEvery  = time.Second           // if nobody here appends
	numberPause  = 10 * time.Millisecond // between two times if somebody does
	numberAgain  = 50 * time.Millisecond // if another replica was at it
	numberAtOnce = 2000
)

var (
	inboxWaits = prepare(`SELECT seq FROM _inbox ORDER BY seq LIMIT 1`)
	inboxLease = prepare(`SELECT last FROM _head WHERE log = '' FOR UPDATE SKIP LOCKED`)
	inboxList  = prepare(`SELECT i.seq, i.log, coalesce(h.last, 0) FROM (SELECT seq, log FROM _inbox ORDER BY seq LIMIT $1) AS i
		LEFT JOIN _head AS h ON h.log = i.log ORDER BY i.seq`)
	inboxClear = prepare(`DELETE FROM _inbox WHERE seq = ANY ($1)`)
	headSet    = prepare(`INSERT INTO _head (log, last) VALUES ($1, $2) ON CONFLICT (log) DO UPDATE SET last = excluded.last`)
)

// numbered is the statement that moves entries into their log.
func numbered(log string) *statement {
	return prepare(`INSERT INTO ` + quote(log) + ` (key, value)
		SELECT n.key, i.value FROM unnest($1::bigint[], $2::bytea[]) AS n (seq, key) JOIN _inbox AS i ON i.seq = n.seq`)
}

// Run implements store.Driver. It numbers what is appended to logs, here and by
// other replicas, until ctx ends.
func (d *Driver) Run(ctx context.Context) error {
	tick := time.NewTicker(numberEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.stop:
			return nil
		case <-d.appended:
		case <-tick.C:
		}
		again, err := d.number(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			d.o.Log.Warn("numbering of logs is put off", "err", err)
		}
		failing = err != nil
		pause := numberPause // others may come in meanwhile
		if again || failing {
			pause = numberAgain
			select {
			case d.appended <- struct{}{}:
			default:
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
}

// number gives positions to what is in the inbox and says whether it is to be
// looked at again soon, as another replica is at it or there may be more.
func (d *Driver) number(ctx context.Context) (again bool, err error) {
	ctx, cancel := d.within(ctx)
	defer cancel()
	conn, err := d.acquire(ctx, d.own)
	if err != nil {
		return false, err
	}
	defer d.giveBack(ctx, conn)
	waits := false
	if err := d.trip(ctx, conn, []call{{st: inboxWaits, row: func([][]byte) error { waits = true; return nil }}}); err != nil || !waits {
		return false, err
	}
	return d.numberWith(ctx, conn)
}

// A logged is what one log gets.
type logged struct {
	name string
	last uint64
	seqs array
	keys array
}

func (d *Driver) numberWith(ctx context.Context, conn *pgxpool.Conn) (again bool, err error) {
	leased := false
	byName := map[string]*logged{}
	all := newArray(oidInt8, 0, 8)
	// Each statement sees what is committed when it begins, so the list what the
	// one before, in whose hands the lease was, has left.
	err = d.trip(ctx, conn, []call{
		{st: begin},
		{st: inboxLease, row: func([][]byte) error { leased = true; return nil }},
		{st: inboxList, args: [][]byte{int8Bytes(numberAtOnce)}, row: func(v [][]byte) error {
			if err := shape(v, 3); err != nil {
				return err
			}
			l := byName[string(v[1])]
			if l == nil {
				l = &logged{name: string(v[1]), last: uint64(int64Of(v[2])), seqs: newArray(oidInt8, 0, 8), keys: newArray(oidBytea, 0, 16)}
				byName[l.name] = l
			}
			l.last++
			l.seqs.addInt64(int64Of(v[0]))
			l.keys.add(store.K(l.last))
			all.addInt64(int64Of(v[0]))
			return nil
		}},
	})
	if err != nil || !leased || all.n == 0 {
		return !leased, err
	}
	var calls []call
	for _, l := range byName {
		calls = append(calls,
			call{st: numbered(l.name), args: [][]byte{l.seqs.bytes(), l.keys.bytes()}},
			call{st: headSet, args: [][]byte{[]byte(l.name), int8Bytes(int64(l.last))}})
	}
	calls = append(calls, call{st: inboxClear, args: [][]byte{all.bytes()}}, call{st: commit})
	return all.n == numberAtOnce, d.trip(ctx, conn, calls)
}
