package bundle_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/store/storetest"
)

type ground struct {
	*testing.T
	db    *store.DB
	clock *storetest.Clock
}

func newGround(t *testing.T) *ground {
	g := &ground{T: t, clock: storetest.NewClock()}
	g.db = storetest.Open(t, g.clock, bundle.Records, outbox.Records)
	return g
}

func (g *ground) put(d bundle.Deploy) (v *bundle.Version, err error) {
	d.At, d.Event = g.clock.Now(), store.NewID()
	err = g.db.Update(g.Context(), func(tx *store.Tx) error {
		v, err = bundle.Put(tx, d)
		return err
	})
	return v, err
}

func (g *ground) view(fn func(tx *store.Tx) error) {
	g.Helper()
	if err := g.db.View(g.Context(), fn); err != nil {
		g.Fatal(err)
	}
}

func set(text string, files map[string][]byte) *bundle.Bundle {
	return bundle.Of("set.yaml", []byte(text), files)
}

func TestPut(t *testing.T) {
	g := newGround(t)
	first := set("a: 1", map[string][]byte{"a.png": []byte("A")})
	second := set("a: 2", map[string][]byte{"a.png": []byte("A"), "b.png": []byte("B")})
	for i, d := range []bundle.Deploy{
		{Brand: "kopi", Bundle: first, By: "ci", Message: "the first"},
		{Brand: "kopi", Bundle: second, By: "ci", Seen: map[string]int{"kopi": 1}},
		{Brand: "kopi", Bundle: first, By: "nok", Seen: map[string]int{"kopi": 2}, Back: 1},
	} {
		v, err := g.put(d)
		if err != nil || v.Number != i+1 || v.Hash != d.Bundle.Hash() || v.By != d.By || v.Back != d.Back {
			t.Fatalf("%d: %+v, %v", i, v, err)
		}
	}
	g.view(func(tx *store.Tx) error {
		now, err := bundle.InForce(tx)
		if err != nil || len(now) != 1 || now["kopi"] != 3 {
			t.Errorf("in force: %v, %v", now, err)
		}
		list, err := bundle.List(tx, "kopi", 0, 2)
		if err != nil || len(list) != 2 || list[0].Number != 3 || list[1].Number != 2 {
			t.Errorf("list: %v, %v", list, err)
		}
		rest, err := bundle.List(tx, "kopi", 2, 10)
		if err != nil || len(rest) != 1 || rest[0].Message != "the first" || !rest[0].At.Equal(g.clock.Now()) {
			t.Errorf("the rest: %v, %v", rest, err)
		}
		for _, b := range []*bundle.Bundle{first, second} {
			got, err := bundle.Read(tx, "kopi", b.Edition())
			if err != nil || got.Hash() != b.Hash() || got.Name != "set.yaml" {
				t.Errorf("read: %+v, %v", got, err)
			}
		}
		if _, err := bundle.Read(tx, "sole", first.Edition()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("of another brand: %v", err)
		}
		if _, err := bundle.Get(tx, "kopi", 4); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("version 4: %v", err)
		}
		if list, err := bundle.List(tx, "kop", 0, 9); err != nil || len(list) > 0 {
			t.Errorf("of a brand whose name begins alike: %v %v", list, err)
		}
		return nil
	})
	var told []string
	deadline := time.Now().Add(10 * time.Second)
	for len(told) < 3 && time.Now().Before(deadline) { // the log numbers them a moment later
		told = nil
		g.view(func(tx *store.Tx) error {
			list, err := outbox.BrandAfter(tx, 0, 0)
			for _, e := range list {
				told = append(told, e.Record.Brand+" "+e.Record.Type+" "+string(e.Record.Data))
			}
			return err
		})
		time.Sleep(10 * time.Millisecond)
	}
	if len(told) != 3 || told[2] != `kopi screen_set.deployed {"version":3,"sha256":"`+first.Hash().String()+`","by":"nok","back_to":1}` {
		t.Errorf("events: %q", told)
	}
}

// Of many who deploy at once on what they saw, one comes through, and what the
// others wrote is not there.
func TestPut_AtOnce(t *testing.T) {
	g := newGround(t)
	var mu sync.Mutex
	var won []int
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			brand := []string{"kopi", "sole"}[i%2]
			v, err := g.put(bundle.Deploy{Brand: brand, Bundle: set(string(rune('a'+i)), nil), By: "ci"})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won = append(won, i)
				if v.Number != 1 {
					t.Errorf("version %d", v.Number)
				}
			case !errors.Is(err, bundle.ErrMoved):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Fatalf("%v came through", won)
	}
	g.view(func(tx *store.Tx) error {
		for i := range 8 {
			brand := []string{"kopi", "sole"}[i%2]
			_, err := bundle.Read(tx, brand, set(string(rune('a'+i)), nil).Edition())
			if kept := err == nil; kept != slices.Contains(won, i) {
				t.Errorf("bundle %d: %v", i, err)
			}
		}
		return nil
	})
}

// What is kept is as it was, whoever deploys it again and under whatever name.
func TestPut_SameBundle(t *testing.T) {
	g := newGround(t)
	one := set("a: 1", nil)
	if _, err := g.put(bundle.Deploy{Brand: "kopi", Bundle: one, By: "ci"}); err != nil {
		t.Fatal(err)
	}
	other := bundle.Of("other.yaml", one.Set, nil)
	if v, err := g.put(bundle.Deploy{Brand: "kopi", Bundle: other, By: "ci", Seen: map[string]int{"kopi": 1}}); err != nil || v.Number != 2 {
		t.Fatalf("%+v %v", v, err)
	}
	g.view(func(tx *store.Tx) error {
		if b, err := bundle.Read(tx, "kopi", one.Edition()); err != nil || b.Name != "set.yaml" {
			t.Errorf("%+v %v", b, err)
		}
		return nil
	})
}
