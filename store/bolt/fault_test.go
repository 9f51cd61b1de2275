package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/storetest"
)

type entry struct {
	ID   string `json:"id"`
	Pair string `json:"pair"`
}

var (
	firsts  = store.Plain("first", func(e *entry) store.Key { return store.K(e.ID) }, store.Index("pair", func(e *entry) store.Key { return store.K(e.Pair) }))
	seconds = store.Plain("second", func(e *entry) store.Key { return store.K(e.ID) })
	events  = store.NewLog[entry]("event")
	notes   = store.Sealed("note", func(n *note) store.Key { return store.K(n.Account) })
	records = []store.Table{firsts, seconds, events, notes}
)

type note struct {
	Account store.ID `json:"account"`
	Text    string   `json:"text"`
}

// write puts one entry in three places.
func write(t testing.TB, db *store.DB, id string) error {
	return db.Update(t.Context(), func(tx *store.Tx) error {
		e := &entry{ID: id, Pair: "p"}
		firsts.Insert(tx, e)
		seconds.Insert(tx, e)
		events.Append(tx, e)
		return nil
	})
}

// whole returns the ids that are there, after seeing that each is in all three
// places and the log is dense.
func whole(t testing.TB, db *store.DB) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	err := db.View(t.Context(), func(tx *store.Tx) error {
		var b store.Batch
		one, two := firsts.WantList(&b, store.Range{Index: "pair"}), seconds.WantList(&b, store.Range{})
		if err := tx.Read(&b); err != nil {
			return err
		}
		x, err := one.All()
		if err != nil {
			return err
		}
		y, err := two.All()
		if err != nil {
			return err
		}
		log, err := events.After(tx, 0, 0)
		if err != nil {
			return err
		}
		if len(x) != len(y) || len(x) != len(log) {
			t.Errorf("%d, %d and %d of what is written together", len(x), len(y), len(log))
		}
		for i := range x {
			if i < len(y) && x[i].ID != y[i].ID {
				t.Errorf("%s beside %s", x[i].ID, y[i].ID)
			}
			ids[x[i].ID] = true
		}
		for i, e := range log {
			if e.Pos != uint64(i+1) || !ids[e.Record.ID] {
				t.Errorf("entry %d stands at %d: %+v", i+1, e.Pos, e.Record)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func openAt(t testing.TB, path string, keys *store.Keys, o bolt.Options) (*store.DB, *bolt.Driver) {
	t.Helper()
	d, err := bolt.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	db, err := store.Open(t.Context(), d, records, store.Options{Now: storetest.NewClock().Now, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return db, d
}

// After a sync that failed nothing is accepted or read any more, Run says why,
// and what had been acknowledged is there when the file is opened again.
func TestFailedSync(t *testing.T) {
	for name, fault := range map[string]struct {
		reached bool // the disk has it all the same
		err     error
	}{
		"lost":                {false, syscall.EIO},
		"on disk":             {true, syscall.EIO},
		"full at a sync":      {true, &fs.PathError{Op: "sync", Path: "x", Err: syscall.ENOSPC}},
		"full at a raw sync":  {false, syscall.ENOSPC},
		"not of the platform": {true, errors.New("something else")},
	} {
		t.Run(name, func(t *testing.T) {
			path, keys := filepath.Join(storetest.Dir(t), "p.db"), storetest.Keys(t)
			var broken atomic.Bool
			db, d := openAt(t, path, keys, bolt.Options{Commit: func(commit func() error) error {
				if !broken.Load() {
					return commit()
				}
				if fault.reached {
					if err := commit(); err != nil {
						return err
					}
				}
				return fault.err
			}})
			ran := make(chan error, 1)
			go func() { ran <- db.Run(t.Context()) }()
			for i := range 5 {
				if err := write(t, db, fmt.Sprint("kept", i)); err != nil {
					t.Fatal(err)
				}
			}
			broken.Store(true)
			var wg sync.WaitGroup
			for i := range 10 {
				wg.Go(func() {
					if err := write(t, db, fmt.Sprint("unknown", i)); !errors.Is(err, store.ErrUnavailable) {
						t.Errorf("got %v, want ErrUnavailable", err)
					}
				})
			}
			wg.Wait()
			broken.Store(false)
			if err := write(t, db, "late"); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, fault.err) {
				t.Errorf("got %v, want ErrUnavailable and the cause", err)
			}
			err := db.View(t.Context(), func(tx *store.Tx) error { return nil })
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("View: got %v, want ErrUnavailable", err)
			}
			select {
			case err := <-ran:
				if !errors.Is(err, fault.err) {
					t.Errorf("Run returned %v, want the cause", err)
				}
			case <-time.After(10 * time.Second):
				t.Error("Run goes on")
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
			db, _ = openAt(t, path, keys, bolt.Options{})
			ids := whole(t, db)
			for i := range 5 {
				if !ids[fmt.Sprint("kept", i)] {
					t.Errorf("kept%d is lost", i)
				}
			}
			if ids["late"] {
				t.Error("what was refused is there")
			}
		})
	}
}

// A disk that is full refuses the write and nothing else.
func TestRefusedWrite(t *testing.T) {
	path, keys := filepath.Join(storetest.Dir(t), "p.db"), storetest.Keys(t)
	var full atomic.Bool
	db, _ := openAt(t, path, keys, bolt.Options{Commit: func(commit func() error) error {
		if full.Load() {
			return &fs.PathError{Op: "write", Path: path, Err: syscall.ENOSPC}
		}
		return commit()
	}})
	for i := range 6 {
		full.Store(i%2 == 1)
		if err := write(t, db, fmt.Sprint(i)); (err != nil) != (i%2 == 1) || err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("write %d: %v", i, err)
		}
		whole(t, db)
	}
	full.Store(false)
	if ids := whole(t, db); len(ids) != 3 {
		t.Errorf("got %v, want 0, 2 and 4", ids)
	}
}

func TestClosed(t *testing.T) {
	db, _ := openAt(t, filepath.Join(storetest.Dir(t), "p.db"), storetest.Keys(t), bolt.Options{})
	ran := make(chan error, 1)
	go func() { ran <- db.Run(t.Context()) }()
	for range 2 {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := write(t, db, "a"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Update: got %v, want ErrUnavailable", err)
	}
	if err := db.View(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("View: got %v, want ErrUnavailable", err)
	}
	if err := <-ran; err != nil {
		t.Errorf("Run: %v", err)
	}
}

// Many Updates at once share syncs.
func TestSharedSync(t *testing.T) {
	// The first commit takes as long as it takes the others to queue.
	gate := make(chan struct{})
	var armed atomic.Bool
	db, d := openAt(t, filepath.Join(storetest.Dir(t), "p.db"), storetest.Keys(t), bolt.Options{Commit: func(commit func() error) error {
		if armed.Swap(false) {
			<-gate
		}
		return commit()
	}})
	before := d.Stats()
	armed.Store(true)
	var wg sync.WaitGroup
	const n = 32
	for i := range n {
		wg.Go(func() {
			if err := write(t, db, fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	for d.Stats().Waiting < n {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond) // from being counted to being queued
	close(gate)
	wg.Wait()
	after := d.Stats()
	turns, commits := after.Turns-before.Turns, after.Commits-before.Commits
	if turns != n || commits > 3 {
		t.Errorf("%d updates in %d commits, want %d in 3 at most", turns, commits, n)
	}
	if ids := whole(t, db); len(ids) != n {
		t.Errorf("%d are there, want %d", len(ids), n)
	}
}

// The folder and the file are private.
func TestPrivate(t *testing.T) {
	dir := filepath.Join(storetest.Dir(t), "data")
	openAt(t, filepath.Join(dir, "p.db"), storetest.Keys(t), bolt.Options{})
	if mode := modeOf(t, dir); mode.Perm() != 0o700 {
		t.Errorf("folder: %v", mode)
	}
	if mode := modeOf(t, filepath.Join(dir, "p.db")); mode.Perm() != 0o600 {
		t.Errorf("file: %v", mode)
	}
	if names := strings.Join(filesIn(t, dir), " "); names != "p.db" {
		t.Errorf("the folder has %s", names)
	}
}

// Of what is sealed no byte can be read in the file, before or after it was
// erased; what stands in the clear is found by the same search.
func TestNothingPrivateInTheFile(t *testing.T) {
	dir := storetest.Dir(t)
	path := filepath.Join(dir, "p.db")
	db, _ := openAt(t, path, storetest.Keys(t), bolt.Options{})
	account := store.NewID()
	look := func(when string) {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(b, []byte("in the clear")) {
			t.Errorf("%s: the search finds nothing at all", when)
		}
		for _, word := range []string{"kim@example.org", "oat milk"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s: the file has %q", when, word)
			}
		}
	}
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		tx.CreateKey(account)
		notes.Put(tx, &note{Account: account, Text: "kim@example.org takes oat milk"})
		firsts.Put(tx, &entry{ID: "in the clear"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	look("written")
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		notes.Delete(tx, store.K(account))
		tx.DestroyKey(account)
		return nil
	})
	if err == nil {
		err = db.Rekey(t.Context(), account)
	}
	if err != nil {
		t.Fatal(err)
	}
	look("erased")
}
