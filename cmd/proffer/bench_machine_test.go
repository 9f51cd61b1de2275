package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
)

// samples are what one thing came to, round by round.
type samples []float64

func (s samples) sorted() samples {
	c := slices.Clone(s)
	slices.Sort(c)
	return c
}

func (s samples) median() float64 { return s.sorted()[len(s)/2] }

// String is least, median, most, with three digits or so.
func (s samples) String() string {
	c := s.sorted()
	return fmt.Sprintf("%s | %s | %s", digits(c[0]), digits(s.median()), digits(c[len(c)-1]))
}

func digits(f float64) string {
	switch {
	case f >= 100:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case f >= 10:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}

// A machine is what this one can do at most, measured beside the rest: another
// machine, or a busier one, changes both alike.
type machine struct {
	argon2id samples // ms of CPU for one hash as the configuration has it at least
	es256    samples // µs of CPU for one signature
	rs256    samples // µs of CPU, 2048 bits
	fsync    samples // ms for 4 KiB on the disk of the store
}

// measure adds one round.
func (m *machine) measure(b *testing.B, dir string) {
	b.Helper()
	each := func(n int, unit time.Duration, f func()) float64 {
		before := cpu(b, os.Getpid()) // nothing else runs here meanwhile
		for range n {
			f()
		}
		return float64(cpu(b, os.Getpid())-before) / float64(n) / float64(unit)
	}
	salt := make([]byte, 16)
	m.argon2id = append(m.argon2id, each(5, time.Millisecond, func() { argon2.IDKey([]byte(drillPassword), salt, 2, 19<<10, 1, 32) }))
	sum := sha256.Sum256(salt)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	m.es256 = append(m.es256, each(1000, time.Microsecond, func() {
		if _, err := ecdsa.SignASN1(rand.Reader, ec, sum[:]); err != nil {
			b.Fatal(err)
		}
	}))
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	m.rs256 = append(m.rs256, each(100, time.Microsecond, func() {
		if _, err := rsa.SignPKCS1v15(nil, long, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
	}))
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4096)
	const times = 100
	began := time.Now()
	for range times {
		_, err := f.WriteAt(page, 0)
		if err == nil {
			err = f.Sync()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	m.fsync = append(m.fsync, time.Since(began).Seconds()*1000/times)
}

// ran reads how long a thread has run.
func ran(b *testing.B, file string) time.Duration {
	b.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(ns)
}

// cpu is how long all threads of a process have run.
func cpu(b *testing.B, pid int) (sum time.Duration) {
	b.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		b.Fatalf("no threads of process %d in /proc: %v", pid, err)
	}
	for _, name := range files {
		sum += ran(b, name)
	}
	return sum
}

// anonymous is the memory of a process that no file stands behind, in MiB.
func anonymous(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	b.Fatal("no RssAnon in /proc")
	return 0
}
