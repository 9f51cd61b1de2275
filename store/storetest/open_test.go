package storetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

type note struct {
	Account store.ID  `json:"account"`
	Seq     uint32    `json:"seq"`
	Text    string    `json:"text"`
	Mail    string    `json:"mail,omitzero"`
	Expires time.Time `json:"expires,omitzero"`
}

var notes = store.Sealed("note", func(n *note) store.Key { return store.K(n.Account, n.Seq) },
	store.Unique("mail", func(n *note) store.Key {
		if n.Mail == "" {
			return nil
		}
		return store.K(n.Mail)
	}),
	store.Index("text", func(n *note) store.Key { return store.K(n.Text) }),
	store.Expires(func(n *note) time.Time { return n.Expires }))

var events = store.SealedLog("event", func(n *note) store.ID { return n.Account })

// A round through everything Open gives: clock, keys, counts, faults.
func TestOpen(t *testing.T) {
	clock := storetest.NewClock()
	count := storetest.Count(storetest.Driver(t))
	fail := storetest.Fail(count)
	db := storetest.OpenOn(t, fail, clock, []store.Table{notes, events})
	ctx, a := t.Context(), store.NewID()
	count.Reset()
	err := db.Update(ctx, func(tx *store.Tx) error {
		tx.CreateKey(a)
		n := &note{Account: a, Seq: 1, Text: "milk", Mail: "kim@example.org", Expires: clock.Now().Add(time.Hour)}
		notes.Insert(tx, n)
		events.Append(tx, n)
		return nil
	})
	// What wraps the key of a new account is read, in each of the two runs.
	if err != nil || count.Commits() != 1 || count.Reads() != 2 {
		t.Fatalf("err %v, commits %d, reads %d", err, count.Commits(), count.Reads())
	}
	get := func() (n *note, err error) {
		err = db.View(ctx, func(tx *store.Tx) (err error) {
			n, err = notes.GetBy(tx, "mail", store.K("kim@example.org"))
			return err
		})
		return n, err
	}
	if n, err := get(); err != nil || n.Text != "milk" {
		t.Fatalf("got %+v, %v", n, err)
	}
	fail.Views(1)
	if _, err := get(); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("got %v, want ErrUnavailable", err)
	}
	clock.Add(time.Hour)
	if _, err := get(); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("got %v, want ErrNotFound", err)
	}
	if n, err := db.Sweep(ctx); n != 1 || err != nil {
		t.Fatalf("swept %d, %v; want 1", n, err)
	}
	count.Numbered(t)
	if e := storetest.Entries(t, db, events.After, 0); len(e) != 1 || e[0].Pos != 1 || e[0].Record.Text != "milk" {
		t.Errorf("events: %+v", e)
	}
}
