package store

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Keys are what a store is sealed with, kept apart from it: the master key, and
// 4,096 bucket keys wrapped by it. The bucket keys wrap the keys of the
// accounts. They are apart because erasing an account means that the old key of
// its bucket no longer exists anywhere: of the bucket keys only the newest may
// be kept, in backups too.
//
// Several processes may open the same keys, if what keeps them says so
// (Buckets). A key that one of them made becomes known to another when it meets
// the first record that needs it.
type Keys struct {
	names   string // where master key and bucket keys are, for errors
	keeper  Buckets
	settled func() error // what is to be done once the keys are known to be the store's; or nil

	master  []byte      // derived from the master key
	secrets cipher.AEAD // seals Secret collections
	wraps   cipher.AEAD // wraps the bucket keys
	id      ID          // of the set of bucket keys

	turn    chan struct{} // held while the keeper is asked or told; readers do not need it
	mu      sync.RWMutex
	buckets [bucketCount][]bucketKey // those known, oldest first
}

const (
	bucketCount = 4096
	wrappedLen  = 12 + 32 + 16 // nonce, key, tag
)

type bucketKey struct {
	version uint32
	key     [32]byte
}

// bucketOf is the bucket of an account. IDs are random, so they spread evenly.
func bucketOf(account ID) uint16 { return binary.BigEndian.Uint16(account[:]) >> 4 }

// OpenKeys opens keys that are two files, a MasterFile and a BucketFile. They
// are made if there are none: at the first start.
func OpenKeys(masterPath, bucketsPath string) (*Keys, error) {
	file := NewBucketFile(bucketsPath)
	k, err := OpenKeysIn(context.Background(), MasterFile(masterPath), file)
	if err != nil {
		return nil, err
	}
	k.settled = file.tidy
	return k, nil
}

