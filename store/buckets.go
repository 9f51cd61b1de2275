package store

import "context"

// Buckets keep the bucket keys of a store: BucketFile for one process, a table
// of the database for several, or a key management service. What they are given
// is wrapped by the master key, so they learn nothing. They are safe for
// concurrent use and may be called while a transaction of the store is open, so
// they must not need one of its own.
//
// Errors that will pass wrap ErrUnavailable.
type Buckets interface {
	// All returns the whole set; one without keys if none was begun.
	All(ctx context.Context) (BucketSet, error)

	// Begin keeps the first set, whole or not at all. If there is one it changes
	// nothing and returns nil: of several that begin at once, one is the first.
	Begin(ctx context.Context, first BucketSet) error

	// Load returns the keys that a bucket has now, older ones first. It sees
	// every Add and Drop that has returned, wherever.
	Load(ctx context.Context, bucket uint16) ([]BucketKey, error)

	// Add keeps one more key of a bucket; it is durable when Add returns nil. If
	// the bucket has one of that version, or a newer one, it keeps nothing and
	// returns ErrNotUnique. After any other error it may be there or not.
	Add(ctx context.Context, key BucketKey) error

	// Drop deletes the keys of a bucket that are older than a version. When it
	// has returned nil they are not to be had from where they were kept, but for
	// copies that others made of that place.
	Drop(ctx context.Context, bucket uint16, older uint32) error
}

// A BucketKey is a key of a bucket, wrapped by the master key.
type BucketKey struct {
	Bucket  uint16 // below 4,096
	Version uint32 // 1 and up; a newer key has a higher one
	Wrapped []byte
}

// A BucketSet is all keys of all buckets: each has one, and a second one while
// the bucket is being re-keyed.
type BucketSet struct {
	ID   ID          // random; every wrapped key is bound to it
	Keys []BucketKey // in order of bucket, then version
}
