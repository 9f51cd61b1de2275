package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/storetest"
)

// BenchmarkDisk is on the disk there is.
func BenchmarkDisk(b *testing.B) { benchIn(b, func(b *testing.B) string { return b.TempDir() }) }

// BenchmarkMemory is on a disk in memory: what it costs but for the sync.
func BenchmarkMemory(b *testing.B) {
	benchIn(b, func(b *testing.B) string { return storetest.Dir(b) })
}

func benchIn(b *testing.B, dir func(*testing.B) string) {
	storetest.Bench(b, func(b *testing.B) (store.Driver, func() map[string]int64) {
		d, err := bolt.Open(filepath.Join(dir(b), "p.db"), bolt.Options{})
		if err != nil {
			b.Fatal(err)
		}
		return d, func() map[string]int64 { return map[string]int64{"syncs": int64(d.Stats().Commits)} }
	})
}
