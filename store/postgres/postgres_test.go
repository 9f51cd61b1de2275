package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/postgres"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
	"github.com/proffer-id/proffer/store/storetest"
)

func TestDriver(t *testing.T) {
	pgtest.Need(t)
	storetest.Run(t, func(t *testing.T) store.Driver { return open(t, pgtest.Schema(t), postgres.Options{}) })
}

// A person and the items of an account stand for what visits read and write.
type person struct {
	Account store.ID `json:"account"`
	Address [32]byte `json:"address"` // keyed hash
	Visits  int      `json:"visits"`
}

type item struct {
	Account store.ID `json:"account"`
	N       int      `json:"n"`
	Brand   string   `json:"brand"`
}

var (
	persons = store.Sealed("person", func(v *person) store.Key { return store.K(v.Account) },
		store.Unique("address", func(v *person) store.Key { return store.K(v.Address) }))
	items = store.Sealed("item", func(v *item) store.Key { return store.K(v.Account, v.N) },
		store.Index("brand", func(v *item) store.Key { return store.K(v.Brand) }))
	events = store.NewLog[item]("event")
	tables = []store.Table{persons, items, events}
)

func open(t testing.TB, url string, o postgres.Options) *postgres.Driver {
	t.Helper()
	d, err := postgres.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// process opens a store on a schema, as one of its processes would.
func process(t testing.TB, url string, keys *store.Keys, tables []store.Table) (*store.DB, *postgres.Driver) {
	t.Helper()
	d := open(t, url, postgres.Options{})
	db, err := store.Open(t.Context(), d, tables, store.Options{Now: storetest.NewClock().Now, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return db, d
}

// run does a driver's own work until the function it returns is called.
func run(t testing.TB, d *postgres.Driver) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// other is a connection of somebody else.
func other(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func exec(t testing.TB, c interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}, sql string, args ...any) {
	t.Helper()
	if _, err := c.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func update(t testing.TB, db *store.DB, fn func(tx *store.Tx)) {
	t.Helper()
	if err := db.Update(t.Context(), func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// TestReadLast has a View that reads once and then takes its time: it keeps no
// transaction open, nor the only connection.
func TestReadLast(t *testing.T) {
	url := pgtest.Schema(t)
	d := open(t, url, postgres.Options{Conns: 1})
	db, err := store.Open(t.Context(), d, tables, store.Options{Now: storetest.NewClock().Now, Keys: storetest.Keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a := store.NewID()
	update(t, db, func(tx *store.Tx) {
		tx.CreateKey(a)
		persons.Insert(tx, &person{Account: a, Visits: 7})
		items.Insert(tx, &item{Account: a, N: 1})
	})
	look := func(within func()) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			var b store.Batch
			who, has := persons.Want(&b, store.K(a)), items.WantList(&b, store.Range{Prefix: store.K(a)})
			if err := tx.ReadLast(&b); err != nil {
				return err
			}
			p, err := who.Get()
			if list, e := has.All(); err != nil || e != nil || p.Visits != 7 || len(list) != 1 {
				t.Errorf("got %+v, %v and %d items, %v", p, err, len(list), e)
			}
			within()
			if _, err := persons.Get(tx, store.K(a)); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("after the last read another one gives %v", err)
			}
			return nil
		}
	}
	before := d.Stats().Trips
	err = db.View(t.Context(), look(func() {
		if n := d.Stats().Trips - before; n != 1 {
			t.Errorf("%d round trips, want 1", n)
		}
		if err := db.View(t.Context(), look(func() {})); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("the View within: %v", err)
		}
	}))
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a View that read after its last: %v", err)
	}
}
