package storetest

import (
	"errors"
	"testing"

	"github.com/proffer-id/proffer/store"
)

// testWhose reads a record of an account with what else is to be known of that:
// in one round trip if the record was seen before, and right whatever happened
// to it meanwhile.
func testWhose(t *testing.T, s *suite) {
	a, b := store.NewID(), store.NewID()
	id := store.NewID()
	key := store.K(id)
	s.update(t, func(tx *store.Tx) {
		for _, account := range []store.ID{a, b} {
			tx.CreateKey(account)
			letters.Put(tx, &letter{Account: account, Seq: 1, Text: "of " + account.String()})
		}
		parcels.Put(tx, &parcel{ID: id, Account: a, Text: "a"})
	})

	// look reads the parcel, and the letter of whose it is.
	look := func(trips int) (p *parcel, l *letter, err error) {
		t.Helper()
		read := s.driver.Reads()
		s.view(t, func(tx *store.Tx) {
			var batch store.Batch
			var known *store.Wanted[letter]
			wanted := parcels.WantWith(&batch, key, func(account store.ID) { known = letters.Want(&batch, store.K(account, 1)) })
			if err = tx.Read(&batch); err != nil {
				return
			}
			if p, err = wanted.Get(); err == nil {
				l, err = known.Get()
			}
		})
		if n := s.driver.Reads() - read; n != trips {
			t.Errorf("%d round trips, want %d", n, trips)
		}
		return p, l, err
	}
	is := func(account store.ID, trips int) {
		t.Helper()
		if p, l, err := look(trips); err != nil || p.Account != account || l.Text != "of "+account.String() {
			t.Errorf("got %+v with %+v, %v, want what is %s's", p, l, err, account)
		}
	}
	is(a, 1) // written here
	s.open(t)
	is(a, 2) // nobody knows
	is(a, 1)

	// It becomes another one's, and then the first one's again where that is not
	// seen, as by another process.
	was := s.rows(t, "parcel")
	s.update(t, func(tx *store.Tx) { parcels.Delete(tx, key) })
	if _, _, err := look(1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a record that was deleted: %v", err)
	}
	s.update(t, func(tx *store.Tx) { parcels.Put(tx, &parcel{ID: id, Account: b, Text: "b"}) })
	is(b, 1)
	s.forge(t, "parcel", 1, was...)
	is(a, 2)
	is(a, 1)

	// Of what this very transaction writes it is known too.
	s.update(t, func(tx *store.Tx) {
		parcels.Put(tx, &parcel{ID: id, Account: b, Text: "b"})
		var batch store.Batch
		var known *store.Wanted[letter]
		wanted := parcels.WantWith(&batch, key, func(account store.ID) { known = letters.Want(&batch, store.K(account, 1)) })
		if err := tx.Read(&batch); err != nil {
			t.Fatal(err)
		}
		p, err := wanted.Get()
		l, e := known.Get()
		if err != nil || e != nil || p.Account != b || l.Account != b {
			t.Errorf("got %+v, %v with %+v, %v", p, err, l, e)
		}
	})
	is(b, 1)

	// A last read may not be able to go on when it finds another account than was
	// thought. Then it is to be tried again, and is right.
	s.forge(t, "parcel", 1, was...)
	last := func() (p *parcel, l *letter, err error) {
		err = s.db.View(t.Context(), func(tx *store.Tx) error {
			var batch store.Batch
			var known *store.Wanted[letter]
			wanted := parcels.WantWith(&batch, key, func(account store.ID) { known = letters.Want(&batch, store.K(account, 1)) })
			if err := tx.ReadLast(&batch); err != nil {
				return err
			}
			var err error
			if p, err = wanted.Get(); err == nil {
				l, err = known.Get()
			}
			return err
		})
		return p, l, err
	}
	if p, l, err := last(); err != nil && !errors.Is(err, store.ErrUnavailable) || err == nil && (p.Account != a || l.Account != a) {
		t.Errorf("got %+v with %+v, %v", p, l, err)
	}
	before := s.driver.Reads()
	if p, l, err := last(); err != nil || p.Account != a || l.Account != a || s.driver.Reads() != before+1 {
		t.Errorf("got %+v with %+v, %v, in %d round trips", p, l, err, s.driver.Reads()-before)
	}
	s.update(t, func(tx *store.Tx) { parcels.Put(tx, &parcel{ID: id, Account: b, Text: "b"}) })
	is(b, 1)

	// It goes where that is not seen.
	gone := &store.Writes{Now: s.clock.Now(), Put: []store.Put{{Table: "parcel", Key: key, Delete: true}}}
	if err := s.driver.Update(t.Context(), func(store.Reader) (*store.Writes, error) { return gone, nil }); err != nil {
		t.Fatal(err)
	}
	if _, _, err := look(1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a record that is gone: %v", err)
	}

	// Nothing is remembered of an account that the store does not say itself.
	s.forge(t, "parcel", 1, was...)
	is(a, 2)
	s.update(t, func(tx *store.Tx) { tx.DestroyKey(a) })
	if _, _, err := look(1); !errors.Is(err, store.ErrSealed) {
		t.Errorf("a record of an erased account: %v", err)
	}
}
