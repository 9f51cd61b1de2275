package storetest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

// rows reads a table as the driver has it.
func (s *suite) rows(t *testing.T, table string) []store.Row {
	t.Helper()
	s.driver.Numbered(t)
	var out []store.Row
	err := s.driver.View(t.Context(), func(r store.Reader) error {
		found, err := r.Read(t.Context(), []store.Request{{Table: table}}, false)
		if err != nil {
			return err
		}
		for _, row := range found[0] {
			out = append(out, store.Row{Key: bytes.Clone(row.Key), Value: bytes.Clone(row.Value), Expires: row.Expires})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// forge writes into a table behind the back of the store.
func (s *suite) forge(t *testing.T, table string, indexes int, rows ...store.Row) {
	t.Helper()
	w := &store.Writes{Now: s.clock.Now()}
	for _, r := range rows {
		w.Put = append(w.Put, store.Put{Table: table, Key: r.Key, Value: r.Value, Indexes: make([]store.Key, indexes)})
	}
	if err := s.driver.Update(t.Context(), func(store.Reader) (*store.Writes, error) { return w, nil }); err != nil {
		t.Fatal(err)
	}
}

func (s *suite) letter(t *testing.T, a store.ID, seq uint32) (*letter, error) {
	t.Helper()
	var v *letter
	err := s.db.View(t.Context(), func(tx *store.Tx) (err error) {
		v, err = letters.Get(tx, store.K(a, seq))
		return err
	})
	return v, err
}

func testSealed(t *testing.T, s *suite) {
	a := store.NewID()
	hash := [32]byte{1, 2, 3}
	s.update(t, func(tx *store.Tx) {
		tx.CreateKey(a)
		letters.Insert(tx, &letter{Account: a, Seq: 1, Address: hash, Text: "very private"})
		parcels.Insert(tx, &parcel{ID: store.NewID(), Account: a, Text: "very private"})
		secrets.Insert(tx, &secret{Name: "key", Value: "very private"})
		diary.Append(tx, &letter{Account: a, Text: "very private"})
		if v, err := letters.Get(tx, store.K(a, 1)); err != nil || v.Text != "very private" {
			t.Errorf("own write: %+v, %v", v, err)
		}
	})
	for _, table := range []string{"letter", "parcel", "secret", "diary", "account_key"} {
		rows := s.rows(t, table)
		if len(rows) != 1 {
			t.Errorf("%s has %d rows, want 1", table, len(rows))
		}
		for _, r := range rows {
			if bytes.Contains(r.Value, []byte("private")) {
				t.Errorf("%s can be read: %q", table, r.Value)
			}
		}
	}
	s.view(t, func(tx *store.Tx) {
		if v, err := letters.GetBy(tx, "address", store.K(hash)); err != nil || v.Text != "very private" {
			t.Errorf("letter: %+v, %v", v, err)
		}
		if v, err := secrets.Get(tx, store.K("key")); err != nil || v.Value != "very private" {
			t.Errorf("secret: %+v, %v", v, err)
		}
		if v, err := parcels.List(tx, store.Range{Index: "due"}); err != nil || len(v) != 1 || v[0].Text != "very private" {
			t.Errorf("parcel: %+v, %v", v, err)
		}
	})
	// The same record is never sealed to the same bytes.
	before := s.rows(t, "letter")[0]
	s.update(t, func(tx *store.Tx) {
		letters.Put(tx, &letter{Account: a, Seq: 1, Address: hash, Text: "very private"})
	})
	if bytes.Equal(before.Value, s.rows(t, "letter")[0].Value) {
		t.Error("a nonce was used twice")
	}
	err := s.db.Update(t.Context(), func(tx *store.Tx) error {
		letters.Put(tx, &letter{Account: store.NewID(), Seq: 1})
		return nil
	})
	if !errors.Is(err, store.ErrSealed) {
		t.Errorf("for an account without a key: got %v, want ErrSealed", err)
	}
	err = s.db.Update(t.Context(), func(tx *store.Tx) error { tx.CreateKey(a); return nil })
	if !errors.Is(err, store.ErrNotUnique) {
		t.Errorf("a second key for an account: got %v, want ErrNotUnique", err)
	}
}

// testSealedElsewhere moves an account's record between collections that are
// alike.
func testSealedElsewhere(t *testing.T, s *suite) {
	a := store.NewID()
	s.update(t, func(tx *store.Tx) {
		tx.CreateKey(a)
		letters.Put(tx, &letter{Account: a, Seq: 1})
		diary.Append(tx, &letter{Account: a, Seq: 1})
	})
	moved := s.rows(t, "diary")[0]
	moved.Key = s.rows(t, "letter")[0].Key
	s.forge(t, "letter", 1, moved)
	if v, err := s.letter(t, a, 1); !errors.Is(err, store.ErrSealed) {
		t.Errorf("got %+v, %v; want ErrSealed", v, err)
	}
}

func testTampered(t *testing.T, s *suite) {
	a, b := store.NewID(), store.NewID()
	write := func() []store.Row {
		s.update(t, func(tx *store.Tx) {
			for i, id := range []store.ID{a, a, b} {
				letters.Put(tx, &letter{Account: id, Seq: uint32(i), Text: "sound"})
			}
		})
		return s.rows(t, "letter")
	}
	s.update(t, func(tx *store.Tx) { tx.CreateKey(a); tx.CreateKey(b) })
	at := func(rows []store.Row, account store.ID, seq uint32) store.Row {
		for _, r := range rows {
			if bytes.Equal(r.Key, store.K(account, seq)) {
				return r
			}
		}
		t.Fatal("no such row")
		return store.Row{}
	}
	rows := write()
	one, two, three := at(rows, a, 0), at(rows, a, 1), at(rows, b, 2)
	flipped := bytes.Clone(one.Value)
	flipped[len(flipped)-1] ^= 1
	relabelled := bytes.Clone(three.Value)
	copy(relabelled[1:], a[:])
	for name, forged := range map[string][]byte{
		"bytes of another record":            two.Value,
		"bytes of another account":           three.Value,
		"another account's, under this name": relabelled,
		"a bit turned":                       flipped,
		"cut short":                          one.Value[:20],
		"empty":                              {},
		"said to be clear":                   append([]byte{1}, `{"text":"forged"}`...),
		"said to be sealed by the master":    append([]byte{3}, one.Value[17:]...),
		"with a format that there is not":    append([]byte{9}, one.Value[1:]...),
	} {
		s.forge(t, "letter", 1, store.Row{Key: one.Key, Value: forged})
		if v, err := s.letter(t, a, 0); !errors.Is(err, store.ErrSealed) {
			t.Errorf("%s: got %+v, %v; want ErrSealed", name, v, err)
		}
		s.view(t, func(tx *store.Tx) {
			all, err := letters.List(tx, store.Range{})
			var sealed *store.SealedError
			if !errors.As(err, &sealed) || len(sealed.Keys) != 1 || !bytes.Equal(sealed.Keys[0], one.Key) || len(all) != 2 {
				t.Errorf("%s: list: %d records, %v; want the other two and the key of the forged one", name, len(all), err)
			}
		})
	}
	s.update(t, func(tx *store.Tx) { letters.Delete(tx, one.Key) })
	s.view(t, func(tx *store.Tx) {
		if all, err := letters.List(tx, store.Range{}); len(all) != 2 || err != nil {
			t.Errorf("after deleting what could not be read: %d records, %v", len(all), err)
		}
	})
	s.update(t, func(tx *store.Tx) { secrets.Put(tx, &secret{Name: "a"}); secrets.Put(tx, &secret{Name: "b"}) })
	rows = s.rows(t, "secret")
	rows[0].Value, rows[1].Value = rows[1].Value, rows[0].Value
	s.forge(t, "secret", 0, rows...)
	s.view(t, func(tx *store.Tx) {
		if v, err := secrets.Get(tx, store.K("a")); !errors.Is(err, store.ErrSealed) {
			t.Errorf("swapped secrets: got %+v, %v; want ErrSealed", v, err)
		}
	})
}

func testKeysThatExpire(t *testing.T, s *suite) {
	kept, dropped := store.NewID(), store.NewID()
	until := s.clock.Now().Add(time.Hour)
	s.update(t, func(tx *store.Tx) {
		for _, id := range []store.ID{kept, dropped} {
			tx.CreateKeyUntil(id, until)
			letters.Put(tx, &letter{Account: id, Seq: 1, Text: "pending"})
		}
	})
	s.update(t, func(tx *store.Tx) { tx.KeepKey(kept); tx.KeepKey(kept) })
	s.clock.Set(until)
	if v, err := s.letter(t, kept, 1); err != nil || v.Text != "pending" {
		t.Errorf("kept: %+v, %v", v, err)
	}
	if v, err := s.letter(t, dropped, 1); !errors.Is(err, store.ErrSealed) {
		t.Errorf("dropped: %+v, %v; want ErrSealed", v, err)
	}
	err := s.db.Update(t.Context(), func(tx *store.Tx) error { tx.KeepKey(dropped); return nil })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("keeping what is gone: got %v, want ErrNotFound", err)
	}
	if n, err := s.db.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("swept %d, %v; want 1", n, err)
	}
}

// sibling returns an ID of the bucket of a.
func sibling(a store.ID) store.ID {
	b := store.NewID()
	b[0], b[1] = a[0], a[1]&0xf0|b[1]&0x0f
	return b
}

// testErased erases an account and then has everything back that a copy of the
// files from before could give, but for the old bucket key.
func testErased(t *testing.T, s *suite) {
	dir := Dir(t)
	master, buckets := filepath.Join(dir, "master"), filepath.Join(dir, "buckets")
	s.reopen(t, master, buckets)
	gone, beside, far := store.NewID(), store.ID{}, store.NewID()
	beside = sibling(gone)
	s.update(t, func(tx *store.Tx) {
		for _, id := range []store.ID{gone, beside, far} {
			tx.CreateKey(id)
			letters.Put(tx, &letter{Account: id, Seq: 1, Text: "private"})
			diary.Append(tx, &letter{Account: id, Text: "private"})
		}
	})
	oldKeys, oldLetters := s.rows(t, "account_key"), s.rows(t, "letter")
	oldFile, err := os.ReadFile(buckets)
	if err != nil {
		t.Fatal(err)
	}
	s.update(t, func(tx *store.Tx) {
		letters.Delete(tx, store.K(gone, 1))
		tx.DestroyKey(gone)
	})
	if err := s.db.Rekey(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("beside the two key files there are others: %v, %v", left, err)
	}
	newFile, err := os.ReadFile(buckets)
	if err != nil || len(newFile) != len(oldFile) || bytes.Equal(newFile, oldFile) {
		t.Errorf("the file of bucket keys: %d bytes, before %d, %v", len(newFile), len(oldFile), err)
	}
	check := func(when string) {
		t.Helper()
		for _, id := range []store.ID{beside, far} {
			if v, err := s.letter(t, id, 1); err != nil || v.Text != "private" {
				t.Errorf("%s: another account: %+v, %v", when, v, err)
			}
		}
		if v, err := s.letter(t, gone, 1); err == nil || v != nil {
			t.Errorf("%s: the erased account: %+v, %v", when, v, err)
		}
		s.view(t, func(tx *store.Tx) {
			e, err := diary.After(tx, 0, 0)
			if err != nil || len(e) != 3 || e[0].Record != nil || e[1].Record == nil || e[2].Record == nil {
				t.Errorf("%s: log: %+v, %v", when, e, err)
			}
		})
	}
	check("erased")
	// A copy of the store from before, with the keys there are now.
	for _, r := range oldLetters {
		if bytes.Equal(r.Key, store.K(gone, 1)) {
			s.forge(t, "letter", 1, r)
		}
	}
	for _, r := range oldKeys {
		if bytes.Equal(r.Key, store.K(gone)) {
			s.forge(t, "account_key", 0, r)
		}
	}
	check("with the old rows")
	s.reopen(t, master, buckets)
	check("with the old rows, opened anew")
	s.view(t, func(tx *store.Tx) {
		if _, err := letters.Get(tx, store.K(gone, 1)); !errors.Is(err, store.ErrSealed) {
			t.Errorf("got %v, want ErrSealed", err)
		}
	})
	if rows := s.rows(t, "rekey"); len(rows) != 0 {
		t.Errorf("%d marks are left", len(rows))
	}
	if err := s.db.Rekey(t.Context(), gone); err != nil {
		t.Errorf("again: %v", err)
	}
	// That the test would notice: with the old bucket key it all comes back.
	if err := os.WriteFile(buckets, oldFile, 0o600); err != nil {
		t.Fatal(err)
	}
	s.reopen(t, master, buckets)
	if v, err := s.letter(t, gone, 1); err != nil || v.Text != "private" {
		t.Errorf("with the old bucket key: %+v, %v", v, err)
	}
}

// reopen opens the store of the suite with keys from files.
func (s *suite) reopen(t *testing.T, master, buckets string) {
	t.Helper()
	s.reopenOn(t, s.driver, master, buckets)
}

// reopenOn is reopen by way of a driver around that of the suite.
func (s *suite) reopenOn(t *testing.T, d store.Driver, master, buckets string) {
	t.Helper()
	keys, err := store.OpenKeys(master, buckets)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.rows(t, "store")) == 1 && s.keys != keys {
		// The first time round the store was begun with other keys.
		s.forget(t, "store")
	}
	s.keys = keys
	s.db, err = store.Open(t.Context(), d, records, store.Options{Now: s.clock.Now, Keys: keys, RunTwice: true})
	if err != nil {
		t.Fatal(err)
	}
}

// forget deletes all rows of a table behind the back of the store.
func (s *suite) forget(t *testing.T, table string) {
	t.Helper()
	w := &store.Writes{Now: s.clock.Now()}
	for _, r := range s.rows(t, table) {
		w.Put = append(w.Put, store.Put{Table: table, Key: r.Key, Delete: true})
	}
	if err := s.driver.Update(t.Context(), func(store.Reader) (*store.Writes, error) { return w, nil }); err != nil {
		t.Fatal(err)
	}
}

func testErasedWithManySiblings(t *testing.T, s *suite) {
	gone := store.NewID()
	all := []store.ID{gone}
	for range 150 {
		all = append(all, sibling(gone))
	}
	s.update(t, func(tx *store.Tx) {
		for _, id := range all {
			tx.CreateKey(id)
			letters.Put(tx, &letter{Account: id, Seq: 1, Text: "private"})
		}
	})
	// Others go on while the bucket gets its new key.
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan store.ID)
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			id := sibling(gone)
			err := s.db.Update(ctx, func(tx *store.Tx) error {
				tx.CreateKey(id)
				letters.Put(tx, &letter{Account: id, Seq: 1, Text: "private"})
				return nil
			})
			if err == nil {
				select {
				case done <- id:
				case <-ctx.Done():
				}
			}
		}
	}()
	var came []store.ID
	erased := make(chan error, 1)
	go func() {
		err := s.db.Update(t.Context(), func(tx *store.Tx) error { tx.DestroyKey(gone); return nil })
		if err == nil {
			err = s.db.Rekey(t.Context(), gone)
		}
		erased <- err
	}()
	for waiting := true; waiting; {
		select {
		case id := <-done:
			came = append(came, id)
		case err := <-erased:
			if err != nil {
				t.Error(err)
			}
			waiting = false
		}
	}
	stop()
	for id := range done {
		came = append(came, id)
	}
	for _, id := range append(all[1:], came...) {
		if v, err := s.letter(t, id, 1); err != nil || v.Text != "private" {
			t.Fatalf("a sibling: %+v, %v", v, err)
		}
	}
	if _, err := s.letter(t, gone, 1); !errors.Is(err, store.ErrSealed) {
		t.Errorf("the erased account: %v, want ErrSealed", err)
	}
}

