package postgres

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/proffer-id/proffer/store"
)

// A table holds a collection or a log, in columns key, value, expires if its
// records can, and one for each index: "by_name". That of a unique index holds
// the key in it. That of any other holds the key in it followed by the primary
// one, so that every range of keys is one range of the column.
type table struct {
	store.TableSchema
	id      string   // quoted
	columns []string // of a collection, in the order its writes give them
	paths   []path   // the primary key, then each index
	put     *statement
	insert  *statement
	remove  *statement
	stale   *statement   // what has expired and has a primary key; nil if nothing expires
	staleBy []*statement // what has expired and holds a key in an index; nil if that is not unique
	trim    *statement
}

// A path is a way to find rows: the primary key or an index.
type path struct {
	index    string
	unique   bool
	one      *statement // by key; nil if not unique
	up, down *statement // ranges
	oneSame  *statement // the checks of those: is it as it was read?
	upSame   *statement
	downSame *statement
}

func quote(name string) string { return `"` + name + `"` }

func column(index string) string {
	if index == "" {
		return "key"
	}
	return quote("by_" + index)
}

// tableOf writes all statements for a table.
func tableOf(s store.TableSchema) *table {
	t := &table{TableSchema: s, id: quote(s.Name)}
	t.paths = append(t.paths, t.path("", true))
	for _, x := range s.Indexes {
		t.paths = append(t.paths, t.path(x.Name, x.Unique))
	}
	t.remove = prepare(`DELETE FROM ` + t.id + ` WHERE key = ANY ($1)`)
	t.trim = prepare(`DELETE FROM ` + t.id + ` WHERE key <= $1`)
	if s.Log {
		return t
	}
	t.columns = []string{"key", "value"}
	if s.Expires {
		t.columns = append(t.columns, "expires")
	}
	for _, x := range s.Indexes {
		t.columns = append(t.columns, column(x.Name))
	}
	var kinds, set []string
	for i, c := range t.columns {
		kind := "bytea"
		if c == "expires" {
			kind = "bigint"
		}
		kinds = append(kinds, fmt.Sprintf("$%d::%s[]", i+1, kind))
		if c != "key" {
			set = append(set, c+" = excluded."+c)
		}
	}
	insert := `INSERT INTO ` + t.id + ` (` + strings.Join(t.columns, ", ") + `) SELECT * FROM unnest(` + strings.Join(kinds, ", ") + `)`
	t.insert = prepare(insert)
	t.put = prepare(insert + ` ON CONFLICT (key) DO UPDATE SET ` + strings.Join(set, ", "))
	if s.Expires {
		t.stale = prepare(`DELETE FROM ` + t.id + ` WHERE key = ANY ($1) AND expires <= $2`)
		for _, p := range t.paths[1:] {
			var st *statement
			if p.unique {
				st = prepare(`DELETE FROM ` + t.id + ` WHERE ` + column(p.index) + ` = ANY ($1) AND expires <= $2 AND key <> ALL ($3)`)
			}
			t.staleBy = append(t.staleBy, st)
		}
	}
	return t
}

func (t *table) path(index string, unique bool) path {
	p := path{index: index, unique: unique}
	col, entry, expires := column(index), "NULL::bytea", "NULL::bigint"
	if index != "" {
		entry = col
	}
	// The time, if it matters, is the last argument of a read: $2 of a key's, $4 of
	// a range's. What was read comes behind it.
	oneAlive, alive, was, keys, versions := "", "", "$2", "$4", "$5"
	if t.Expires {
		expires = "expires"
		oneAlive, alive = ` AND (expires IS NULL OR expires > $2)`, ` AND (expires IS NULL OR expires > $4)`
		was, keys, versions = "$3", "$5", "$6"
	}
	columns := `key, ` + entry + `, value, ` + expires + `, xmin`
	if unique {
		one := ` FROM ` + t.id + ` WHERE ` + col + ` = $1` + oneAlive
		p.one = prepare(`SELECT ` + columns + one)
		p.oneSame = prepare(`SELECT _same((SELECT xmin` + one + `) IS NOT DISTINCT FROM ` + was + `::xid)`)
	}
	within := ` FROM ` + t.id + ` WHERE ` + col + ` >= $1 AND ` + col + ` < $2` + alive + ` ORDER BY ` + col
	same := func(order string) string {
		return `SELECT _same(coalesce(array_agg(key), '{}') = ` + keys + `::bytea[] AND coalesce(array_agg(version), '{}') = ` + versions + `::xid[])` +
			` FROM (SELECT key, xmin AS version` + within + order + ` LIMIT $3) AS now`
	}
	p.up, p.upSame = prepare(`SELECT `+columns+within+` LIMIT $3`), prepare(same(""))
	p.down, p.downSame = prepare(`SELECT `+columns+within+` DESC LIMIT $3`), prepare(same(" DESC"))
	return p
}

// find returns the table of a request, which may be nil, with the way to its rows.
func find(t *table, q store.Request) (*table, path, error) {
	if t == nil {
		return nil, path{}, fmt.Errorf("there is no table %s", q.Table)
	}
	for _, p := range t.paths {
		if p.index == q.Range.Index {
			return t, p, nil
		}
	}
	return nil, path{}, fmt.Errorf("%s has no index %s", t.Name, q.Range.Index)
}

// statements are all that a table is ever asked, for the check of their plans.
func (t *table) statements() []*statement {
	all := []*statement{t.put, t.insert, t.remove, t.stale, t.trim}
	all = append(all, t.staleBy...)
	for _, p := range t.paths {
		all = append(all, p.one, p.oneSame, p.up, p.upSame, p.down, p.downSame)
	}
	var known []*statement
	for _, st := range all {
		if st != nil {
			known = append(known, st)
		}
	}
	return known
}

// entry is what stands in the column of an index.
func (t *table) entry(i int, p store.Put) []byte {
	if p.Indexes[i] == nil {
		return nil
	}
	if t.Indexes[i].Unique {
		return p.Indexes[i]
	}
	return append(bytes.Clone(p.Indexes[i]), p.Key...)
}

// bounds are those of a range as arguments.
func bounds(r store.Range) (low, high []byte) {
	low, high = r.Bounds()
	if high == nil {
		high = []byte{0xff} // no part of a key begins so
	}
	return notNil(low), high
}
