package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/proffer-id/proffer/store"
)

// A record as it stands in the file:
//
//	01 checksum(4) expires(varint) indexes(uvarint) {length+1(uvarint) key}… value
//
// The index keys stand with the record so that its old index entries can be
// taken away without knowing its type. Length+1 is 0 where an index leaves the
// record out. The checksum covers the key of the record and what follows it.
type record struct {
	expires int64 // Unix nanoseconds; 0: never
	indexes []store.Key
	value   []byte
}

const recordFormat = 1

var crcTable = crc32.MakeTable(crc32.Castagnoli)

func sum(key, body []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, crcTable), crcTable, body)
}

func (r record) encode(key []byte) []byte {
	out := make([]byte, 5, 5+2*binary.MaxVarintLen64+64*len(r.indexes)+len(r.value))
	out[0] = recordFormat
	out = binary.AppendVarint(out, r.expires)
	out = binary.AppendUvarint(out, uint64(len(r.indexes)))
	for _, k := range r.indexes {
		if k == nil {
			out = binary.AppendUvarint(out, 0)
			continue
		}
		out = binary.AppendUvarint(out, uint64(len(k))+1)
		out = append(out, k...)
	}
	out = append(out, r.value...)
	binary.BigEndian.PutUint32(out[1:], sum(key, out[5:]))
	return out
}

var errDamaged = errors.New("damaged")

// decodeRecord reads what encode wrote; key and value share b's memory.
func decodeRecord(key, b []byte) (r record, err error) {
	if len(b) < 5 {
		return record{}, fmt.Errorf("record of %d bytes: %w", len(b), errDamaged)
	}
	if b[0] != recordFormat {
		return record{}, fmt.Errorf("record of format %d: %w", b[0], errDamaged)
	}
	if binary.BigEndian.Uint32(b[1:]) != sum(key, b[5:]) {
		return record{}, fmt.Errorf("record with a wrong checksum: %w", errDamaged)
	}
	rest := b[5:]
	var n int
	if r.expires, n = binary.Varint(rest); n <= 0 {
		return record{}, fmt.Errorf("expiry of a record: %w", errDamaged)
	}
	rest = rest[n:]
	count, n := binary.Uvarint(rest)
	if n <= 0 || count > uint64(len(rest)) {
		return record{}, fmt.Errorf("index keys of a record: %w", errDamaged)
	}
	rest = rest[n:]
	if count > 0 {
		r.indexes = make([]store.Key, count)
	}
	for i := range r.indexes {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n)+1 {
			return record{}, fmt.Errorf("index keys of a record: %w", errDamaged)
		}
		rest = rest[n:]
		if size > 0 {
			r.indexes[i], rest = store.Key(rest[:size-1:size-1]), rest[size-1:]
		}
	}
	r.value = rest
	return r, nil
}

// has says whether r has a key in index i.
func (r record) has(i int, key store.Key) bool {
	return i < len(r.indexes) && bytes.Equal(r.indexes[i], key)
}

// gone says whether r is invisible at now.
func (r record) gone(now time.Time) bool {
	return r.expires != 0 && nanos(now) >= r.expires
}

func (r record) time() time.Time {
	if r.expires == 0 {
		return time.Time{}
	}
	return time.Unix(0, r.expires).UTC()
}

// nanos is a time as it stands in a record. Times that do not fit, before 1678
// and from 2262 on, count as the first and the last that do.
func nanos(t time.Time) int64 {
	switch s := t.Unix(); {
	case t.IsZero():
		return 0
	case s <= math.MinInt64/1_000_000_000:
		return math.MinInt64
	case s >= math.MaxInt64/1_000_000_000:
		return math.MaxInt64
	}
	if n := t.UnixNano(); n != 0 {
		return n
	}
	return 1 // 1970 to the nanosecond, which must not mean never
}
