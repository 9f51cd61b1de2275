package store

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"reflect"
	"strings"
	"time"
)

// A Key is an ordered, self-delimiting encoding of its parts: keys sort as
// their parts do, and the key of the first parts is a prefix of the whole key.
// No key is a prefix of another one with the same number of parts.
type Key []byte

// The first byte of a part says what it is. Parts of different kinds sort by it.
const (
	tagFalse  = 0x08
	tagTrue   = 0x09
	tagZero   = 0x20 // integer 0; below it negative ones by length, above it positive ones by length
	tagTime   = 0x30 // 8 bytes of seconds with the sign bit turned, 4 bytes of nanoseconds
	tagID     = 0x40 // 16 bytes
	tagHash   = 0x41 // 32 bytes
	tagBytes  = 0x50 // escaped, see appendEscaped
	tagString = 0x51
)

// K encodes parts: ID and other [16]byte, [32]byte, every integer, string and
// bool kind, []byte, time.Time. An integer is the same part whatever its type,
// a time whatever its location. A Key stands for the parts it was made of. K
// panics on any other type.
func K(parts ...any) Key {
	k := make(Key, 0, 24*len(parts))
	for _, p := range parts {
		k = k.appendPart(p)
	}
	return k
}

func (k Key) appendPart(p any) Key {
	switch p := p.(type) {
	case Key:
		return append(k, p...)
	case ID:
		return append(append(k, tagID), p[:]...)
	case string:
		return appendEscaped(append(k, tagString), p)
	case []byte:
		return appendEscaped(append(k, tagBytes), string(p))
	case time.Time:
		k = binary.BigEndian.AppendUint64(append(k, tagTime), uint64(p.Unix())^1<<63)
		return binary.BigEndian.AppendUint32(k, uint32(p.Nanosecond()))
	case int:
		return k.appendInt(int64(p))
	case uint64:
		return k.appendUint(p)
	}
	switch v := reflect.ValueOf(p); v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return k.appendInt(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return k.appendUint(v.Uint())
	case reflect.String:
		return appendEscaped(append(k, tagString), v.String())
	case reflect.Bool:
		if v.Bool() {
			return append(k, tagTrue)
		}
		return append(k, tagFalse)
	case reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && (v.Len() == 16 || v.Len() == 32) {
			if v.Len() == 16 {
				k = append(k, tagID)
			} else {
				k = append(k, tagHash)
			}
			for i := range v.Len() {
				k = append(k, byte(v.Index(i).Uint()))
			}
			return k
		}
	}
	panic(fmt.Sprintf("store.K: a %T cannot be part of a key", p))
}

// Integers take as many bytes as they need; the tag tells how many, further
// from tagZero the more there are.
func (k Key) appendUint(u uint64) Key {
	n := (bits.Len64(u) + 7) / 8
	k = append(k, byte(tagZero+n))
	for i := n - 1; i >= 0; i-- {
		k = append(k, byte(u>>(8*i)))
	}
	return k
}

func (k Key) appendInt(i int64) Key {
	if i >= 0 {
		return k.appendUint(uint64(i))
	}
	u := uint64(-(i + 1)) + 1 // of the smallest one too
	n := (bits.Len64(u) + 7) / 8
	k = append(k, byte(tagZero-n))
	for i := n - 1; i >= 0; i-- {
		k = append(k, ^byte(u>>(8*i)))
	}
	return k
}

// appendEscaped ends s with 00 01 and writes a 00 inside as 00 ff, so that a
// text sorts before every longer one that begins with it.
func appendEscaped(k Key, s string) Key {
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			return append(append(k, s...), 0, 1)
		}
		k = append(append(k, s[:i]...), 0, 0xff)
		s = s[i+1:]
	}
}

// After is the smallest key above k: as Range.From it begins a page behind k.
func (k Key) After() Key { return append(bytes.Clone(k), 0) }

// following is the first key beyond those that begin with k; nil if there is
// none.
func (k Key) following() Key {
	for i := len(k) - 1; i >= 0; i-- {
		if k[i] != 0xff {
			next := bytes.Clone(k[:i+1])
			next[i]++
			return next
		}
	}
	return nil
}

