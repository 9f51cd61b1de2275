package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
)

// A replica is a process of several that have one store and the same keys.
type replica struct {
	db      *store.DB
	buckets *BucketCounter
}

// A fleet is all of them.
type fleet struct {
	*suite
	master  store.Master
	buckets store.Buckets
	shared  bool // several Updates run at the same time
}

// fleet begins the store of the suite anew, with keys that replicas can share:
// beside the store if the driver keeps such, else in a file.
func (s *suite) fleet(t *testing.T) *fleet {
	t.Helper()
	dir := Dir(t)
	f := &fleet{suite: s, master: store.MasterFile(filepath.Join(dir, "master")), buckets: store.NewBucketFile(filepath.Join(dir, "buckets"))}
	if d, ok := s.driver.Driver.(interface{ Buckets() store.Buckets }); ok {
		f.buckets, f.shared = d.Buckets(), true
	}
	s.forget(t, "store")
	return f
}

// replica opens one more.
func (f *fleet) replica(t *testing.T) *replica {
	t.Helper()
	r := &replica{buckets: CountBuckets(f.buckets)}
	keys, err := store.OpenKeysIn(t.Context(), f.master, r.buckets)
	if err != nil {
		t.Fatal(err)
	}
	r.db, err = store.Open(t.Context(), f.driver, records, store.Options{Now: f.clock.Now, Keys: keys, RunTwice: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// make makes accounts, each with a letter.
func (r *replica) make(ctx context.Context, ids ...store.ID) error {
	return r.db.Update(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			tx.CreateKey(id)
			letters.Put(tx, &letter{Account: id, Seq: 1, Text: "private"})
		}
		return nil
	})
}

// read reads the letter of an account.
func (r *replica) read(ctx context.Context, id store.ID) error {
	return r.db.View(ctx, func(tx *store.Tx) error {
		v, err := letters.Get(tx, store.K(id, 1))
		if err == nil && v.Text != "private" {
			err = fmt.Errorf("read %q", v.Text)
		}
		return err
	})
}

func (r *replica) destroy(ctx context.Context, id store.ID) error {
	return r.db.Update(ctx, func(tx *store.Tx) error { tx.DestroyKey(id); return nil })
}

func (r *replica) erase(ctx context.Context, id store.ID) error {
	if err := r.destroy(ctx, id); err != nil {
		return err
	}
	return r.db.Rekey(ctx, id)
}

// must ends the test if there is an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keyOf is the row with an account's key, as it stands.
func (s *suite) keyOf(t *testing.T, id store.ID) store.Row {
	t.Helper()
	for _, r := range s.rows(t, "account_key") {
		if bytes.Equal(r.Key, store.K(id)) {
			return r
		}
	}
	t.Fatalf("account %s has no key", id)
	return store.Row{}
}

// siblings returns IDs of one bucket.
func siblings(n int) []store.ID {
	all := []store.ID{store.NewID()}
	for len(all) < n {
		all = append(all, sibling(all[0]))
	}
	return all
}

// testReplicas: what one has re-keyed, the other reads and writes as well, and
// asks for the new key once.
func testReplicas(t *testing.T, s *suite) {
	f, ctx := s.fleet(t), t.Context()
	a, b := f.replica(t), f.replica(t)
	ids := siblings(6)
	must(t, a.make(ctx, ids[:4]...))
	for _, id := range ids[:4] {
		must(t, b.read(ctx, id))
	}
	old := f.keyOf(t, ids[0])
	must(t, a.erase(ctx, ids[0]))
	if n := b.buckets.Calls(BucketLoad); n != 0 {
		t.Errorf("before it had to, the other loaded %d times", n)
	}
	b.buckets.Slow(20 * time.Millisecond) // so that they do meet
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := b.read(ctx, ids[1]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.buckets.Slow(0)
	if n := b.buckets.Calls(BucketLoad); n != 1 {
		t.Errorf("twenty that read at once loaded the bucket %d times, want once", n)
	}
	f.forge(t, "account_key", 0, old)
	for name, r := range map[string]*replica{"that erased": a, "the other": b, "a new one": f.replica(t)} {
		if err := r.read(ctx, ids[0]); !errors.Is(err, store.ErrSealed) {
			t.Errorf("%s: an erased account whose key is put back: %v, want ErrSealed", name, err)
		}
	}

	// Who writes first learns of the new key too.
	must(t, a.erase(ctx, ids[1]))
	must(t, b.make(ctx, ids[4]))
	if n := b.buckets.Calls(BucketLoad); n != 2 {
		t.Errorf("for a new account of a re-keyed bucket it loaded %d times in all, want 2", n)
	}
	must(t, a.read(ctx, ids[4]))
	must(t, b.erase(ctx, ids[2]))
	for _, id := range ids[3:5] {
		must(t, a.read(ctx, id))
		must(t, b.read(ctx, id))
	}

	// Who does neither forgets the old key in Run.
	old = f.keyOf(t, ids[3])
	must(t, b.erase(ctx, ids[3]))
	f.forge(t, "account_key", 0, old)
	f.runUntil(t, a, func() bool { return errors.Is(a.read(ctx, ids[3]), store.ErrSealed) })
	must(t, a.read(ctx, ids[4]))
}

// runUntil runs the work behind a replica until something is so.
func (f *fleet) runUntil(t *testing.T, r *replica, so func() bool) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- r.db.Run(ctx) }()
	for end := time.Now().Add(patience); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Error("Run did not do it")
			break
		}
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}

