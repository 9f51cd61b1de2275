package bolt

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

func TestRecord(t *testing.T) {
	for _, r := range []record{
		{},
		{value: []byte("v")},
		{expires: 1, indexes: []store.Key{nil, {}, store.K("a", 1)}, value: []byte("value")},
		{expires: -1 << 63, indexes: []store.Key{nil}},
	} {
		b := r.encode([]byte("key"))
		got, err := decodeRecord([]byte("key"), b)
		if err != nil || got.expires != r.expires || !bytes.Equal(got.value, r.value) || len(got.indexes) != len(r.indexes) {
			t.Fatalf("%+v: read back %+v, %v", r, got, err)
		}
		for i := range r.indexes {
			if !bytes.Equal(got.indexes[i], r.indexes[i]) || (got.indexes[i] == nil) != (r.indexes[i] == nil) {
				t.Errorf("%+v: read back %+v", r, got)
			}
		}
		if _, err := decodeRecord([]byte("kez"), b); !errors.Is(err, errDamaged) {
			t.Errorf("under another key: %v, want errDamaged", err)
		}
		for i := range b {
			for bit := range 8 {
				bad := bytes.Clone(b)
				bad[i] ^= 1 << bit
				if _, err := decodeRecord([]byte("key"), bad); !errors.Is(err, errDamaged) {
					t.Errorf("bit %d of byte %d turned: %v, want errDamaged", bit, i, err)
				}
			}
			if _, err := decodeRecord([]byte("key"), b[:i]); !errors.Is(err, errDamaged) {
				t.Errorf("cut to %d bytes: %v, want errDamaged", i, err)
			}
		}
	}
}

// Whatever decodes encodes to a record with the same meaning, and no bytes
// make the decoder panic; the checksum is set right so that it is passed.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("key"), record{expires: 7, indexes: []store.Key{nil, store.K("a")}, value: []byte("v")}.encode([]byte("key")))
	f.Add([]byte{}, []byte{1, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, key, b []byte) {
		if len(b) >= 5 {
			sum := sum(key, b[5:])
			copy(b[1:], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
		}
		r, err := decodeRecord(key, b)
		if err != nil {
			return
		}
		again, err := decodeRecord(key, r.encode(key))
		if err != nil || again.expires != r.expires || !bytes.Equal(again.value, r.value) || len(again.indexes) != len(r.indexes) {
			t.Errorf("%x is %+v, again %+v, %v", b, r, again, err)
		}
	})
}

func TestNanos(t *testing.T) {
	order := []time.Time{
		time.Date(-4000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Unix(-1, 0), time.Unix(0, 0), time.Unix(0, 2), time.Unix(1<<31, 0),
		time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	for i, at := range order {
		if nanos(at) == 0 {
			t.Errorf("%v would never expire", at)
		}
		if i > 0 && nanos(order[i-1]) > nanos(at) {
			t.Errorf("%v is after %v", order[i-1], at)
		}
	}
	if nanos(time.Time{}) != 0 {
		t.Error("the zero time is not never")
	}
}
