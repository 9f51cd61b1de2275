package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/store"
)

// ids lists the ids of a range, joined by a blank.
func ids(t *testing.T, tx *store.Tx, r store.Range) string {
	t.Helper()
	found, err := things.List(tx, r)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range found {
		out = append(out, v.ID)
	}
	return strings.Join(out, " ")
}

func wantIDs(t *testing.T, tx *store.Tx, r store.Range, want string) {
	t.Helper()
	if got := ids(t, tx, r); got != want {
		t.Errorf("%+v: got %q, want %q", r, got, want)
	}
}

func testRecords(t *testing.T, s *suite) {
	get := func(id string) (v *thing, err error) {
		err = s.db.View(t.Context(), func(tx *store.Tx) (err error) {
			v, err = things.Get(tx, store.K(id))
			return err
		})
		return v, err
	}
	if _, err := get("a"); !errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "thing") {
		t.Fatalf("got %v, want ErrNotFound with the name of the collection", err)
	}
	s.update(t, func(tx *store.Tx) { things.Put(tx, &thing{ID: "a", N: 1}) })
	s.update(t, func(tx *store.Tx) { things.Put(tx, &thing{ID: "a", N: 2}) })
	if v, err := get("a"); err != nil || v.N != 2 {
		t.Fatalf("got %+v, %v; want what was put last", v, err)
	}
	s.view(t, func(tx *store.Tx) {
		if _, err := others.Get(tx, store.K("a")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another collection: got %v, want ErrNotFound", err)
		}
		if _, err := things.Get(tx, nil); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("no key: got %v, want ErrNotFound", err)
		}
	})
	s.update(t, func(tx *store.Tx) {
		things.Delete(tx, store.K("a"))
		things.Delete(tx, store.K("never there"))
	})
	if _, err := get("a"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("deleted: got %v, want ErrNotFound", err)
	}
	large := strings.Repeat("x", 1<<20)
	s.update(t, func(tx *store.Tx) { others.Put(tx, &thing{ID: "large", Group: large}) })
	s.view(t, func(tx *store.Tx) {
		if v, err := others.Get(tx, store.K("large")); err != nil || v.Group != large {
			t.Errorf("a record of a megabyte: %v", err)
		}
	})
}

func wantNotUnique(t *testing.T, err error, collection, index string) {
	t.Helper()
	var n *store.NotUniqueError
	if !errors.Is(err, store.ErrNotUnique) || !errors.As(err, &n) || n.Collection != collection || n.Index != index {
		t.Errorf("got %v, want %s %q not to be unique", err, collection, index)
	}
}

func testUnique(t *testing.T, s *suite) {
	try := func(fn func(tx *store.Tx)) error {
		return s.db.Update(t.Context(), func(tx *store.Tx) error { fn(tx); return nil })
	}
	s.update(t, func(tx *store.Tx) {
		things.Insert(tx, &thing{ID: "a", Name: "x"})
		things.Insert(tx, &thing{ID: "b", Name: "y"})
		things.Insert(tx, &thing{ID: "c"})
		things.Insert(tx, &thing{ID: "d"}) // no name either: left out, so not taken
	})
	wantNotUnique(t, try(func(tx *store.Tx) {
		others.Put(tx, &thing{ID: "with it"})
		things.Insert(tx, &thing{ID: "a"})
	}), "thing", "")
	wantNotUnique(t, try(func(tx *store.Tx) {
		things.Put(tx, &thing{ID: "c", Name: "x"})
		others.Put(tx, &thing{ID: "with it"})
	}), "thing", "name")
	wantNotUnique(t, try(func(tx *store.Tx) {
		things.Insert(tx, &thing{ID: "e", Name: "z"})
		things.Insert(tx, &thing{ID: "f", Name: "z"})
	}), "thing", "name")
	wantNotUnique(t, try(func(tx *store.Tx) {
		things.Insert(tx, &thing{ID: "e"})
		things.Insert(tx, &thing{ID: "e"})
	}), "thing", "")
	wantNotUnique(t, try(func(tx *store.Tx) {
		things.Insert(tx, &thing{ID: "a"})
		things.Delete(tx, store.K("a"))
	}), "thing", "")
	s.view(t, func(tx *store.Tx) {
		wantIDs(t, tx, store.Range{}, "a b c d")
		if _, err := others.Get(tx, store.K("with it")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an Update that was not unique left something: %v", err)
		}
	})
	s.update(t, func(tx *store.Tx) { // the same again, and names that change hands
		things.Put(tx, &thing{ID: "a", Name: "x", N: 1})
		things.Put(tx, &thing{ID: "a", Name: "y"})
		things.Put(tx, &thing{ID: "b", Name: "x"})
	})
	s.update(t, func(tx *store.Tx) {
		things.Delete(tx, store.K("b"))
		things.Insert(tx, &thing{ID: "e", Name: "x"})
	})
	s.update(t, func(tx *store.Tx) {
		things.Delete(tx, store.K("a"))
		things.Insert(tx, &thing{ID: "a", Name: "y"})
	})
	s.view(t, func(tx *store.Tx) {
		wantIDs(t, tx, store.Range{Index: "name"}, "e a")
		if v, err := things.GetBy(tx, "name", store.K("x")); err != nil || v.ID != "e" {
			t.Errorf("by name x: %+v, %v", v, err)
		}
		if _, err := things.GetBy(tx, "name", store.K("z")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("by name z: got %v, want ErrNotFound", err)
		}
	})
}