// testBegunBefore makes an account in an Update that has begun, and looked at
// the store, before another replica re-keys its bucket, and ends after it if the
// store is one that processes share.
func testBegunBefore(t *testing.T, s *suite) {
	f, ctx := s.fleet(t), t.Context()
	a, b := f.replica(t), f.replica(t)
	ids := siblings(3)
	must(t, a.make(ctx, ids[0]))
	must(t, b.read(ctx, ids[0]))
	begun, rekeyed := make(chan struct{}, 8), make(chan struct{})
	made := make(chan error, 1)
	go func() {
		made <- b.db.Update(ctx, func(tx *store.Tx) error {
			if _, err := letters.Get(tx, store.K(ids[2], 1)); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			tx.CreateKey(ids[1])
			letters.Put(tx, &letter{Account: ids[1], Seq: 1, Text: "private"})
			select {
			case begun <- struct{}{}:
			default:
			}
			if f.shared {
				<-rekeyed
			}
			return nil
		})
	}()
	<-begun
	err := a.erase(ctx, ids[0])
	close(rekeyed)
	must(t, err)
	must(t, <-made)
	for name, r := range map[string]*replica{"that re-keyed": a, "that made it": b, "a new one": f.replica(t)} {
		if err := r.read(ctx, ids[1]); err != nil {
			t.Errorf("%s: the account that was made meanwhile: %v", name, err)
		}
	}
}

