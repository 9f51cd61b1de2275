package watch

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A scene is two files and one who watches the first of them, to begin with.
type scene struct {
	t      *testing.T
	dir    string
	hangup chan os.Signal

	mu     sync.Mutex
	calls  int
	during func() []string // what is done, and returned, when a change is heard of
}

// play runs fn beside a watch that looks every second.
func play(t *testing.T, fn func(s *scene)) {
	synctest.Test(t, func(t *testing.T) {
		s := &scene{t: t, dir: t.TempDir(), hangup: make(chan os.Signal, 1), during: func() []string { return nil }}
		s.write("one", "first")
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		files := []string{s.path("one")}
		w := &Watch{hangup: s.hangup, files: files, seen: stamps(files, nil)} // no signals of the system: they come from outside
		go func() {
			defer close(ended)
			w.Run(ctx, time.Second, func(context.Context) []string {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.calls++
				return s.during()
			})
		}()
		s.sees(1500*time.Millisecond, 0)
		fn(s)
		stop()
		<-ended
	})
}

func (s *scene) path(name string) string { return filepath.Join(s.dir, name) }

func (s *scene) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// sees lets time pass and says how many changes must have been heard of in it.
func (s *scene) sees(d time.Duration, want int) {
	s.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls != want {
		s.t.Errorf("%d changes in %s, want %d", s.calls, d, want)
	}
	s.calls = 0
}

// then says what is done at the next changes.
func (s *scene) then(f func() []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.during = f
}

func TestChanged(t *testing.T) {
	play(t, func(s *scene) {
		s.write("one", "another")
		s.sees(time.Second, 0) // it may still be being written
		s.sees(time.Second, 1)
		s.sees(time.Minute, 0)
		if err := os.Remove(s.path("one")); err != nil {
			t.Fatal(err)
		}
		s.sees(2*time.Second, 1)
		s.write("one", "is back")
		s.sees(2*time.Second, 1)
		s.write("two", "not watched")
		s.sees(time.Minute, 0)
	})
}

// A file that grows at each look is not taken before it stands still.
func TestHalfWritten(t *testing.T) {
	play(t, func(s *scene) {
		for n := range 5 {
			s.write("one", strings.Repeat("more ", n+2))
			s.sees(time.Second, 0)
		}
		s.sees(time.Minute, 1)
	})
}

func TestHangup(t *testing.T) {
	play(t, func(s *scene) {
		s.hangup <- syscall.SIGHUP
		s.sees(0, 1) // nothing changed, and it does not wait
		s.write("one", "another")
		s.hangup <- syscall.SIGHUP
		s.sees(0, 1)
		s.sees(time.Minute, 0) // the change was taken along
		s.write("one", "half")
		s.sees(time.Second, 0)
		s.hangup <- syscall.SIGHUP
		s.sees(time.Minute, 1)
	})
}

// What the one who reads names is looked at from then on.
func TestOtherFiles(t *testing.T) {
	play(t, func(s *scene) {
		s.then(func() []string { return []string{s.path("two"), s.path("three")} })
		s.write("two", "there")
		s.write("one", "another")
		s.sees(time.Minute, 1)
		s.then(func() []string { return nil })
		s.write("one", "no longer watched")
		s.sees(time.Minute, 0)
		s.write("two", "changed")
		s.sees(time.Minute, 1)
		s.write("three", "came into being")
		s.sees(time.Minute, 1)
	})
}

// What is written while the files are read is not lost.
func TestChangedMeanwhile(t *testing.T) {
	play(t, func(s *scene) {
		s.then(func() []string {
			s.during = func() []string { return nil }
			s.write("one", "changed once more")
			return []string{s.path("one")}
		})
		s.write("one", "another")
		s.sees(time.Minute, 2)
	})
}

// SIGHUP of the system arrives, also before Run, and so does a change before it.
func TestSignal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "one")
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	run := func(every time.Duration, before func()) {
		t.Helper()
		w := New([]string{file})
		before()
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		heard := false
		w.Run(ctx, every, func(context.Context) []string {
			heard = true
			stop()
			return nil
		})
		if !heard {
			t.Error("nothing was heard")
		}
	}
	run(time.Hour, func() {
		if err := self.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	})
	run(time.Millisecond, func() {
		if err := os.WriteFile(file, []byte("came into being"), 0o600); err != nil {
			t.Fatal(err)
		}
	})
}
