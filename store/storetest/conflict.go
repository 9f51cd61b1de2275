package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/proffer-id/proffer/store"
)

var errTaken = errors.New("taken")

// testRangeSkew has two Updates look at a range that is empty and each write
// into it only if it is. There is no row that both could fall out over.
func testRangeSkew(t *testing.T, s *suite) {
	account := store.NewID()
	s.update(t, func(tx *store.Tx) { tx.CreateKey(account) })
	for round := range 10 {
		place := fmt.Sprint(round)
		for name, r := range map[string]store.Range{
			"by key":             {Prefix: store.K(place + "k")},
			"by index":           {Index: "group", Prefix: store.K(place + "g")},
			"by unique index":    {Index: "name", From: store.K(place + "n0"), To: store.K(place + "n9")},
			"the first by index": {Index: "group", Prefix: store.K(place + "h"), Limit: 1},
			"the last by key":    {From: store.K(place + "l"), To: store.K(place + "m"), Reverse: true, Limit: 1},
		} {
			won := together(t, 2, func(i int) error {
				return s.db.Update(t.Context(), func(tx *store.Tx) error {
					in, err := things.List(tx, r)
					if err != nil {
						return err
					}
					if len(in) > 0 {
						return errTaken
					}
					things.Put(tx, map[string]*thing{
						"by key":             {ID: place + "k"},
						"by index":           {ID: fmt.Sprint(place, "i", i), Group: place + "g"},
						"by unique index":    {ID: fmt.Sprint(place, "u", i), Name: fmt.Sprint(place, "n", 1+i)},
						"the first by index": {ID: fmt.Sprint(place, "f", i), Group: place + "h"},
						"the last by key":    {ID: fmt.Sprint(place, "l", i)},
					}[name])
					return nil
				})
			})
			if won != 1 {
				t.Errorf("round %d, %s: %d of 2 found it empty", round, name, won)
			}
		}
		// An account's own range, which is what rooms read.
		won := together(t, 2, func(i int) error {
			return s.db.Update(t.Context(), func(tx *store.Tx) error {
				all, err := letters.List(tx, store.Range{Prefix: store.K(account)})
				if err != nil {
					return err
				}
				if len(all) > round {
					return errTaken
				}
				letters.Put(tx, &letter{Account: account, Seq: uint32(2*round + i)})
				return nil
			})
		})
		if won != 1 {
			t.Errorf("round %d, letters of an account: %d of 2 were the first", round, won)
		}
	}
}

// testKeySkew has two Updates each write what the other one found missing.
func testKeySkew(t *testing.T, s *suite) {
	for round := range 10 {
		for name, by := range map[string]string{"by key": "", "by unique index": "name"} {
			pair := [2]string{fmt.Sprint(round, by, "a"), fmt.Sprint(round, by, "b")}
			won := together(t, 2, func(i int) error {
				return s.db.Update(t.Context(), func(tx *store.Tx) (err error) {
					if by == "" {
						_, err = things.Get(tx, store.K(pair[i]))
					} else {
						_, err = things.GetBy(tx, by, store.K(pair[i]))
					}
					if err == nil {
						return errTaken
					}
					if !errors.Is(err, store.ErrNotFound) {
						return err
					}
					things.Put(tx, &thing{ID: pair[1-i], Name: pair[1-i]})
					return nil
				})
			})
			if won != 1 {
				t.Errorf("round %d, %s: %d of 2 found nothing", round, name, won)
			}
		}
	}
}

// testLostUpdate has many count up one record at once, and write down what they
// came to: none is lost, and the log has them in the order they happened.
func testLostUpdate(t *testing.T, s *suite) {
	const n = 32
	s.update(t, func(tx *store.Tx) { things.Put(tx, &thing{ID: "count"}) })
	won := together(t, n, func(int) error {
		err := s.db.Update(t.Context(), func(tx *store.Tx) error {
			v, err := things.Get(tx, store.K("count"))
			if err != nil {
				return err
			}
			v.N++
			things.Put(tx, v)
			lines.Append(tx, &line{N: v.N})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return err
	})
	s.view(t, func(tx *store.Tx) {
		if v, err := things.Get(tx, store.K("count")); err != nil || v.N != won || won != n {
			t.Errorf("%d of %d counted up to %+v, %v", won, n, v, err)
		}
	})
	s.driver.Numbered(t)
	s.view(t, func(tx *store.Tx) {
		all, err := lines.After(tx, 0, 0)
		if err != nil || len(all) != n {
			t.Fatalf("%d entries, %v", len(all), err)
		}
		for i, e := range all {
			if e.Record.N != i+1 {
				t.Errorf("entry %d was written by number %d", i+1, e.Record.N)
			}
		}
	})
}

// testApart has many accounts at once, in a store where there is nothing yet,
// do what only concerns themselves: nobody is in anybody's way.
func testApart(t *testing.T, s *suite) {
	const accounts, each = 32, 5
	var updates, runs atomic.Int64
	together(t, accounts, func(i int) error {
		a := store.NewID()
		for n := range uint32(each) {
			updates.Add(1)
			err := s.db.Update(t.Context(), func(tx *store.Tx) error {
				runs.Add(1)
				mine, err := letters.List(tx, store.Range{Prefix: store.K(a)})
				if err != nil {
					return err
				}
				if len(mine) != int(n) {
					t.Errorf("%d letters, want %d", len(mine), n)
				}
				if n == 0 {
					tx.CreateKey(a)
				}
				address := [32]byte{1: byte(i), 2: byte(n), 3: 1}
				if _, err := letters.GetBy(tx, "address", store.K(address)); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("got %v, want ErrNotFound", err)
				}
				letters.Insert(tx, &letter{Account: a, Seq: n, Address: address, Text: "t"})
				parcels.Insert(tx, &parcel{ID: store.NewID(), Account: a, Due: s.clock.Now()})
				diary.Append(tx, &letter{Account: a})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	// The store of the suite runs each fn twice by itself.
	again := runs.Load()/2 - updates.Load()
	t.Logf("%d updates, %d run again", updates.Load(), again)
	if 10*again >= updates.Load() {
		t.Errorf("of %d updates that have nothing to do with one another, %d had to be run again", updates.Load(), again)
	}
	s.driver.Numbered(t)
	s.view(t, func(tx *store.Tx) {
		e, err := diary.After(tx, 0, 0)
		if err != nil || len(e) != accounts*each {
			t.Errorf("%d entries, %v; want %d", len(e), err, accounts*each)
		}
	})
}
