package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/proffer-id/proffer/store"
)

// A table is a bucket of records, or of log entries, and one for each index.
// The buckets are named "answer" and "answer/by_brand"; three more hold what
// belongs to no table.
type table struct {
	store.TableSchema
	name    []byte
	indexes [][]byte // names of their buckets
}

var (
	schemaBucket = []byte("/schema") // "version" and a description of every table
	expiryBucket = []byte("/expiry") // expires(8) table 00 key -> nothing
	versionKey   = []byte("/version")
)

// Prepare implements store.Driver.
func (d *Driver) Prepare(ctx context.Context, s store.Schema) (err error) {
	defer d.damage(&err)()
	d.tables = map[string]*table{}
	for _, t := range s.Tables {
		d.tables[t.Name] = tableOf(t)
	}
	ready := false
	err = d.db.View(func(tx *bbolt.Tx) (err error) {
		ready, err = prepared(tx, s)
		return err
	})
	if err == nil && !ready {
		// The queue is not in use before Prepare returns.
		err = d.db.Update(func(tx *bbolt.Tx) error { return d.prepare(ctx, tx, s) })
	}
	if err != nil {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	return nil
}

func tableOf(s store.TableSchema) *table {
	t := &table{TableSchema: s, name: []byte(s.Name)}
	for _, x := range s.Indexes {
		t.indexes = append(t.indexes, []byte(s.Name+"/"+x.Name))
	}
	return t
}

// prepared says whether s is what the file was last prepared for. It refuses a
// file of a newer schema.
func prepared(tx *bbolt.Tx, s store.Schema) (bool, error) {
	b := tx.Bucket(schemaBucket)
	if b == nil {
		if k, _ := tx.Cursor().First(); k != nil {
			return false, fmt.Errorf("it is a bbolt file of another program (bucket %q); is it the right file?", k)
		}
		return false, nil
	}
	v := b.Get(versionKey)
	if len(v) != 8 {
		return false, fmt.Errorf("schema number: %w", errDamaged)
	}
	if has := binary.BigEndian.Uint64(v); has != s.Version {
		if has > s.Version {
			return false, fmt.Errorf("it was written by a newer version (schema %d, this one knows %d); start that one", has, s.Version)
		}
		return false, nil
	}
	for _, t := range s.Tables {
		want, err := json.Marshal(t)
		if err != nil {
			return false, err
		}
		if !slices.Equal(b.Get([]byte(t.Name)), want) {
			return false, nil
		}
	}
	return true, nil
}

func (d *Driver) prepare(ctx context.Context, tx *bbolt.Tx, s store.Schema) error {
	b, err := tx.CreateBucketIfNotExists(schemaBucket)
	if err != nil {
		return err
	}
	if err := b.Put(versionKey, binary.BigEndian.AppendUint64(nil, s.Version)); err != nil {
		return err
	}
	if _, err := tx.CreateBucketIfNotExists(expiryBucket); err != nil {
		return err
	}
	var changed []*table
	for _, ts := range s.Tables {
		t := d.tables[ts.Name]
		if _, err := tx.CreateBucketIfNotExists(t.name); err != nil {
			return err
		}
		want, err := json.Marshal(ts)
		if err != nil {
			return err
		}
		has := b.Get(t.name)
		if slices.Equal(has, want) {
			continue
		}
		if has != nil {
			var old store.TableSchema
			if err := json.Unmarshal(has, &old); err != nil {
				return fmt.Errorf("description of table %s: %w", ts.Name, err)
			}
			if old.Log != ts.Log {
				return fmt.Errorf("table %s: a log cannot become a collection or the other way round", ts.Name)
			}
			for _, name := range tableOf(old).indexes {
				if err := tx.DeleteBucket(name); err != nil {
					return err
				}
			}
			changed = append(changed, t)
		}
		for _, name := range t.indexes {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		if err := b.Put(t.name, want); err != nil {
			return err
		}
	}
	for _, t := range changed {
		if err := d.reindex(ctx, tx, s, t); err != nil {
			return err
		}
	}
	return nil
}

// reindex puts all records of a table anew. Those that have expired are left
// to be swept.
func (d *Driver) reindex(ctx context.Context, tx *bbolt.Tx, s store.Schema, t *table) error {
	const atOnce = 200
	for from := (store.Key)(nil); ; {
		r := &reader{d: d, tx: tx}
		found, err := r.Read(ctx, []store.Request{{Table: t.Name, Range: store.Range{From: from, Limit: atOnce}, Now: s.Now}}, false)
		if err != nil {
			return err
		}
		rows := found[0]
		if len(rows) == 0 {
			return nil
		}
		for i := range rows { // what they point at moves when something is written
			rows[i].Key, rows[i].Value = bytes.Clone(rows[i].Key), bytes.Clone(rows[i].Value)
		}
		from = rows[len(rows)-1].Key.After()
		puts, err := s.Reindex(ctx, r, t.Name, rows)
		if err != nil {
			return err
		}
		if err := d.apply(tx, &store.Writes{Now: s.Now, Put: puts}); err != nil {
			return fmt.Errorf("indexing %s: %w", t.Name, err)
		}
	}
}
