package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	neturl "net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/postgres"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
	"github.com/proffer-id/proffer/store/storetest"
)

// proxied returns a URL that leads through a listener, and what closes it with all connections.
func proxied(t *testing.T, url string) (string, func()) {
	u, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "px")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	q := u.Query()
	host, port := q.Get("host"), q.Get("port")
	if port == "" {
		port = "5432"
	}
	l, err := net.Listen("unix", dir+"/.s.PGSQL."+port)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("unix", host+"/.s.PGSQL."+port)
			if err != nil {
				c.Close()
				continue
			}
			mu.Lock()
			conns = append(conns, c, s)
			mu.Unlock()
			go func() { io.Copy(s, c); s.Close() }()
			go func() { io.Copy(c, s); c.Close() }()
		}
	}()
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	return u.String(), func() {
		l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range conns {
			c.Close()
		}
	}
}

func TestViewPatience(t *testing.T) {
	url, cut := proxied(t, pgtest.Schema(t))
	keys := storetest.Keys(t)
	d := open(t, url, postgres.Options{Patience: 500 * time.Millisecond})
	db, err := store.Open(t.Context(), d, tables, store.Options{Now: storetest.NewClock().Now, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	cut()
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	began := time.Now()
	err = db.View(ctx, func(tx *store.Tx) error { _, err := persons.Get(tx, store.K(store.NewID())); return err })
	t.Logf("View: %s, %v", time.Since(began), err)
	if time.Since(began) > 3*time.Second {
		t.Error("a View does not give up after its patience")
	}
	began = time.Now()
	err = db.Update(ctx, func(tx *store.Tx) error { _, err := persons.Get(tx, store.K(store.NewID())); return err })
	t.Logf("Update: %s, %v", time.Since(began), err)
}

// An Update whose check of the layout came before the change commits.
func TestLayoutRace(t *testing.T) {
	url := pgtest.Fresh(t)
	keys := storetest.Keys(t)
	old, _ := process(t, url, keys, tables)
	a := store.NewID()
	update(t, old, func(tx *store.Tx) {
		tx.CreateKey(a)
		persons.Insert(tx, &person{Account: a})
		items.Insert(tx, &item{Account: a, N: 1})
	})
	started, goOn := make(chan bool), make(chan bool)
	var once sync.Once
	byN := store.Sealed("item", func(v *item) store.Key { return store.K(v.Account, v.N) },
		store.Index("brand", func(v *item) store.Key { return store.K(v.Brand) }),
		store.Unique("n", func(v *item) store.Key {
			once.Do(func() { close(started); <-goOn })
			return store.K(v.N)
		}))
	var now *store.DB
	done := make(chan error, 1)
	d := open(t, url, postgres.Options{})
	go func() {
		var err error
		now, err = store.Open(t.Context(), d, []store.Table{persons, byN, events}, store.Options{Now: storetest.NewClock().Now, Keys: keys})
		done <- err
	}()
	<-started
	wrote := make(chan error, 1)
	go func() {
		wrote <- old.Update(t.Context(), func(tx *store.Tx) error { items.Insert(tx, &item{Account: a, N: 2}); return nil })
	}()
	time.Sleep(500 * time.Millisecond)
	close(goOn)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	err := <-wrote
	t.Logf("the older process got %v", err)
	err = now.View(t.Context(), func(tx *store.Tx) error {
		all, err := byN.List(tx, store.Range{})
		if err != nil {
			return err
		}
		indexed, err := byN.List(tx, store.Range{Index: "n"})
		if len(all) != len(indexed) {
			t.Errorf("%d items, %d in the index", len(all), len(indexed))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Prepare looks at the layout and the tables while another one commits in between.
func TestPrepareSnapshot(t *testing.T) {
	url := pgtest.Fresh(t)
	keys := storetest.Keys(t)
	process(t, url, keys, []store.Table{persons, events, store.Sealed("item", func(v *item) store.Key { return store.K(v.Account, v.N) })})
	c := other(t, url)
	tx, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Stands for a Prepare that gives item another index: it commits between the two reads.
	exec(t, tx, `LOCK TABLE _table IN ACCESS EXCLUSIVE MODE`)
	exec(t, tx, `UPDATE _schema SET layout = layout + 1`)
	exec(t, tx, `ALTER TABLE item ADD COLUMN by_brand bytea`)
	exec(t, tx, `CREATE INDEX "item/brand" ON item (by_brand)`)
	described, _ := json.Marshal(store.TableSchema{Name: "item", Indexes: []store.IndexSchema{{Name: "brand"}}})
	exec(t, tx, `UPDATE _table SET described = $1 WHERE name = 'item'`, string(described))
	opened := make(chan error, 1)
	d := open(t, url, postgres.Options{})
	var db *store.DB
	go func() {
		var err error
		db, err = store.Open(t.Context(), d, tables, store.Options{Now: storetest.NewClock().Now, Keys: keys})
		opened <- err
	}()
	time.Sleep(300 * time.Millisecond)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), func(tx *store.Tx) error { events.Append(tx, &item{N: 1}); return nil }); err != nil {
		t.Errorf("for ever: %v", err)
	}
}

// A second replica that starts while the first one changes the tables for longer than patience.
func TestPrepareWaits(t *testing.T) {
	url := pgtest.Fresh(t)
	keys := storetest.Keys(t)
	process(t, url, keys, []store.Table{persons, events})
	c := other(t, url)
	tx, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, `LOCK TABLE _schema IN ROW EXCLUSIVE MODE`)
	// Find the lock of Prepare: run one that is stopped by a lock on _table.
	var d1 = open(t, url, postgres.Options{})
	first := make(chan error, 1)
	exec(t, tx, `LOCK TABLE _table IN SHARE MODE`) // its INSERT waits
	go func() {
		_, err := store.Open(t.Context(), d1, tables, store.Options{Now: storetest.NewClock().Now, Keys: keys})
		first <- err
	}()
	time.Sleep(300 * time.Millisecond)
	d2 := open(t, url, postgres.Options{Patience: 400 * time.Millisecond})
	second := make(chan error, 1)
	go func() {
		_, err := store.Open(t.Context(), d2, tables, store.Options{Now: storetest.NewClock().Now, Keys: keys})
		second <- err
	}()
	time.Sleep(1200 * time.Millisecond)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("first: %v", <-first)
	if err := <-second; err != nil {
		t.Errorf("second: %v", err)
	}
}

// A caller with little time.
func TestDeadlineResets(t *testing.T) {
	url := pgtest.Schema(t)
	keys := storetest.Keys(t)
	db, _ := process(t, url, keys, tables)
	pids := func() string {
		var s string
		c := other(t, url)
		if err := c.QueryRow(t.Context(), `SELECT coalesce(string_agg(pid::text, ' ' ORDER BY pid), '') FROM pg_stat_activity WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()`).Scan(&s); err != nil {
			t.Fatal(err)
		}
		c.Close(context.Background())
		return s
	}
	// Some connections.
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			db.View(t.Context(), func(tx *store.Tx) error {
				_, err := persons.Get(tx, store.K(store.NewID()))
				time.Sleep(100 * time.Millisecond)
				return err
			})
		})
	}
	all.Wait()
	time.Sleep(100 * time.Millisecond)
	before := pids()
	c := other(t, url)
	tx, _ := c.Begin(t.Context())
	exec(t, tx, `LOCK TABLE item IN ACCESS EXCLUSIVE MODE`)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := db.View(ctx, func(tx *store.Tx) error { _, err := items.List(tx, store.Range{}); return err })
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	tx.Rollback(t.Context())
	c.Close(context.Background())
	time.Sleep(300 * time.Millisecond)
	after := pids()
	kept := 0
	for _, p := range strings.Fields(before) {
		if strings.Contains(after, p) {
			kept++
		}
	}
	t.Logf("before %s; after %s", before, after)
	if kept < 5 {
		t.Errorf("one caller that ran out of time cost all connections but %d", kept)
	}
}

