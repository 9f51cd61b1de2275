package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
)

// A BucketFile keeps bucket keys in a file beside the store of one process. It
// is replaced as a whole, so the old one is gone when a key is dropped; of its
// copies only the newest may be kept.
type BucketFile struct {
	path string
	mu   sync.Mutex
	set  BucketSet // what the file has, once it was read
}

// NewBucketFile keeps bucket keys at a path. The file is made by Begin; one that
// others may read is refused.
func NewBucketFile(path string) *BucketFile { return &BucketFile{path: path} }

func (f *BucketFile) String() string { return f.path }

// All implements Buckets.
func (f *BucketFile) All(context.Context) (BucketSet, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.read()
	return BucketSet{f.set.ID, slices.Clone(f.set.Keys)}, err
}

// Begin implements Buckets.
func (f *BucketFile) Begin(_ context.Context, first BucketSet) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	b, err := encodeBuckets(first)
	if err != nil {
		return err
	}
	if err = createFile(f.path, b); errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// Load implements Buckets.
func (f *BucketFile) Load(_ context.Context, bucket uint16) ([]BucketKey, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.read(); err != nil {
		return nil, err
	}
	from, to := f.set.place(bucket, 0), f.set.place(bucket+1, 0)
	return slices.Clone(f.set.Keys[from:to]), nil
}

// Add implements Buckets.
func (f *BucketFile) Add(_ context.Context, key BucketKey) error {
	return f.change(func(set *BucketSet) error {
		at, next := set.place(key.Bucket, key.Version), set.place(key.Bucket+1, 0)
		if at < next {
			return fmt.Errorf("bucket %d version %d: %w", key.Bucket, key.Version, ErrNotUnique)
		}
		set.Keys = slices.Insert(set.Keys, at, key)
		return nil
	})
}

// Drop implements Buckets.
func (f *BucketFile) Drop(_ context.Context, bucket uint16, older uint32) error {
	return f.change(func(set *BucketSet) error {
		set.Keys = slices.Delete(set.Keys, set.place(bucket, 0), set.place(bucket, older))
		return nil
	})
}

// change replaces the file by what fn makes of a copy of the set.
func (f *BucketFile) change(fn func(*BucketSet) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.read(); err != nil {
		return err
	}
	set := BucketSet{f.set.ID, slices.Clone(f.set.Keys)}
	if err := fn(&set); err != nil {
		return err
	}
	b, err := encodeBuckets(set)
	if err != nil {
		return err
	}
	if err := replaceFile(f.path, b); err != nil {
		return err
	}
	f.set = set
	return nil
}

// tidy removes what a crash left beside the file.
func (f *BucketFile) tidy() error { return tidy(f.path) }

// read reads the file unless that was done. No file is an empty set.
func (f *BucketFile) read() error {
	if f.set.Keys != nil {
		return nil
	}
	b, err := readPrivate(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f.set, err = decodeBuckets(b)
	return err
}

// place is where a key stands, or would, in the order of the set.
func (s *BucketSet) place(bucket uint16, version uint32) int {
	at, _ := slices.BinarySearchFunc(s.Keys, BucketKey{Bucket: bucket, Version: version}, func(x, y BucketKey) int {
		return cmp.Or(cmp.Compare(x.Bucket, y.Bucket), cmp.Compare(x.Version, y.Version))
	})
	return at
}

// The file: a line that says what it is, the set's id, then an entry for every
// key: bucket(2) version(4) and the wrapped key(60).
const (
	bucketsHead  = "proffer bucket keys 1\n"
	bucketsEntry = 2 + 4 + wrappedLen
)

func encodeBuckets(set BucketSet) ([]byte, error) {
	out := make([]byte, 0, len(bucketsHead)+len(set.ID)+len(set.Keys)*bucketsEntry)
	out = append(append(out, bucketsHead...), set.ID[:]...)
	for _, key := range set.Keys {
		if len(key.Wrapped) != wrappedLen {
			return nil, fmt.Errorf("bucket %d version %d: %d bytes, want %d", key.Bucket, key.Version, len(key.Wrapped), wrappedLen)
		}
		out = binary.BigEndian.AppendUint16(out, key.Bucket)
		out = binary.BigEndian.AppendUint32(out, key.Version)
		out = append(out, key.Wrapped...)
	}
	return out, nil
}

func decodeBuckets(b []byte) (BucketSet, error) {
	var set BucketSet
	rest, ok := bytes.CutPrefix(b, []byte(bucketsHead))
	if !ok || len(rest) < len(set.ID) || (len(rest)-len(set.ID))%bucketsEntry != 0 {
		return set, errors.New("not a file of bucket keys, or cut off; put back its newest backup")
	}
	copy(set.ID[:], rest)
	set.Keys = []BucketKey{} // not nil: there is a file, even one with no key in it
	for rest = rest[len(set.ID):]; len(rest) > 0; rest = rest[bucketsEntry:] {
		set.Keys = append(set.Keys, BucketKey{
			Bucket:  binary.BigEndian.Uint16(rest),
			Version: binary.BigEndian.Uint32(rest[2:]),
			Wrapped: rest[6:bucketsEntry:bucketsEntry],
		})
	}
	return set, nil
}