func testRanges(t *testing.T, s *suite) {
	s.update(t, func(tx *store.Tx) {
		for _, id := range []string{"b", "ab", "a", "abc", "c", "\u00ff", "a\x00", "\x00"} {
			things.Put(tx, &thing{ID: id})
		}
	})
	s.view(t, func(tx *store.Tx) {
		all := "\x00 a a\x00 ab abc b c \u00ff"
		wantIDs(t, tx, store.Range{}, all)
		wantIDs(t, tx, store.Range{Reverse: true}, "\u00ff c b abc ab a\x00 a \x00")
		wantIDs(t, tx, store.Range{From: store.K("ab")}, "ab abc b c \u00ff")
		wantIDs(t, tx, store.Range{To: store.K("ab")}, "\x00 a a\x00")
		wantIDs(t, tx, store.Range{From: store.K("aa"), To: store.K("b")}, "ab abc")
		wantIDs(t, tx, store.Range{From: store.K("aa"), To: store.K("b"), Reverse: true}, "abc ab")
		wantIDs(t, tx, store.Range{From: store.K("b"), To: store.K("a")}, "")
		wantIDs(t, tx, store.Range{From: store.K("x"), To: store.K("y")}, "")
		wantIDs(t, tx, store.Range{Prefix: store.K("a")}, "a")
		wantIDs(t, tx, store.Range{Prefix: store.K("zz")}, "")
		wantIDs(t, tx, store.Range{Limit: 3}, "\x00 a a\x00")
		wantIDs(t, tx, store.Range{Limit: 2, Reverse: true}, "\u00ff c")
		wantIDs(t, tx, store.Range{Limit: 100}, all)
		for _, size := range []int{1, 2, 3, 7} {
			var pages []string
			for from := (store.Key)(nil); ; {
				page := ids(t, tx, store.Range{From: from, Limit: size})
				if page == "" {
					break
				}
				pages = append(pages, page)
				from = store.K(page[strings.LastIndexByte(page, ' ')+1:]).After()
			}
			if got := strings.Join(pages, " "); got != all {
				t.Errorf("pages of %d: %q", size, got)
			}
		}
	})
}

func testRangesOfIndexes(t *testing.T, s *suite) {
	s.update(t, func(tx *store.Tx) {
		for i := range 10 {
			v := &thing{ID: fmt.Sprint(i), Group: []string{"", "g", "h"}[i%3]}
			if i%2 == 0 {
				v.Name = fmt.Sprint("n", 9-i)
			}
			things.Put(tx, v)
		}
	})
	s.view(t, func(tx *store.Tx) {
		wantIDs(t, tx, store.Range{Index: "group"}, "1 4 7 2 5 8")
		wantIDs(t, tx, store.Range{Index: "group", Reverse: true}, "8 5 2 7 4 1")
		wantIDs(t, tx, store.Range{Index: "group", Prefix: store.K("h")}, "2 5 8")
		wantIDs(t, tx, store.Range{Index: "group", Prefix: store.K("h"), Reverse: true, Limit: 2}, "8 5")
		wantIDs(t, tx, store.Range{Index: "group", From: store.K("g", "4").After(), Limit: 3}, "7 2 5")
		wantIDs(t, tx, store.Range{Index: "group", To: store.K("g", "4"), Reverse: true}, "1")
		wantIDs(t, tx, store.Range{Index: "name"}, "8 6 4 2 0")
		wantIDs(t, tx, store.Range{Index: "name", From: store.K("n3"), To: store.K("n9")}, "6 4 2")
		wantIDs(t, tx, store.Range{Index: "name", Reverse: true, Limit: 1}, "0")
		if _, err := things.List(tx, store.Range{Index: "absent"}); err == nil {
			t.Error("an index that is not declared was read")
		}
		if _, err := things.GetBy(tx, "group", store.K("g")); err == nil {
			t.Error("one record was got by an index that is not unique")
		}
	})
}

