package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/storetest"
)

type oldNote struct {
	Account store.ID `json:"account"`
	Text    string   `json:"text"`
}

// TestSchema1 opens files as they were before buckets had floors. Of the four
// accounts of one bucket the first was erased, so the bucket has its second key,
// and the second was to be: its mark is there.
func TestSchema1(t *testing.T) {
	dir := storetest.Dir(t)
	for _, name := range []string{"master.key", "bucket.keys", "proffer.db.gz"} {
		b, err := os.ReadFile(filepath.Join("testdata", "schema1", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "proffer.db.gz" {
			name = "proffer.db"
			r, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if b, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	notes := store.Sealed("note", func(n *oldNote) store.Key { return store.K(n.Account) })
	d, err := bolt.Open(filepath.Join(dir, "proffer.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	keys, err := store.OpenKeys(filepath.Join(dir, "master.key"), filepath.Join(dir, "bucket.keys"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), d, []store.Table{notes}, store.Options{Now: storetest.NewClock().Now, Keys: keys, RunTwice: true})
	if err != nil {
		t.Fatal(err)
	}
	account := func(n byte) store.ID { return store.ID{0xab, 0xc0, n} }
	read := func(n byte) (text string, err error) {
		err = db.View(t.Context(), func(tx *store.Tx) error {
			v, err := notes.Get(tx, store.K(account(n)))
			if err == nil {
				text = v.Text
			}
			return err
		})
		return text, err
	}
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		tx.CreateKey(account(4))
		notes.Put(tx, &oldNote{account(4), "of schema 1"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		for n := range byte(5) {
			text, err := read(n)
			if n < 2 && !errors.Is(err, store.ErrSealed) || n >= 2 && (err != nil || text != "of schema 1") {
				t.Errorf("%s: account %d: %q, %v", when, n, text, err)
			}
		}
	}
	check("opened")

	// Run goes on with the second one.
	old, err := os.ReadFile(filepath.Join(dir, "bucket.keys"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- db.Run(ctx) }()
	marks := func() (n int) {
		err := d.View(t.Context(), func(r store.Reader) error {
			found, err := r.Read(t.Context(), []store.Request{{Table: "rekey"}}, false)
			if err == nil {
				n = len(found[0])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for end := time.Now().Add(20 * time.Second); marks() > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-ran; err != nil || marks() > 0 {
		t.Errorf("Run: %v, %d marks are left", err, marks())
	}
	now, err := os.ReadFile(filepath.Join(dir, "bucket.keys"))
	if err != nil || len(now) != len(old) || bytes.Equal(now, old) {
		t.Errorf("the bucket keys: %d bytes, before %d, %v", len(now), len(old), err)
	}
	check("re-keyed")
}
