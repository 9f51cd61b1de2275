package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/proffer-id/proffer/store"
)

func testBatch(t *testing.T, s *suite) {
	a, p := store.NewID(), store.NewID()
	s.update(t, func(tx *store.Tx) {
		tx.CreateKey(a)
		things.Put(tx, &thing{ID: "a", Name: "na"})
		things.Put(tx, &thing{ID: "b"})
		letters.Put(tx, &letter{Account: a, Seq: 1, Text: "one"})
		letters.Put(tx, &letter{Account: a, Seq: 2, Text: "two"})
		parcels.Put(tx, &parcel{ID: p, Account: a, Text: "three"})
		secrets.Put(tx, &secret{Name: "s", Value: "four"})
	})
	s.view(t, func(tx *store.Tx) {
		var b store.Batch
		byKey := things.Want(&b, store.K("a"))
		byName := things.WantBy(&b, "name", store.K("na"))
		none := things.Want(&b, store.K("z"))
		all := things.WantList(&b, store.Range{Reverse: true})
		one := letters.Want(&b, store.K(a, 1))
		both := letters.WantList(&b, store.Range{Prefix: store.K(a)})
		four := secrets.Want(&b, store.K("s"))
		if _, err := byKey.Get(); err == nil {
			t.Error("a batch was used before it was read")
		}
		s.driver.Reset()
		if err := tx.Read(&b); err != nil {
			t.Fatal(err)
		}
		if n := s.driver.Reads(); n != 1 {
			t.Errorf("%d round trips, want 1", n)
		}
		if v, err := byKey.Get(); err != nil || v.ID != "a" {
			t.Errorf("by key: %+v, %v", v, err)
		}
		if v, err := byName.Get(); err != nil || v.ID != "a" {
			t.Errorf("by name: %+v, %v", v, err)
		}
		if v, err := none.Get(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("none: %+v, %v", v, err)
		}
		if v, err := all.All(); err != nil || len(v) != 2 || v[0].ID != "b" {
			t.Errorf("all: %+v, %v", v, err)
		}
		if v, err := one.Get(); err != nil || v.Text != "one" {
			t.Errorf("one: %+v, %v", v, err)
		}
		if v, err := both.All(); err != nil || len(v) != 2 || v[1].Text != "two" {
			t.Errorf("both: %+v, %v", v, err)
		}
		if v, err := four.Get(); err != nil || v.Value != "four" {
			t.Errorf("four: %+v, %v", v, err)
		}
		s.driver.Reset()
		if v, err := parcels.Get(tx, store.K(p)); err != nil || v.Text != "three" || s.driver.Reads() != 1 {
			t.Errorf("with the key at hand: %+v, %v in %d round trips, want 1", v, err, s.driver.Reads())
		}
	})
	s.view(t, func(tx *store.Tx) {
		s.driver.Reset()
		if v, err := parcels.List(tx, store.Range{}); err != nil || len(v) != 1 || s.driver.Reads() != 2 {
			t.Errorf("of an account not known before: %+v, %v in %d round trips, want 2", v, err, s.driver.Reads())
		}
	})
	s.driver.Reset()
	s.update(t, func(tx *store.Tx) { // the keys of all that is written, at once
		letters.Put(tx, &letter{Account: a, Seq: 3})
		diary.Append(tx, &letter{Account: a})
	})
	if s.driver.Reads() != 2 { // one in each run
		t.Errorf("%d round trips to seal, want 2", s.driver.Reads())
	}
}

