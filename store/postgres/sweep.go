package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Sweep implements store.Driver. Nobody can see what has expired, so it takes
// no locks but those of the rows.
func (d *Driver) Sweep(ctx context.Context, now time.Time, limit int) (n int, err error) {
	due := d.due()
	if due == nil {
		return 0, nil
	}
	conn, err := d.acquire(ctx, d.own)
	if err != nil {
		return 0, unavailable(d.readError(ctx, err))
	}
	defer d.giveBack(ctx, conn)
	at := int8Bytes(instant(now))
	byTable := map[string]*array{}
	looked := call{st: due, args: [][]byte{at, int8Bytes(int64(limit))}, row: func(v [][]byte) error {
		if err := shape(v, 2); err != nil {
			return err
		}
		keys := byTable[string(v[0])]
		if keys == nil {
			a := newArray(oidBytea, limit, 32)
			keys = &a
			byTable[string(v[0])] = keys
		}
		keys.add(v[1])
		n++
		return nil
	}}
	if err := d.trip(ctx, conn, []call{looked}); err != nil {
		return 0, unavailable(d.readError(ctx, err))
	}
	if n == 0 {
		return 0, nil
	}
	calls := []call{{st: begin}}
	for name, keys := range byTable {
		calls = append(calls, call{st: d.table(name).stale, args: [][]byte{keys.bytes(), at}})
	}
	if err := d.trip(ctx, conn, append(calls, call{st: commit})); err != nil {
		return 0, unavailable(d.commitError(err))
	}
	return n, nil
}

// due is the statement that finds what has expired in all tables; nil if
// nothing ever does.
func (d *Driver) due() *statement {
	var names, each []string
	for name, t := range *d.tables.Load() {
		if t.Expires {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		each = append(each, fmt.Sprintf(`(SELECT '%s'::text AS name, key FROM %s WHERE expires <= $1 ORDER BY expires LIMIT $2)`, name, quote(name)))
	}
	if each == nil {
		return nil
	}
	return prepare(strings.Join(each, " UNION ALL ") + ` LIMIT $2`)
}
