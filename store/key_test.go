package store

import (
	"bytes"
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

type word string

// comparePart orders two parts of one kind, without K.
func comparePart(a, b any) int {
	switch a := a.(type) {
	case int64:
		if _, ok := b.(uint64); ok {
			return -1
		}
		return cmp.Compare(a, b.(int64))
	case uint64:
		if _, ok := b.(int64); ok {
			return 1
		}
		return cmp.Compare(a, b.(uint64))
	case string:
		return cmp.Compare(a, b.(string))
	case []byte:
		return bytes.Compare(a, b.([]byte))
	case ID:
		o := b.(ID)
		return bytes.Compare(a[:], o[:])
	case [32]byte:
		o := b.([32]byte)
		return bytes.Compare(a[:], o[:])
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		switch o := b.(bool); {
		case a == o:
			return 0
		case o:
			return -1
		}
		return 1
	}
	panic("no such part")
}

// chancePart makes a part, with a liking for the edges. Integers from 1<<63 on
// are uint64, others int64, as Key.parts gives them.
func chancePart(r *rand.Rand, kind int) any {
	few := func() []byte {
		b := make([]byte, r.IntN(4))
		for i := range b {
			b[i] = []byte{0, 1, 2, 'a', 0xfe, 0xff}[r.IntN(6)]
		}
		return b
	}
	switch kind {
	case 0:
		edges := []int64{0, 1, -1, 255, 256, -255, -256, -257, 65535, 65536, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
		if r.IntN(2) == 0 {
			return edges[r.IntN(len(edges))]
		}
		if n := r.Uint64() >> r.IntN(64); n > math.MaxInt64 {
			return n
		} else {
			return int64(n) * int64(1-2*r.IntN(2))
		}
	case 1:
		return string(few())
	case 2:
		return append([]byte{}, few()...)
	case 3:
		var id ID
		copy(id[r.IntN(16):], few())
		return id
	case 4:
		var h [32]byte
		copy(h[r.IntN(32):], few())
		return h
	case 5:
		return time.Unix(r.Int64N(5)-2+[]int64{0, 1 << 40, -1 << 40}[r.IntN(3)], r.Int64N(3)).UTC()
	}
	return r.IntN(2) == 0
}

// Keys of the same kinds of parts sort as their parts do, are read back as
// they were, and one with fewer parts is a prefix only if its parts are.
func TestKeyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for range 50_000 {
		n := 1 + r.IntN(3)
		var a, b []any
		for range n {
			kind := r.IntN(7)
			a, b = append(a, chancePart(r, kind)), append(b, chancePart(r, kind))
		}
		want := 0
		for i := range a {
			want = cmp.Or(want, comparePart(a[i], b[i]))
		}
		ka, kb := K(a...), K(b...)
		if got := bytes.Compare(ka, kb); got != want {
			t.Fatalf("%#v and %#v: keys %x and %x compare %d, want %d", a, b, ka, kb, got, want)
		}
		if want != 0 && (bytes.HasPrefix(ka, kb) || bytes.HasPrefix(kb, ka)) {
			t.Fatalf("%#v and %#v: one key is a prefix of the other", a, b)
		}
		if !bytes.HasPrefix(ka, K(a[:n-1]...)) || !bytes.Equal(ka, K(K(a[:n-1]...), a[n-1])) {
			t.Fatalf("%#v: the key of its first parts is no prefix", a)
		}
		if f := ka.First(); !bytes.Equal(f, K(a[0])) || ka[:len(f)-1].First() != nil {
			t.Fatalf("%#v: the first part is %x", a, f)
		}
		back, err := ka.parts()
		if err != nil || !reflect.DeepEqual(back, a) {
			t.Fatalf("%#v: read back %#v, %v", a, back, err)
		}
		if k := ka.After(); bytes.Compare(k, ka) <= 0 || want < 0 && bytes.Compare(k, kb) > 0 {
			t.Fatalf("%#v: After is %x", a, k)
		}
	}
}

func TestKeyParts(t *testing.T) {
	id := NewID()
	local := time.Date(2026, 3, 14, 9, 0, 0, 0, time.FixedZone("", 3600))
	for _, same := range [][2]Key{
		{K(1), K(uint8(1))}, {K(uint64(7)), K(int16(7))}, {K(-1), K(int64(-1))},
		{K(word("a")), K("a")}, {K(local), K(local.UTC())}, {K([16]byte(id)), K(id)},
		{K(K("a"), K(1, true)), K("a", 1, true)}, {K(), Key{}},
	} {
		if !bytes.Equal(same[0], same[1]) {
			t.Errorf("%x and %x differ", same[0], same[1])
		}
	}
	if bytes.Equal(K("a", "b"), K("ab")) || bytes.Equal(K("a"), K([]byte("a"))) {
		t.Error("different parts have the same key")
	}
	if got, ok := K(id, 1).account(); got != id || !ok {
		t.Errorf("account: %v, %t", got, ok)
	}
	if _, ok := K("text of sixteen b").account(); ok {
		t.Error("a text passed for an account")
	}
	if got, want := K(id, 7, "a", []byte{1}).String(), id.String()+"/7/a/01"; got != want {
		t.Errorf("String: %q, want %q", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("a float passed for a part of a key")
		}
	}()
	K(1.5)
}

// Whatever reads as a key is the one key of its parts.
func FuzzKey(f *testing.F) {
	f.Add([]byte(K("a\x00b", 1, -300, true, NewID(), [32]byte{1}, []byte{0xff}, time.Unix(1, 2))))
	f.Add([]byte{tagString, 0, 0xff, 0, 1})
	f.Add([]byte{tagZero + 2, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		parts, err := Key(b).parts()
		_ = Key(b).String()
		if err == nil && !bytes.Equal(K(parts...), b) {
			t.Errorf("%x reads as %#v, which is %x", b, parts, K(parts...))
		}
	})
}

func FuzzKeyOrder(f *testing.F) {
	f.Add("a", "a\x00", int64(0), int64(-1))
	f.Add("", "\xff", int64(256), int64(255))
	f.Fuzz(func(t *testing.T, a, b string, m, n int64) {
		want := cmp.Or(cmp.Compare(a, b), cmp.Compare(m, n))
		if got := bytes.Compare(K(a, m), K(b, n)); got != want {
			t.Errorf("%q %d and %q %d compare %d", a, m, b, n, got)
		}
		if got := bytes.Compare(K(m, a), K(n, b)); got != cmp.Or(cmp.Compare(m, n), cmp.Compare(a, b)) {
			t.Errorf("%d %q and %d %q compare %d", m, a, n, b, got)
		}
	})
}

func TestID(t *testing.T) {
	seen := map[ID]bool{}
	for range 1000 {
		id := NewID()
		back, err := ParseID(id.String())
		if err != nil || back != id || seen[id] || id.IsZero() || len(id.String()) != 22 {
			t.Fatalf("%v: %v, %v", id, back, err)
		}
		seen[id] = true
	}
	good := NewID().String()
	for _, bad := range []string{"", good[:21], good + "A", good[:21] + "_", good[:21] + "=", good[:21] + "\n", good[:20] + "+A", "\r\n" + good[:20]} {
		if id, err := ParseID(bad); err == nil && id.String() != bad {
			t.Errorf("%q was read as %v, which has another text", bad, id)
		}
	}
	if !slices.Equal([]bool{ID{}.IsZero(), ID{15: 1}.IsZero()}, []bool{true, false}) {
		t.Error("IsZero")
	}
}
