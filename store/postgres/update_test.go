package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	neturl "net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/postgres"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
	"github.com/proffer-id/proffer/store/storetest"
)

// TestCrowd has 32 customers at once on an empty database, each with an account
// of their own: nobody is in another one's way. (With SERIALIZABLE five of
// their nine Updates would have to be run again.)
func TestCrowd(t *testing.T) {
	url := pgtest.Schema(t)
	keys := storetest.Keys(t)
	db, d := process(t, url, keys, tables)
	db2, d2 := process(t, url, keys, tables)
	const people, flows = 32, 3
	before := d.Stats()
	var all sync.WaitGroup
	for i := range people {
		db := map[int]*store.DB{0: db, 1: db2}[i%2]
		all.Go(func() {
			for range flows {
				if err := flow(t.Context(), db); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	retries, givenUp := d.Stats().Retries+d2.Stats().Retries, d.Stats().GivenUp+d2.Stats().GivenUp
	t.Logf("%d flows, %d retries, %d given up", people*flows, retries, givenUp)
	if float64(retries) >= 0.1*people*flows || givenUp != 0 {
		t.Errorf("%d retries in %d flows and %d given up", retries, people*flows, givenUp)
	}
	// One to read and one to commit; who registers also asks for the bucket of the key.
	if trips, want := d.Stats().Trips-before.Trips, uint64(people/2*flows*(2*9+1)); trips != want {
		t.Errorf("%d round trips, want %d", trips, want)
	}
}

// flow registers somebody and has them answer eight times.
func flow(ctx context.Context, db *store.DB) error {
	p := &person{Account: store.NewID()}
	rand.Read(p.Address[:])
	err := db.Update(ctx, func(tx *store.Tx) error {
		if _, err := persons.GetBy(tx, "address", store.K(p.Address)); !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("the address is taken: %w", err)
		}
		tx.CreateKey(p.Account)
		persons.Insert(tx, p)
		return nil
	})
	for n := 0; n < 8 && err == nil; n++ {
		err = db.Update(ctx, func(tx *store.Tx) error {
			var b store.Batch
			who := persons.Want(&b, store.K(p.Account))
			has := items.WantList(&b, store.Range{Prefix: store.K(p.Account)})
			if err := tx.Read(&b); err != nil {
				return err
			}
			p, err := who.Get()
			if err != nil {
				return err
			}
			if all, err := has.All(); err != nil || len(all) != n || p.Visits != n {
				return fmt.Errorf("visit %d finds %d items and %d visits: %w", n, len(all), p.Visits, err)
			}
			p.Visits++
			persons.Put(tx, p)
			items.Insert(tx, &item{Account: p.Account, N: n, Brand: fmt.Sprint(n % 3)})
			events.Append(tx, &item{N: n})
			return nil
		})
	}
	return err
}

// TestSameAccount has many write to one account: each sees what the one before
// wrote, and everybody gets their turn.
func TestSameAccount(t *testing.T) {
	db, d := process(t, pgtest.Schema(t), storetest.Keys(t), tables)
	a := store.NewID()
	update(t, db, func(tx *store.Tx) { tx.CreateKey(a); persons.Insert(tx, &person{Account: a}) })
	const many = 24
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			err := db.Update(t.Context(), func(tx *store.Tx) error {
				p, err := persons.Get(tx, store.K(a))
				if err == nil {
					p.Visits++
					persons.Put(tx, p)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	err := db.View(t.Context(), func(tx *store.Tx) error {
		p, err := persons.Get(tx, store.K(a))
		if err == nil && p.Visits != many {
			t.Errorf("%d visits, want %d", p.Visits, many)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d retries", d.Stats().Retries)
}

// TestGivenUp holds what an Update needs for longer than its patience.
func TestGivenUp(t *testing.T) {
	url := pgtest.Schema(t)
	keys := storetest.Keys(t)
	db, _ := process(t, url, keys, tables)
	a := store.NewID()
	update(t, db, func(tx *store.Tx) { tx.CreateKey(a); persons.Insert(tx, &person{Account: a}) })
	hasty := open(t, url, postgres.Options{Patience: 300 * time.Millisecond})
	db2, err := store.Open(t.Context(), hasty, tables, store.Options{Now: storetest.NewClock().Now, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer db2.Close()
	tx, err := other(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, `SELECT key FROM person FOR UPDATE`)
	err = db2.Update(t.Context(), func(tx *store.Tx) error {
		persons.Put(tx, &person{Account: a, Visits: 1})
		return nil
	})
	if !errors.Is(err, store.ErrUnavailable) || hasty.Stats().GivenUp != 1 {
		t.Errorf("got %v, given up %d; want ErrUnavailable", err, hasty.Stats().GivenUp)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db2.Update(t.Context(), func(tx *store.Tx) error { persons.Delete(tx, store.K(a)); return nil }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestConnectionsLost ends all connections again and again under load: what
// was acknowledged is there, once.
func TestConnectionsLost(t *testing.T) {
	url := pgtest.Schema(t)
	name := "lost " + store.NewID().String()
	db, _ := process(t, url+"&application_name="+neturl.QueryEscape(name), storetest.Keys(t), tables)
	a := store.NewID()
	update(t, db, func(tx *store.Tx) { tx.CreateKey(a); persons.Insert(tx, &person{Account: a}) })
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var mu sync.Mutex
	acked, unknown := map[int]bool{}, map[int]bool{}
	for by := range 8 {
		all.Go(func() {
			for n := by; ctx.Err() == nil; n += 8 {
				err := db.Update(t.Context(), func(tx *store.Tx) error {
					if _, err := persons.Get(tx, store.K(a)); err != nil {
						return err
					}
					items.Insert(tx, &item{Account: a, N: n})
					return nil
				})
				mu.Lock()
				switch {
				case err == nil:
					acked[n] = true
				case errors.Is(err, store.ErrUnavailable):
					unknown[n] = true
				default:
					t.Errorf("item %d: %v", n, err)
				}
				mu.Unlock()
			}
		})
	}
	c := other(t, url)
	for range 15 {
		time.Sleep(60 * time.Millisecond)
		exec(t, c, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`, name)
	}
	cancel()
	all.Wait()
	found := map[int]bool{}
	err := db.View(t.Context(), func(tx *store.Tx) error {
		list, err := items.List(tx, store.Range{})
		for _, i := range list {
			found[i.N] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range acked {
		if !found[n] {
			t.Errorf("item %d was acknowledged and is lost", n)
		}
	}
	for n := range found {
		if !acked[n] && !unknown[n] {
			t.Errorf("item %d is there and nobody wrote it", n)
		}
	}
	t.Logf("%d acknowledged, %d left open", len(acked), len(unknown))
	if len(acked) < 15 {
		t.Errorf("only %d were acknowledged", len(acked))
	}
}

// TestLayoutChanged opens a store with other indexes while an older process
// writes: that one must not leave records out of the new index.
func TestLayoutChanged(t *testing.T) {
	url := pgtest.Schema(t)
	keys := storetest.Keys(t)
	old, _ := process(t, url, keys, tables)
	a := store.NewID()
	update(t, old, func(tx *store.Tx) {
		tx.CreateKey(a)
		persons.Insert(tx, &person{Account: a})
		items.Insert(tx, &item{Account: a, N: 1, Brand: "kopi"})
	})
	byN := store.Sealed("item", func(v *item) store.Key { return store.K(v.Account, v.N) },
		store.Index("n", func(v *item) store.Key { return store.K(v.N) }))
	now, _ := process(t, url, keys, []store.Table{persons, byN, events})
	err := old.Update(t.Context(), func(tx *store.Tx) error {
		persons.Put(tx, &person{Account: a, Visits: 1})
		return nil
	})
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "another version") {
		t.Errorf("the older process got %v", err)
	}
	update(t, now, func(tx *store.Tx) { byN.Insert(tx, &item{Account: a, N: 2}) })
	err = now.View(t.Context(), func(tx *store.Tx) error {
		all, err := byN.List(tx, store.Range{Index: "n", From: store.K(1)})
		if len(all) != 2 {
			t.Errorf("%d items by the new index, want 2", len(all))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
