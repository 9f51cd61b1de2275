package store

import (
	"context"
	"time"
)

const (
	sweepEvery  = time.Minute
	sweepAtOnce = 200 // rows in one commit
)

// Run does the work behind the store until ctx ends: sweeping what expired,
// finishing re-keying that was cut off. It returns an error only if the store
// can no longer be trusted (a failed sync): the process must stop then.
func (db *DB) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- db.driver.Run(ctx) }()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := db.rekeyAll(ctx); err != nil && ctx.Err() == nil {
			db.log.Error("re-keying is put off", "err", err)
		}
		if _, err := db.Sweep(ctx); err != nil && ctx.Err() == nil {
			db.log.Error("sweeping is put off", "err", err)
		}
		select {
		case err := <-done:
			return err
		case <-tick.C:
		}
	}
}

// Sweep deletes what has expired, in small commits, and says how many records
// that was. Run does it every minute.
func (db *DB) Sweep(ctx context.Context) (swept int, err error) {
	for {
		n, err := db.driver.Sweep(ctx, db.now().UTC(), sweepAtOnce)
		swept += n
		if err != nil || n < sweepAtOnce {
			return swept, err
		}
	}
}
