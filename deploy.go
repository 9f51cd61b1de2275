package proffer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/proffer-id/proffer/internal/admin"
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/store"
)

// deploy puts a bundle in force, here at once and on other servers within two
// seconds. It is checked beside the sets that are in force of other brands and
// all that is built from it, before anything is written; if any of them moves
// meanwhile, it is checked again.
func (s *Server) deploy(ctx context.Context, d admin.Deploy) (*admin.Deployed, error) {
	s.reload.Lock()
	defer s.reload.Unlock()
	for range 5 {
		done, err := s.deployOnce(ctx, d)
		if !errors.Is(err, bundle.ErrMoved) {
			return done, err
		}
	}
	return nil, fmt.Errorf("deploy at %s: %w: other brands deploy all the time", d.Brand, store.ErrUnavailable)
}

func (s *Server) deployOnce(ctx context.Context, d admin.Deploy) (*admin.Deployed, error) {
	cfg := s.now.Load().cfg
	now, err := s.setsInForce(ctx, cfg)
	if err != nil {
		return nil, err
	}
	head := now.heads[d.Brand]
	x := &screenSet{version: head + 1, bundle: d.Bundle}
	if d.Version > 0 {
		old, err := s.version(ctx, d.Brand, d.Version)
		if err != nil {
			return nil, err
		}
		x.bundle = old.bundle
	}
	x.edition = x.bundle.Edition()
	if was := now.sets[d.Brand]; head > 0 && was != nil && was.version == head && was.edition == x.edition {
		return s.unchanged(ctx, d.Brand, head) // sent twice, the first answer lost
	}
	if d.Seen != admin.AnyVersion && d.Seen != head {
		return nil, &admin.Moved{InForce: head}
	}
	next, found, err := s.tryOut(cfg, now, d.Brand, x)
	if err != nil {
		return nil, err
	}
	rooms, err := newRooms(ctx, cfg, next, s)
	if err != nil {
		return nil, err
	}
	put := bundle.Deploy{
		Brand: d.Brand, Bundle: x.bundle, Seen: now.heads, By: d.By, Message: d.Message, Back: d.Version,
		At: s.o.Now().UTC(), Event: store.NewID(),
	}
	var v *bundle.Version
	err = s.o.DB.Update(ctx, func(tx *store.Tx) error {
		v, err = bundle.Put(tx, put)
		return err
	})
	if err != nil {
		return nil, err
	}
	next.heads = map[string]int{d.Brand: v.Number}
	for brand, n := range now.heads {
		if brand != d.Brand {
			next.heads[brand] = n
		}
	}
	s.put(rooms)
	s.o.Log.Info("screen set deployed", "brand", d.Brand, "version", v.Number, "token", d.By, "back_to", d.Version)
	return &admin.Deployed{Changed: true, Version: v, Findings: admin.Findings(found)}, nil
}

func (s *Server) unchanged(ctx context.Context, brand string, head int) (*admin.Deployed, error) {
	var v *bundle.Version
	err := s.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		v, err = bundle.Get(tx, brand, head)
		return err
	})
	return &admin.Deployed{Version: v, Findings: []admin.Finding{}}, err
}

// tryOut is now with a brand's new set. The error is a *admin.Refused if anything
// stands against it; else the findings are warnings.
func (s *Server) tryOut(cfg *Config, now *inForce, brand string, x *screenSet) (*inForce, []diag.Finding, error) {
	if err := x.bundle.Check(); err != nil {
		return nil, nil, &admin.Refused{Findings: []diag.Finding{{File: x.bundle.Name, Message: err.Error()}}}
	}
	var out diag.Findings
	next := now.with(brand, x)
	next.join(cfg, brand, &out)
	if out.Err() == nil {
		cfg.fits(next.catalogue, &out)
	}
	found := s.forBrand(brand, x.bundle.Name, out.All())
	if out.Err() != nil {
		return nil, nil, &admin.Refused{Findings: found}
	}
	return next, found, nil
}

