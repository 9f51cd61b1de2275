package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/postgres"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
)

// Driver is a driver of the store under test, with nothing in it: a bolt file,
// or, if PROFFER_TEST_POSTGRES names a server, a schema there. What closes it is
// the caller's choice; at the end of t it is closed in any case.
//
// Connecting to PostgreSQL takes longer than most tests, so a driver goes from
// test to test, and only seems to be closed. Where closing and opening matter,
// take a Place.
func Driver(t testing.TB) store.Driver {
	t.Helper()
	if !pgtest.Given() {
		return NewPlace(t).Open(t)
	}
	d, err := shelf().take()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shelf().putBack(d); err != nil {
			t.Error(err)
		}
	})
	return d
}

// shelf has the drivers that no test uses.
var shelf = sync.OnceValue(func() *drivers { return new(drivers) })

type drivers struct {
	mu   sync.Mutex
	free []*kept
}

func (s *drivers) take() (*kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		d := s.free[n-1]
		s.free = s.free[:n-1]
		return keep(d.Driver, d.empty, d.failed), nil
	}
	url, empty, err := pgtest.Kept()
	if err != nil {
		return nil, err
	}
	d, err := postgres.Open(context.Background(), url, postgres.Options{})
	if err != nil {
		return nil, err
	}
	failed := make(chan error, 1)
	go func() { failed <- d.Run(context.Background()) }()
	return keep(d, empty, failed), nil
}

func keep(d *postgres.Driver, empty func() error, failed chan error) *kept {
	k := &kept{Driver: d, empty: empty, failed: failed}
	k.life, k.end = context.WithCancel(context.Background())
	return k
}

func (s *drivers) putBack(d *kept) error {
	d.Close()
	if err := d.empty(); err != nil {
		d.Driver.Close()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, d)
	return nil
}

// kept is a driver that stays open when one test has closed it. It always runs:
// if its Run was cut off, the server could still do what it was asked to by one
// test when the next one has begun.
type kept struct {
	*postgres.Driver
	empty  func() error
	failed chan error // what Run returned

	life context.Context // of its use by one test
	end  context.CancelFunc

	mu     sync.Mutex
	closed bool
	using  sync.WaitGroup
}

// use says that something begins; done is called when it has ended.
func (k *kept) use() (done func(), err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil, fmt.Errorf("the store is closed: %w", store.ErrUnavailable)
	}
	k.using.Add(1)
	return k.using.Done, nil
}

func (k *kept) Prepare(ctx context.Context, s store.Schema) error {
	done, err := k.use()
	if err != nil {
		return err
	}
	defer done()
	return k.Driver.Prepare(ctx, s)
}

func (k *kept) View(ctx context.Context, fn func(store.Reader) error) error {
	done, err := k.use()
	if err != nil {
		return err
	}
	defer done()
	return k.Driver.View(ctx, fn)
}

func (k *kept) Update(ctx context.Context, fn func(store.Reader) (*store.Writes, error)) error {
	done, err := k.use()
	if err != nil {
		return err
	}
	defer done()
	return k.Driver.Update(ctx, fn)
}

func (k *kept) Sweep(ctx context.Context, now time.Time, limit int) (int, error) {
	done, err := k.use()
	if err != nil {
		return 0, err
	}
	defer done()
	return k.Driver.Sweep(ctx, now, limit)
}

func (k *kept) Run(ctx context.Context) error {
	done, err := k.use()
	if err != nil {
		return nil
	}
	defer done()
	select {
	case err := <-k.failed:
		k.failed <- err
		return err
	case <-ctx.Done():
	case <-k.life.Done():
	}
	return nil
}

func (k *kept) Close() error {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.end()
	k.using.Wait()
	return nil
}
