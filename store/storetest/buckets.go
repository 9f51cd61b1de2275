package storetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

// RunBuckets is the suite for what keeps bucket keys. fresh returns an empty
// place for them, and every call of open what keeps them there.
func RunBuckets(t *testing.T, fresh func(t *testing.T) (open func() store.Buckets)) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, open func() store.Buckets)
	}{
		{"Begin", testBegin},
		{"BeginAtOnce", testBeginAtOnce},
		{"AddAndDrop", testAddAndDrop},
		{"AddAtOnce", testAddAtOnce},
		{"BucketsCancelled", testBucketsCancelled},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, fresh(t)) })
	}
}

// aSet is a set with one key for every bucket. Nothing in it is wrapped really.
func aSet(first byte) store.BucketSet {
	set := store.BucketSet{ID: store.NewID()}
	for i := range uint16(4096) {
		set.Keys = append(set.Keys, aKey(i, 1, first))
	}
	return set
}

func aKey(bucket uint16, version uint32, b byte) store.BucketKey {
	return store.BucketKey{Bucket: bucket, Version: version, Wrapped: bytes.Repeat([]byte{b}, 60)}
}

func sameKeys(a, b []store.BucketKey) bool {
	return slices.EqualFunc(a, b, func(x, y store.BucketKey) bool {
		return x.Bucket == y.Bucket && x.Version == y.Version && bytes.Equal(x.Wrapped, y.Wrapped)
	})
}

func sameSet(a, b store.BucketSet) bool { return a.ID == b.ID && sameKeys(a.Keys, b.Keys) }

func testBegin(t *testing.T, open func() store.Buckets) {
	k, ctx := open(), t.Context()
	if set, err := k.All(ctx); err != nil || len(set.Keys) != 0 {
		t.Errorf("at first: %d keys, %v; want none", len(set.Keys), err)
	}
	first := aSet(1)
	if err := k.Begin(ctx, first); err != nil {
		t.Fatal(err)
	}
	if err := open().Begin(ctx, aSet(2)); err != nil {
		t.Errorf("a second time: %v", err)
	}
	for name, k := range map[string]store.Buckets{"begun": k, "opened anew": open()} {
		if set, err := k.All(ctx); err != nil || !sameSet(set, first) {
			t.Errorf("%s: %d keys of set %v, %v; want the first set, %v", name, len(set.Keys), set.ID, err, first.ID)
		}
		for _, i := range []uint16{0, 1, 2047, 4095} {
			if got, err := k.Load(ctx, i); err != nil || !sameKeys(got, []store.BucketKey{aKey(i, 1, 1)}) {
				t.Errorf("%s: bucket %d: %v, %v", name, i, got, err)
			}
		}
	}
}

