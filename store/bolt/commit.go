package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"sync/atomic"
	"syscall"

	"go.etcd.io/bbolt"

	"github.com/proffer-id/proffer/store"
)

// A turn is one Update in the queue. The committer gives it the transaction,
// it runs its function on its own goroutine (where a panic finds its caller)
// while the committer waits, and hands back what it wants written.
type turn struct {
	taken  atomic.Bool        // by the committer, or by a caller who no longer waits
	begin  chan *bbolt.Tx     // committer to caller
	end    chan *store.Writes // caller to committer; nil: nothing
	result chan error         // committer to caller, after the commit
}

// Update implements store.Driver.
func (d *Driver) Update(ctx context.Context, fn func(store.Reader) (*store.Writes, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.trusted(); err != nil {
		return err
	}
	d.waiting.Add(1)
	defer d.waiting.Add(-1)
	t := &turn{begin: make(chan *bbolt.Tx), end: make(chan *store.Writes), result: make(chan error, 1)}
	select {
	case d.queue <- t:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.done:
		return d.trustedOr(errClosed)
	}
	var tx *bbolt.Tx
	select {
	case tx = <-t.begin:
	case err := <-t.result:
		return err
	case <-ctx.Done():
		if t.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		select { // the committer was quicker
		case tx = <-t.begin:
		case err := <-t.result:
			return err
		}
	}
	own := t.run(fn, &reader{d: d, tx: tx})
	// It has to wait for the commit even if its own function failed: that may
	// have been for what an earlier turn of the same commit wrote.
	if err := <-t.result; err != nil {
		return err
	}
	return own
}

// run has fn called and its writes, if any, handed over, also when it panics.
func (t *turn) run(fn func(store.Reader) (*store.Writes, error), r *reader) (err error) {
	var w *store.Writes
	defer func() { t.end <- w }()
	got, err := fn(r)
	if err == nil {
		w = got
	}
	return err
}

// commit is the committer: it takes what is queued until Close, or until the
// file can no longer be trusted.
func (d *Driver) commit() {
	defer close(d.done)
	debug.SetPanicOnFault(true)
	for {
		select {
		case <-d.closing:
			return
		case t := <-d.queue:
			if err := d.together(t); err != nil {
				d.failure = err
				close(d.failed)
				d.log.Error("store is no longer to be trusted", "err", err)
				return
			}
		}
	}
}

// together runs a turn and those queued by then in one transaction. It returns
// an error if what is on disk is unknown.
func (d *Driver) together(first *turn) (unknown error) {
	tx, err := d.db.Begin(true)
	if err != nil {
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		first.result <- err
		return nil
	}
	var (
		all     []*turn
		results []error
		wrote   int
	)
	defer func() {
		if p := recover(); p != nil {
			// bbolt found its pages not to be what they ought to be.
			unknown = fmt.Errorf("%s is damaged: %v", d.path, p)
			abandon(tx)
			for _, t := range all {
				t.result <- fmt.Errorf("%w: %w", store.ErrUnavailable, unknown)
			}
		}
	}()
	for t := first; t != nil; t = d.queued(len(all)) {
		if !t.taken.CompareAndSwap(false, true) {
			continue
		}
		all = append(all, t)
		t.begin <- tx
		w := <-t.end
		var err error
		if !w.Empty() {
			if err = d.apply(tx, w); err == nil {
				wrote++
			} else if !errors.Is(err, store.ErrNotUnique) {
				// Something of it may be in the transaction, so nobody can have that.
				tx.Rollback()
				for _, t := range all {
					t.result <- fmt.Errorf("%w: %w", store.ErrUnavailable, err)
				}
				return nil
			}
		}
		results = append(results, err)
	}
	if wrote == 0 {
		err = tx.Rollback()
	} else if err = d.sync(tx.Commit); err == nil {
		d.commits.Add(1)
		d.turns.Add(uint64(wrote))
	}
	if err != nil {
		abandon(tx) // if that was not begun: it holds the lock of the next one
		if !harmless(err) {
			unknown = fmt.Errorf("%s: a commit failed and may be on disk or not: %w", d.path, err)
		}
		err = fmt.Errorf("%s: %w: %w", d.path, store.ErrUnavailable, err)
	}
	for i, t := range all {
		if err != nil {
			results[i] = err
		}
		t.result <- results[i]
	}
	return unknown
}

// abandon ends a transaction that did not end by itself, also one that bbolt
// panicked in.
func abandon(tx *bbolt.Tx) {
	defer func() { recover() }()
	tx.Rollback()
}

// queued returns a turn that waits by now, nil if none does or enough have
// been taken.
func (d *Driver) queued(n int) *turn {
	if n >= d.o.MaxBatch {
		return nil
	}
	select {
	case t := <-d.queue:
		return t
	default:
		return nil
	}
}

func (d *Driver) sync(commit func() error) error {
	if d.o.Commit != nil {
		return d.o.Commit(commit)
	}
	return commit()
}

// harmless says whether after a failed commit the file is sure to be as
// before: a write was refused because the disk, or what we may use of it, is
// full. bbolt overwrites nothing that the state before needs, and the page that
// makes the new state valid comes last. A failed sync is never harmless: the
// kernel may have written some pages, and forgets about the others.
func harmless(err error) bool {
	var p *fs.PathError
	if !errors.As(err, &p) || p.Op == "sync" {
		return false
	}
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) || errors.Is(err, syscall.EDQUOT)
}

// trusted returns an error once a commit has failed in a way that leaves open
// what is on disk.
func (d *Driver) trusted() error { return d.trustedOr(nil) }

func (d *Driver) trustedOr(other error) error {
	select {
	case <-d.failed:
		return fmt.Errorf("%w: %w", store.ErrUnavailable, d.failure)
	default:
		return other
	}
}
