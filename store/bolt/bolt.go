// Package bolt keeps a store in one file, for one process: the driver that
// proffer uses unless told otherwise. All Updates go through one committer,
// which runs what is queued in one bbolt transaction and syncs once for all.
//
// bbolt does not wipe freed pages: what was deleted can be read in the file
// until the page is used again. Erasing rests on destroyed keys alone
// (store.DB.Rekey), so keys and indexes of records hold ids, times and keyed
// hashes only.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/proffer-id/proffer/store"
)

// Options of Open. The zero value works.
type Options struct {
	Log *slog.Logger // nil: nothing is logged

	// LockWait is how long to wait for another process to let go of the file;
	// 0: one second.
	LockWait time.Duration

	// MaxBatch is how many Updates share one sync at most; 0: 512.
	MaxBatch int

	// Commit, if set, is called in place of commit and must return what that
	// returns or an error of its own. For tests of faults.
	Commit func(commit func() error) error
}

// mapSize is how much address space is mapped from the start. Growing beyond
// it has to wait for every View; until then it need not.
const mapSize = 1 << 30

// A Driver is an open file. It is a store.Driver and safe for concurrent use.
type Driver struct {
	path string
	o    Options
	db   *bbolt.DB
	log  *slog.Logger

	tables map[string]*table // by name; set by Prepare

	queue   chan *turn
	closing chan struct{} // closed by Close: no more turns are begun
	once    sync.Once
	done    chan struct{} // closed when the committer has ended
	failed  chan struct{} // closed when the file can no longer be trusted
	failure error         // why; read after failed is closed

	commits, turns atomic.Uint64
	waiting        atomic.Int64
}

// Open opens the file at path, which is made, with its folder, if there is
// none. What is no sound store is refused with an error that names the file,
// and left as it is.
func Open(path string, o Options) (*Driver, error) {
	if o.LockWait == 0 {
		o.LockWait = time.Second
	}
	if o.MaxBatch == 0 {
		o.MaxBatch = 512
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Driver{
		path: path, o: o, log: o.Log,
		queue: make(chan *turn), closing: make(chan struct{}),
		done: make(chan struct{}), failed: make(chan struct{}),
	}
	if err := d.open(); err != nil {
		return nil, fmt.Errorf("opening store %s: %w", path, err)
	}
	go d.commit()
	return d, nil
}

func (d *Driver) open() (err error) {
	defer d.damage(&err)()
	if _, err := os.Stat(d.path); errors.Is(err, fs.ErrNotExist) {
		if err := create(d.path); err != nil {
			return err
		}
	}
	// bbolt maps the file and would die of what is wrong in it.
	if err := inspect(d.path); err != nil {
		return err
	}
	db, err := bbolt.Open(d.path, 0o600, &bbolt.Options{
		Timeout:         d.o.LockWait,
		InitialMmapSize: mapSize,
		FreelistType:    bbolt.FreelistMapType,
	})
	if errors.Is(err, berrors.ErrTimeout) {
		return errors.New("it is locked by another process; stop that one first, or give this one a store of its own")
	}
	if err != nil {
		return err
	}
	d.db = db
	return nil
}

// create makes an empty store that appears at path whole or not at all.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(f.Name(), 0o600, nil)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

var errClosed = fmt.Errorf("store is closed: %w", store.ErrUnavailable)

// Run waits until ctx ends or a commit failed in a way that leaves open what
// is on disk. It returns that error: the process must stop, and find out when
// it opens the file again.
func (d *Driver) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-d.done:
	case <-d.failed:
	}
	select {
	case <-d.failed:
		return d.failure
	default:
		return nil // closed
	}
}

// Close ends the commit under way, refuses what is queued and closes the file
// once the last View has ended.
func (d *Driver) Close() error {
	d.once.Do(func() {
		close(d.closing)
		<-d.done
		s := d.Stats()
		d.log.Info("store closed", "updates", s.Turns, "syncs", s.Commits, "bytes", s.Size)
	})
	<-d.done
	return d.db.Close()
}

// Stats counts since Open.
type Stats struct {
	Commits uint64 // transactions synced to disk
	Turns   uint64 // Updates that wrote something; Turns/Commits shared a sync
	Waiting int    // Updates not answered yet
	Size    int64  // bytes of the file
}

// Stats returns the counts.
func (d *Driver) Stats() Stats {
	s := Stats{Commits: d.commits.Load(), Turns: d.turns.Load(), Waiting: int(d.waiting.Load())}
	if info, err := os.Stat(d.path); err == nil {
		s.Size = info.Size()
	}
	return s
}
