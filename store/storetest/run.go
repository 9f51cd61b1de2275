package storetest

import (
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

// Run is the suite that every driver has to pass. open returns an empty store
// each time; the suite closes it.
func Run(t *testing.T, open func(t *testing.T) store.Driver) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s *suite)
	}{
		{"Records", testRecords},
		{"Unique", testUnique},
		{"Ranges", testRanges},
		{"RangesOfIndexes", testRangesOfIndexes},
		{"OwnWrites", testOwnWrites},
		{"DeleteAll", testDeleteAll},
		{"NothingHalfWritten", testNothingHalfWritten},
		{"Misuse", testMisuse},
		{"RunsTwice", testRunsTwice},
		{"Model", testModel},
		{"Expiry", testExpiry},
		{"ExpiredKeysAreFree", testExpiredKeysAreFree},
		{"Batch", testBatch},
		{"Transfers", testTransfers},
		{"WriteSkew", testWriteSkew},
		{"SingleUse", testSingleUse},
		{"InsertOnce", testInsertOnce},
		{"RangeSkew", testRangeSkew},
		{"KeySkew", testKeySkew},
		{"LostUpdate", testLostUpdate},
		{"Apart", testApart},
		{"SnapshotsStand", testSnapshotsStand},
		{"Sealed", testSealed},
		{"SealedElsewhere", testSealedElsewhere},
		{"Whose", testWhose},
		{"Tampered", testTampered},
		{"KeysThatExpire", testKeysThatExpire},
		{"Erased", testErased},
		{"ErasedWithManySiblings", testErasedWithManySiblings},
		{"ErasingResumed", testErasingResumed},
		{"Replicas", testReplicas},
		{"BegunBefore", testBegunBefore},
		{"RekeyedAtOnce", testRekeyedAtOnce},
		{"BucketsFail", testBucketsFail},
		{"BucketsOutOfReach", testBucketsOutOfReach},
		{"NoFloors", testNoFloors},
		{"ErasingAtRandom", testErasingAtRandom},
		{"ForeignKeys", testForeignKeys},
		{"Log", testLog},
		{"LogConcurrently", testLogConcurrently},
		{"SealedLog", testSealedLog},
		{"Panic", testPanic},
		{"Goexit", testGoexit},
		{"Cancelled", testCancelled},
		{"Reindexed", testReindexed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &suite{driver: Count(open(t)), clock: NewClock()}
			s.keys = Keys(t)
			t.Cleanup(func() { s.driver.Close() })
			s.open(t)
			t.Cleanup(work(t, s.driver))
			c.test(t, s)
		})
	}
}

// A suite is what one test of the suite works on.
type suite struct {
	driver *Counter
	clock  *Clock
	keys   *store.Keys
	db     *store.DB
}

func (s *suite) open(t *testing.T) {
	t.Helper()
	db, err := store.Open(t.Context(), s.driver, records, store.Options{Now: s.clock.Now, Keys: s.keys, RunTwice: true})
	if err != nil {
		t.Fatal(err)
	}
	s.db = db
}

// update and view fail the test if they return an error.
func (s *suite) update(t *testing.T, fn func(tx *store.Tx)) {
	t.Helper()
	if err := s.db.Update(t.Context(), func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func (s *suite) view(t *testing.T, fn func(tx *store.Tx)) {
	t.Helper()
	if err := s.db.View(t.Context(), func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// A thing has an index of every sort.
type thing struct {
	ID      string    `json:"id"`
	Name    string    `json:"name,omitzero"` // unique; "": in no index
	Group   string    `json:"group,omitzero"`
	N       int       `json:"n,omitzero"`
	Expires time.Time `json:"expires,omitzero"`
}

func text(s string) store.Key {
	if s == "" {
		return nil
	}
	return store.K(s)
}

func thingsNamed(name string) *store.Collection[thing] {
	return store.Plain(name, func(v *thing) store.Key { return store.K(v.ID) },
		store.Unique("name", func(v *thing) store.Key { return text(v.Name) }),
		store.Index("group", func(v *thing) store.Key { return text(v.Group) }),
		store.Expires(func(v *thing) time.Time { return v.Expires }))
}

// A letter is personal.
type letter struct {
	Account store.ID  `json:"account"`
	Seq     uint32    `json:"seq"`
	Address [32]byte  `json:"address"` // keyed hash, unique
	Text    string    `json:"text"`
	Due     time.Time `json:"due,omitzero"`
}

// A parcel is personal, but found by an id of its own.
type parcel struct {
	ID      store.ID  `json:"id"`
	Account store.ID  `json:"account"`
	Due     time.Time `json:"due"`
	Text    string    `json:"text"`
}

type secret struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type line struct {
	By int `json:"by"`
	N  int `json:"n"`
}

var (
	things  = thingsNamed("thing")
	others  = store.Plain("other", func(v *thing) store.Key { return store.K(v.ID) })
	letters = store.Sealed("letter", func(v *letter) store.Key { return store.K(v.Account, v.Seq) },
		store.Unique("address", func(v *letter) store.Key {
			if v.Address == [32]byte{} {
				return nil
			}
			return store.K(v.Address)
		}))
	parcels = store.SealedFor("parcel", func(v *parcel) store.Key { return store.K(v.ID) },
		func(v *parcel) store.ID { return v.Account },
		store.Index("due", func(v *parcel) store.Key { return store.K(v.Due) }))
	secrets = store.Secret("secret", func(v *secret) store.Key { return store.K(v.Name) })
	lines   = store.NewLog[line]("line")
	diary   = store.SealedLog("diary", func(v *letter) store.ID { return v.Account })

	records = []store.Table{things, others, letters, parcels, secrets, lines, diary}
)
