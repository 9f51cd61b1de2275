package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
	"github.com/proffer-id/proffer/store/storetest"
)

// read returns the log as "1:a 2:b".
func read(t *testing.T, db *store.DB) (text string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) error {
		list, err := events.After(tx, 0, 0)
		for _, e := range list {
			text += fmt.Sprintf("%d:%s ", e.Pos, e.Record.Brand)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// await waits until the log reads as wanted.
func await(t *testing.T, db *store.DB, want string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		got := read(t, db)
		if got == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the log is %q, want %q", got, want)
		}
	}
}

func add(t *testing.T, db *store.DB, what string) {
	t.Helper()
	update(t, db, func(tx *store.Tx) { events.Append(tx, &item{Brand: what}) })
}

// slow begins a transaction that appends what and commits when told.
func slow(t *testing.T, url, what string) (pgx.Tx, *pgx.Conn) {
	t.Helper()
	c := other(t, url)
	tx, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, `INSERT INTO _inbox (log, value) VALUES ('event', $1)`, []byte("\x01{\"brand\":\""+what+"\"}"))
	return tx, c
}

// What commits later stands later, though it was written before; what was read
// in between does not change.
func TestNumberOutOfOrder(t *testing.T) {
	url := pgtest.Schema(t)
	db, d := process(t, url, storetest.Keys(t), tables)
	defer run(t, d)()
	add(t, db, "first")
	late, _ := slow(t, url, "late")
	later, _ := slow(t, url, "later")
	add(t, db, "second")
	await(t, db, "1:first 2:second ")
	if err := later.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, db, "1:first 2:second 3:later ")
	add(t, db, "third")
	await(t, db, "1:first 2:second 3:later 4:third ")
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, db, "1:first 2:second 3:later 4:third 5:late ")
}

// What never commits leaves no gap, and a transaction that somebody else leaves
// open holds up nothing.
func TestNumberBesideLongTransaction(t *testing.T) {
	url := pgtest.Schema(t)
	db, d := process(t, url, storetest.Keys(t), tables)
	defer run(t, d)()
	for _, level := range []pgx.TxIsoLevel{pgx.RepeatableRead, pgx.Serializable} {
		tx, err := other(t, url).BeginTx(t.Context(), pgx.TxOptions{IsoLevel: level})
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(t.Context())
		exec(t, tx, `CREATE TEMPORARY TABLE foreigner (n int)`) // it has a transaction id, and a snapshot
		exec(t, tx, `SELECT count(*) FROM _inbox`)
	}
	broken, _ := slow(t, url, "never")
	add(t, db, "a")
	await(t, db, "1:a ")
	if err := broken.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	add(t, db, "b")
	await(t, db, "1:a 2:b ")
}

// Who numbers dies half-way, its positions written but not committed: nobody
// saw them, and another one goes on with the same.
func TestNumberKilled(t *testing.T) {
	url := pgtest.Schema(t)
	keys := storetest.Keys(t)
	db, d := process(t, url, keys, tables)
	db2, d2 := process(t, url, keys, tables)
	stop := run(t, d)
	add(t, db, "a")
	await(t, db, "1:a ")
	stop()

	c := other(t, url)
	var pid uint32
	if err := c.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	dying, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, dying, `SELECT last FROM _head WHERE log = '' FOR UPDATE`)
	add(t, db, "b")
	add(t, db2, "c")
	exec(t, dying, `INSERT INTO event (key, value) SELECT $1, value FROM _inbox ORDER BY seq LIMIT 1`, []byte(store.K(2)))
	exec(t, dying, `DELETE FROM _inbox`)
	defer run(t, d2)()
	time.Sleep(200 * time.Millisecond) // it finds the lease taken, more than once
	if got := read(t, db); got != "1:a " {
		t.Errorf("while somebody has the lease the log is %q", got)
	}
	exec(t, other(t, url), `SELECT pg_terminate_backend($1)`, pid)
	await(t, db, "1:a 2:b 3:c ")
	add(t, db2, "d")
	await(t, db, "1:a 2:b 3:c 4:d ")
}

// Many replicas number what many write: dense, and everybody's own in order.
func TestNumberByMany(t *testing.T) {
	url := pgtest.Schema(t)
	keys := storetest.Keys(t)
	var dbs []*store.DB
	for range 4 {
		db, d := process(t, url, keys, tables)
		defer run(t, d)()
		dbs = append(dbs, db)
	}
	const each = 60
	done := make(chan bool)
	for by, db := range dbs {
		go func() {
			defer func() { done <- true }()
			for n := range each {
				add(t, db, fmt.Sprintf("%d/%d", by, n))
			}
		}()
	}
	for range dbs {
		<-done
	}
	var all []store.Entry[item]
	for end := time.Now().Add(20 * time.Second); len(all) < 4*each && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		err := dbs[0].View(t.Context(), func(tx *store.Tx) (err error) {
			all, err = events.After(tx, 0, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range all {
			if e.Pos != uint64(i+1) {
				t.Fatalf("position %d after %d entries", e.Pos, i)
			}
		}
	}
	if len(all) != 4*each {
		t.Fatalf("%d entries, want %d", len(all), 4*each)
	}
	next := map[string]int{}
	for _, e := range all {
		var by string
		var n int
		if _, err := fmt.Sscanf(e.Record.Brand, "%1s/%d", &by, &n); err != nil || n != next[by] {
			t.Fatalf("%q where %d of it was to come (%v)", e.Record.Brand, next[by], err)
		}
		next[by]++
	}
}
