package bolt_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/storetest"
)

// An answer is about as large as what a room keeps of one.
type answer struct {
	Account  store.ID `json:"account"`
	Seq      uint32   `json:"seq"`
	Brand    string   `json:"brand"`
	Question string   `json:"question"`
	Value    string   `json:"value"`
	Screen   [32]byte `json:"screen"`
}

var answers = store.Sealed("answer", func(a *answer) store.Key { return store.K(a.Account, a.Seq) })

func benchStore(b *testing.B, dir string, account store.ID) (*store.DB, *bolt.Driver) {
	b.Helper()
	d, err := bolt.Open(filepath.Join(dir, "p.db"), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	db, err := store.Open(b.Context(), d, []store.Table{answers}, store.Options{Now: storetest.NewClock().Now, Keys: storetest.Keys(b)})
	if err != nil {
		b.Fatal(err)
	}
	err = db.Update(b.Context(), func(tx *store.Tx) error {
		tx.CreateKey(account)
		for seq := range uint32(20) {
			answers.Put(tx, &answer{Account: account, Seq: seq, Brand: "kopi", Question: "coffee_milk", Value: "oat"})
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return db, d
}

// BenchmarkGet reads one sealed record, its account's key included.
func BenchmarkGet(b *testing.B) {
	account := store.NewID()
	db, _ := benchStore(b, storetest.Dir(b), account)
	b.ReportAllocs()
	for b.Loop() {
		err := db.View(b.Context(), func(tx *store.Tx) error {
			_, err := answers.Get(tx, store.K(account, 7))
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList reads twenty sealed records.
func BenchmarkList(b *testing.B) {
	account := store.NewID()
	db, _ := benchStore(b, storetest.Dir(b), account)
	b.ReportAllocs()
	for b.Loop() {
		err := db.View(b.Context(), func(tx *store.Tx) error {
			all, err := answers.List(tx, store.Range{Prefix: store.K(account)})
			if err == nil && len(all) != 20 {
				err = fmt.Errorf("%d records", len(all))
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPut writes one sealed record with nobody beside, on a disk in
// memory: what it costs but for the sync.
func BenchmarkPut(b *testing.B) {
	account := store.NewID()
	db, _ := benchStore(b, storetest.Dir(b), account)
	b.ReportAllocs()
	seq := uint32(0)
	for b.Loop() {
		seq++
		put(b, db, account, seq)
	}
}

func put(b *testing.B, db *store.DB, account store.ID, seq uint32) {
	err := db.Update(b.Context(), func(tx *store.Tx) error {
		answers.Put(tx, &answer{Account: account, Seq: seq % 10_000, Brand: "kopi", Question: "coffee_milk", Value: "oat"})
		return nil
	})
	if err != nil {
		b.Error(err)
	}
}

// BenchmarkUpdate writes on the disk there is, some at once, and reports how
// many shared a sync.
func BenchmarkUpdate(b *testing.B) {
	for _, n := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			account := store.NewID()
			db, d := benchStore(b, b.TempDir(), account)
			before := d.Stats()
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					for i := left.Add(-1); i >= 0; i = left.Add(-1) {
						put(b, db, account, uint32(i))
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			after := d.Stats()
			b.ReportMetric(float64(after.Turns-before.Turns)/float64(after.Commits-before.Commits), "updates/sync")
		})
	}
}
