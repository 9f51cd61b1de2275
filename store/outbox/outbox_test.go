package outbox_test

import (
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/store/storetest"
)

func update(t *testing.T, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func queue(t *testing.T, db *store.DB, account store.ID, next time.Time) *outbox.Mail {
	t.Helper()
	m := &outbox.Mail{Account: account, ID: store.NewID(), To: "nok@example.com", Queued: storetest.Epoch, Next: next}
	update(t, db, func(tx *store.Tx) error { outbox.Send(tx, m); return nil })
	return m
}

func due(t *testing.T, db *store.DB, at time.Time) (out []store.ID) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error {
		list, err := outbox.Due(tx, at, 10)
		out = nil
		for _, m := range list {
			out = append(out, m.ID)
		}
		return err
	})
	return out
}

func TestDueInOrder(t *testing.T) {
	db := storetest.Open(t, nil, outbox.Records)
	account := store.NewID()
	update(t, db, func(tx *store.Tx) error { tx.CreateKey(account); return nil })
	now := storetest.Epoch
	late := queue(t, db, account, now.Add(time.Minute))
	second, first := queue(t, db, account, now), queue(t, db, account, now.Add(-time.Minute))
	if got := due(t, db, now); len(got) != 2 || got[0] != first.ID || got[1] != second.ID {
		t.Errorf("due %v, want %v %v", got, first.ID, second.ID)
	}
	if got := due(t, db, now.Add(time.Minute)); len(got) != 3 || got[2] != late.ID {
		t.Errorf("due later %v", got)
	}
}

// The mail of an account without a key does not stand in the way of the rest.
func TestDueRemovesWhatCannotBeRead(t *testing.T) {
	db := storetest.Open(t, nil, outbox.Records)
	erased, other := store.NewID(), store.NewID()
	update(t, db, func(tx *store.Tx) error { tx.CreateKey(erased); tx.CreateKey(other); return nil })
	queue(t, db, erased, storetest.Epoch.Add(-time.Hour))
	m := queue(t, db, other, storetest.Epoch)
	update(t, db, func(tx *store.Tx) error { tx.DestroyKey(erased); return nil })
	next := func() (at time.Time, ok bool) {
		if err := db.View(t.Context(), func(tx *store.Tx) (err error) { at, ok, err = outbox.NextDue(tx); return err }); err != nil {
			t.Fatal(err)
		}
		return at, ok
	}
	if at, ok := next(); !ok || !at.IsZero() {
		t.Errorf("next %v, %t", at, ok)
	}
	if got := due(t, db, storetest.Epoch); len(got) != 1 || got[0] != m.ID {
		t.Errorf("due %v", got)
	}
	if at, ok := next(); !ok || !at.Equal(m.Next) {
		t.Errorf("next %v, %t", at, ok)
	}
}

func TestForget(t *testing.T) {
	db := storetest.Open(t, nil, outbox.Records)
	one, other := store.NewID(), store.NewID()
	update(t, db, func(tx *store.Tx) error { tx.CreateKey(one); tx.CreateKey(other); return nil })
	queue(t, db, one, storetest.Epoch)
	queue(t, db, one, storetest.Epoch)
	stays := queue(t, db, other, storetest.Epoch)
	update(t, db, func(tx *store.Tx) error { return outbox.Forget(tx, one) })
	if got := due(t, db, storetest.Epoch); len(got) != 1 || got[0] != stays.ID {
		t.Errorf("due %v", got)
	}
}

// Events stand in the order they were written, each sealed for its account.
func TestEvents(t *testing.T) {
	db := storetest.Open(t, nil, outbox.Records)
	one, other := store.NewID(), store.NewID()
	update(t, db, func(tx *store.Tx) error { tx.CreateKey(one); tx.CreateKey(other); return nil })
	for _, account := range []store.ID{one, other, one} {
		e := &outbox.Event{ID: store.NewID(), Account: account, Type: "account.created", At: storetest.Epoch}
		update(t, db, func(tx *store.Tx) error { outbox.Append(tx, e); return nil })
	}
	update(t, db, func(tx *store.Tx) error { tx.DestroyKey(one); return nil })
	list := storetest.Entries(t, db, outbox.After, 3)
	if len(list) != 3 {
		t.Fatalf("%d events", len(list))
	}
	if list[0].Record != nil || list[1].Record == nil || list[1].Record.Account != other || list[2].Pos != 3 {
		t.Errorf("%+v", list)
	}
}