// testBeginAtOnce is the first start of several processes.
func testBeginAtOnce(t *testing.T, open func() store.Buckets) {
	var wg sync.WaitGroup
	got := make([]store.BucketSet, 6)
	for i := range got {
		k := open()
		wg.Go(func() {
			err := k.Begin(t.Context(), aSet(byte(i)))
			if err == nil {
				got[i], err = k.All(t.Context())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, set := range got {
		if len(set.Keys) != 4096 || !sameSet(set, got[0]) {
			t.Errorf("%d keys of set %v, and %d of %v: want one set", len(set.Keys), set.ID, len(got[0].Keys), got[0].ID)
		}
	}
}

func testAddAndDrop(t *testing.T, open func() store.Buckets) {
	k, ctx := open(), t.Context()
	first := aSet(1)
	if err := k.Begin(ctx, first); err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(first.Keys)
	for _, key := range []store.BucketKey{aKey(0, 2, 2), aKey(4095, 2, 3), aKey(7, 2, 4), aKey(7, 5, 5), aKey(8, 1<<32-1, 6)} {
		if err := k.Add(ctx, key); err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(want, func(x store.BucketKey) bool { return x.Bucket > key.Bucket })
		if at < 0 {
			at = len(want)
		}
		want = slices.Insert(want, at, key)
	}
	for _, key := range []store.BucketKey{aKey(7, 5, 9), aKey(7, 4, 9), aKey(7, 1, 9), aKey(9, 1, 9), aKey(8, 3, 9)} {
		if err := k.Add(ctx, key); !errors.Is(err, store.ErrNotUnique) {
			t.Errorf("bucket %d version %d again, or beside a newer one: %v, want ErrNotUnique", key.Bucket, key.Version, err)
		}
	}
	check := func(when string) {
		t.Helper()
		for name, k := range map[string]store.Buckets{when: k, when + ", opened anew": open()} {
			if set, err := k.All(ctx); err != nil || set.ID != first.ID || !sameKeys(set.Keys, want) {
				t.Errorf("%s: %d keys, %v; want %d", name, len(set.Keys), err, len(want))
			}
			for _, i := range []uint16{0, 6, 7, 8, 9, 4095} {
				of := slices.DeleteFunc(slices.Clone(want), func(x store.BucketKey) bool { return x.Bucket != i })
				if got, err := k.Load(ctx, i); err != nil || !sameKeys(got, of) {
					t.Errorf("%s: bucket %d: %v, %v; want %v", name, i, got, err, of)
				}
			}
		}
	}
	check("added")
	for _, d := range []struct {
		bucket uint16
		older  uint32
	}{{7, 5}, {0, 1}, {4095, 2}, {8, 1}, {8, 1<<32 - 1}, {8, 1<<32 - 1}} {
		if err := k.Drop(ctx, d.bucket, d.older); err != nil {
			t.Fatal(err)
		}
		want = slices.DeleteFunc(want, func(x store.BucketKey) bool { return x.Bucket == d.bucket && x.Version < d.older })
	}
	check("dropped")
}

// testAddAtOnce has several of one version: one of them is kept.
func testAddAtOnce(t *testing.T, open func() store.Buckets) {
	k, ctx := open(), t.Context()
	if err := k.Begin(ctx, aSet(1)); err != nil {
		t.Fatal(err)
	}
	for version := uint32(2); version < 6; version++ {
		var wg sync.WaitGroup
		var mu sync.Mutex
		var kept []byte
		for i := range byte(6) {
			wg.Go(func() {
				err := k.Add(ctx, aKey(3, version, i))
				if err != nil && !errors.Is(err, store.ErrNotUnique) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					kept = append(kept, i)
				}
			})
		}
		wg.Wait()
		got, err := k.Load(ctx, 3)
		if err != nil || len(kept) != 1 || len(got) != int(version) || got[version-1].Wrapped[0] != kept[0] {
			t.Errorf("version %d: said to be kept are %v, there are %d, %v", version, kept, len(got), err)
		}
	}
}

// testBucketsCancelled: a context that has ended may be noticed, but nothing is
// left by half.
func testBucketsCancelled(t *testing.T, open func() store.Buckets) {
	k := open()
	if err := k.Begin(t.Context(), aSet(1)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Add(ctx, aKey(3, 2, 2)); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it done or context.Canceled", err)
	}
	if err := k.Drop(ctx, 3, 1); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it done or context.Canceled", err)
	}
	set, err := open().All(t.Context())
	if n := len(set.Keys); err != nil || n != 4096 && n != 4097 {
		t.Errorf("%d keys, %v", n, err)
	}
}

// What can be done with bucket keys once there are some.
const (
	BucketLoad = "load"
	BucketAdd  = "add"
	BucketDrop = "drop"
)

// BucketCounter is Buckets that counts and, when told to, fails.
type BucketCounter struct {
	store.Buckets
	mu    sync.Mutex
	calls map[string]int
	fails map[string]bucketFault
	delay time.Duration // of Load
}

type bucketFault struct {
	after, fail int
	done        bool // it is done all the same
}

// CountBuckets wraps what keeps bucket keys.
func CountBuckets(b store.Buckets) *BucketCounter {
	return &BucketCounter{Buckets: b, calls: map[string]int{}, fails: map[string]bucketFault{}}
}

// Calls is how often one of BucketLoad, BucketAdd and BucketDrop was asked for.
func (b *BucketCounter) Calls(what string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[what]
}

// Slow makes Load take longer.
func (b *BucketCounter) Slow(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.delay = d
}

// Fail makes the next n of a kind return store.ErrUnavailable after some were
// let through. If done is true they are done all the same, as when a connection
// is lost on the way back.
func (b *BucketCounter) Fail(what string, through, n int, done bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails[what] = bucketFault{through, n, done}
}

func (b *BucketCounter) call(what string, do func() error) error {
	b.mu.Lock()
	b.calls[what]++
	f := b.fails[what]
	failing := f.after == 0 && f.fail > 0
	switch {
	case f.after > 0:
		f.after--
	case f.fail > 0:
		f.fail--
	}
	b.fails[what] = f
	b.mu.Unlock()
	if failing && !f.done {
		return store.ErrUnavailable
	}
	err := do()
	if failing && err == nil {
		return store.ErrUnavailable
	}
	return err
}

// Load implements store.Buckets.
func (b *BucketCounter) Load(ctx context.Context, bucket uint16) (keys []store.BucketKey, err error) {
	err = b.call(BucketLoad, func() (err error) {
		b.mu.Lock()
		delay := b.delay
		b.mu.Unlock()
		time.Sleep(delay)
		keys, err = b.Buckets.Load(ctx, bucket)
		return err
	})
	if err != nil {
		return nil, err
	}
	return keys, nil
}

// Add implements store.Buckets.
func (b *BucketCounter) Add(ctx context.Context, key store.BucketKey) error {
	return b.call(BucketAdd, func() error { return b.Buckets.Add(ctx, key) })
}

// Drop implements store.Buckets.
func (b *BucketCounter) Drop(ctx context.Context, bucket uint16, older uint32) error {
	return b.call(BucketDrop, func() error { return b.Buckets.Drop(ctx, bucket, older) })
}
