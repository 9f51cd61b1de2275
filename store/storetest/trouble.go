package storetest

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

// crowd runs fn beside Updates that have nothing to do with it, all of which
// have to succeed.
func crowd(t *testing.T, s *suite, fn func()) {
	t.Helper()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				err := s.db.Update(t.Context(), func(tx *store.Tx) error {
					lines.Append(tx, &line{})
					return nil
				})
				if err != nil {
					t.Errorf("beside: %v", err)
				}
			}
		})
	}
	fn()
	wg.Wait()
	s.driver.Numbered(t)
	s.view(t, func(tx *store.Tx) {
		wantIDs(t, tx, store.Range{}, "")
		if e, err := lines.After(tx, 0, 0); len(e) != 40 || err != nil {
			t.Errorf("beside: %d entries, %v; want 40", len(e), err)
		}
	})
}

func testPanic(t *testing.T, s *suite) {
	crowd(t, s, func() {
		for range 5 {
			func() {
				defer func() {
					if p := recover(); p != "a mistake" {
						t.Errorf("the caller got %v, want its own panic", p)
					}
				}()
				s.db.Update(t.Context(), func(tx *store.Tx) error {
					things.Put(tx, &thing{ID: "a"})
					panic("a mistake")
				})
			}()
		}
	})
	defer func() {
		if p := recover(); p != "a mistake" {
			t.Errorf("the caller got %v, want its own panic", p)
		}
		s.update(t, func(tx *store.Tx) { things.Put(tx, &thing{ID: "a"}) })
	}()
	s.db.View(t.Context(), func(tx *store.Tx) error { panic("a mistake") })
}

// testGoexit ends the goroutine of an Update, as t.Fatal in one does.
func testGoexit(t *testing.T, s *suite) {
	crowd(t, s, func() {
		for range 5 {
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				s.db.Update(t.Context(), func(tx *store.Tx) error {
					things.Put(tx, &thing{ID: "a"})
					runtime.Goexit()
					return nil
				})
			}()
			<-gone
		}
	})
}

func testCancelled(t *testing.T, s *suite) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ran := false
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		ran = true
		things.Put(tx, &thing{ID: "a"})
		return nil
	})
	if !errors.Is(err, context.Canceled) || ran {
		t.Errorf("Update: got %v, ran: %t", err, ran)
	}
	if err := s.db.View(ctx, func(tx *store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("View: got %v", err)
	}
	// Cancelled half-way: the next read says so, and nothing is written.
	ctx, cancel = context.WithCancel(t.Context())
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		things.Put(tx, &thing{ID: "a"})
		cancel()
		_, err := things.Get(tx, store.K("b"))
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("half-way: got %v", err)
	}
	// Cancelled while another one holds everybody up.
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	held, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		var once sync.Once
		done <- s.db.Update(t.Context(), func(tx *store.Tx) error {
			once.Do(func() { close(held); <-release })
			others.Put(tx, &thing{ID: "b"})
			return nil
		})
	}()
	<-held
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		if _, err := others.Get(tx, store.K("b")); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		things.Put(tx, &thing{ID: "a"})
		<-ctx.Done() // in a driver that lets both begin
		_, err := things.Get(tx, store.K("b"))
		return err
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while waiting: got %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Errorf("who held it up: %v", err)
	}
	s.view(t, func(tx *store.Tx) { wantIDs(t, tx, store.Range{}, "") })
}

// testReindexed opens the store again with other indexes of a collection.
func testReindexed(t *testing.T, s *suite) {
	a := store.NewID()
	const many = 450
	s.update(t, func(tx *store.Tx) {
		tx.CreateKey(a)
		for i := range many {
			letters.Put(tx, &letter{Account: a, Seq: uint32(i), Address: [32]byte{byte(i), byte(i >> 8), 1}, Text: "t"})
		}
		things.Put(tx, &thing{ID: "a", Name: "n"})
		things.Put(tx, &thing{ID: "b", Name: "x", Expires: s.clock.Now().Add(time.Second)})
		things.Put(tx, &thing{ID: "c", Group: "n", Expires: s.clock.Now().Add(time.Second)})
	})
	rows := s.rows(t, "letter")
	rows[7].Value[40] ^= 1
	s.forge(t, "letter", 1, rows[7])
	s.clock.Add(time.Second)

	bySeq := store.Sealed("letter", func(v *letter) store.Key { return store.K(v.Account, v.Seq) },
		store.Index("seq", func(v *letter) store.Key { return store.K(many - int(v.Seq)) }))
	// The names and groups of things change places.
	swapped := store.Plain("thing", func(v *thing) store.Key { return store.K(v.ID) },
		store.Unique("group", func(v *thing) store.Key { return text(v.Group) }),
		store.Unique("name", func(v *thing) store.Key { return text(v.Name) }),
		store.Expires(func(v *thing) time.Time { return v.Expires }))
	now := []store.Table{swapped, others, bySeq, parcels, secrets, lines, diary}
	db, err := store.Open(t.Context(), s.driver, now, store.Options{Now: s.clock.Now, Keys: s.keys, RunTwice: true})
	if err != nil {
		t.Fatal(err)
	}
	s.db = db
	if n, err := db.Sweep(t.Context()); n != 2 || err != nil {
		t.Errorf("swept %d, %v; want 2", n, err)
	}
	s.view(t, func(tx *store.Tx) {
		if v, err := swapped.GetBy(tx, "name", store.K("n")); err != nil || v.ID != "a" {
			t.Errorf("by name: %+v, %v", v, err)
		}
		all, err := bySeq.List(tx, store.Range{Index: "seq"})
		if err != nil || len(all) != many-1 || all[0].Seq != many-1 {
			t.Errorf("by the new index: %d, %v; want all but the one that cannot be read", len(all), err)
		}
	})
	s.update(t, func(tx *store.Tx) {
		for i := range many {
			bySeq.Delete(tx, store.K(a, i))
		}
	})
	s.view(t, func(tx *store.Tx) {
		if all, err := bySeq.List(tx, store.Range{Index: "seq"}); err != nil || len(all) != 0 {
			t.Errorf("after deleting: %d, %v", len(all), err)
		}
	})
}