// A database with another default isolation, and two processes that prepare.
func TestIsolation(t *testing.T) {
	url := pgtest.Fresh(t) + "&default_transaction_isolation=serializable"
	keys := storetest.Keys(t)
	var all sync.WaitGroup
	for range 6 {
		d := open(t, url, postgres.Options{})
		all.Go(func() {
			if err := func() error {
				db, err := store.Open(t.Context(), d, tables, store.Options{Now: storetest.NewClock().Now, Keys: keys})
				_ = db
				return err
			}(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// An old process reads after the columns changed; and one that is run again meets the change at its first read.
func TestOldReads(t *testing.T) {
	url := pgtest.Fresh(t)
	keys := storetest.Keys(t)
	old, _ := process(t, url, keys, tables)
	a := store.NewID()
	update(t, old, func(tx *store.Tx) { tx.CreateKey(a); items.Insert(tx, &item{Account: a, N: 1}) })
	byN := store.Sealed("item", func(v *item) store.Key { return store.K(v.Account, v.N) },
		store.Index("n", func(v *item) store.Key { return store.K(v.N) }))
	process(t, url, keys, []store.Table{persons, byN, events})
	list := func(tx *store.Tx) error { _, err := items.List(tx, store.Range{Index: "brand"}); return err }
	if err := old.View(t.Context(), list); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("View: %v", err)
	}
	if err := old.Update(t.Context(), list); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Update: %v", err)
	}
}

type seat struct {
	ID    store.ID `json:"id"`
	Group int      `json:"group"`
	N     int      `json:"n"`
}

var seats = store.Plain("seat", func(v *seat) store.Key { return store.K(v.ID) },
	store.Index("n", func(v *seat) store.Key { return store.K(v.Group, v.N) }))

// The next number of a group is found by a page of an index, backwards; no number is given twice.
func TestPages(t *testing.T) {
	url := pgtest.Fresh(t)
	keys := storetest.Keys(t)
	db1, d1 := process(t, url, keys, []store.Table{seats})
	db2, d2 := process(t, url, keys, []store.Table{seats})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var all sync.WaitGroup
	var mu sync.Mutex
	acked := [3]int{}
	for i := range 8 {
		db := db1
		if i%2 == 1 {
			db = db2
		}
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				g := n % 3
				d := 0
				err := db.Update(t.Context(), func(tx *store.Tx) error {
					d = 0
					last, err := seats.List(tx, store.Range{Index: "n", Prefix: store.K(g), Reverse: true, Limit: 1})
					if err != nil {
						return err
					}
					next := 1
					if len(last) > 0 {
						next = last[0].N + 1
						if i == 0 && n%2 == 0 {
							seats.Delete(tx, store.K(last[0].ID))
							d = -1
							return nil
						}
					}
					seats.Insert(tx, &seat{ID: store.NewID(), Group: g, N: next})
					d = 1
					return nil
				})
				if err == nil {
					mu.Lock()
					acked[g] += d
					mu.Unlock()
				} else {
					t.Logf("%v", err)
				}
			}
		})
	}
	all.Wait()
	t.Logf("%+v %+v acked %v", d1.Stats(), d2.Stats(), acked)
	db1.View(t.Context(), func(tx *store.Tx) error {
		for g := range 3 {
			list, _ := seats.List(tx, store.Range{Index: "n", Prefix: store.K(g)})
			for i, s := range list {
				if s.N != i+1 {
					t.Errorf("group %d: %d stands at %d", g, s.N, i+1)
					break
				}
			}
			if len(list) != acked[g] {
				t.Errorf("group %d: %d, acknowledged %d", g, len(list), acked[g])
			}
		}
		return nil
	})
}

