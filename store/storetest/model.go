package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

// A model is what a collection of things ought to do: a map.
type model map[string]thing

// list is List of the things in m, as slowly as can be.
func (m model) list(r store.Range, now time.Time) string {
	type at struct {
		key store.Key
		id  string
	}
	var found []at
	for id, v := range m {
		if !v.Expires.IsZero() && !v.Expires.After(now) {
			continue
		}
		key := store.K(id)
		switch r.Index {
		case "name":
			key = text(v.Name)
		case "group":
			if key = text(v.Group); key != nil {
				key = store.K(key, id)
			}
		}
		if key == nil || !bytes.HasPrefix(key, r.Prefix) || bytes.Compare(key, r.From) < 0 ||
			r.To != nil && bytes.Compare(key, r.To) >= 0 {
			continue
		}
		found = append(found, at{key, id})
	}
	slices.SortFunc(found, func(a, b at) int { return bytes.Compare(a.key, b.key) })
	if r.Reverse {
		slices.Reverse(found)
	}
	if r.Limit > 0 && len(found) > r.Limit {
		found = found[:r.Limit]
	}
	var out []string
	for _, f := range found {
		out = append(out, f.id)
	}
	return strings.Join(out, " ")
}

// put says whether it may: no other visible thing has the name.
func (m model) put(v thing, now time.Time) bool {
	for id, w := range m {
		if id != v.ID && v.Name != "" && w.Name == v.Name && (w.Expires.IsZero() || w.Expires.After(now)) {
			return false
		}
	}
	for id, w := range m { // what has expired gives way
		if id != v.ID && v.Name != "" && w.Name == v.Name {
			delete(m, id)
		}
	}
	m[v.ID] = v
	return true
}

// testModel replays random transactions against the model, looking at
// everything inside and after each.
func testModel(t *testing.T, s *suite) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 1))
	id := func() string { return string(rune('a' + chance.IntN(12))) }
	name := func() string { return []string{"", "", "n1", "n2", "n3", "n4", "n5", "n6"}[chance.IntN(8)] }
	bound := func(index string) store.Key {
		switch chance.IntN(3) {
		case 0:
			return nil
		case 1:
			return store.K(id()).After()
		}
		switch index {
		case "name":
			return store.K(cmp.Or(name(), "n"))
		case "group":
			return store.K([]string{"g", "h", "i"}[chance.IntN(3)], id())
		}
		return store.K(id())
	}
	anyRange := func() store.Range {
		r := store.Range{Index: []string{"", "name", "group"}[chance.IntN(3)], Reverse: chance.IntN(2) == 0, Limit: chance.IntN(6)}
		r.From, r.To = bound(r.Index), bound(r.Index)
		if chance.IntN(3) == 0 {
			r.Prefix = bound(r.Index)
		}
		return r
	}
	m := model{}
	for step := range 400 {
		var after model
		plan := chance.Uint64()
		planned := rand.New(rand.NewPCG(plan, 2))
		err := s.db.Update(t.Context(), func(tx *store.Tx) error {
			// Both runs do the same.
			*planned = *rand.New(rand.NewPCG(plan, 2))
			chance = planned
			after = model{}
			for k, v := range m {
				after[k] = v
			}
			now := s.clock.Now()
			for range 1 + chance.IntN(6) {
				if v := (thing{ID: id()}); chance.IntN(3) == 0 {
					things.Delete(tx, store.K(v.ID))
					delete(after, v.ID)
				} else {
					v.Group, v.N = []string{"", "g", "h"}[chance.IntN(3)], chance.IntN(100)
					if chance.IntN(4) == 0 {
						v.Expires = now.Add(time.Duration(chance.IntN(20)) * time.Second)
					}
					if v.Name = name(); !after.clone().put(v, now) {
						v.Name = ""
					}
					after.put(v, now)
					things.Put(tx, &v)
				}
				if r := anyRange(); ids(t, tx, r) != after.list(r, now) {
					return fmt.Errorf("inside: %+v: got %q, want %q", r, ids(t, tx, r), after.list(r, now))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		m = after
		chance = rand.New(rand.NewPCG(plan, 3))
		if chance.IntN(5) == 0 {
			s.clock.Add(5 * time.Second)
		}
		if chance.IntN(10) == 0 {
			if _, err := s.db.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		s.view(t, func(tx *store.Tx) {
			for _, r := range []store.Range{{}, {Index: "name"}, {Index: "group"}, anyRange(), anyRange()} {
				if got, want := ids(t, tx, r), m.list(r, s.clock.Now()); got != want {
					t.Fatalf("step %d: %+v: got %q, want %q", step, r, got, want)
				}
			}
			for id, want := range m {
				if v, err := things.Get(tx, store.K(id)); err == nil && (v.N != want.N || v.Name != want.Name) {
					t.Fatalf("step %d: got %+v, want %+v", step, *v, want)
				}
			}
		})
	}
}

func (m model) clone() model {
	c := model{}
	for k, v := range m {
		c[k] = v
	}
	return c
}