// OpenKeysIn opens keys whose master key and bucket keys are anywhere. They are
// made if there are none: at the first start. Processes that share the bucket
// keys need the same master key. Errors say where the bucket keys are if
// buckets has a String method.
func OpenKeysIn(ctx context.Context, master Master, buckets Buckets) (*Keys, error) {
	where := "bucket keys"
	if s, ok := buckets.(fmt.Stringer); ok {
		where += " " + s.String()
	}
	k := &Keys{names: master.String() + " and " + where, keeper: buckets, turn: make(chan struct{}, 1)}
	set, err := buckets.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	key, err := master.Key(ctx, len(set.Keys) == 0)
	if err == nil {
		err = checkMaster(key, master.String())
	}
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	if k.master, err = hkdf.Extract(sha256.New, key, []byte("proffer master 1")); err != nil {
		return nil, fmt.Errorf("master key %s: %w", master, err)
	}
	k.secrets, k.wraps = newAEAD(k.derive("secret records")), newAEAD(k.derive("bucket keys"))
	if len(set.Keys) == 0 {
		if err = buckets.Begin(ctx, k.firstSet()); err == nil {
			set, err = buckets.All(ctx) // that of another process, if it was faster
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
	}
	if err := k.adopt(set, master.String()); err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return k, nil
}

// firstSet makes a key for every bucket.
func (k *Keys) firstSet() BucketSet {
	rand.Read(k.id[:])
	set := BucketSet{ID: k.id}
	for i := range uint16(bucketCount) {
		set.Keys = append(set.Keys, k.wrapBucket(i, newBucketKey(1)))
	}
	return set
}

// adopt takes a whole set as what is known.
func (k *Keys) adopt(set BucketSet, where string) error {
	k.id = set.ID
	for _, w := range set.Keys {
		key, err := k.unwrapBucket(w)
		if err != nil {
			return fmt.Errorf("not wrapped by the master key in %s, or damaged; put back the master key they were made with", where)
		}
		if n := len(k.buckets[w.Bucket]); n > 0 && k.buckets[w.Bucket][n-1].version >= key.version {
			return errors.New("damaged: bucket keys out of order")
		}
		k.buckets[w.Bucket] = append(k.buckets[w.Bucket], key)
	}
	for i, keys := range k.buckets {
		if len(keys) == 0 {
			return fmt.Errorf("damaged: bucket %d has no key", i)
		}
	}
	return nil
}

func newBucketKey(version uint32) bucketKey {
	b := bucketKey{version: version}
	rand.Read(b.key[:])
	return b
}

// derive makes 32 bytes for one purpose.
func (k *Keys) derive(purpose string) []byte {
	out, err := hkdf.Expand(sha256.New, k.master, "proffer "+purpose, 32)
	if err != nil {
		panic("store: " + err.Error()) // only for more than 255 hashes of length
	}
	return out
}

// fingerprint tells these keys from others. It gives nothing of them away and
// does not change when a bucket does.
func (k *Keys) fingerprint() string {
	mac := hmac.New(sha256.New, k.derive("fingerprint"))
	mac.Write(k.id[:])
	return hex.EncodeToString(mac.Sum(nil))
}

// wrapBucket wraps a bucket key, bound to its place and set.
func (k *Keys) wrapBucket(bucket uint16, key bucketKey) BucketKey {
	return BucketKey{bucket, key.version, k.wraps.Seal(nil, nil, key.key[:], k.bucketBound(bucket, key.version))}
}

func (k *Keys) unwrapBucket(w BucketKey) (bucketKey, error) {
	key := bucketKey{version: w.Version}
	if w.Bucket >= bucketCount {
		return key, errors.New("no such bucket")
	}
	raw, err := k.wraps.Open(nil, nil, w.Wrapped, k.bucketBound(w.Bucket, w.Version))
	if err != nil {
		return key, err
	}
	copy(key.key[:], raw)
	return key, nil
}

func (k *Keys) bucketBound(bucket uint16, version uint32) []byte {
	b := binary.BigEndian.AppendUint16(slices.Clone(k.id[:]), bucket)
	return binary.BigEndian.AppendUint32(b, version)
}

// wrap seals an account's key with a key of its bucket.
func (b bucketKey) wrap(account ID, key []byte) (wrapped []byte) {
	return newAEAD(b.key[:]).Seal(nil, nil, key, wrapBound(account, b.version))
}

// errNoKey is that of an account key which nobody can unwrap, ever.
var errNoKey = errors.New("cannot be unwrapped")

// unwrap opens an account's key. An error that is not errNoKey is the keeper's
// and may pass.
func (k *Keys) unwrap(ctx context.Context, a *accountKey) ([]byte, error) {
	bucket := bucketOf(a.Account)
	b, newest := k.known(bucket, a.Version)
	if b.version == 0 && a.Version > newest {
		if err := k.learn(ctx, bucket, a.Version); err != nil {
			return nil, err
		}
		b, _ = k.known(bucket, a.Version)
	}
	if b.version == 0 {
		return nil, fmt.Errorf("%w: bucket %d has no key of version %d", errNoKey, bucket, a.Version)
	}
	key, err := newAEAD(b.key[:]).Open(nil, nil, a.Wrapped, wrapBound(a.Account, b.version))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoKey, err)
	}
	return key, nil
}

func wrapBound(account ID, version uint32) []byte {
	b := append([]byte("account key\x00"), account[:]...)
	return binary.BigEndian.AppendUint32(b, version)
}

// known returns the key of a bucket with a version, the zero one if it is not
// known, and the newest version known.
func (k *Keys) known(bucket uint16, version uint32) (b bucketKey, newest uint32) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, key := range k.buckets[bucket] {
		if key.version == version {
			b = key
		}
		newest = key.version
	}
	return b, newest
}

// newest returns the newest key of a bucket, which is of a version or newer.
func (k *Keys) newest(ctx context.Context, bucket uint16, atLeast uint32) (bucketKey, error) {
	for learned := false; ; learned = true {
		k.mu.RLock()
		all := k.buckets[bucket]
		b := all[len(all)-1]
		k.mu.RUnlock()
		if b.version >= atLeast {
			return b, nil
		}
		if learned {
			return bucketKey{}, fmt.Errorf("bucket keys: bucket %d has no key of version %d or newer", bucket, atLeast)
		}
		if err := k.learn(ctx, bucket, atLeast); err != nil {
			return bucketKey{}, err
		}
	}
}

