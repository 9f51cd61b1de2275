package bolt_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/storetest"
)

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// sound writes a store with some hundred records and returns its bytes.
func sound(t *testing.T, keys *store.Keys) []byte {
	t.Helper()
	path := filepath.Join(storetest.Dir(t), "p.db")
	db, d := openAt(t, path, keys, bolt.Options{})
	for i := range 30 {
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			for j := range 10 {
				e := &entry{ID: fmt.Sprintf("%03d", i*10+j), Pair: "p"}
				firsts.Insert(tx, e)
				seconds.Insert(tx, e)
				events.Append(tx, e)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What is no sound store is refused in words, and left as it is.
func TestOpenRefuses(t *testing.T) {
	keys := storetest.Keys(t)
	good := sound(t, keys)
	page := os.Getpagesize()
	zeroed := func(pages ...int) []byte {
		b := bytes.Clone(good)
		for _, p := range pages {
			clear(b[p*page : (p+1)*page])
		}
		return b
	}
	foreign := filepath.Join(storetest.Dir(t), "foreign")
	other, err := bbolt.Open(foreign, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("photos")); return err }); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	ofOthers, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Clone(good)
	path := filepath.Join(storetest.Dir(t), "newer")
	if err := os.WriteFile(path, newer, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := bbolt.Open(path, 0o600, nil); err != nil {
		t.Fatal(err)
	} else {
		err := b.Update(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("/schema")).Put([]byte("/version"), binary.BigEndian.AppendUint64(nil, store.SchemaVersion+1))
		})
		if err != nil {
			t.Fatal(err)
		}
		b.Close()
	}
	if newer, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	chance := make([]byte, 64<<10)
	for i := range chance {
		chance[i] = byte(rand.Uint32())
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":                      {nil, "empty"},
		"one byte":                   {good[:1], "not a store"},
		"cut within the first page":  {good[:page/2], "cut off"},
		"cut to the first page":      {good[:page], "cut off"},
		"cut to the meta pages":      {good[:2*page], "cut off"},
		"cut to 16 KiB":              {good[:16<<10], "cut off"},
		"noise":                      {chance, "not a store"},
		"zeros":                      {make([]byte, 64<<10), "not a store"},
		"text":                       {[]byte(strings.Repeat("title,author\n", 1000)), "not a store"},
		"both meta pages zeroed":     {zeroed(0, 1), "not a store"},
		"a file of another program":  {ofOthers, "photos"},
		"a store of a newer version": {newer, "newer version"},
	} {
		dir := storetest.Dir(t)
		path := filepath.Join(dir, "p.db")
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := bolt.Open(path, bolt.Options{})
		if err == nil {
			_, err = store.Open(t.Context(), d, records, store.Options{Now: storetest.NewClock().Now, Keys: keys})
			d.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v; want %q and the name of the file", name, err, c.want)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, c.file) {
			t.Errorf("%s: the file was changed: %v", name, err)
		}
		if names := filesIn(t, dir); len(names) != 1 {
			t.Errorf("%s: the folder has %v", name, names)
		}
	}
	damaged := bytes.Clone(good)
	damaged[30]++
	damaged[page+30]++
	for name, b := range map[string][]byte{"both meta pages damaged": damaged} {
		path := filepath.Join(storetest.Dir(t), "p.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := bolt.Open(path, bolt.Options{}); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	dir := storetest.Dir(t)
	if _, err := bolt.Open(dir, bolt.Options{}); err == nil || !strings.Contains(err.Error(), "not a file") {
		t.Errorf("a folder: got %v", err)
	}
	loose := filepath.Join(dir, "loose.db")
	if err := os.WriteFile(loose, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(loose, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Open(loose, bolt.Options{}); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("readable by others: got %v", err)
	}
}

// One meta page that a crash tore does no harm: the other one holds.
func TestTornMetaPage(t *testing.T) {
	keys := storetest.Keys(t)
	good := sound(t, keys)
	page := os.Getpagesize()
	for _, which := range []int{0, 1} {
		b := bytes.Clone(good)
		clear(b[which*page+40 : (which+1)*page])
		path := filepath.Join(storetest.Dir(t), "p.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		db, d := openAt(t, path, keys, bolt.Options{})
		if ids := whole(t, db); len(ids) < 290 {
			t.Errorf("page %d: %d records", which, len(ids))
		}
		if err := write(t, db, "after"); err != nil {
			t.Errorf("page %d: %v", which, err)
		}
		d.Close()
	}
}
