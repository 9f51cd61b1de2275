package bolt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/storetest"
)

// childFills writes until its files may not grow any more, reads, waits for
// more room and goes on.
func childFills(dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	db := childOpens(dir)
	room := func(n uint64) {
		var l syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
		l.Cur = n
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
	}
	room(1 << 20)
	fillAndGoOn(db, func() { room(64 << 20) })
}

// fillAndGoOn prints what a test has to see of a disk that fills up.
func fillAndGoOn(db *store.DB, makeRoom func()) {
	ctx := context.Background()
	n := 0
	put := func(size int) error {
		e := &entry{ID: fmt.Sprintf("%05d", n), Pair: strings.Repeat("x", size)}
		return db.Update(ctx, func(tx *store.Tx) error {
			seconds.Insert(tx, e)
			events.Append(tx, e)
			return nil
		})
	}
	var err error
	for ; err == nil && n < 10_000; n++ {
		err = put(4000)
	}
	n-- // refused
	fmt.Println("refused", n, errors.Is(err, store.ErrUnavailable), err)
	again := put(60_000)
	fmt.Println("again", errors.Is(again, store.ErrUnavailable), again)
	read := func() {
		err := db.View(ctx, func(tx *store.Tx) error {
			all, err := seconds.List(tx, store.Range{})
			if err != nil {
				return err
			}
			log, err := events.After(tx, 0, 0)
			if err == nil {
				fmt.Println("there", len(all), len(log))
			}
			return err
		})
		if err != nil {
			fmt.Println("read", err)
		}
	}
	read()
	makeRoom()
	for i := range 20 {
		if err := put(60_000); err != nil {
			fmt.Println("with room", i, err)
		}
		n++
	}
	read()
	fmt.Println("closed", db.Close())
}

// seeFilled looks at what fillAndGoOn printed and at the file it left.
func seeFilled(t *testing.T, dir, out string) {
	t.Helper()
	t.Log(out)
	var n, a, b, c, d int
	var first, second string
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines, want 5", len(lines))
	}
	fmt.Sscanf(lines[0], "refused %d %s", &n, &first)
	fmt.Sscanf(lines[1], "again %s", &second)
	fmt.Sscanf(lines[2], "there %d %d", &a, &b)
	fmt.Sscanf(lines[3], "there %d %d", &c, &d)
	if n < 10 || first != "true" || second != "true" {
		t.Error("not refused with ErrUnavailable")
	}
	if a != n || b != n {
		t.Errorf("when full %d and %d were there, want the %d acknowledged", a, b, n)
	}
	if c != n+20 || d != n+20 {
		t.Errorf("with room again %d and %d were there, want %d", c, d, n+20)
	}
	keys, err := store.OpenKeys(filepath.Join(dir, "master"), filepath.Join(dir, "buckets"))
	if err != nil {
		t.Fatal(err)
	}
	db, _ := openAt(t, filepath.Join(dir, "p.db"), keys, bolt.Options{})
	err = db.View(t.Context(), func(tx *store.Tx) error {
		all, err := seconds.List(tx, store.Range{})
		if len(all) != n+20 {
			t.Errorf("opened again %d were there, want %d", len(all), n+20)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestGauntlet_L03_FileSizeLimit(t *testing.T) {
	dir := t.TempDir()
	out, err := child(t, "limit", dir).Output()
	if err != nil {
		t.Fatalf("child: %v: %s", err, out)
	}
	seeFilled(t, dir, string(out))
}

// TestGauntlet_L03_DiskFull fills a small disk of its own, for which it has to
// be allowed to mount one.
func TestGauntlet_L03_DiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 6<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("fill", func(t *testing.T) { // it has to close the file before the disk goes
		out, err := child(t, "fill", dir).Output()
		if err != nil {
			t.Fatalf("child: %v: %s", err, out)
		}
		seeFilled(t, dir, string(out))
	})
}

// childReadsDamaged turns bytes of a sound file at random and reads all there
// is; it must come to its end every time.
func childReadsDamaged(dir string) {
	good, err := os.ReadFile(filepath.Join(dir, "p.db"))
	if err != nil {
		fmt.Println("child:", err)
		os.Exit(1)
	}
	keys, err := store.OpenKeys(filepath.Join(dir, "master"), filepath.Join(dir, "buckets"))
	if err != nil {
		fmt.Println("child:", err)
		os.Exit(1)
	}
	refused, told, unharmed := 0, 0, 0
	for round := range 40 {
		chance := rand.New(rand.NewPCG(uint64(round), 7))
		b := bytes.Clone(good)
		for range 1 + chance.IntN(100) {
			b[chance.IntN(len(b))] ^= byte(1 + chance.IntN(255))
		}
		path := filepath.Join(dir, "damaged.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
		switch opened, err := readAll(path, keys); {
		case !opened:
			refused++
		case err != nil:
			told++
		default:
			unharmed++
		}
	}
	fmt.Println("refused", refused, "told", told, "unharmed", unharmed)
}

func readAll(path string, keys *store.Keys) (opened bool, err error) {
	d, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return false, err
	}
	defer d.Close()
	ctx := context.Background()
	db, err := store.Open(ctx, d, records, store.Options{Now: time.Now, Keys: keys})
	if err != nil {
		return false, err
	}
	err = db.View(ctx, func(tx *store.Tx) error {
		var errs []error
		all, err := firsts.List(tx, store.Range{Index: "pair"})
		errs = append(errs, err)
		if err == nil && len(all) != 300 {
			errs = append(errs, fmt.Errorf("%d records", len(all)))
		}
		_, err = seconds.List(tx, store.Range{Reverse: true})
		errs = append(errs, err)
		_, err = events.After(tx, 0, 0)
		return errors.Join(append(errs, err)...)
	})
	return true, errors.Join(err, db.Update(ctx, func(tx *store.Tx) error {
		e := &entry{ID: "after", Pair: "p"}
		firsts.Put(tx, e)
		seconds.Put(tx, e)
		events.Append(tx, e)
		return nil
	}))
}

func TestGauntlet_L05_Damaged(t *testing.T) {
	dir := storetest.Dir(t)
	keys, err := store.OpenKeys(filepath.Join(dir, "master"), filepath.Join(dir, "buckets"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "p.db"), sound(t, keys), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := child(t, "damaged", dir).Output()
	if err != nil || !strings.HasPrefix(string(out), "refused") {
		t.Fatalf("child: %v: %s", err, out)
	}
	t.Logf("%s", out)
}