// take waits for the turn to ask the keeper or tell it something.
func (k *Keys) take(ctx context.Context) error {
	select {
	case k.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("bucket keys: %w", ctx.Err())
	}
}

func (k *Keys) release() { <-k.turn }

// learn loads a bucket anew, unless a key of a version or newer came to be
// known while waiting for the turn: of many who miss it, one asks. A version
// that is older than one known and still not known was dropped, so nobody asks
// for it.
func (k *Keys) learn(ctx context.Context, bucket uint16, version uint32) error {
	if err := k.take(ctx); err != nil {
		return err
	}
	defer k.release()
	if _, newest := k.known(bucket, 0); newest >= version {
		return nil
	}
	return k.load(ctx, bucket)
}

// forget loads a bucket anew if keys older than a version are known.
func (k *Keys) forget(ctx context.Context, bucket uint16, older uint32) error {
	if err := k.take(ctx); err != nil {
		return err
	}
	defer k.release()
	k.mu.RLock()
	oldest := k.buckets[bucket][0].version
	k.mu.RUnlock()
	if oldest >= older {
		return nil
	}
	return k.load(ctx, bucket)
}

// load makes what is known of a bucket what the keeper has.
func (k *Keys) load(ctx context.Context, bucket uint16) error {
	wrapped, err := k.keeper.Load(ctx, bucket)
	if err != nil {
		return fmt.Errorf("bucket keys: loading bucket %d: %w", bucket, err)
	}
	keys := make([]bucketKey, len(wrapped))
	for i, w := range wrapped {
		if keys[i], err = k.unwrapBucket(w); err != nil || w.Bucket != bucket || i > 0 && w.Version <= wrapped[i-1].Version {
			return fmt.Errorf("bucket keys: bucket %d version %d is not wrapped by the master key, or damaged", w.Bucket, w.Version)
		}
	}
	if len(keys) == 0 {
		return fmt.Errorf("bucket keys: bucket %d has none", bucket)
	}
	k.set(bucket, keys)
	return nil
}

// set replaces what is known of a bucket.
func (k *Keys) set(bucket uint16, keys []bucketKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.buckets[bucket]
	k.buckets[bucket] = slices.Clone(keys)
	for i := range old {
		old[i].key = [32]byte{}
	}
}

// renew adds a key to a bucket, newer than all there are and than a version.
func (k *Keys) renew(ctx context.Context, bucket uint16, above uint32) (version uint32, err error) {
	if err := k.take(ctx); err != nil {
		return 0, err
	}
	defer k.release()
	for tried := uint32(0); ; {
		// What is known here may be old: each process that re-keys adds its own.
		if err := k.load(ctx, bucket); err != nil {
			return 0, err
		}
		_, newest := k.known(bucket, 0)
		added := newBucketKey(max(newest, above) + 1)
		err := k.keeper.Add(ctx, k.wrapBucket(bucket, added))
		if errors.Is(err, ErrNotUnique) && added.version > tried {
			tried = added.version
			continue // another one came between
		}
		if err != nil {
			return 0, fmt.Errorf("bucket keys: adding to bucket %d: %w", bucket, err)
		}
		k.mu.RLock()
		keys := append(slices.Clone(k.buckets[bucket]), added)
		k.mu.RUnlock()
		k.set(bucket, keys)
		return added.version, nil
	}
}

// retire drops the keys of a bucket that are older than a version.
func (k *Keys) retire(ctx context.Context, bucket uint16, older uint32) error {
	if err := k.take(ctx); err != nil {
		return err
	}
	defer k.release()
	if err := k.keeper.Drop(ctx, bucket, older); err != nil {
		return fmt.Errorf("bucket keys: dropping of bucket %d: %w", bucket, err)
	}
	k.mu.RLock()
	keys := slices.DeleteFunc(slices.Clone(k.buckets[bucket]), func(b bucketKey) bool { return b.version < older })
	k.mu.RUnlock()
	if len(keys) == 0 {
		return k.load(ctx, bucket)
	}
	k.set(bucket, keys)
	return nil
}
