package store

import (
	"context"
	"fmt"
)

// reindex finds the keys of rows in the indexes that their table has by now.
// What cannot be unsealed is left out of all of them.
func (db *DB) reindex(ctx context.Context, r Reader, name string, rows []Row) ([]Put, error) {
	t := db.tables[name]
	if t == nil || t.log {
		return nil, fmt.Errorf("indexing %s: no such collection", name)
	}
	tx := db.begin(ctx, r, false)
	defer tx.end()
	var keys []*ask
	for _, r := range rows {
		if account, ok := sealedFor(row{Row: r}); ok {
			keys = tx.wantKey(keys, account)
		}
	}
	if len(keys) > 0 {
		if err := tx.read(keys, false); err != nil {
			return nil, err
		}
		if err := tx.takeKeys(keys); err != nil {
			return nil, err
		}
	}
	puts := make([]Put, 0, len(rows))
	for _, r := range rows {
		p := Put{Table: name, Key: r.Key, Value: r.Value, Expires: r.Expires, Indexes: make([]Key, len(t.indexes))}
		if value, ok := tx.open(t, row{Row: r}); ok {
			var err error
			if p.Indexes, p.Expires, err = t.keys(row{Row: r}, value); err != nil {
				return nil, fmt.Errorf("indexing: %w", err)
			}
		} else {
			db.log.Warn("record is left out of the indexes: it cannot be unsealed", "collection", name, "key", r.Key.String())
		}
		puts = append(puts, p)
	}
	return puts, nil
}
