package bolt_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/storetest"
)

// Some things can only be seen from another process: the test binary runs
// itself with PROFFER_CHILD naming what to do and PROFFER_DIR where.
func TestMain(m *testing.M) {
	dir := os.Getenv("PROFFER_DIR")
	switch os.Getenv("PROFFER_CHILD") {
	case "":
		os.Exit(m.Run())
	case "open":
		_, err := bolt.Open(filepath.Join(dir, "p.db"), bolt.Options{})
		fmt.Println(err)
	case "write":
		childWrites(dir)
	case "erase":
		childErases(dir)
	case "limit":
		childFills(dir)
	case "fill":
		fillAndGoOn(childOpens(dir), func() { os.Remove(filepath.Join(dir, "ballast")) })
	case "damaged":
		childReadsDamaged(dir)
	}
}

func child(t *testing.T, what, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "PROFFER_CHILD="+what, "PROFFER_DIR="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

func childOpens(dir string) *store.DB {
	keys, err := store.OpenKeys(filepath.Join(dir, "master"), filepath.Join(dir, "buckets"))
	if err == nil {
		var d *bolt.Driver
		if d, err = bolt.Open(filepath.Join(dir, "p.db"), bolt.Options{}); err == nil {
			var db *store.DB
			if db, err = store.Open(context.Background(), d, records, store.Options{Now: time.Now, Keys: keys}); err == nil {
				return db
			}
		}
	}
	fmt.Println("child:", err)
	os.Exit(1)
	return nil
}

// TestGauntlet_L06_SecondProcess opens a file that another process has open.
func TestGauntlet_L06_SecondProcess(t *testing.T) {
	dir := t.TempDir()
	openAt(t, filepath.Join(dir, "p.db"), storetest.Keys(t), bolt.Options{})
	before := time.Now()
	out, err := child(t, "open", dir).Output()
	if err != nil || !strings.Contains(string(out), "locked by another process") || !strings.Contains(string(out), "p.db") {
		t.Errorf("got %q, %v", out, err)
	}
	t.Logf("refused after %v", time.Since(before).Round(time.Millisecond))
}

// childWrites writes entries from eight goroutines and says on its output
// which were acknowledged, until it is killed.
func childWrites(dir string) {
	db := childOpens(dir)
	tag := strconv.FormatUint(rand.Uint64(), 36)
	for g := range 8 {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%s-%d-%d", tag, g, n)
				err := db.Update(context.Background(), func(tx *store.Tx) error {
					e := &entry{ID: id, Pair: "p"}
					firsts.Insert(tx, e)
					seconds.Insert(tx, e)
					events.Append(tx, e)
					return nil
				})
				if err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				fmt.Println("ok", id) // one write: a line is never mixed with another
			}
		}()
	}
	select {}
}

// TestGauntlet_L01_Killed kills a process that writes, again and again: every
// acknowledged entry is there, and none by half.
func TestGauntlet_L01_Killed(t *testing.T) {
	dir := t.TempDir()
	keys, err := store.OpenKeys(filepath.Join(dir, "master"), filepath.Join(dir, "buckets"))
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]bool{}
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		cmd := child(t, "write", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		var once sync.Once
		for lines.Scan() {
			// The clock starts when there is something to lose.
			once.Do(func() {
				time.AfterFunc(time.Duration(5+rand.IntN(150))*time.Millisecond, func() { cmd.Process.Signal(syscall.SIGKILL) })
			})
			id, ok := strings.CutPrefix(lines.Text(), "ok ")
			if !ok {
				t.Fatalf("child: %s", lines.Text())
			}
			acknowledged[id] = true
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("child: %v, want it killed", err)
		}
		db, d := openAt(t, filepath.Join(dir, "p.db"), keys, bolt.Options{})
		ids := whole(t, db)
		for id := range acknowledged {
			if !ids[id] {
				t.Errorf("round %d: %s was acknowledged and is lost", round, id)
			}
		}
		t.Logf("round %d: %d acknowledged, %d there", round, len(acknowledged), len(ids))
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// childErases makes accounts of one bucket and erases most of them again, and
// says what it is about to do and what is done, until it is killed.
func childErases(dir string) {
	db, ctx := childOpens(dir), context.Background()
	for n := 0; ; n++ {
		id := store.NewID()
		id[0], id[1] = 7, 7
		err := db.Update(ctx, func(tx *store.Tx) error {
			tx.CreateKey(id)
			notes.Insert(tx, &note{Account: id, Text: "private"})
			return nil
		})
		if err == nil {
			fmt.Println("made", id)
			if n%4 != 0 {
				fmt.Println("erasing", id)
				err = db.Update(ctx, func(tx *store.Tx) error {
					tx.DestroyKey(id) // the record stays, to be tried
					return nil
				})
				if err == nil {
					err = db.Rekey(ctx, id)
				}
				fmt.Println("erased", id)
			}
		}
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
}

// TestGauntlet_L01_KilledWhileErasing kills a process that re-keys a bucket
// all the time. Whose erasing was acknowledged stays erased, and the others
// can all be read: no cut leaves an account key wrapped by a bucket key that is
// gone. (That what is erased cannot be had back is testErased of the suite.)
func TestGauntlet_L01_KilledWhileErasing(t *testing.T) {
	dir := storetest.Dir(t)
	rounds := 10
	if testing.Short() {
		rounds = 3
	}
	state := map[string]string{}
	for round := range rounds {
		cmd := child(t, "erase", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		var once sync.Once
		for lines.Scan() {
			once.Do(func() {
				time.AfterFunc(time.Duration(20+rand.IntN(150))*time.Millisecond, func() { cmd.Process.Signal(syscall.SIGKILL) })
			})
			what, id, ok := strings.Cut(lines.Text(), " ")
			if !ok || what == "error" || what == "child:" {
				t.Fatalf("child: %s", lines.Text())
			}
			state[id] = what
		}
		cmd.Wait() // killed, as the drill wants it

		keys, err := store.OpenKeys(filepath.Join(dir, "master"), filepath.Join(dir, "buckets"))
		if err != nil {
			t.Fatal(err)
		}
		db, d := openAt(t, filepath.Join(dir, "p.db"), keys, bolt.Options{})
		seeErased(t, db, state)
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- db.Run(ctx) }()
		for rekeysLeft(t, d) > 0 {
			time.Sleep(time.Millisecond)
		}
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		for id, s := range state {
			if s == "erasing" {
				state[id] = "either" // its first Update may not have been
			}
		}
		seeErased(t, db, state)
		t.Logf("round %d: %d accounts", round, len(state))
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func seeErased(t *testing.T, db *store.DB, state map[string]string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) error {
		for text, s := range state {
			id, err := store.ParseID(text)
			if err != nil {
				return err
			}
			switch _, err := notes.Get(tx, store.K(id)); {
			case s == "made" && err != nil:
				t.Errorf("account %v: %v", id, err)
			case s == "erased" && !errors.Is(err, store.ErrSealed):
				t.Errorf("erased account %v: %v, want ErrSealed", id, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func rekeysLeft(t *testing.T, d *bolt.Driver) (n int) {
	t.Helper()
	err := d.View(t.Context(), func(r store.Reader) error {
		rows, err := r.Read(t.Context(), []store.Request{{Table: "rekey"}}, false)
		if err == nil {
			n = len(rows[0])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
