package store_test

import (
	"path/filepath"
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

func TestBucketFile(t *testing.T) {
	storetest.RunBuckets(t, func(t *testing.T) func() store.Buckets {
		path := filepath.Join(storetest.Dir(t), "made", "buckets")
		return func() store.Buckets { return store.NewBucketFile(path) }
	})
}

// What does not fit the file is refused, and nothing of it is written.
func TestBucketFileRefuses(t *testing.T) {
	f := store.NewBucketFile(filepath.Join(storetest.Dir(t), "buckets"))
	long := store.BucketKey{Bucket: 1, Version: 2, Wrapped: make([]byte, 61)}
	if err := f.Begin(t.Context(), store.BucketSet{Keys: []store.BucketKey{long}}); err == nil {
		t.Error("begun with a key that is too long")
	}
	if set, err := f.All(t.Context()); err != nil || set.Keys != nil {
		t.Errorf("after that: %v, %v", set, err)
	}
	long.Wrapped = long.Wrapped[:60]
	if err := f.Begin(t.Context(), store.BucketSet{Keys: []store.BucketKey{long}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Add(t.Context(), store.BucketKey{Bucket: 1, Version: 3}); err == nil {
		t.Error("added a key of no bytes")
	}
	if set, err := f.All(t.Context()); err != nil || len(set.Keys) != 1 {
		t.Errorf("after that: %v, %v", set, err)
	}
}
