package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/proffer-id/proffer/store"
)

// A benchAnswer is about as large as what a room keeps of one.
type benchAnswer struct {
	Account  store.ID `json:"account"`
	Seq      uint32   `json:"seq"`
	Brand    string   `json:"brand"`
	Question string   `json:"question"`
	Value    string   `json:"value"`
	Times    int      `json:"times"`
	Screen   [32]byte `json:"screen"`
}

var benchAnswers = store.Sealed("answer", func(a *benchAnswer) store.Key { return store.K(a.Account, a.Seq) })

// Bench runs the benchmarks that drivers are compared by: one sealed record
// read, twenty listed, and an Update that reads one record of an account and
// writes it, by 1, 8 and 32 accounts at once. What is read and written is
// sealed, as everywhere. The driver that open returns is fresh, and counts says
// how often it has done what (such as "trips") since: that many for one
// operation are reported.
func Bench(b *testing.B, open func(b *testing.B) (d store.Driver, counts func() map[string]int64)) {
	const people, each = 32, 20
	fill := func(b *testing.B) (*store.DB, []store.ID, func() map[string]int64) {
		d, counts := open(b)
		db, err := store.Open(b.Context(), d, []store.Table{benchAnswers}, store.Options{Now: NewClock().Now, Keys: Keys(b)})
		if err != nil {
			d.Close()
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := db.Close(); err != nil {
				b.Errorf("closing the store: %v", err)
			}
		})
		accounts := make([]store.ID, people)
		for i := range accounts {
			accounts[i] = store.NewID()
			err := db.Update(b.Context(), func(tx *store.Tx) error {
				tx.CreateKey(accounts[i])
				for seq := range uint32(each) {
					benchAnswers.Put(tx, &benchAnswer{Account: accounts[i], Seq: seq, Brand: "kopi", Question: "coffee_milk", Value: "oat"})
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		return db, accounts, counts
	}
	b.Run("Get", func(b *testing.B) {
		db, accounts, counts := fill(b)
		benchLoop(b, counts, 1, func(int) error {
			return db.View(b.Context(), func(tx *store.Tx) error {
				_, err := benchAnswers.Get(tx, store.K(accounts[0], uint32(7)))
				return err
			})
		})
	})
	b.Run("List", func(b *testing.B) {
		db, accounts, counts := fill(b)
		benchLoop(b, counts, 1, func(int) error {
			return db.View(b.Context(), func(tx *store.Tx) error {
				all, err := benchAnswers.List(tx, store.Range{Prefix: store.K(accounts[0])})
				if err == nil && len(all) != each {
					err = fmt.Errorf("%d records", len(all))
				}
				return err
			})
		})
	})
	for _, n := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("Update/%d", n), func(b *testing.B) {
			db, accounts, counts := fill(b)
			benchLoop(b, counts, n, func(i int) error {
				return db.Update(b.Context(), func(tx *store.Tx) error {
					a, err := benchAnswers.Get(tx, store.K(accounts[i], uint32(7)))
					if err != nil {
						return err
					}
					changed := *a
					changed.Times++
					benchAnswers.Put(tx, &changed)
					return nil
				})
			})
		})
	}
}

// benchLoop does f b.N times, n at once, and reports the counts.
func benchLoop(b *testing.B, counts func() map[string]int64, n int, f func(i int) error) {
	b.ReportAllocs()
	before := counts()
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if err := f(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	for name, now := range counts() {
		b.ReportMetric(float64(now-before[name])/float64(b.N), name+"/op")
	}
}