// First is the key of the first part of k, the whole part; nil if there is none.
func (k Key) First() Key {
	if len(k) == 0 {
		return nil
	}
	n := 1
	switch tag := k[0]; {
	case tag == tagFalse || tag == tagTrue:
	case tag >= tagZero-8 && tag <= tagZero+8:
		n += max(int(tag)-tagZero, tagZero-int(tag))
	case tag == tagTime:
		n += 12
	case tag == tagID:
		n += 16
	case tag == tagHash:
		n += 32
	case tag == tagBytes || tag == tagString:
		for {
			i := bytes.IndexByte(k[n:], 0)
			if i < 0 || n+i+1 >= len(k) {
				return nil
			}
			n += i + 2
			if k[n-1] == 1 {
				break
			}
		}
	default:
		return nil
	}
	if n > len(k) {
		return nil
	}
	return k[:n:n]
}

// parts reads a key back. Integers come as int64 or, from 1<<63 on, uint64.
func (k Key) parts() ([]any, error) {
	var parts []any
	for len(k) > 0 {
		p, rest, err := k.part()
		if err != nil {
			return parts, err
		}
		parts, k = append(parts, p), rest
	}
	return parts, nil
}

func (k Key) part() (part any, rest Key, err error) {
	tag, b := k[0], k[1:]
	fixed := func(n int) bool { return len(b) >= n }
	switch {
	case tag == tagFalse || tag == tagTrue:
		return tag == tagTrue, b, nil
	case tag >= tagZero-8 && tag <= tagZero+8:
		n := max(int(tag)-tagZero, tagZero-int(tag))
		if !fixed(n) {
			break
		}
		var u uint64
		for _, c := range b[:n] {
			if tag < tagZero {
				c = ^c
			}
			u = u<<8 | uint64(c)
		}
		switch {
		case (bits.Len64(u)+7)/8 != n || tag < tagZero && u > 1<<63:
			return nil, nil, fmt.Errorf("key: integer of %d bytes is not in its shortest form", n)
		case tag < tagZero:
			return -int64(u-1) - 1, b[n:], nil
		case u >= 1<<63:
			return u, b[n:], nil
		}
		return int64(u), b[n:], nil
	case tag == tagTime && fixed(12):
		sec, nsec := binary.BigEndian.Uint64(b)^1<<63, binary.BigEndian.Uint32(b[8:])
		if nsec > 999_999_999 {
			return nil, nil, fmt.Errorf("key: time with %d nanoseconds", nsec)
		}
		return time.Unix(int64(sec), int64(nsec)).UTC(), b[12:], nil
	case tag == tagID && fixed(16):
		return ID(b[:16]), b[16:], nil
	case tag == tagHash && fixed(32):
		return [32]byte(b[:32]), b[32:], nil
	case tag == tagBytes || tag == tagString:
		s := []byte{}
		for {
			i := bytes.IndexByte(b, 0)
			if i < 0 || i+1 == len(b) {
				return nil, nil, fmt.Errorf("key: text without an end")
			}
			s = append(s, b[:i]...)
			end := b[i+1]
			b = b[i+2:]
			switch end {
			case 1:
				if tag == tagString {
					return string(s), b, nil
				}
				return s, b, nil
			case 0xff:
				s = append(s, 0)
			default:
				return nil, nil, fmt.Errorf("key: 00 %02x in a text", end)
			}
		}
	}
	return nil, nil, fmt.Errorf("key: cut or unknown part %02x", tag)
}

// account returns the ID that k begins with.
func (k Key) account() (ID, bool) {
	if len(k) < 17 || k[0] != tagID {
		return ID{}, false
	}
	return ID(k[1:17]), true
}

// String writes the parts for people, as in "Zm9v…/7". Keys hold ids, times
// and keyed hashes, so it may stand in an error.
func (k Key) String() string {
	parts, err := k.parts()
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('/')
		}
		switch p := p.(type) {
		case []byte:
			b.WriteString(hex.EncodeToString(p))
		case [32]byte:
			b.WriteString(hex.EncodeToString(p[:]))
		case time.Time:
			b.WriteString(p.Format(time.RFC3339Nano))
		default:
			fmt.Fprint(&b, p)
		}
	}
	if err != nil {
		b.WriteString("/?")
	}
	return b.String()
}
