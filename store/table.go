package store

import (
	"fmt"
	"regexp"
	"time"
)

// A Table is a collection or a log, whatever it holds. Each room has
// `var Records = []store.Table{…}`.
type Table interface{ table() *table }

// How the records of a table stand in the store; also the first byte of each.
type sealing byte

const (
	inClear   sealing = 1 // as they are
	byAccount sealing = 2 // under the key of their account
	byMaster  sealing = 3 // under the master key
)

// A table is what collections and logs are to everything that knows no types.
type table struct {
	name    string
	log     bool
	seal    sealing
	apart   bool // sealed for an account that is not the first part of the key
	expires bool
	indexes []IndexSchema
	keys    func(r row, value []byte) (indexes []Key, expires time.Time, err error) // nil for a log
}

func (t *table) table() *table { return t }

func (t *table) schema() TableSchema {
	return TableSchema{Name: t.name, Log: t.log, Expires: t.expires, Indexes: t.indexes}
}

// index finds an index; -1 is the primary key.
func (t *table) index(name string) (i int, unique bool, err error) {
	if name == "" {
		return -1, true, nil
	}
	for i, x := range t.indexes {
		if x.Name == name {
			return i, x.Unique, nil
		}
	}
	return 0, false, fmt.Errorf("%s: there is no index %q", t.name, name)
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (t *table) check() error {
	if !plainName.MatchString(t.name) {
		return fmt.Errorf("table %q: the name may have a-z, 0-9 and _ only", t.name)
	}
	seen := map[string]bool{}
	for _, x := range t.indexes {
		if !plainName.MatchString(x.Name) || seen[x.Name] {
			return fmt.Errorf("table %s: index %q: the name is taken or has more than a-z, 0-9 and _", t.name, x.Name)
		}
		seen[x.Name] = true
	}
	return nil
}
