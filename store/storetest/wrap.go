package storetest

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/proffer-id/proffer/store"
)

// A Counter is a driver that counts what is done with another one.
type Counter struct {
	store.Driver
	commits, views, updates, reads, runs atomic.Int64

	mu       sync.Mutex
	appended map[string]uint64 // entries, by log
}

// Count wraps a driver.
func Count(d store.Driver) *Counter { return &Counter{Driver: d, appended: map[string]uint64{}} }

// Commits is the number of Updates that succeeded and wrote something.
func (c *Counter) Commits() int { return int(c.commits.Load()) }

// Updates is the number of Updates.
func (c *Counter) Updates() int { return int(c.updates.Load()) }

// Views is the number of Views.
func (c *Counter) Views() int { return int(c.views.Load()) }

// Reads is the number of round trips for reading. In a store that runs every
// Update twice those of both runs count.
func (c *Counter) Reads() int { return int(c.reads.Load()) }

// Retries is how often the function of an Update had to be run again for others
// that were in its way.
func (c *Counter) Retries() int { return int(c.runs.Load() - c.updates.Load()) }

// Reset sets these counts to zero.
func (c *Counter) Reset() {
	for _, n := range []*atomic.Int64{&c.commits, &c.views, &c.updates, &c.reads, &c.runs} {
		n.Store(0)
	}
}

// View implements store.Driver.
func (c *Counter) View(ctx context.Context, fn func(store.Reader) error) error {
	c.views.Add(1)
	return c.Driver.View(ctx, func(r store.Reader) error { return fn(&countingReader{r, c}) })
}

// Update implements store.Driver.
func (c *Counter) Update(ctx context.Context, fn func(store.Reader) (*store.Writes, error)) error {
	var wrote *store.Writes
	ran := false
	err := c.Driver.Update(ctx, func(r store.Reader) (w *store.Writes, err error) {
		c.runs.Add(1)
		if !ran {
			ran = true
			c.updates.Add(1)
		}
		w, err = fn(&countingReader{r, c})
		wrote = w
		return w, err
	})
	if err == nil && !wrote.Empty() {
		c.commits.Add(1)
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, a := range wrote.Log {
			c.appended[a.Table]++
		}
	}
	return err
}

type countingReader struct {
	store.Reader
	c *Counter
}

func (r *countingReader) Read(ctx context.Context, q []store.Request, last bool) ([][]store.Row, error) {
	r.c.reads.Add(1)
	return r.Reader.Read(ctx, q, last)
}

// A Failer is a driver that is unavailable when told to be.
type Failer struct {
	store.Driver
	mu             sync.Mutex
	views, updates span
}

// A span is the calls that fail: some after the next few.
type span struct{ after, fail int }

// Fail wraps a driver, which works until it is told not to.
func Fail(d store.Driver) *Failer { return &Failer{Driver: d} }

// Views makes the next n Views return store.ErrUnavailable.
func (f *Failer) Views(n int) { f.set(&f.views, span{fail: n}) }

// Updates makes the next n Updates return store.ErrUnavailable; nothing of
// them is run or written.
func (f *Failer) Updates(n int) { f.UpdatesAfter(0, n) }

// UpdatesAfter lets some Updates through before it is as after Updates(n).
func (f *Failer) UpdatesAfter(through, n int) { f.set(&f.updates, span{through, n}) }

// View implements store.Driver.
func (f *Failer) View(ctx context.Context, fn func(store.Reader) error) error {
	if f.due(&f.views) {
		return store.ErrUnavailable
	}
	return f.Driver.View(ctx, fn)
}

// Update implements store.Driver.
func (f *Failer) Update(ctx context.Context, fn func(store.Reader) (*store.Writes, error)) error {
	if f.due(&f.updates) {
		return store.ErrUnavailable
	}
	return f.Driver.Update(ctx, fn)
}

func (f *Failer) set(s *span, to span) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*s = to
}

func (f *Failer) due(s *span) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case s.after > 0:
		s.after--
	case s.fail > 0:
		s.fail--
		return true
	}
	return false
}
