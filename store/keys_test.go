package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

func TestOpenKeys(t *testing.T) {
	dir := filepath.Join(storetest.Dir(t), "made", "here")
	master, buckets := filepath.Join(dir, "master"), filepath.Join(dir, "buckets")
	if _, err := store.OpenKeys(master, buckets); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{master: 0o600, buckets: 0o600, dir: os.ModeDir | 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v; want mode %v", path, info.Mode(), err, mode)
		}
	}
	first, err := os.ReadFile(buckets)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenKeys(master, buckets); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(buckets); err != nil || !bytes.Equal(first, again) {
		t.Errorf("opening changed the bucket keys: %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
		t.Errorf("%v, %v: want the two files alone", files, err)
	}
}

// Two processes that start at once must not end up with different keys.
func TestOpenKeysAtOnce(t *testing.T) {
	dir := storetest.Dir(t)
	open := func() (*store.Keys, error) {
		return store.OpenKeys(filepath.Join(dir, "master"), filepath.Join(dir, "buckets"))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all []*store.Keys
	for range 8 {
		wg.Go(func() {
			// Who comes second to making a file may be told so, and opens it then.
			k, err := open()
			if err != nil {
				k, err = open()
			}
			if err != nil {
				k, err = open()
			}
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, k)
		})
	}
	wg.Wait()
	d := storetest.Driver(t)
	defer d.Close()
	for _, k := range all {
		if _, err := store.Open(t.Context(), d, nil, store.Options{Now: storetest.NewClock().Now, Keys: k}); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenKeysRefuses(t *testing.T) {
	good := []byte("wzZ3Y0Vn2pVx8oQfJ1h7kLmTqRsUuEaB4dGcXyN5iPo=\n")
	for name, c := range map[string]struct {
		spoil func(master, buckets string) error
		want  string
	}{
		"others may read the master key":   {func(m, b string) error { return os.Chmod(m, 0o640) }, "chmod 600"},
		"others may read the bucket keys":  {func(m, b string) error { return os.Chmod(b, 0o604) }, "chmod 600"},
		"others may write the bucket keys": {func(m, b string) error { return os.Chmod(b, 0o620) }, "chmod 600"},
		"a short master key":               {func(m, b string) error { return os.WriteFile(m, []byte("0123456789abcdef0123456789abcde\n"), 0o600) }, "at least 32"},
		"an empty master key":              {func(m, b string) error { return os.WriteFile(m, nil, 0o600) }, "at least 32"},
		"a master key of zeros":            {func(m, b string) error { return os.WriteFile(m, make([]byte, 64), 0o600) }, "no random key"},
		"another master key":               {func(m, b string) error { return os.WriteFile(m, good, 0o600) }, "not wrapped by the master key"},
		"a master key that is a folder":    {func(m, b string) error { os.Remove(m); return os.Mkdir(m, 0o700) }, "not a file"},
		"cut off bucket keys":              {func(m, b string) error { return os.Truncate(b, 1000) }, "cut off"},
		"bucket keys cut between two":      {func(m, b string) error { return os.Truncate(b, 22+16+66*4000) }, "has no key"},
		"empty bucket keys":                {func(m, b string) error { return os.Truncate(b, 0) }, "cut off"},
		"foreign bucket keys":              {func(m, b string) error { return os.WriteFile(b, good, 0o600) }, "not a file of bucket keys"},
		"damaged bucket keys": {func(m, b string) error {
			all, err := os.ReadFile(b)
			if err != nil {
				return err
			}
			all[len(all)/2] ^= 1
			return os.WriteFile(b, all, 0o600)
		}, "damaged"},
		"a bucket key there twice": {func(m, b string) error {
			all, err := os.ReadFile(b)
			if err != nil {
				return err
			}
			return os.WriteFile(b, append(all, all[len(all)-66:]...), 0o600)
		}, "out of order"},
	} {
		dir := storetest.Dir(t)
		master, buckets := filepath.Join(dir, "master"), filepath.Join(dir, "buckets")
		if _, err := store.OpenKeys(master, buckets); err != nil {
			t.Fatal(err)
		}
		if err := c.spoil(master, buckets); err != nil {
			t.Fatal(err)
		}
		_, err := store.OpenKeys(master, buckets)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: got %v; want %q and the name of the file", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "0123456789abcdef") {
			t.Errorf("%s: the error has the key: %v", name, err)
		}
	}
}

// A line end at the end of the master key does not matter.
func TestMasterLineEnd(t *testing.T) {
	dir := storetest.Dir(t)
	master, buckets := filepath.Join(dir, "master"), filepath.Join(dir, "buckets")
	for _, end := range []string{"", "\n", "\r\n"} {
		if err := os.WriteFile(master, []byte("wzZ3Y0Vn2pVx8oQfJ1h7kLmTqRsUuEaB4dGcXyN5iPo="+end), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.OpenKeys(master, buckets); err != nil {
			t.Errorf("end %q: %v", end, err)
		}
	}
}

// What a crash left beside the bucket keys holds old ones, so it goes when the
// store is opened.
func TestLeftOverKeysAreRemoved(t *testing.T) {
	dir := storetest.Dir(t)
	master, buckets := filepath.Join(dir, "master"), filepath.Join(dir, "buckets")
	keys, err := store.OpenKeys(master, buckets)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".buckets-123"), []byte("old keys"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := storetest.Driver(t)
	defer d.Close()
	if _, err := store.Open(t.Context(), d, nil, store.Options{Now: storetest.NewClock().Now, Keys: keys}); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
		t.Errorf("%v, %v: want the two files alone", files, err)
	}
}

func TestSecret(t *testing.T) {
	db, other := storetest.Open(t, nil), storetest.Open(t, nil)
	a := db.Secret("form")
	switch {
	case len(a) != 32 || !bytes.Equal(a, db.Secret("form")):
		t.Error("not the same 32 bytes every time")
	case bytes.Equal(a, db.Secret("email")), bytes.Equal(a, other.Secret("form")):
		t.Error("the same for another purpose or another master key")
	}
}

func TestOpenRefuses(t *testing.T) {
	record := func(name string, opts ...store.Option[store.ID]) store.Table {
		return store.Plain(name, func(v *store.ID) store.Key { return store.K(*v) }, opts...)
	}
	index := store.Index("by", func(v *store.ID) store.Key { return store.K(*v) })
	for name, tables := range map[string][]store.Table{
		"a table twice":       {record("a"), record("a")},
		"a name of our own":   {record("account_key")},
		"a name with a slash": {record("a/b")},
		"no name":             {record("")},
		"an index twice":      {record("a", index, index)},
		"an index of no name": {record("a", store.Index("", func(v *store.ID) store.Key { return nil }))},
	} {
		d := storetest.Driver(t)
		if _, err := store.Open(t.Context(), d, tables, store.Options{Now: storetest.NewClock().Now, Keys: storetest.Keys(t)}); err == nil {
			t.Errorf("%s: opened", name)
		}
		d.Close()
	}
	d := storetest.Driver(t)
	defer d.Close()
	if _, err := store.Open(t.Context(), d, nil, store.Options{}); err == nil {
		t.Error("opened without keys and a clock")
	}
}
