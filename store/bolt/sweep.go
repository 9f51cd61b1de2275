package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/proffer-id/proffer/store"
)

// Sweep implements store.Driver.
func (d *Driver) Sweep(ctx context.Context, now time.Time, limit int) (n int, err error) {
	due := func(r *reader) (*store.Writes, error) {
		w := &store.Writes{Now: now}
		end := binary.BigEndian.AppendUint64(nil, uint64(nanos(now))^1<<63)
		c := r.tx.Bucket(expiryBucket).Cursor()
		for k, _ := c.First(); k != nil && len(w.Put) < limit; k, _ = c.Next() {
			if len(k) < 9 || bytes.Compare(k[:8], end) > 0 {
				break
			}
			name, key, ok := bytes.Cut(k[8:], []byte{0})
			if !ok {
				return nil, fmt.Errorf("%s: entry of what expires: %w", d.path, errDamaged)
			}
			if d.tables[string(name)] == nil {
				continue // of a table this version does not know
			}
			w.Put = append(w.Put, store.Put{Table: string(name), Key: bytes.Clone(key), Delete: true})
		}
		return w, nil
	}
	// Looking first keeps a sweep with nothing to do out of the queue.
	err = d.View(ctx, func(r store.Reader) error {
		w, err := due(r.(*reader))
		n = len(w.Put)
		return err
	})
	if err != nil || n == 0 {
		return 0, err
	}
	err = d.Update(ctx, func(r store.Reader) (*store.Writes, error) {
		w, err := due(r.(*reader))
		if err != nil {
			return nil, err
		}
		n = len(w.Put)
		return w, nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