// testRekeyedAtOnce has replicas erase accounts of one bucket at the same time,
// while others of it come to be.
func testRekeyedAtOnce(t *testing.T, s *suite) {
	f, ctx := s.fleet(t), t.Context()
	all := []*replica{f.replica(t), f.replica(t), f.replica(t)}
	const each = 3
	ids := siblings(len(all)*each + 70)
	doomed, kept := ids[:len(all)*each], ids[len(all)*each:]
	must(t, all[0].make(ctx, ids...))
	var old []store.Row
	for _, id := range doomed {
		old = append(old, f.keyOf(t, id))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i, r := range all {
		wg.Go(func() {
			for _, id := range doomed[i*each : (i+1)*each] {
				if err := r.erase(ctx, id); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 8 {
				id := sibling(doomed[0])
				if err := r.make(ctx, id); err != nil {
					t.Error(err)
					continue
				}
				mu.Lock()
				kept = append(kept, id)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	f.forge(t, "account_key", 0, old...)
	for name, r := range map[string]*replica{"of those that erased": all[0], "a new one": f.replica(t)} {
		for _, id := range kept {
			if err := r.read(ctx, id); err != nil {
				t.Fatalf("%s: a sibling: %v", name, err)
			}
		}
		for _, id := range doomed {
			if err := r.read(ctx, id); !errors.Is(err, store.ErrSealed) {
				t.Errorf("%s: an erased account: %v, want ErrSealed", name, err)
			}
		}
	}
	left, err := f.buckets.Load(ctx, bucketNumber(doomed[0]))
	if err != nil || len(left) != 1 {
		t.Errorf("the bucket has %d keys, %v; want 1", len(left), err)
	}
	if rows := f.rows(t, "rekey"); len(rows) != 0 {
		t.Errorf("%d marks are left", len(rows))
	}
}

func bucketNumber(id store.ID) uint16 { return uint16(id[0])<<4 | uint16(id[1])>>4 }

// testBucketsFail cuts Rekey off at each step of what keeps the bucket keys,
// done or not: nobody loses anything, and Rekey goes on when it is called again.
func testBucketsFail(t *testing.T, s *suite) {
	f, ctx := s.fleet(t), t.Context()
	a, b := f.replica(t), f.replica(t)
	for _, what := range []string{BucketLoad, BucketAdd, BucketDrop} {
		for _, done := range []bool{false, true} {
			name := fmt.Sprintf("%s, done %v", what, done)
			ids := siblings(4)
			must(t, a.make(ctx, ids[:2]...))
			old := f.keyOf(t, ids[0])
			must(t, a.destroy(ctx, ids[0]))
			a.buckets.Fail(what, 0, 1, done)
			if err := a.db.Rekey(ctx, ids[0]); !errors.Is(err, store.ErrUnavailable) {
				t.Fatalf("%s: got %v, want ErrUnavailable", name, err)
			}
			must(t, a.make(ctx, ids[2]))
			must(t, b.make(ctx, ids[3]))
			see := func(when string, r *replica) {
				t.Helper()
				for _, id := range ids[1:] {
					if err := r.read(ctx, id); err != nil {
						t.Errorf("%s: %s: %v", name, when, err)
					}
				}
			}
			see("cut off", a)
			see("cut off, another", b)
			see("cut off, a new one", f.replica(t))
			must(t, a.db.Rekey(ctx, ids[0]))
			see("done", a)
			see("done, another", b)
			f.forge(t, "account_key", 0, old)
			for _, r := range []*replica{a, b, f.replica(t)} {
				see("done", r)
				if err := r.read(ctx, ids[0]); !errors.Is(err, store.ErrSealed) {
					t.Errorf("%s: the erased account: %v, want ErrSealed", name, err)
				}
			}
		}
	}
}

// testBucketsOutOfReach: as long as a new key cannot be had, an account is not
// erased but out of reach.
func testBucketsOutOfReach(t *testing.T, s *suite) {
	f, ctx := s.fleet(t), t.Context()
	a, b := f.replica(t), f.replica(t)
	ids := siblings(4)
	must(t, a.make(ctx, ids[:3]...))
	must(t, a.erase(ctx, ids[0]))
	for name, act := range map[string]func() error{
		"reading": func() error { return b.read(ctx, ids[1]) },
		"listing": func() error {
			return b.db.View(ctx, func(tx *store.Tx) error { _, err := letters.List(tx, store.Range{}); return err })
		},
		"writing": func() error {
			return b.db.Update(ctx, func(tx *store.Tx) error { letters.Put(tx, &letter{Account: ids[1], Seq: 1}); return nil })
		},
		"an error swallowed": func() error {
			return b.db.Update(ctx, func(tx *store.Tx) error { letters.Get(tx, store.K(ids[1], 1)); return nil })
		},
		"making": func() error { return b.make(ctx, ids[3]) },
	} {
		b.buckets.Fail(BucketLoad, 0, 2, false) // the Update is run twice
		if err := act(); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrSealed) {
			t.Errorf("%s: got %v, want ErrUnavailable", name, err)
		}
	}
	b.buckets.Fail(BucketLoad, 0, 0, false)
	must(t, b.read(ctx, ids[1]))
	must(t, b.make(ctx, ids[3]))
	must(t, a.read(ctx, ids[3]))
}

// testNoFloors opens a store that was re-keyed before there were floors.
func testNoFloors(t *testing.T, s *suite) {
	f, ctx := s.fleet(t), t.Context()
	ids := siblings(5)
	a := f.replica(t)
	must(t, a.make(ctx, ids[:3]...))
	must(t, a.erase(ctx, ids[0]))
	f.forget(t, "bucket_floor")
	b := f.replica(t)
	must(t, b.make(ctx, ids[3]))
	old := f.keyOf(t, ids[1])
	must(t, b.erase(ctx, ids[1]))
	must(t, b.make(ctx, ids[4]))
	f.forge(t, "account_key", 0, old)
	for _, r := range []*replica{a, b, f.replica(t)} {
		for _, id := range ids[2:] {
			if err := r.read(ctx, id); err != nil {
				t.Error(err)
			}
		}
		if err := r.read(ctx, ids[1]); !errors.Is(err, store.ErrSealed) {
			t.Errorf("an erased account: %v, want ErrSealed", err)
		}
	}
}

// testErasingAtRandom makes and erases accounts of one bucket in replicas whose
// bucket keys fail now and then. Who was made and not erased can be read by all;
// once Rekey has returned, no copy of a key there ever was opens what was sealed
// for who is gone.
func testErasingAtRandom(t *testing.T, s *suite) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	f, ctx := s.fleet(t), t.Context()
	all := []*replica{f.replica(t), f.replica(t)}
	first := store.NewID()
	var there, destroyed, gone []store.ID
	copies := map[string]store.Row{} // of account keys, by value
	take := func(from *[]store.ID) store.ID {
		i := dice.IntN(len(*from))
		id := (*from)[i]
		*from = append((*from)[:i:i], (*from)[i+1:]...)
		return id
	}
	passes := func(err error) bool {
		if err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Fatal(err)
		}
		return err == nil
	}
	for range 60 {
		i := dice.IntN(len(all))
		r := all[i]
		if dice.IntN(4) == 0 {
			r.buckets.Fail([]string{BucketLoad, BucketAdd, BucketDrop}[dice.IntN(3)], dice.IntN(2), 1, dice.IntN(2) == 0)
		}
		switch n := dice.IntN(10); {
		case n < 4:
			if id := sibling(first); passes(r.make(ctx, id)) {
				there = append(there, id)
			}
		case n < 6 && len(there) > 0:
			id := take(&there)
			must(t, r.destroy(ctx, id)) // asks for no bucket key
			destroyed = append(destroyed, id)
		case n < 8 && len(destroyed) > 0:
			if id := take(&destroyed); passes(r.db.Rekey(ctx, id)) {
				gone = append(gone, id)
			} else {
				destroyed = append(destroyed, id)
			}
		case n < 9:
			for _, id := range there {
				passes(r.read(ctx, id))
			}
		default:
			all[i] = f.replica(t)
		}
		for _, row := range f.rows(t, "account_key") {
			copies[string(row.Value)] = row
		}
	}
	all = append(all, f.replica(t))
	for _, r := range all {
		for _, what := range []string{BucketLoad, BucketAdd, BucketDrop} {
			r.buckets.Fail(what, 0, 0, false)
		}
		for _, id := range there {
			if err := r.read(ctx, id); err != nil {
				t.Errorf("who is there: %v", err)
			}
		}
	}
	fresh := f.replica(t)
	for _, id := range gone {
		for _, row := range copies {
			if !bytes.Equal(row.Key, store.K(id)) {
				continue
			}
			f.forge(t, "account_key", 0, row)
			if err := fresh.read(ctx, id); !errors.Is(err, store.ErrSealed) {
				t.Errorf("who is gone, with a key from before: %v, want ErrSealed", err)
			}
		}
	}
	t.Logf("%d there, %d gone, %d to be erased, %d copies of keys", len(there), len(gone), len(destroyed), len(copies))
}