// together calls fn n times at once and returns how many calls returned nil.
func together(t *testing.T, n int, fn func(i int) error) int {
	t.Helper()
	var (
		won   atomic.Int64
		start = make(chan struct{})
		wg    sync.WaitGroup
	)
	for i := range n {
		wg.Go(func() {
			<-start
			if err := fn(i); err == nil {
				won.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(won.Load())
}

// testTransfers moves money about at random while others look on: the sum is
// the same in every snapshot, and inside every Update.
func testTransfers(t *testing.T, s *suite) {
	const accounts, each = 8, 100
	s.update(t, func(tx *store.Tx) {
		for i := range accounts {
			things.Put(tx, &thing{ID: fmt.Sprint(i), N: each})
		}
	})
	total := func(tx *store.Tx) error {
		all, err := things.List(tx, store.Range{})
		sum := 0
		for _, v := range all {
			sum += v.N
		}
		if err == nil && (sum != accounts*each || len(all) != accounts) {
			t.Errorf("the sum of %d is %d", len(all), sum)
		}
		return err
	}
	together(t, 8, func(i int) error {
		for range 25 {
			if i%4 == 3 {
				if err := s.db.View(t.Context(), total); err != nil {
					t.Error(err)
				}
				continue
			}
			from, to, n := rand.IntN(accounts), rand.IntN(accounts), rand.IntN(each)
			err := s.db.Update(t.Context(), func(tx *store.Tx) error {
				var b store.Batch
				wa, wb := things.Want(&b, store.K(fmt.Sprint(from))), things.Want(&b, store.K(fmt.Sprint(to)))
				if err := tx.Read(&b); err != nil {
					return err
				}
				x, errx := wa.Get()
				y, erry := wb.Get()
				if err := errors.Join(errx, erry); err != nil || from == to || x.N < n {
					return err
				}
				x.N, y.N = x.N-n, y.N+n
				things.Put(tx, x)
				things.Put(tx, y)
				return total(tx)
			})
			if err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	s.view(t, func(tx *store.Tx) {
		if err := total(tx); err != nil {
			t.Error(err)
		}
	})
}

// testWriteSkew has each of two Updates give up what the other one relies on.
// Snapshot isolation would let both through.
func testWriteSkew(t *testing.T, s *suite) {
	for round := range 20 {
		s.update(t, func(tx *store.Tx) {
			things.Put(tx, &thing{ID: "a", Group: "on duty"})
			things.Put(tx, &thing{ID: "b", Group: "on duty"})
		})
		tooFew := errors.New("the last one stays")
		won := together(t, 2, func(i int) error {
			return s.db.Update(t.Context(), func(tx *store.Tx) error {
				on, err := things.List(tx, store.Range{Index: "group", Prefix: store.K("on duty")})
				if err != nil {
					return err
				}
				if len(on) < 2 {
					return tooFew
				}
				things.Put(tx, &thing{ID: []string{"a", "b"}[i]})
				return nil
			})
		})
		if won != 1 {
			t.Fatalf("round %d: %d of 2 went off duty", round, won)
		}
	}
}

func testSingleUse(t *testing.T, s *suite) {
	s.update(t, func(tx *store.Tx) { things.Put(tx, &thing{ID: "code"}) })
	used := errors.New("used")
	won := together(t, 50, func(i int) error {
		return s.db.Update(t.Context(), func(tx *store.Tx) error {
			v, err := things.Get(tx, store.K("code"))
			if err != nil {
				return err
			}
			if v.N++; v.N > 1 {
				return used
			}
			things.Put(tx, v)
			others.Insert(tx, &thing{ID: fmt.Sprint(i)})
			return nil
		})
	})
	s.view(t, func(tx *store.Tx) {
		issued, err := others.List(tx, store.Range{})
		if won != 1 || len(issued) != 1 || err != nil {
			t.Errorf("%d of 50 won, %d were issued, %v", won, len(issued), err)
		}
	})
}

func testInsertOnce(t *testing.T, s *suite) {
	won := together(t, 50, func(i int) error {
		err := s.db.Update(t.Context(), func(tx *store.Tx) error {
			things.Insert(tx, &thing{ID: fmt.Sprint(i), Name: "the same"})
			return nil
		})
		if err != nil && !errors.Is(err, store.ErrNotUnique) {
			t.Error(err)
		}
		return err
	})
	s.view(t, func(tx *store.Tx) {
		all, err := things.List(tx, store.Range{})
		if won != 1 || len(all) != 1 || err != nil {
			t.Errorf("%d of 50 won, %d are there, %v", won, len(all), err)
		}
	})
}

// testSnapshotsStand looks twice in one View with an Update in between.
func testSnapshotsStand(t *testing.T, s *suite) {
	s.update(t, func(tx *store.Tx) { things.Put(tx, &thing{ID: "a", N: 1}) })
	s.view(t, func(tx *store.Tx) {
		for range 2 {
			if v, err := things.Get(tx, store.K("a")); err != nil || v.N != 1 {
				t.Errorf("got %+v, %v", v, err)
			}
			wantIDs(t, tx, store.Range{}, "a")
			s.update(t, func(tx *store.Tx) {
				things.Put(tx, &thing{ID: "a", N: 2})
				things.Put(tx, &thing{ID: "b"})
			})
		}
	})
	s.view(t, func(tx *store.Tx) { wantIDs(t, tx, store.Range{}, "a b") })
}
