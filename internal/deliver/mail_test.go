package deliver

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/store/storetest"
)

// A server that takes, misses or refuses, and remembers when it was asked.
type server struct {
	mu     sync.Mutex
	miss   int // the next so many are not taken
	refuse bool
	tried  []time.Time
	taken  []Message
}

func (s *server) Send(_ context.Context, m Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = append(s.tried, time.Now())
	switch {
	case s.refuse:
		return ErrRefused
	case s.miss > 0:
		s.miss--
		return errors.New("not now")
	}
	s.taken = append(s.taken, m)
	return nil
}

func (s *server) counts() (tried, taken int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tried), len(s.taken)
}

// queue puts one mail into the outbox.
func queue(t *testing.T, db *store.DB, now time.Time, expires time.Time) *outbox.Mail {
	t.Helper()
	m := &outbox.Mail{
		Account: store.NewID(), ID: store.NewID(), Kind: "code", To: "nok@example.com", Subject: "Your code", Text: "123456\n",
		HTML: "<p>123456</p>", Lang: "en", Queued: now, Next: now, Expires: expires,
	}
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		tx.CreateKey(m.Account)
		outbox.Send(tx, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func waiting(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) error {
		_, ok, err := outbox.NextDue(tx)
		if ok {
			n = 1
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// newStore is a store inside a bubble: what works for it ends before the bubble.
// The place is of outside, where it is made ready for the next test.
func newStore(t *testing.T, place *storetest.Place) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), place.Open(t), outbox.Records, store.Options{Now: time.Now, Keys: storetest.Keys(t), RunTwice: true})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// inBubble runs fn with a worker on a fake clock.
func inBubble(t *testing.T, place *storetest.Place, s *server, fn func(t *testing.T, db *store.DB, d *Mail)) {
	synctest.Test(t, func(t *testing.T) {
		db := newStore(t, place)
		d := NewMail(db, s, time.Now, quiet)
		ctx, stop := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() {
			if err := d.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		fn(t, db, d)
		stop()
		done.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestSentAtOnceWhenWoken(t *testing.T) {
	s := &server{}
	inBubble(t, storetest.NewPlace(t), s, func(t *testing.T, db *store.DB, d *Mail) {
		began := time.Now()
		m := queue(t, db, began, time.Time{})
		d.Wake()
		time.Sleep(time.Second)
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.taken) != 1 || s.taken[0].ID != m.ID.String() || s.taken[0].To != m.To || s.taken[0].Text != m.Text {
			t.Fatalf("taken %+v", s.taken)
		}
		if at := s.tried[0].Sub(began); at > time.Second/2 {
			t.Errorf("only after %s", at)
		}
		if waiting(t, db) != 0 {
			t.Error("it stays in the outbox")
		}
	})
}

// What another process queued is found without being woken.
func TestSentWithoutWaking(t *testing.T) {
	s := &server{}
	inBubble(t, storetest.NewPlace(t), s, func(t *testing.T, db *store.DB, _ *Mail) {
		time.Sleep(time.Second)
		queue(t, db, time.Now(), time.Time{})
		time.Sleep(2 * lookEach)
		if _, taken := s.counts(); taken != 1 {
			t.Errorf("taken: %d", taken)
		}
	})
}

// The ladder: each gap is longer than half the one before it doubled, and the
// mail arrives once, with the same id in every try.
func TestTriedAgainWithLongerGaps(t *testing.T) {
	s := &server{miss: 6}
	inBubble(t, storetest.NewPlace(t), s, func(t *testing.T, db *store.DB, d *Mail) {
		queue(t, db, time.Now(), time.Time{})
		d.Wake()
		time.Sleep(time.Hour)
		tried, taken := s.counts()
		if tried != 7 || taken != 1 {
			t.Fatalf("tried %d, taken %d", tried, taken)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for i := 1; i < len(s.tried); i++ {
			gap, full := s.tried[i].Sub(s.tried[i-1]), firstGap<<(i-1)
			if gap < full/2 || gap > full+lookEach {
				t.Errorf("gap %d: %s, want about %s", i, gap, full)
			}
		}
	})
}

func TestGivenUp(t *testing.T) {
	for _, c := range []struct {
		name    string
		server  *server
		expires time.Duration
		tried   int
	}{
		{"refused for good", &server{refuse: true}, 0, 1},
		{"expired", &server{miss: 1000}, 10 * time.Minute, 0},
		{"a day of misses", &server{miss: 1000}, 0, maxTries},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Two days of looking into the queue are too much for a server.
			file := storetest.File(filepath.Join(storetest.Dir(t), "proffer.db"))
			inBubble(t, file, c.server, func(t *testing.T, db *store.DB, d *Mail) {
				var expires time.Time
				if c.expires > 0 {
					expires = time.Now().Add(c.expires)
				}
				queue(t, db, time.Now(), expires)
				d.Wake()
				time.Sleep(48 * time.Hour)
				tried, taken := c.server.counts()
				if c.tried > 0 && tried != c.tried || taken != 0 {
					t.Errorf("tried %d, taken %d", tried, taken)
				}
				if waiting(t, db) != 0 {
					t.Error("it stays in the outbox")
				}
				if c.expires > 0 && c.server.tried[len(c.server.tried)-1].After(expires) {
					t.Error("tried after it expired")
				}
			})
		})
	}
}

// A worker that dies between claiming and sending leaves the mail to the next
// one; until then nobody else sends it.
func TestClaimed(t *testing.T) {
	s := &server{}
	place := storetest.NewPlace(t)
	synctest.Test(t, func(t *testing.T) {
		db := newStore(t, place)
		queue(t, db, time.Now(), time.Time{})
		dead := NewMail(db, s, time.Now, quiet)
		if got, err := dead.claim(t.Context()); err != nil || len(got) != 1 {
			t.Fatalf("claimed %d, %v", len(got), err)
		}
		next := NewMail(db, s, time.Now, quiet)
		if got, err := next.claim(t.Context()); err != nil || len(got) != 0 {
			t.Fatalf("claimed again: %d, %v", len(got), err)
		}
		time.Sleep(hold + time.Second)
		if _, err := next.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, taken := s.counts(); taken != 1 {
			t.Errorf("taken: %d", taken)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Mail of an account that was erased meanwhile is not brought back by a miss.
func TestForgottenMeanwhile(t *testing.T) {
	db := storetest.Open(t, nil, outbox.Records)
	now := storetest.Epoch
	m := queue(t, db, now, time.Time{})
	d := NewMail(db, &server{miss: 1}, func() time.Time { return now }, quiet)
	claimed, err := d.claim(t.Context())
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		if err := outbox.Forget(tx, m.Account); err != nil {
			return err
		}
		tx.DestroyKey(m.Account)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.settle(t.Context(), claimed, []error{errors.New("not now")}); err != nil {
		t.Fatal(err)
	}
	if waiting(t, db) != 0 {
		t.Error("it came back")
	}
}

// The log names the mail and the account, never who or what.
func TestLogSaysNothing(t *testing.T) {
	var b strings.Builder
	db := storetest.Open(t, nil, outbox.Records)
	queue(t, db, storetest.Epoch, time.Time{})
	d := NewMail(db, &server{miss: 1}, func() time.Time { return storetest.Epoch }, slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if _, err := d.round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); s == "" || strings.Contains(s, "nok@") || strings.Contains(s, "123456") {
		t.Errorf("log: %s", s)
	}
}
