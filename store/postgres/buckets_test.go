package postgres_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/postgres"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
	"github.com/proffer-id/proffer/store/storetest"
)

// Every keeper is a replica, with connections of its own, and the first of them
// finds an empty schema.
func TestBuckets(t *testing.T) {
	storetest.RunBuckets(t, func(t *testing.T) func() store.Buckets {
		url := pgtest.Fresh(t)
		return func() store.Buckets { return open(t, url, postgres.Options{Conns: 4}).Buckets() }
	})
}

// note is personal.
type note struct {
	Account store.ID `json:"account"`
	Text    string   `json:"text"`
}

var notes = store.Sealed("note", func(n *note) store.Key { return store.K(n.Account) })

// keysIn opens keys that are shared by replicas.
func keysIn(t *testing.T, master string, b store.Buckets) *store.Keys {
	t.Helper()
	keys, err := store.OpenKeysIn(t.Context(), store.MasterFile(master), b)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func storeWith(t *testing.T, d *postgres.Driver, keys *store.Keys) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), d, []store.Table{notes}, store.Options{Now: storetest.NewClock().Now, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Replicas that start at once on an empty schema end up with one store and one
// set of keys, and what one seals another one reads.
func TestFirstStartOfReplicas(t *testing.T) {
	url, master := pgtest.Fresh(t), filepath.Join(storetest.Dir(t), "master")
	drivers := make([]*postgres.Driver, 4)
	for i := range drivers {
		drivers[i] = open(t, url, postgres.Options{Conns: 4})
	}
	dbs := make([]*store.DB, len(drivers))
	var wg sync.WaitGroup
	for i, d := range drivers {
		wg.Go(func() {
			keys, err := store.OpenKeysIn(t.Context(), store.MasterFile(master), d.Buckets())
			if err == nil {
				dbs[i], err = store.Open(t.Context(), d, []store.Table{notes}, store.Options{Now: storetest.NewClock().Now, Keys: keys})
			}
			if err != nil {
				t.Errorf("replica %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	account := store.NewID()
	err := dbs[0].Update(t.Context(), func(tx *store.Tx) error {
		tx.CreateKey(account)
		notes.Put(tx, &note{account, "private"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, db := range dbs {
		err := db.View(t.Context(), func(tx *store.Tx) error { _, err := notes.Get(tx, store.K(account)); return err })
		if err != nil {
			t.Errorf("replica %d: %v", i, err)
		}
	}
}

// A replica with another master key is refused before it opens the store, and
// one without any does not make one.
func TestReplicaWithoutTheMasterKey(t *testing.T) {
	url, dir := pgtest.Fresh(t), storetest.Dir(t)
	d := open(t, url, postgres.Options{Conns: 2})
	keysIn(t, filepath.Join(dir, "master"), d.Buckets())
	_, err := store.OpenKeysIn(t.Context(), store.MasterFile(filepath.Join(dir, "none")), d.Buckets())
	if err == nil || !strings.Contains(err.Error(), "put it back") || !strings.Contains(err.Error(), dir) {
		t.Errorf("without a master key: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); err == nil {
		t.Error("a master key was made that wraps nothing")
	}
	if err := os.WriteFile(filepath.Join(dir, "other"), []byte("wzZ3Y0Vn2pVx8oQfJ1h7kLmTqRsUuEaB4dGcXyN5iPo=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = store.OpenKeysIn(t.Context(), store.MasterFile(filepath.Join(dir, "other")), d.Buckets())
	if err == nil || !strings.Contains(err.Error(), "not wrapped by the master key in "+dir) {
		t.Errorf("with another master key: %v", err)
	}
}

// A transaction that meets a new bucket key while every connection is in use by
// transactions like it gets the key all the same.
func TestBucketKeyWithoutAFreeConnection(t *testing.T) {
	url, master := pgtest.Fresh(t), filepath.Join(storetest.Dir(t), "master")
	a, b := open(t, url, postgres.Options{}), open(t, url, postgres.Options{Conns: 1})
	one, two := storeWith(t, a, keysIn(t, master, a.Buckets())), storeWith(t, b, keysIn(t, master, b.Buckets()))
	gone, stays := store.NewID(), store.NewID()
	stays[0], stays[1] = gone[0], gone[1]
	err := one.Update(t.Context(), func(tx *store.Tx) error {
		for _, id := range []store.ID{gone, stays} {
			tx.CreateKey(id)
			notes.Put(tx, &note{id, "private"})
		}
		return nil
	})
	if err == nil {
		err = one.Update(t.Context(), func(tx *store.Tx) error { tx.DestroyKey(gone); return nil })
	}
	if err == nil {
		err = one.Rekey(t.Context(), gone)
	}
	if err != nil {
		t.Fatal(err)
	}
	err = two.View(t.Context(), func(tx *store.Tx) error {
		if _, err := notes.Get(tx, store.K(gone)); !errors.Is(err, store.ErrSealed) {
			return fmt.Errorf("erased: %w", err)
		}
		n, err := notes.Get(tx, store.K(stays))
		if err == nil && n.Text != "private" {
			err = errors.New(n.Text)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	err = two.Update(t.Context(), func(tx *store.Tx) error {
		notes.Put(tx, &note{stays, "still"})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Dropped keys are not in the table, and vacuuming leaves nothing of them in
// its file, as docs/operations.md says.
func TestDroppedKeysAreVacuumed(t *testing.T) {
	url := pgtest.Fresh(t)
	d := open(t, url, postgres.Options{Conns: 2})
	k, ctx := d.Buckets(), t.Context()
	old := []byte("the bytes of a wrapped key that is to be dropped, sixty long")
	if err := k.Begin(ctx, store.BucketSet{ID: store.NewID(), Keys: []store.BucketKey{{Bucket: 1, Version: 1, Wrapped: old}}}); err != nil {
		t.Fatal(err)
	}
	if err := k.Add(ctx, store.BucketKey{Bucket: 1, Version: 2, Wrapped: make([]byte, 60)}); err != nil {
		t.Fatal(err)
	}
	if err := k.Drop(ctx, 1, 2); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	found := func() (found bool) {
		t.Helper()
		if _, err := conn.Exec(ctx, `CHECKPOINT`); err != nil {
			t.Skipf("the role may not look into files: %v", err)
		}
		if err := conn.QueryRow(ctx, `SELECT position($1::bytea IN pg_read_binary_file(pg_relation_filepath('_bucket'))) > 0`, old).Scan(&found); err != nil {
			t.Skipf("the role may not look into files: %v", err)
		}
		return found
	}
	if !found() {
		t.Error("the file of the table does not have what was just dropped: this test sees nothing")
	}
	if _, err := conn.Exec(ctx, `VACUUM FULL _bucket`); err != nil {
		t.Fatal(err)
	}
	if found() {
		t.Error("VACUUM FULL left a dropped key in the file of the table")
	}
}

// Connections that the server ends are made anew, and what was not done is done
// again.
func TestBucketsAfterLostConnections(t *testing.T) {
	url := pgtest.Fresh(t)
	sep := "?"
	if strings.Contains(url, "?") {
		sep = "&"
	}
	name := "cut_" + strings.ToLower(rand.Text()[:8])
	k, ctx := open(t, url+sep+"application_name="+name, postgres.Options{Conns: 2}).Buckets(), t.Context()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	cut := func() {
		t.Helper()
		var n int
		err := conn.QueryRow(ctx, `SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = $1`, name).Scan(&n)
		if err != nil || n == 0 {
			t.Fatalf("ended %d connections, %v", n, err)
		}
	}
	wrapped := make([]byte, 60)
	cut()
	if err := k.Begin(ctx, store.BucketSet{ID: store.NewID(), Keys: []store.BucketKey{{Bucket: 1, Version: 1, Wrapped: wrapped}}}); err != nil {
		t.Fatal(err)
	}
	cut()
	if err := k.Add(ctx, store.BucketKey{Bucket: 1, Version: 2, Wrapped: wrapped}); err != nil {
		t.Error(err)
	}
	cut()
	if err := k.Drop(ctx, 1, 2); err != nil {
		t.Error(err)
	}
	cut()
	if set, err := k.All(ctx); err != nil || len(set.Keys) != 1 || set.Keys[0].Version != 2 {
		t.Errorf("%v, %v; want version 2 alone", set.Keys, err)
	}
}
