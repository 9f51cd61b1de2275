package store

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"sync"
)

// Keys are what a store is sealed with, kept apart from it in two files: the
// master key, and 4,096 bucket keys wrapped by it. The bucket keys wrap the
// keys of the accounts. They are apart because erasing an account means that
// the old key of its bucket no longer exists anywhere: of the bucket file only
// the newest may be kept, in backups too.
type Keys struct {
	masterPath, path string

	master  []byte      // derived from the master key
	secrets cipher.AEAD // seals Secret collections
	wraps   cipher.AEAD // wraps the bucket keys

	mu      sync.RWMutex
	id      [16]byte                          // of the bucket file
	buckets [bucketCount][]bucketKey          // oldest first; more than one only while re-keying
	replace func(path string, b []byte) error // writes the file; replaceFile
}

const bucketCount = 4096

type bucketKey struct {
	version uint32
	key     [32]byte
}

// bucketOf is the bucket of an account. IDs are random, so they spread evenly.
func bucketOf(account ID) uint16 { return binary.BigEndian.Uint16(account[:]) >> 4 }

// OpenKeys reads the master key and the bucket keys. Both files are made if
// there are none: at the first start. A file that others may read is refused,
// and so is a master key of less than 32 bytes, or without any chance in it.
//
// The master key is whatever stands in its file, but for one line end at the
// end; `head -c 32 /dev/urandom | base64` makes a good one.
func OpenKeys(masterPath, bucketsPath string) (*Keys, error) {
	master, err := openMaster(masterPath)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	k := &Keys{masterPath: masterPath, path: bucketsPath, replace: replaceFile}
	if k.master, err = hkdf.Extract(sha256.New, master, []byte("proffer master 1")); err != nil {
		return nil, fmt.Errorf("master key %s: %w", masterPath, err)
	}
	k.secrets, k.wraps = newAEAD(k.derive("secret records")), newAEAD(k.derive("bucket keys"))
	switch b, err := readPrivate(bucketsPath); {
	case errors.Is(err, fs.ErrNotExist):
		rand.Read(k.id[:])
		for i := range k.buckets {
			k.buckets[i] = []bucketKey{newBucketKey(1)}
		}
		if err := createFile(bucketsPath, k.encode()); err != nil {
			return nil, fmt.Errorf("bucket keys: %w", err)
		}
	case err != nil:
		return nil, fmt.Errorf("bucket keys: %w", err)
	default:
		if err := k.decode(b); err != nil {
			return nil, fmt.Errorf("bucket keys %s: %w", bucketsPath, err)
		}
	}
	return k, nil
}

func newBucketKey(version uint32) bucketKey {
	b := bucketKey{version: version}
	rand.Read(b.key[:])
	return b
}

func openMaster(path string) ([]byte, error) {
	b, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		raw := make([]byte, 32)
		rand.Read(raw)
		b = append(base64.StdEncoding.AppendEncode(nil, raw), '\n')
		err = createFile(path, b)
	}
	if err != nil {
		return nil, err
	}
	b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
	if len(b) < 32 {
		return nil, fmt.Errorf("%s has %d bytes without its line end, at least 32 are needed", path, len(b))
	}
	var seen [256]bool
	distinct := 0
	for _, c := range b {
		if !seen[c] {
			seen[c], distinct = true, distinct+1
		}
	}
	if distinct < 8 {
		return nil, fmt.Errorf("%s is no random key: it has %d different bytes only", path, distinct)
	}
	return b, nil
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

// wrap seals an account's key with the newest key of its bucket.
func (k *Keys) wrap(account ID, key []byte) (version uint32, wrapped []byte) {
	b := k.newest(bucketOf(account))
	return b.version, newAEAD(b.key[:]).Seal(nil, nil, key, wrapBound(account, b.version))
}

func (k *Keys) unwrap(a *accountKey) ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, b := range k.buckets[bucketOf(a.Account)] {
		if b.version == a.Version {
			return newAEAD(b.key[:]).Open(nil, nil, a.Wrapped, wrapBound(a.Account, b.version))
		}
	}
	return nil, fmt.Errorf("bucket %d has no key of version %d", bucketOf(a.Account), a.Version)
}

func (k *Keys) newest(bucket uint16) bucketKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	b := k.buckets[bucket]
	return b[len(b)-1]
}

func wrapBound(account ID, version uint32) []byte {
	b := append([]byte("account key\x00"), account[:]...)
	return binary.BigEndian.AppendUint32(b, version)
}

// renew sets a new key beside what a bucket has; from now on it wraps.
func (k *Keys) renew(bucket uint16) (version uint32, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.buckets[bucket]
	version = old[len(old)-1].version + 1
	k.buckets[bucket] = append(old[:len(old):len(old)], newBucketKey(version))
	if err := k.replace(k.path, k.encode()); err != nil {
		k.buckets[bucket] = old
		return 0, fmt.Errorf("bucket keys: %w", err)
	}
	return version, nil
}

// retire drops every key of a bucket but the newest, from the file first.
func (k *Keys) retire(bucket uint16) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.buckets[bucket]
	k.buckets[bucket] = old[len(old)-1:]
	if err := k.replace(k.path, k.encode()); err != nil {
		k.buckets[bucket] = old
		return fmt.Errorf("bucket keys: %w", err)
	}
	for i := range old[:len(old)-1] {
		old[i].key = [32]byte{}
	}
	k.buckets[bucket] = []bucketKey{old[len(old)-1]}
	return nil
}

// The bucket file: a line that says what it is, the file's id, then an entry
// for every key: bucket(2) version(4) nonce(12) and the key sealed(48).
const (
	keysHead  = "proffer bucket keys 1\n"
	keysEntry = 2 + 4 + 12 + 32 + 16
)

func (k *Keys) encode() []byte {
	out := make([]byte, 0, len(keysHead)+len(k.id)+(bucketCount+1)*keysEntry)
	out = append(append(out, keysHead...), k.id[:]...)
	for i, keys := range k.buckets {
		for _, b := range keys {
			at := len(out)
			out = binary.BigEndian.AppendUint16(out, uint16(i))
			out = binary.BigEndian.AppendUint32(out, b.version)
			out = k.wraps.Seal(out, nil, b.key[:], append(k.id[:len(k.id):len(k.id)], out[at:at+6]...))
		}
	}
	return out
}

func (k *Keys) decode(b []byte) error {
	rest, ok := bytes.CutPrefix(b, []byte(keysHead))
	if !ok || len(rest) < len(k.id) || (len(rest)-len(k.id))%keysEntry != 0 {
		return errors.New("not a file of bucket keys, or cut off; put back its newest backup")
	}
	copy(k.id[:], rest)
	for rest = rest[len(k.id):]; len(rest) > 0; rest = rest[keysEntry:] {
		e := rest[:keysEntry]
		i, key := binary.BigEndian.Uint16(e), bucketKey{version: binary.BigEndian.Uint32(e[2:])}
		raw, err := k.wraps.Open(nil, nil, e[6:], append(k.id[:len(k.id):len(k.id)], e[:6]...))
		if err != nil || i >= bucketCount {
			return fmt.Errorf("not wrapped by the master key in %s, or damaged", k.masterPath)
		}
		copy(key.key[:], raw)
		if n := len(k.buckets[i]); n > 0 && k.buckets[i][n-1].version >= key.version {
			return errors.New("damaged: bucket keys out of order")
		}
		k.buckets[i] = append(k.buckets[i], key)
	}
	for i, keys := range k.buckets {
		if len(keys) == 0 {
			return fmt.Errorf("damaged: bucket %d has no key", i)
		}
	}
	return nil
}
