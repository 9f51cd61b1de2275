package storetest

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

// patience is how long a test waits for what a driver does by itself. It is
// much more than that takes, as the machine may be busy.
const patience = 20 * time.Second

// Numbered waits until every entry that was appended through c can be read. On
// bolt that is so at once; a driver that many share numbers entries a moment
// after the Update, in Run. Logs that were trimmed to their end must have been
// appended to since. It counts nothing.
func (c *Counter) Numbered(t testing.TB) {
	t.Helper()
	c.mu.Lock()
	want := maps.Clone(c.appended)
	c.mu.Unlock()
	for log, n := range want {
		await(t, func() (string, error) {
			there, err := c.has(t.Context(), log, n)
			if !there && err == nil {
				return fmt.Sprintf("log %s: entry %d has no position", log, n), nil
			}
			return "", err
		})
	}
}

// has says whether a log has an entry at pos or behind it.
func (c *Counter) has(ctx context.Context, log string, pos uint64) (there bool, err error) {
	err = c.Driver.View(ctx, func(r store.Reader) error {
		found, err := r.Read(ctx, []store.Request{{Table: log, Range: store.Range{From: store.K(pos), Limit: 1}}}, false)
		if err == nil {
			there = len(found[0]) > 0
		}
		return err
	})
	return there, err
}

// Entries waits until a log has n entries and returns all it has.
//
//	events := storetest.Entries(t, db, outbox.After, 2)
func Entries[T any](t testing.TB, db *store.DB, after func(tx *store.Tx, pos uint64, limit int) ([]store.Entry[T], error), n int) []store.Entry[T] {
	t.Helper()
	var all []store.Entry[T]
	await(t, func() (string, error) {
		err := db.View(t.Context(), func(tx *store.Tx) (err error) {
			all, err = after(tx, 0, 0)
			return err
		})
		if len(all) < n && err == nil {
			return fmt.Sprintf("%d entries of %d", len(all), n), nil
		}
		return "", err
	})
	return all
}

// await asks again until nothing is missing.
func await(t testing.TB, missing func() (string, error)) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		what, err := missing()
		switch {
		case err != nil:
			t.Fatal(err)
		case what == "":
			return
		case time.Now().After(end):
			t.Fatalf("after %s: %s", patience, what)
		}
	}
}
