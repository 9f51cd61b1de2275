//go:build linux

package main

import (
	"debug/buildinfo"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

var report = flag.String("report", "", "file that BenchmarkProvider writes what it measured to")

const (
	benchPeople   = 32
	benchRounds   = 5
	benchRound    = time.Second
	benchRequests = 256 // in a round of one kind
)

// BenchmarkProvider measures the released binary as a process of its own, over
// HTTP, on a bolt file and on PostgreSQL side by side: what a visit, its
// requests, a sign-in and a registration cost, how many there are in a second,
// and how large and quick to start the process is. The stores take turns, and
// between the turns stands what the machine can do at most. It is one long run
// of about four minutes.
func BenchmarkProvider(b *testing.B) {
	m := newMeasured(b)
	binary := release(b)
	for b.Loop() {
		m.size(b, binary)
		m.starts(b, binary)
		m.loads(b, binary)
	}
	m.took = time.Since(m.began)
	text := m.String()
	fmt.Println(text)
	if *report != "" && !b.Failed() {
		if err := os.MkdirAll(filepath.Dir(*report), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(*report, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// release builds the binary as `make build` does.
func release(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "proffer")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	return binary
}

// The stores, in the order of their turns.
var benchStores = [...]string{"bolt", "PostgreSQL"}

// measured is all that one run found out.
type measured struct {
	*machine

	began time.Time
	took  time.Duration
	busy  string // load average before anything was done

	bytes   int64
	modules []string
	system  string

	life [len(benchStores)]life
	rows []*row
}

func newMeasured(b *testing.B) *measured {
	m := &measured{machine: newMachine(b), began: time.Now(), busy: "unknown"}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.busy, _, _ = strings.Cut(string(text), " ")
	}
	return m
}

// sides are one provider for each store.
func (m *measured) sides(b *testing.B, binary, more string) []*side {
	b.Helper()
	return []*side{newSide(b, 0, benchStores[0], nil, binary, more), newSide(b, 1, benchStores[1], m.server, binary, more)}
}

// A life is what the process is like over one store.
type life struct {
	first        float64 // ms to the first answer, with keys and store to be made
	start        samples // ms, with a store that is there
	idle, loaded samples // MiB
	rest         samples // ms of CPU in a second with nothing to do
	restDatabase samples // ms of PostgreSQL's CPU in such a second
}

// A row is one thing that some customers did at once.
type row struct {
	what, alg string
	atOnce    int
	on        [len(benchStores)]outcome
}

// An outcome is what came of it on one store. There is one of each sample for each
// round.
type outcome struct {
	server   samples            // ms of the provider's CPU for one
	database samples            // ms of the CPU of PostgreSQL's processes for one
	hash     samples            // ms of CPU for one Argon2id hash, before the round and after it
	rate     samples            // in a second
	done     int                // in all rounds
	failed   int                // of these
	counts   map[string]float64 // of what the store did for one, as it said when it was closed
}

// part is what one costs of a hash, round by round.
func (t *outcome) part() (all samples) {
	for i, ms := range t.server {
		all = append(all, ms/t.hash[i])
	}
	return all
}

// beyond is what one costs more than a hash, in ms, round by round.
func (t *outcome) beyond() (all samples) {
	for i, ms := range t.server {
		all = append(all, ms-t.hash[i])
	}
	return all
}

func (m *measured) row(what, alg string, atOnce int) *row {
	r := &row{what: what, alg: alg, atOnce: atOnce}
	m.rows = append(m.rows, r)
	return r
}

func (m *measured) size(b *testing.B, binary string) {
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	built, err := buildinfo.ReadFile(binary)
	if err != nil {
		b.Fatal(err)
	}
	m.bytes = info.Size()
	for _, d := range built.Deps {
		m.modules = append(m.modules, d.Path)
	}
	m.system = built.GoVersion + " " + runtime.GOOS + "/" + runtime.GOARCH
}

// starts begins and ends the processes in turns.
func (m *measured) starts(b *testing.B, binary string) {
	sides := m.sides(b, binary, "")
	for i, s := range sides {
		m.life[i].first = s.start(b).Seconds() * 1000
		s.p.end(syscall.SIGTERM)
	}
	for range benchRounds {
		for i, s := range sides {
			l := &m.life[i]
			l.start = append(l.start, s.start(b).Seconds()*1000)
			time.Sleep(time.Second / 2) // what a start leaves to do is done
			before, database, began := cpu(b, s.pid()), s.database(b), time.Now()
			time.Sleep(time.Second) // nothing to do
			took := time.Since(began).Seconds()
			l.rest = append(l.rest, (cpu(b, s.pid())-before).Seconds()*1000/took)
			l.restDatabase = append(l.restDatabase, (s.database(b)-database).Seconds()*1000/took)
			l.idle = append(l.idle, anonymous(b, s.pid()))
			s.p.end(syscall.SIGTERM)
		}
	}
}

// loads has the same customers do the same on both stores.
func (m *measured) loads(b *testing.B, binary string) {
	sides := m.sides(b, binary, benchAccounts())
	for _, s := range sides {
		s.start(b)
		s.settle(b)
	}
	for _, alg := range []string{"ES256", "RS256"} {
		for _, atOnce := range []int{1, 8, 32} {
			m.visits(b, sides, alg, atOnce)
			if atOnce == 8 || alg == "ES256" && atOnce == 32 {
				m.requests(b, sides, alg, atOnce)
			}
		}
	}
	for _, atOnce := range []int{1, 8, 32} {
		m.signIns(b, sides, atOnce)
	}
	m.registrations(b, sides, 8)
	for _, s := range sides {
		s.end(b)
	}
}
