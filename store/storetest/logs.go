package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/proffer-id/proffer/store"
)

func testLog(t *testing.T, s *suite) {
	s.update(t, func(tx *store.Tx) {
		for n := range 5 {
			lines.Append(tx, &line{N: n + 1})
		}
	})
	want := func(pos uint64, limit int, want string) {
		t.Helper()
		s.driver.Numbered(t)
		s.view(t, func(tx *store.Tx) {
			e, err := lines.After(tx, pos, limit)
			got := ""
			for _, e := range e {
				got += fmt.Sprintf("%d:%d ", e.Pos, e.Record.N)
			}
			if got != want || err != nil {
				t.Errorf("after %d, at most %d: got %q, %v; want %q", pos, limit, got, err, want)
			}
		})
	}
	want(0, 0, "1:1 2:2 3:3 4:4 5:5 ")
	want(0, 2, "1:1 2:2 ")
	want(2, 2, "3:3 4:4 ")
	want(5, 2, "")
	want(1<<63, 2, "")
	s.update(t, func(tx *store.Tx) { lines.Trim(tx, 3) })
	want(0, 0, "4:4 5:5 ")
	s.update(t, func(tx *store.Tx) { lines.Trim(tx, 1<<63); lines.Append(tx, &line{N: 6}) })
	s.update(t, func(tx *store.Tx) { lines.Append(tx, &line{N: 7}) })
	want(6, 0, "7:7 ")
	s.update(t, func(tx *store.Tx) { lines.Trim(tx, 7) })
	s.update(t, func(tx *store.Tx) { lines.Append(tx, &line{N: 8}) })
	want(0, 0, "8:8 ") // positions are never given twice
	wantNotUnique(t, s.db.Update(t.Context(), func(tx *store.Tx) error {
		lines.Append(tx, &line{N: -1})
		secrets.Insert(tx, &secret{Name: "s"})
		secrets.Insert(tx, &secret{Name: "s"})
		return nil
	}), "secret", "")
	s.update(t, func(tx *store.Tx) { lines.Append(tx, &line{N: 9}) })
	want(0, 0, "8:8 9:9 ") // what did not commit left no gap
	s.update(t, func(tx *store.Tx) {
		for n := range 300 {
			lines.Append(tx, &line{N: n})
		}
	})
	s.driver.Numbered(t)
	s.view(t, func(tx *store.Tx) {
		e, err := lines.After(tx, 9, 0)
		if len(e) != 300 || err != nil {
			t.Fatalf("%d entries, %v", len(e), err)
		}
		for i, e := range e {
			if e.Pos != uint64(10+i) || e.Record.N != i {
				t.Fatalf("entry %d is %d:%d", i, e.Pos, e.Record.N)
			}
		}
	})
}

// testLogConcurrently has many append and one read along: who reads up to a
// position has seen all before it, and each writer's entries keep their order.
func testLogConcurrently(t *testing.T, s *suite) {
	const writers, each = 8, 25
	stop, seen := make(chan struct{}), make(chan []line)
	go func() {
		var all []line
		defer func() { seen <- all }()
		for last := false; ; {
			err := s.db.View(t.Context(), func(tx *store.Tx) error {
				e, err := lines.After(tx, uint64(len(all)), 7)
				for _, e := range e {
					if e.Pos != uint64(len(all)+1) {
						t.Errorf("position %d after %d", e.Pos, len(all))
					}
					all = append(all, *e.Record)
				}
				if err == nil && len(e) == 0 && last {
					return errStop
				}
				return err
			})
			if err != nil {
				if !errors.Is(err, errStop) {
					t.Error(err)
				}
				return
			}
			select {
			case <-stop:
				last = true
			default:
			}
		}
	}()
	together(t, writers, func(by int) error {
		for n := range each {
			err := s.db.Update(t.Context(), func(tx *store.Tx) error {
				lines.Append(tx, &line{By: by, N: n})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	s.driver.Numbered(t)
	close(stop)
	all := <-seen
	if len(all) != writers*each {
		t.Errorf("read %d entries along, want %d", len(all), writers*each)
	}
	var next [writers]int
	for _, l := range all {
		if l.N != next[l.By] {
			t.Fatalf("writer %d: entry %d where %d was to come", l.By, l.N, next[l.By])
		}
		next[l.By]++
	}
}

var errStop = errors.New("stop")

func testSealedLog(t *testing.T, s *suite) {
	a, b := store.NewID(), store.NewID()
	s.update(t, func(tx *store.Tx) {
		tx.CreateKey(a)
		tx.CreateKey(b)
		diary.Append(tx, &letter{Account: a, Text: "one"})
		diary.Append(tx, &letter{Account: b, Text: "two"})
		diary.Append(tx, &letter{Account: a, Text: "three"})
	})
	s.driver.Numbered(t)
	s.view(t, func(tx *store.Tx) {
		e, err := diary.After(tx, 0, 0)
		if err != nil || len(e) != 3 || e[1].Record.Text != "two" || e[2].Record.Text != "three" {
			t.Errorf("got %+v, %v", e, err)
		}
	})
	s.update(t, func(tx *store.Tx) { tx.DestroyKey(a) })
	s.view(t, func(tx *store.Tx) {
		e, err := diary.After(tx, 0, 0)
		if err != nil || len(e) != 3 || e[0].Record != nil || e[1].Record.Text != "two" || e[2].Record != nil || e[2].Pos != 3 {
			t.Errorf("got %+v, %v; want positions without records where the key is gone", e, err)
		}
	})
	err := s.db.Update(t.Context(), func(tx *store.Tx) error {
		diary.Append(tx, &letter{Account: a, Text: "four"})
		return nil
	})
	if !errors.Is(err, store.ErrSealed) {
		t.Errorf("for an account without a key: got %v, want ErrSealed", err)
	}
}
