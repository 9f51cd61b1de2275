package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

// A vault is a key management service: it makes a key once and then hands it out.
type vault struct {
	key  []byte
	down error
}

func (v *vault) Key(_ context.Context, first bool) ([]byte, error) {
	if first && v.key == nil {
		v.key = make([]byte, 32)
		rand.Read(v.key)
	}
	return v.key, v.down
}

func (v *vault) String() string { return "the vault" }

// The master key may come from anywhere, and what is sealed with it needs it.
func TestMasterElsewhere(t *testing.T) {
	file := func() store.Buckets { return store.NewBucketFile(filepath.Join(storetest.Dir(t), "buckets")) }
	buckets, v := file(), new(vault)
	keys, err := store.OpenKeysIn(t.Context(), v, buckets)
	if err != nil {
		t.Fatal(err)
	}
	d := storetest.Driver(t)
	defer d.Close()
	o := store.Options{Now: storetest.NewClock().Now, Keys: keys}
	if _, err := store.Open(t.Context(), d, nil, o); err != nil {
		t.Fatal(err)
	}
	if o.Keys, err = store.OpenKeysIn(t.Context(), v, buckets); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), d, nil, o); err != nil {
		t.Errorf("with the key of the vault again: %v", err)
	}
	if o.Keys, err = store.OpenKeysIn(t.Context(), v, file()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), d, nil, o); err == nil || !strings.Contains(err.Error(), "the vault") {
		t.Errorf("with another set of bucket keys: %v, want it refused", err)
	}
	down := errors.New("the vault does not answer")
	for name, c := range map[string]struct {
		v    *vault
		want string
	}{
		"another key":          {&vault{key: []byte("0123456789abcdef0123456789abcdef")}, "not wrapped by the master key in the vault"},
		"a key that is short":  {&vault{key: []byte("0123456789abcdef")}, "at least 32"},
		"no key":               {&vault{}, "at least 32"},
		"a vault out of reach": {&vault{key: v.key, down: down}, down.Error()},
	} {
		_, err := store.OpenKeysIn(t.Context(), c.v, buckets)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "0123") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Where there are bucket keys no master key is made: it would not fit them, and
// who lost the old one would look for it in vain behind another error.
func TestMasterIsNotMadeBesideBuckets(t *testing.T) {
	dir := storetest.Dir(t)
	master, buckets := filepath.Join(dir, "master"), filepath.Join(dir, "buckets")
	if _, err := store.OpenKeys(master, buckets); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(master); err != nil {
		t.Fatal(err)
	}
	_, err := store.OpenKeys(master, buckets)
	if err == nil || !strings.Contains(err.Error(), "put it back") || !strings.Contains(err.Error(), master) {
		t.Errorf("got %v, want it refused", err)
	}
	if _, err := os.Stat(master); err == nil {
		t.Error("a master key was made")
	}
}

// A bucket file that is older than the store, because the wrong copy was put
// back, costs accounts of the buckets that were re-keyed since; no others, and
// the buckets come right with the next re-keying.
func TestOlderBucketFile(t *testing.T) {
	dir := storetest.Dir(t)
	master, buckets := filepath.Join(dir, "master"), filepath.Join(dir, "buckets")
	d := storetest.Driver(t)
	defer d.Close()
	notes := store.Sealed("note", func(id *store.ID) store.Key { return store.K(*id) })
	reopen := func() *store.DB {
		t.Helper()
		keys, err := store.OpenKeys(master, buckets)
		if err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(t.Context(), d, []store.Table{notes}, store.Options{Now: storetest.NewClock().Now, Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	create := func(db *store.DB, id store.ID) error {
		return db.Update(t.Context(), func(tx *store.Tx) error { tx.CreateKey(id); notes.Put(tx, &id); return nil })
	}
	get := func(db *store.DB, id store.ID) error {
		return db.View(t.Context(), func(tx *store.Tx) error { _, err := notes.Get(tx, store.K(id)); return err })
	}
	erase := func(db *store.DB, id store.ID) {
		t.Helper()
		err := db.Update(t.Context(), func(tx *store.Tx) error { tx.DestroyKey(id); return nil })
		if err == nil {
			err = db.Rekey(t.Context(), id)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var ids []store.ID
	for range 6 {
		id := store.NewID()
		id[0], id[1] = 0xab, 0xc0
		ids = append(ids, id)
	}
	far := store.ID{0x12, 1}
	db := reopen()
	old, err := os.ReadFile(buckets)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range append(ids[:3:3], far) {
		if err := create(db, id); err != nil {
			t.Fatal(err)
		}
	}
	erase(db, ids[0])
	erase(db, ids[1])
	if err := os.WriteFile(buckets, old, 0o600); err != nil {
		t.Fatal(err)
	}
	db = reopen()
	if err := get(db, far); err != nil {
		t.Errorf("an account of another bucket: %v", err)
	}
	if err := get(db, ids[2]); !errors.Is(err, store.ErrSealed) {
		t.Errorf("an account whose bucket was re-keyed since: %v, want ErrSealed", err)
	}
	if err := create(db, ids[3]); err == nil || !strings.Contains(err.Error(), "bucket 2748 has no key of version 3") {
		t.Errorf("a new account of that bucket: %v, want it refused", err)
	}
	erase(db, ids[2])
	for _, id := range ids[4:] {
		if err := create(db, id); err != nil {
			t.Fatalf("after re-keying it: %v", err)
		}
		if err := get(db, id); err != nil {
			t.Errorf("after re-keying it: %v", err)
		}
	}
}
