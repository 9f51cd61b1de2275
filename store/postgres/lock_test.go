package postgres

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/proffer-id/proffer/store"
)

// taken reads back what a call of _lock takes, in its order.
func taken(t *testing.T, l *locks) (ids []int64, alone []bool) {
	t.Helper()
	c := l.call(7)
	m := pgtype.NewMap()
	if err := m.Scan(pgtype.Int8ArrayOID, pgtype.BinaryFormatCode, c.args[1], &ids); err != nil {
		t.Fatal(err)
	}
	if err := m.Scan(pgtype.BoolArrayOID, pgtype.BinaryFormatCode, c.args[2], &alone); err != nil {
		t.Fatal(err)
	}
	if n := binary.BigEndian.Uint64(c.args[0]); n != 7 {
		t.Errorf("layout %d", n)
	}
	return ids, alone
}

func TestLocks(t *testing.T) {
	d := &Driver{}
	things := tableOf(store.TableSchema{Name: "thing", Indexes: []store.IndexSchema{{Name: "name", Unique: true}, {Name: "group"}}})
	d.tables.Store(&map[string]*table{"thing": things, "other": tableOf(store.TableSchema{Name: "other"})})
	a, b := store.NewID(), store.NewID()
	put := func(table string, key store.Key, indexes ...store.Key) *store.Writes {
		return &store.Writes{Put: []store.Put{{Table: table, Key: key, Indexes: indexes}}}
	}
	read := func(index string, q store.Request, found ...store.Key) *seen {
		_, p, err := find(things, store.Request{Range: store.Range{Index: index}})
		if err != nil {
			t.Fatal(err)
		}
		q.Range.Index = index
		return &seen{table: things, path: p, req: q, keys: found}
	}
	whole, of := store.Request{Range: store.Range{From: store.K(a)}}, func(prefix store.Key) store.Request { return store.Request{Range: store.Range{Prefix: prefix}} }
	for _, c := range []struct {
		name string
		s    *seen
		w    *store.Writes
		meet bool
	}{
		{"the key of another account", read("", store.Request{Key: store.K(a)}), put("thing", store.K(b, 1), nil, nil), false},
		{"a record of the account, of another table", read("", store.Request{Key: store.K(a)}), put("other", store.K(a, 1)), true},
		{"an account's range, what is new in it", read("", of(store.K(a))), put("thing", store.K(a, 9), nil, nil), true},
		{"an account's range, another account", read("", of(store.K(a))), put("thing", store.K(b, 9), nil, nil), false},
		{"all of a table", read("", whole), put("thing", store.K(b), nil, nil), true},
		{"all of a table, another one", read("", whole), put("other", store.K(b)), false},
		{"half a part", read("", of(store.K(a)[:5])), put("thing", store.K(b), nil, nil), true},
		{"a free name that is taken", read("name", store.Request{Key: store.K("n")}), put("thing", store.K(b), store.K("n"), nil), true},
		{"another name", read("name", store.Request{Key: store.K("n")}), put("thing", store.K(b), store.K("m"), nil), false},
		{"a name whose owner changes", read("name", store.Request{Key: store.K("n")}, store.K(a)), put("thing", store.K(a), store.K("m"), nil), true},
		{"a group that gets one", read("group", of(store.K("g"))), put("thing", store.K(b), nil, store.K("g", 4)), true},
		{"a group that loses one", read("group", of(store.K("g")), store.K(b)), &store.Writes{Put: []store.Put{{Table: "thing", Key: store.K(b), Delete: true}}}, true},
		{"another group", read("group", of(store.K("g"))), put("thing", store.K(b), nil, store.K("h")), false},
		{"all groups", read("group", store.Request{}), put("thing", store.K(b), nil, nil), true},
	} {
		l, k := newLocks(1), newLocks(1)
		l.read(c.s)
		k.write(d, c.w)
		ids, alone := taken(t, l)
		others, othersAlone := taken(t, k)
		if !slices.IsSorted(ids) || !slices.IsSorted(others) || ids[0] != everything(1) {
			t.Errorf("%s: not in order: %v, %v", c.name, ids, others)
		}
		meet := false
		for i, id := range ids {
			if j := slices.Index(others, id); j >= 0 && (alone[i] || othersAlone[j]) {
				meet = true
			}
		}
		if meet != c.meet {
			t.Errorf("%s: exclude each other: %t, want %t", c.name, meet, c.meet)
		}
	}
	l := newLocks(1)
	for i := range most + 1 {
		l.key(store.K(i), true)
	}
	if ids, alone := taken(t, l); len(ids) != 1 || ids[0] != everything(1) || !alone[0] {
		t.Errorf("too many locks: %d, %v", len(ids), alone)
	}
}

func TestArrays(t *testing.T) {
	m := pgtype.NewMap()
	for _, want := range [][][]byte{{}, {[]byte("a")}, {[]byte("a"), nil, {}, []byte("\x00\xff")}} {
		a := newArray(oidBytea, len(want), 4)
		for _, v := range want {
			a.add(v)
		}
		var got [][]byte
		if err := m.Scan(pgtype.ByteaArrayOID, pgtype.BinaryFormatCode, a.bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, func(x, y []byte) bool { return string(x) == string(y) && (x == nil) == (y == nil) }) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestInstants(t *testing.T) {
	for _, c := range []struct {
		t    time.Time
		want int64
	}{
		{time.Unix(0, 0), 0},
		{time.Unix(0, math.MaxInt64), math.MaxInt64},
		{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt64},
		{time.Time{}, math.MinInt64},
		{time.Unix(0, -1), -1},
	} {
		if got := instant(c.t); got != c.want {
			t.Errorf("%s: got %d, want %d", c.t, got, c.want)
		}
	}
	if nanos(time.Time{}) != nil || !timeOf(nil).IsZero() {
		t.Error("never is NULL")
	}
	at := time.Date(2026, 3, 14, 9, 26, 53, 589793238, time.UTC)
	if got := timeOf(nanos(at)); !got.Equal(at) {
		t.Errorf("got %s", got)
	}
}