func testOwnWrites(t *testing.T, s *suite) {
	s.update(t, func(tx *store.Tx) {
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			things.Put(tx, &thing{ID: id, Group: "g", Name: "n" + id})
		}
	})
	s.update(t, func(tx *store.Tx) {
		things.Delete(tx, store.K("a"))
		things.Put(tx, &thing{ID: "b", Group: "h", Name: "moved"})
		things.Put(tx, &thing{ID: "bb", Group: "g"})
		wantIDs(t, tx, store.Range{}, "b bb c d e")
		wantIDs(t, tx, store.Range{Limit: 2}, "b bb")
		wantIDs(t, tx, store.Range{Reverse: true, Limit: 4}, "e d c bb")
		wantIDs(t, tx, store.Range{Index: "group"}, "bb c d e b")
		wantIDs(t, tx, store.Range{Index: "group", Prefix: store.K("g"), Limit: 1}, "bb")
		wantIDs(t, tx, store.Range{Index: "name"}, "b c d e")
		for name, want := range map[string]string{"moved": "b", "nb": "", "na": "", "nc": "c"} {
			v, err := things.GetBy(tx, "name", store.K(name))
			if want == "" && !errors.Is(err, store.ErrNotFound) || want != "" && (err != nil || v.ID != want) {
				t.Errorf("by name %s: %+v, %v; want %q", name, v, err, want)
			}
		}
		v, err := things.Get(tx, store.K("b"))
		if err != nil || v.Group != "h" {
			t.Errorf("got %+v, %v", v, err)
		}
		v.Group = "changed by the reader"
		if again, err := things.Get(tx, store.K("b")); err != nil || again.Group != "h" {
			t.Errorf("what a read returned is shared: %+v, %v", again, err)
		}
		things.Delete(tx, store.K("bb"))
		things.Put(tx, &thing{ID: "a", Group: "z"})
		wantIDs(t, tx, store.Range{Index: "group"}, "c d e b a")
	})
	s.view(t, func(tx *store.Tx) { wantIDs(t, tx, store.Range{Index: "group"}, "c d e b a") })
}

func testDeleteAll(t *testing.T, s *suite) {
	gone, there := store.NewID(), store.NewID()
	s.update(t, func(tx *store.Tx) {
		for _, id := range []string{"a", "b", "c", "d"} {
			things.Put(tx, &thing{ID: id, Group: "g" + id, Name: "n" + id})
		}
		for _, account := range []store.ID{gone, there} {
			tx.CreateKey(account)
			letters.Put(tx, &letter{Account: account, Seq: 1})
			letters.Put(tx, &letter{Account: account, Seq: 2})
		}
	})
	s.update(t, func(tx *store.Tx) { tx.DestroyKey(gone) })
	deleteAll := func(tx *store.Tx, r store.Range) {
		t.Helper()
		if err := things.DeleteAll(tx, r); err != nil {
			t.Error(err)
		}
	}
	s.update(t, func(tx *store.Tx) {
		things.Put(tx, &thing{ID: "e", Group: "gb"})            // of this transaction
		things.Put(tx, &thing{ID: "c", Group: "z", Name: "nc"}) // no longer in the range
		deleteAll(tx, store.Range{Index: "group", From: store.K("gb"), To: store.K("gd")})
		deleteAll(tx, store.Range{Index: "group", Prefix: store.K("nothing")})
		wantIDs(t, tx, store.Range{}, "a c d")
		things.Insert(tx, &thing{ID: "f", Name: "nb"}) // a unique key is free again
		// What cannot be opened goes like the rest; nobody else's does.
		if err := letters.DeleteAll(tx, store.Range{Prefix: store.K(gone)}); err != nil {
			t.Error(err)
		}
	})
	s.view(t, func(tx *store.Tx) { wantIDs(t, tx, store.Range{}, "a c d f") })
	if rows := s.rows(t, "letter"); len(rows) != 2 || !bytes.HasPrefix(rows[0].Key, store.K(there)) {
		t.Errorf("letters left: %d", len(rows))
	}
	s.update(t, func(tx *store.Tx) { deleteAll(tx, store.Range{Limit: 2, Reverse: true}) })
	s.view(t, func(tx *store.Tx) { wantIDs(t, tx, store.Range{}, "a c") })
	err := s.db.Update(t.Context(), func(tx *store.Tx) error { return things.DeleteAll(tx, store.Range{Index: "no"}) })
	if err == nil {
		t.Error("an index that is not there: no error")
	}
}

