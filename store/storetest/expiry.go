package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

func testExpiry(t *testing.T, s *suite) {
	at := s.clock.Now().Add(time.Hour)
	s.update(t, func(tx *store.Tx) {
		things.Put(tx, &thing{ID: "a", Name: "na", Group: "g", Expires: at})
		things.Put(tx, &thing{ID: "b", Name: "nb", Group: "g"})
		things.Put(tx, &thing{ID: "c", Name: "nc", Group: "g", Expires: at.Add(time.Nanosecond)})
		things.Put(tx, &thing{ID: "d", Group: "g", Expires: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
	})
	s.clock.Set(at.Add(-time.Nanosecond))
	s.view(t, func(tx *store.Tx) { wantIDs(t, tx, store.Range{}, "a b c d") })
	s.clock.Set(at)
	before := s.driver.Commits()
	see := func(tx *store.Tx) {
		t.Helper()
		wantIDs(t, tx, store.Range{}, "b c d")
		wantIDs(t, tx, store.Range{Limit: 1}, "b")
		wantIDs(t, tx, store.Range{Index: "group"}, "b c d")
		wantIDs(t, tx, store.Range{Index: "group", Reverse: true}, "d c b")
		if _, err := things.Get(tx, store.K("a")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		if _, err := things.GetBy(tx, "name", store.K("na")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("by name: got %v, want ErrNotFound", err)
		}
	}
	s.view(t, see)
	s.update(t, see)
	if s.driver.Commits() != before {
		t.Error("reading what has expired wrote something")
	}
	if n, err := s.db.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("swept %d, %v; want 1", n, err)
	}
	s.view(t, see)
	s.clock.Set(at.Add(-time.Minute)) // a clock set back brings nothing back
	s.view(t, see)
	s.clock.Set(at.Add(time.Minute))

	// A put record that has expired already is not there, also for its own transaction.
	s.update(t, func(tx *store.Tx) {
		things.Put(tx, &thing{ID: "b", Group: "g", Expires: at})
		wantIDs(t, tx, store.Range{}, "d")
		wantIDs(t, tx, store.Range{Index: "group"}, "d")
	})
	if n, err := s.db.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("swept %d, %v; want 1: what had expired when it was put is not kept", n, err)
	}
	// What is put anew without an expiry stays.
	s.update(t, func(tx *store.Tx) { things.Put(tx, &thing{ID: "e", Expires: s.clock.Now().Add(time.Second)}) })
	s.update(t, func(tx *store.Tx) { things.Put(tx, &thing{ID: "e"}) })
	s.clock.Add(time.Hour)
	if n, err := s.db.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("swept %d, %v; want 0", n, err)
	}
	s.view(t, func(tx *store.Tx) { wantIDs(t, tx, store.Range{}, "d e") })

	const many = 501
	s.update(t, func(tx *store.Tx) {
		for i := range many {
			things.Put(tx, &thing{ID: fmt.Sprint("x", i), Expires: s.clock.Now().Add(time.Second)})
		}
	})
	s.clock.Add(time.Second)
	if n, err := s.db.Sweep(t.Context()); n != many || err != nil {
		t.Errorf("swept %d, %v; want %d", n, err, many)
	}
	s.view(t, func(tx *store.Tx) { wantIDs(t, tx, store.Range{}, "d e") })
}

func testExpiredKeysAreFree(t *testing.T, s *suite) {
	s.update(t, func(tx *store.Tx) {
		things.Put(tx, &thing{ID: "a", Name: "n", Group: "g", Expires: s.clock.Now().Add(time.Second)})
		things.Put(tx, &thing{ID: "b", Name: "m", Group: "g", Expires: s.clock.Now().Add(time.Second)})
	})
	s.clock.Add(time.Second)
	s.update(t, func(tx *store.Tx) {
		things.Insert(tx, &thing{ID: "a", Group: "h"})            // its key
		things.Insert(tx, &thing{ID: "c", Name: "n", Group: "h"}) // its name
		things.Insert(tx, &thing{ID: "d", Name: "m", Group: "h"}) // the name of another
	})
	see := func() {
		t.Helper()
		s.view(t, func(tx *store.Tx) {
			wantIDs(t, tx, store.Range{}, "a c d")
			wantIDs(t, tx, store.Range{Index: "group"}, "a c d")
			wantIDs(t, tx, store.Range{Index: "name"}, "d c")
		})
	}
	see()
	if n, err := s.db.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("swept %d, %v; want 0: what was in the way is gone", n, err)
	}
	see()
}