// testErasingResumed cuts Rekey off at each of its Updates and lets Run finish.
func testErasingResumed(t *testing.T, s *suite) {
	dir := Dir(t)
	master, buckets := filepath.Join(dir, "master"), filepath.Join(dir, "buckets")
	fail := Fail(s.driver)
	s.reopenOn(t, fail, master, buckets)
	for after := range 3 { // the floor, the other account, the mark
		gone, beside := store.NewID(), store.ID{}
		beside = sibling(gone)
		s.update(t, func(tx *store.Tx) {
			for _, id := range []store.ID{gone, beside} {
				tx.CreateKey(id)
				letters.Put(tx, &letter{Account: id, Seq: 1, Text: "private"})
			}
		})
		var oldKey store.Row
		for _, r := range s.rows(t, "account_key") {
			if bytes.Equal(r.Key, store.K(gone)) {
				oldKey = r
			}
		}
		s.update(t, func(tx *store.Tx) { tx.DestroyKey(gone) })
		fail.UpdatesAfter(after, 1)
		if err := s.db.Rekey(t.Context(), gone); !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("cut off after %d: got %v, want ErrUnavailable", after, err)
		}
		s.reopenOn(t, fail, master, buckets)
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- s.db.Run(ctx) }()
		for len(s.rows(t, "rekey")) > 0 {
			time.Sleep(time.Millisecond)
		}
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		s.forge(t, "account_key", 0, oldKey)
		if v, err := s.letter(t, gone, 1); !errors.Is(err, store.ErrSealed) {
			t.Errorf("cut off after %d: the erased account: %+v, %v", after, v, err)
		}
		if v, err := s.letter(t, beside, 1); err != nil || v.Text != "private" {
			t.Errorf("cut off after %d: its sibling: %+v, %v", after, v, err)
		}
	}
}

func testForeignKeys(t *testing.T, s *suite) {
	_, err := store.Open(t.Context(), s.driver, records, store.Options{Now: s.clock.Now, Keys: Keys(t)})
	if err == nil {
		t.Error("a store was opened with keys that are not its own")
	}
}
