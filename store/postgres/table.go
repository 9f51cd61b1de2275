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
	id       string // quoted
	paths    []path // the primary key, then each index
	put      *statement
	insert   *statement
	remove   *statement
	removeBy []*statement // for each unique index: what has expired and holds a key
	stale    *statement   // what has expired and has a primary key; nil if nothing expires
	trim     *statement
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
	var names, kinds, set []string
	for i, c := range t.columns() {
		names = append(names, c)
		kind := "bytea"
		if c == "expires" {
			kind = "bigint"
		}
		kinds = append(kinds, fmt.Sprintf("$%d::%s[]", i+1, kind))
		if c != "key" {
			set = append(set, c+" = excluded."+c)
		}
	}
	insert := `INSERT INTO ` + t.id + ` (` + strings.Join(names, ", ") + `) SELECT * FROM unnest(` + strings.Join(kinds, ", ") + `)`
	t.insert = prepare(insert)
	t.put = prepare(insert + ` ON CONFLICT (key) DO UPDATE SET ` + strings.Join(set, ", "))
	if s.Expires {
		t.stale = prepare(`DELETE FROM ` + t.id + ` WHERE key = ANY ($1) AND expires <= $2`)
		for _, p := range t.paths[1:] {
			var st *statement
			if p.unique {
				st = prepare(`DELETE FROM ` + t.id + ` WHERE ` + column(p.index) + ` = ANY ($1) AND expires <= $2 AND key <> ALL ($3)`)
			}
			t.removeBy = append(t.removeBy, st)
		}
	}
	return t
}

// columns are those of a collection, in the order its writes give them.
func (t *table) columns() []string {
	all := []string{"key", "value"}
	if t.Expires {
		all = append(all, "expires")
	}
	for _, x := range t.Indexes {
		all = append(all, column(x.Name))
	}
	return all
}

func (t *table) path(index string, unique bool) path {
	p := path{index: index, unique: unique}
	col, entry, expires, alive := column(index), "NULL::bytea", "NULL::bigint", ""
	if index != "" {
		entry = col
	}
	// The last argument of each read is the time, if it matters.
	at := func(n int) string {
		if t.Expires {
			expires = "expires"
			return fmt.Sprintf(" AND (expires IS NULL OR expires > $%d)", n)
		}
		return ""
	}
	alive = at(2)
	columns := `key, ` + entry + `, value, ` + expires + `, xmin`
	if unique {
		p.one = prepare(`SELECT ` + columns + ` FROM ` + t.id + ` WHERE ` + col + ` = $1` + alive)
		was := "$2"
		if t.Expires {
			was = "$3"
		}
		p.oneSame = prepare(`SELECT _same((SELECT xmin FROM ` + t.id + ` WHERE ` + col + ` = $1` + alive + `) IS NOT DISTINCT FROM ` + was + `::xid)`)
	}
	alive = at(4)
	keys, versions := "$4", "$5"
	if t.Expires {
		keys, versions = "$5", "$6"
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

// find returns the way that an index is.
func (t *table) find(index string) (path, error) {
	for _, p := range t.paths {
		if p.index == index {
			return p, nil
		}
	}
	return path{}, fmt.Errorf("%s has no index %s", t.Name, index)
}

// statements are all that a table is ever asked, for the check of their plans.
func (t *table) statements() []*statement {
	all := []*statement{t.put, t.insert, t.remove, t.stale, t.trim}
	all = append(all, t.removeBy...)
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

// bounds are the least key of a range and the first beyond it.
func bounds(r store.Range) (low, high []byte) {
	low, high = notNil(r.Prefix), following(r.Prefix)
	if bytes.Compare(r.From, low) > 0 {
		low = r.From
	}
	if r.To != nil && (high == nil || bytes.Compare(r.To, high) < 0) {
		high = r.To
	}
	if high == nil {
		high = []byte{0xff} // no part of a key begins so
	}
	return low, high
}

// following is the first key beyond those that begin with prefix; nil if there
// is none.
func following(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			next := bytes.Clone(prefix[:i+1])
			next[i]++
			return next
		}
	}
	return nil
}