// forBrand leaves of findings what a brand may read: all about its own set, and
// about its own part of the configuration without where that stands. That another
// brand stands in the way is said without which and why.
func (s *Server) forBrand(brand, file string, all []diag.Finding) []diag.Finding {
	var out []diag.Finding
	others := 0
	for _, f := range all {
		switch {
		case f.File == file && !strings.HasPrefix(f.Path, "brands."): // the configuration may have the name that the deployer chose
			out = append(out, f)
		case strings.HasPrefix(f.Path, "brands."+brand+"."):
			f.File, f.Line, f.Col = "", 0, 0
			f.Message += " (in the configuration of the provider)"
			out = append(out, f)
		case !f.Warning:
			others++
			s.o.Log.Warn("a set that another brand's needs do not fit was not deployed", "brand", brand, "finding", f.String())
		}
	}
	if others > 0 {
		out = append(out, diag.Finding{Message: "another brand of this provider builds on a person-wide question or a claim that this set takes away, changes or takes for itself; who runs the provider finds which in its log"})
	}
	return out
}

// checkScreens says what a deploy of a bundle would be told, and changes nothing.
func (s *Server) checkScreens(ctx context.Context, brand string, b *bundle.Bundle) ([]diag.Finding, error) {
	cfg := s.now.Load().cfg
	now, err := s.setsInForce(ctx, cfg)
	if err != nil {
		return nil, err
	}
	_, found, err := s.tryOut(cfg, now, brand, &screenSet{version: now.heads[brand] + 1, bundle: b, edition: b.Edition()})
	if refused, ok := errors.AsType[*admin.Refused](err); ok {
		return refused.Findings, nil
	}
	return found, err
}

// listScreens says which versions a brand has, and which is in force.
func (s *Server) listScreens(ctx context.Context, brand string, before, limit int) (*admin.List, error) {
	r := s.now.Load()
	list := &admin.List{Brand: brand, Versions: []*bundle.Version{}}
	err := s.o.DB.View(ctx, func(tx *store.Tx) error {
		heads, err := bundle.InForce(tx)
		if err != nil {
			return err
		}
		list.InForce = heads[brand]
		found, err := bundle.List(tx, brand, before, limit+1)
		list.More = len(found) > limit
		list.Versions = append([]*bundle.Version{}, found[:min(len(found), limit)]...)
		return err
	})
	if err != nil {
		return nil, err
	}
	x := r.sets.sets[brand]
	if x != nil {
		list.Here, list.Why = x.version, x.wrong
	}
	if list.Why == "" && list.Here != list.InForce {
		list.Why = "this server has not taken it up yet"
	}
	if file := r.cfg.ready.sets[brand]; file != nil {
		list.File = file.Hash().String()
		switch {
		case list.InForce == 0:
			list.FileIs = "in force"
		case x != nil && file.Edition() == x.edition:
			list.FileIs = "the same"
		default:
			list.FileIs = "different"
		}
	}
	return list, nil
}

// showScreens gives one version. The error is store.ErrNotFound where there is none.
func (s *Server) showScreens(ctx context.Context, brand string, number int) (*admin.Shown, error) {
	r := s.now.Load()
	if number == admin.InForce {
		err := s.o.DB.View(ctx, func(tx *store.Tx) error {
			heads, err := bundle.InForce(tx)
			number = heads[brand] // 0: the file
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	out := &admin.Shown{Brand: brand, Number: number}
	if number == admin.FromFile {
		if out.Bundle = r.cfg.ready.sets[brand]; out.Bundle == nil {
			return nil, fmt.Errorf("file of the set of %s: %w", brand, store.ErrNotFound)
		}
		return out, nil
	}
	err := s.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		if out.Version, err = bundle.Get(tx, brand, number); err != nil {
			return err
		}
		out.Bundle, err = bundle.Read(tx, brand, out.Version.Edition)
		return err
	})
	return out, err
}
