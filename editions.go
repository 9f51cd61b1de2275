package proffer

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

const (
	shelfLife = 2 * time.Hour // as long as a visit is good for
	shelfRoom = 16            // editions at once; more are read from the store again
)

// A shelf has the screen sets that are no longer in force, while a visit may be
// under way that began with one: it ends on the version it began with. It is safe
// for use by many at once.
type shelf struct {
	mu   sync.Mutex
	held map[onShelf]*held

	fetching sync.Mutex // one at a time: it is rare
}

type onShelf struct{ brand, edition string }

// held is one edition. Without definitions it cannot be had, which is known too.
type held struct {
	definitions *screens.Definitions
	until       time.Time
}

func newShelf() *shelf { return &shelf{held: map[onShelf]*held{}} }

// keep takes what before has and next has no more.
func (h *shelf) keep(before, next *rooms, now time.Time) {
	if before == nil {
		return
	}
	for brand := range before.sets.sets {
		if e := before.sets.edition(brand); e != next.sets.edition(brand) {
			h.add(onShelf{brand, e}, before.asking.InForce(), now)
		}
	}
}

func (h *shelf) add(at onShelf, d *screens.Definitions, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for old, x := range h.held {
		if now.After(x.until) {
			delete(h.held, old)
		}
	}
	for len(h.held) >= shelfRoom {
		var first onShelf
		for old, x := range h.held {
			if first == (onShelf{}) || x.until.Before(h.held[first].until) {
				first = old
			}
		}
		delete(h.held, first)
	}
	h.held[at] = &held{d, now.Add(shelfLife)}
}

// get returns an edition; known is false if nobody has looked for it yet.
func (h *shelf) get(at onShelf) (d *screens.Definitions, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.held[at]
	if x == nil {
		return nil, false
	}
	return x.definitions, true
}

// picture is one of an edition on the shelf; nil if none has it there.
func (h *shelf) picture(served string) *catalogue.File {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.held {
		if x.definitions != nil && x.definitions.Pictures[served] != nil {
			return x.definitions.Pictures[served]
		}
	}
	return nil
}

// edition is what a visit began with; nil if that is what is in force, or can no
// longer be had.
func (s *rooms) edition(v *web.Visit) *screens.Definitions {
	if v.Edition == "" || v.Edition == s.sets.edition(v.Brand) {
		return nil
	}
	d, _ := s.shelf.get(onShelf{v.Brand, v.Edition})
	return d
}

// fetchEdition makes sure that what a visit began with is on the shelf, if it can
// be had: a server that was started since, or beside the one where the visit began,
// reads it from the store. What cannot be had is a file of the configuration that
// has changed since; the visit then goes on with what is in force.
func (s *rooms) fetchEdition(ctx context.Context, v *web.Visit) {
	at := onShelf{v.Brand, v.Edition}
	if v.Edition == "" || v.Edition == s.sets.edition(v.Brand) {
		return
	}
	if _, known := s.shelf.get(at); known {
		return
	}
	s.shelf.fetching.Lock()
	defer s.shelf.fetching.Unlock()
	if _, known := s.shelf.get(at); known {
		return
	}
	d, err := s.readEdition(ctx, v.Brand, bundle.Edition(v.Edition))
	switch {
	case errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil:
		return // the next page of the visit tries again
	case errors.Is(err, store.ErrNotFound):
		s.log.Info("a visit goes on with another screen set: it began with a file that has changed", "brand", v.Brand)
	case err != nil:
		s.log.Error("a visit goes on with another screen set", "brand", v.Brand, "edition", v.Edition, "err", err)
	}
	s.shelf.add(at, d, s.now())
}

// readEdition makes the definitions of an edition from the store, beside what is
// in force of other brands.
func (s *rooms) readEdition(ctx context.Context, brand string, e bundle.Edition) (*screens.Definitions, error) {
	x := &screenSet{edition: e}
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		x.bundle, err = bundle.Read(tx, brand, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := x.bundle.Check(); err != nil {
		return nil, err
	}
	var out diag.Findings
	sets := s.sets.with(brand, x)
	if sets.join(s.cfg, "", &out); out.Err() != nil {
		return nil, out.Err()
	}
	d := screens.Define(sets.catalogue, s.pages)
	return d, s.asking.Publish(ctx, d)
}
