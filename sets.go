package proffer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

// A screenSet is one brand's set as it is in force: the version that was
// deployed, or the file of the configuration as long as there is none.
type screenSet struct {
	version int // 0: the file
	bundle  *bundle.Bundle
	edition bundle.Edition
	wrong   string // why it is not the version in force in the store; ""
}

// file is where findings say that a set stands which is not the one they are about.
func (x *screenSet) file(brand string) string {
	if x.version == 0 {
		return path.Join(brand, "file", x.bundle.Name)
	}
	return fmt.Sprintf("%s@%d/%s", brand, x.version, x.bundle.Name)
}

// inForce are the screen sets of all brands as one server has them. It is not
// changed once in use.
type inForce struct {
	sets      map[string]*screenSet // by brand; one without a set is missing
	heads     map[string]int        // versions in force in the store when it was read
	catalogue *catalogue.Catalogue
}

// edition names a brand's set, for the visits that begin now.
func (f *inForce) edition(brand string) string {
	if x := f.sets[brand]; x != nil {
		return string(x.edition)
	}
	return ""
}

// with is f with another set of one brand, and no catalogue yet.
func (f *inForce) with(brand string, x *screenSet) *inForce {
	next := &inForce{sets: maps.Clone(f.sets), heads: f.heads}
	next.sets[brand] = x
	return next
}

// join makes the catalogue. as names the file of one brand's set in findings as
// it was written; "" for none.
func (f *inForce) join(cfg *Config, as string, out *diag.Findings) {
	from := map[string]source{}
	for brand, x := range f.sets {
		from[brand] = source{file: x.file(brand), bundle: x.bundle}
		if brand == as {
			from[brand] = source{file: x.bundle.Name, bundle: x.bundle}
		}
	}
	f.catalogue = cfg.join(from, out)
}

// takes returns an error with all that keeps a new configuration and the
// deployed sets from fitting together. What could not be used before either is
// no reason to refuse the configuration.
func (f *inForce) takes(cfg *Config, before *inForce) error {
	var out diag.Findings
	for _, brand := range slices.Sorted(maps.Keys(f.sets)) {
		x, was := f.sets[brand], before.sets[brand]
		if x.wrong != "" && was != nil && was.wrong == "" {
			out.Add(diag.Finding{Path: "brands." + brand, Message: fmt.Sprintf("version %d of the screen set is in force in the store, and cannot be with this configuration: %s", f.heads[brand], x.wrong)})
		}
	}
	cfg.fits(f.catalogue, &out)
	return out.Err()
}