func testNothingHalfWritten(t *testing.T, s *suite) {
	cause := errors.New("a reason")
	before := s.driver.Commits()
	err := s.db.Update(t.Context(), func(tx *store.Tx) error {
		things.Put(tx, &thing{ID: "a"})
		lines.Append(tx, &line{})
		return cause
	})
	if !errors.Is(err, cause) {
		t.Fatalf("got %v, want the error of the function", err)
	}
	s.update(t, func(tx *store.Tx) { things.Get(tx, store.K("a")) })
	if n := s.driver.Commits() - before; n != 0 {
		t.Errorf("%d commits with nothing to write", n)
	}
	s.view(t, func(tx *store.Tx) {
		wantIDs(t, tx, store.Range{}, "")
		if e, err := lines.After(tx, 0, 0); len(e) != 0 || err != nil {
			t.Errorf("log: %v, %v", e, err)
		}
	})
}

func testMisuse(t *testing.T, s *suite) {
	ctx := t.Context()
	for name, err := range map[string]error{
		"a Put in a View": s.db.View(ctx, func(tx *store.Tx) error {
			things.Put(tx, &thing{ID: "a"})
			return nil
		}),
		"an Append in a View": s.db.View(ctx, func(tx *store.Tx) error {
			lines.Append(tx, &line{})
			return nil
		}),
		"a table that was not opened": s.db.Update(ctx, func(tx *store.Tx) error {
			thingsNamed("absent").Put(tx, &thing{ID: "a"})
			return nil
		}),
		"another table of an opened name": s.db.View(ctx, func(tx *store.Tx) error {
			_, err := thingsNamed("thing").Get(tx, store.K("a"))
			return err
		}),
		"an Update in an Update": s.db.Update(ctx, func(tx *store.Tx) error {
			return s.db.Update(tx.Context(), func(*store.Tx) error { return nil })
		}),
		"a View in a View": s.db.View(ctx, func(tx *store.Tx) error {
			return s.db.View(tx.Context(), func(*store.Tx) error { return nil })
		}),
		"a sealed record without an account": s.db.Update(ctx, func(tx *store.Tx) error {
			letters.Put(tx, &letter{})
			return nil
		}),
		"a key without an account": s.db.Update(ctx, func(tx *store.Tx) error {
			tx.CreateKey(store.ID{})
			return nil
		}),
		"an endless key": s.db.Update(ctx, func(tx *store.Tx) error {
			things.Put(tx, &thing{ID: strings.Repeat("x", 5000)})
			return nil
		}),
	} {
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	var kept *store.Tx
	s.view(t, func(tx *store.Tx) { kept = tx })
	if _, err := things.Get(kept, store.K("a")); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a transaction that has ended: got %v", err)
	}
	s.view(t, func(tx *store.Tx) { wantIDs(t, tx, store.Range{}, "") })
}

func testRunsTwice(t *testing.T, s *suite) {
	var calls []int
	s.update(t, func(tx *store.Tx) {
		calls = append(calls, len(calls))
		wantIDs(t, tx, store.Range{}, "") // of the first run nothing is left
		things.Insert(tx, &thing{ID: fmt.Sprint(len(calls))})
		lines.Append(tx, &line{N: len(calls)})
	})
	if !slices.Equal(calls, []int{0, 1}) {
		t.Errorf("ran %d times, want 2", len(calls))
	}
	s.driver.Numbered(t)
	s.view(t, func(tx *store.Tx) {
		wantIDs(t, tx, store.Range{}, "2")
		if e, err := lines.After(tx, 0, 0); len(e) != 1 || e[0].Record.N != 2 {
			t.Errorf("log: %+v, %v", e, err)
		}
	})
}
