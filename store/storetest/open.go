// Package storetest has what tests of and over a store need: a fresh store
// with a clock to set (Open), wrappers that count and that fail, and the suite
// every driver has to pass (Run).
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
)

// Open returns a fresh store in a Place of its own, with keys of its own, that
// runs every Update twice. A nil clock stands still at Epoch. The store is
// closed when t ends.
//
//	db := storetest.Open(t, clock, identity.Records, outbox.Records)
func Open(t testing.TB, clock *Clock, records ...[]store.Table) *store.DB {
	t.Helper()
	return OpenOn(t, Driver(t), clock, records...)
}

// OpenOn is Open on another driver, such as Count(Driver(t)). Until t ends it
// does the driver's own work, so that logs are numbered, but nothing of the
// store's: nothing is swept.
func OpenOn(t testing.TB, d store.Driver, clock *Clock, records ...[]store.Table) *store.DB {
	t.Helper()
	return OpenWith(t, d, Keys(t), clock, records...)
}

// OpenWith is OpenOn with keys that are there already.
func OpenWith(t testing.TB, d store.Driver, keys *store.Keys, clock *Clock, records ...[]store.Table) *store.DB {
	t.Helper()
	if clock == nil {
		clock = NewClock()
	}
	db, err := store.Open(t.Context(), d, slices.Concat(records...), store.Options{Now: clock.Now, Keys: keys, RunTwice: true})
	if err != nil {
		d.Close()
		t.Fatal(err)
	}
	stop := work(t, d)
	t.Cleanup(func() {
		stop()
		if err := db.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return db
}

// work runs d until stop is called.
func work(t testing.TB, d store.Driver) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the driver's own work: %v", err)
		}
	}
}

// Bolt opens a fresh bolt file, whatever store is tested: for what has to do
// with its file.
func Bolt(t testing.TB) *bolt.Driver {
	t.Helper()
	d, err := bolt.Open(filepath.Join(Dir(t), "proffer.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Keys makes fresh keys.
func Keys(t testing.TB) *store.Keys {
	t.Helper()
	dir := Dir(t)
	k, err := store.OpenKeys(filepath.Join(dir, "master.key"), filepath.Join(dir, "bucket.keys"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Dir is t.TempDir(), but in memory where the system has a disk there: a test
// of what stands over the store need not wait for syncs, which a busy machine
// makes slow.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "proffer-test-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// Epoch is where a new Clock stands.
var Epoch = time.Date(2026, time.March, 14, 9, 26, 53, 0, time.UTC)

// A Clock is set by hand. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock at Epoch.
func NewClock() *Clock { return &Clock{now: Epoch} }

// Now is the time on the clock, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set sets the clock.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t.UTC()
}

// Add moves the clock and returns the new time.
func (c *Clock) Add(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}