// setsInForce reads what is in force in the store, and completes it with the
// files of the configuration. A version that cannot be used is passed over for
// the newest that can, so that customers can still sign in. The error is the
// store's.
func (s *Server) setsInForce(ctx context.Context, cfg *Config) (*inForce, error) {
	files := &inForce{sets: map[string]*screenSet{}}
	for brand, b := range cfg.ready.sets {
		files.sets[brand] = &screenSet{bundle: b, edition: b.Edition()}
	}
	err := s.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		files.heads, err = bundle.InForce(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	now, whole := files, true
	for brand, number := range files.heads {
		if cfg.Brands[brand] == nil {
			continue
		}
		x, err := s.version(ctx, brand, number)
		if err != nil {
			return nil, err
		}
		whole = whole && x.wrong == ""
		now = now.with(brand, x)
	}
	if whole {
		var out diag.Findings
		if now.join(cfg, "", &out); out.Err() == nil {
			return now, nil
		}
	}
	return s.bestOf(ctx, cfg, files)
}

// version reads one version of a brand. One that this Proffer does not
// understand has wrong set.
func (s *Server) version(ctx context.Context, brand string, number int) (*screenSet, error) {
	x := &screenSet{version: number}
	err := s.o.DB.View(ctx, func(tx *store.Tx) error {
		v, err := bundle.Get(tx, brand, number)
		if err != nil {
			return err
		}
		x.edition = v.Edition
		x.bundle, err = bundle.Read(tx, brand, v.Edition)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := x.bundle.Check(); err != nil {
		x.wrong = err.Error()
	}
	return x, nil
}

// lookBack is how many versions are tried before one is given up.
const lookBack = 20

// bestOf goes back from the version in force of each brand until one can be
// used beside the others; the file of the configuration always can.
func (s *Server) bestOf(ctx context.Context, cfg *Config, files *inForce) (*inForce, error) {
	now := files
	now.join(cfg, "", new(diag.Findings))
	for range 2 { // what one brand's version needs may stand in that of a brand after it
		for _, brand := range slices.Sorted(maps.Keys(files.heads)) {
			if cfg.Brands[brand] == nil {
				continue
			}
			var err error
			if now, err = s.newestOf(ctx, cfg, now, brand); err != nil {
				return nil, err
			}
		}
	}
	return now, nil
}

// newestOf is now with the newest version of a brand that can be used.
func (s *Server) newestOf(ctx context.Context, cfg *Config, now *inForce, brand string) (*inForce, error) {
	head, had, wrong := now.heads[brand], now.sets[brand], ""
	for n := head; n > max(0, head-lookBack) && (had == nil || n > had.version); n-- {
		x, err := s.version(ctx, brand, n)
		if err != nil {
			return nil, err
		}
		next := now.with(brand, x)
		if x.wrong == "" {
			var out diag.Findings
			if next.join(cfg, "", &out); out.Err() != nil {
				x.wrong = out.Err().Error()
			}
		}
		if x.wrong == "" {
			x.wrong = wrong
			return next, nil
		}
		if wrong == "" {
			wrong = x.wrong
		}
	}
	if had == nil || wrong == "" {
		return now, nil
	}
	same := *had
	same.wrong = wrong
	next := now.with(brand, &same)
	next.catalogue = now.catalogue
	return next, nil
}

// sayWhatIsWrong logs what is not in force as somebody might expect: versions
// that cannot be used, files that a deploy stands over, claims of a deployed set
// that a client's policy does not fit.
func (s *Server) sayWhatIsWrong(cfg *Config, f *inForce) {
	for _, brand := range slices.Sorted(maps.Keys(f.heads)) {
		x, file := f.sets[brand], cfg.ready.sets[brand]
		switch {
		case cfg.Brands[brand] == nil:
		case x == nil:
			s.o.Log.Error("no version of the screen set can be used, and the configuration names no file", "brand", brand, "in_force", f.heads[brand])
		case x.wrong != "":
			s.o.Log.Error("the screen set that was deployed cannot be used, an older one stands in for it",
				"brand", brand, "in_force", f.heads[brand], "used", x.version, "err", x.wrong)
		case file != nil && file.Edition() != x.edition:
			s.o.Log.Warn("the file of the screen set is not in force, a deployed version stands over it; deploy the file to change what is asked",
				"brand", brand, "in_force", x.version, "file", filepath.Base(cfg.Brands[brand].ScreenSet))
		}
	}
	var out diag.Findings
	cfg.fits(f.catalogue, &out)
	for _, found := range out.All() {
		s.o.Log.Error("the configuration does not fit a deployed screen set", "finding", found.String())
	}
}

// lookEvery is how often a server looks whether another has deployed.
const lookEvery = time.Second

// followDeploys takes up, within two seconds, what others deploy on the same
// store. One small read tells whether there is anything.
func (s *Server) followDeploys(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := s.follow(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrUnavailable) {
			s.o.Log.Error("screen sets are not taken up, and tried again", "err", err)
		}
	}
}

// follow looks once.
func (s *Server) follow(ctx context.Context) error {
	var heads map[string]int
	err := s.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		heads, err = bundle.InForce(tx)
		return err
	})
	if err != nil || maps.Equal(heads, s.now.Load().sets.heads) {
		return err
	}
	s.reload.Lock()
	defer s.reload.Unlock()
	cfg := s.now.Load().cfg
	sets, err := s.setsInForce(ctx, cfg)
	if err != nil {
		return err
	}
	s.sayWhatIsWrong(cfg, sets)
	rooms, err := newRooms(ctx, cfg, sets, s)
	if err != nil {
		return err
	}
	s.put(rooms)
	s.o.Log.Info("screen sets taken up", "in_force", sets.heads)
	return nil
}