func TestUserSchema(t *testing.T) {
	url := pgtest.Fresh(t)
	c := other(t, url)
	u, _ := neturl.Parse(url)
	q := u.Query()
	q.Set("search_path", "$user")
	u.RawQuery = q.Encode()
	exec(t, c, `CREATE SCHEMA IF NOT EXISTS proffer`)
	t.Cleanup(func() {
		c.Exec(context.Background(), `DROP SCHEMA IF EXISTS proffer CASCADE; DROP SCHEMA IF EXISTS "$user" CASCADE`)
	})
	d, err := postgres.Open(t.Context(), u.String(), postgres.Options{})
	if err != nil {
		t.Logf("refused: %v", err)
		return
	}
	defer d.Close()
	for range 2 {
		_, err = store.Open(t.Context(), d, tables, store.Options{Now: storetest.NewClock().Now, Keys: storetest.Keys(t)})
		t.Logf("%v", err)
	}
	var where string
	other(t, url).QueryRow(t.Context(), `SELECT coalesce(string_agg(DISTINCT relnamespace::regnamespace::text, ' '), '') FROM pg_class WHERE relname = '_schema'`).Scan(&where)
	t.Errorf("tables in %q", where)
}

// More than most locks, against those who read what they write.
func TestMany(t *testing.T) {
	url := pgtest.Fresh(t)
	keys := storetest.Keys(t)
	db1, d1 := process(t, url, keys, []store.Table{seats})
	db2, d2 := process(t, url, keys, []store.Table{seats})
	var ids []store.ID
	update(t, db1, func(tx *store.Tx) {
		for range 300 {
			id := store.NewID()
			ids = append(ids, id)
			seats.Insert(tx, &seat{ID: id, Group: 1})
		}
	})
	var all sync.WaitGroup
	var mu sync.Mutex
	total := 0
	end := time.Now().Add(4 * time.Second)
	for i := range 4 {
		db := []*store.DB{db1, db2}[i%2]
		all.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				added := 0
				err := db.Update(t.Context(), func(tx *store.Tx) error {
					added = 0
					if i == 0 {
						list, err := seats.List(tx, store.Range{Index: "n", Prefix: store.K(1)})
						if err != nil {
							return err
						}
						for _, s := range list {
							s.N++
							added++
							seats.Put(tx, s)
						}
						return nil
					}
					s, err := seats.Get(tx, store.K(ids[(n*7+i)%300]))
					if err != nil {
						return err
					}
					s.N++
					added++
					seats.Put(tx, s)
					return nil
				})
				if err != nil {
					t.Error(err)
					continue
				}
				mu.Lock()
				total += added
				mu.Unlock()
			}
		})
	}
	all.Wait()
	t.Logf("%+v %+v", d1.Stats(), d2.Stats())
	db1.View(t.Context(), func(tx *store.Tx) error {
		list, err := seats.List(tx, store.Range{})
		sum := 0
		for _, s := range list {
			sum += s.N
		}
		if sum != total {
			t.Errorf("sum %d, acknowledged %d", sum, total)
		}
		return err
	})
}
