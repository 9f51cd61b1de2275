//go:build linux

package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"
)

// A machine is what this one can do at most, measured between the rounds of
// the rest: another machine, or a busier one, changes both alike.
type machine struct {
	argon2id samples // ms of CPU for one hash as the configuration has it at least
	es256    samples // µs of CPU for one signature
	rs256    samples // µs of CPU, 2048 bits
	fsync    samples // ms for 4 KiB on the disk of the store

	commit     samples // ms for an INSERT of one row, committed
	commitCPU  samples // µs of PostgreSQL's CPU for it
	trip       samples // ms for SELECT 1
	tripCPU    samples // µs of PostgreSQL's CPU for it
	tripClient samples // µs of CPU of who asks

	ec     *ecdsa.PrivateKey
	long   *rsa.PrivateKey
	file   *os.File
	server *server
}

func newMachine(b *testing.B) *machine {
	m := &machine{server: newServer(b)}
	var err error
	if m.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		b.Fatal(err)
	}
	if m.long, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		b.Fatal(err)
	}
	if m.file, err = os.Create(filepath.Join(b.TempDir(), "sync")); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { m.file.Close() })
	return m
}

// measure adds one round.
func (m *machine) measure(b *testing.B) {
	b.Helper()
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	used := func(n int, unit time.Duration, f func()) float64 { // CPU for one; nothing else runs here meanwhile
		before := cpu(b, os.Getpid())
		for range n {
			f()
		}
		return float64(cpu(b, os.Getpid())-before) / float64(n) / float64(unit)
	}
	salt := make([]byte, 16)
	sum := sha256.Sum256(salt)
	m.argon2id = append(m.argon2id, used(3, time.Millisecond, func() { argon2.IDKey([]byte(drillPassword), salt, 2, 19<<10, 1, 32) }))
	m.es256 = append(m.es256, used(400, time.Microsecond, func() {
		_, err := ecdsa.SignASN1(rand.Reader, m.ec, sum[:])
		check(err)
	}))
	m.rs256 = append(m.rs256, used(30, time.Microsecond, func() {
		_, err := rsa.SignPKCS1v15(nil, m.long, crypto.SHA256, sum[:])
		check(err)
	}))
	timed := func(n int, f func(i int)) float64 { // ms for one
		began := time.Now()
		for i := range n {
			f(i)
		}
		return time.Since(began).Seconds() * 1000 / float64(n)
	}
	page := make([]byte, 4096)
	m.fsync = append(m.fsync, timed(40, func(int) {
		_, err := m.file.WriteAt(page, 0)
		check(err)
		check(m.file.Sync())
	}))

	const commits, trips = 40, 200
	before := cpu(b, m.server.backend)
	m.commit = append(m.commit, timed(commits, func(i int) {
		_, err := m.server.conn.Exec(b.Context(), "INSERT INTO machine VALUES ($1)", i)
		check(err)
	}))
	after := cpu(b, m.server.backend)
	m.commitCPU = append(m.commitCPU, float64((after-before).Nanoseconds())/1000/commits)
	asker := cpu(b, os.Getpid())
	m.trip = append(m.trip, timed(trips, func(int) {
		var one int
		check(m.server.conn.QueryRow(b.Context(), "SELECT 1").Scan(&one))
	}))
	m.tripClient = append(m.tripClient, float64((cpu(b, os.Getpid())-asker).Nanoseconds())/1000/trips)
	m.tripCPU = append(m.tripCPU, float64((cpu(b, m.server.backend)-after).Nanoseconds())/1000/trips)
}

// A server is the PostgreSQL whose URL is in PROFFER_TEST_POSTGRES.
type server struct {
	address *url.URL
	about   string // its version, and what makes a commit durable
	conn    *pgx.Conn
	backend int // pid of the process behind conn
	main    int // pid of the parent of all
}

// newServer refuses one whose processes are not on this machine, or that
// acknowledges what is not on the disk.
func newServer(b *testing.B) *server {
	b.Helper()
	text := os.Getenv("PROFFER_TEST_POSTGRES")
	address, err := url.Parse(text)
	if err != nil || text == "" {
		b.Fatalf("PROFFER_TEST_POSTGRES is to be the URL of a database on this machine, whose role may create schemas; `make bench` starts one")
	}
	s := &server{address: address}
	mine := s.schema(b, "proffer_bench_machine")
	s.conn = s.connect(b, mine)
	if err := s.conn.QueryRow(b.Context(), "SELECT pg_backend_pid()").Scan(&s.backend); err != nil {
		b.Fatal(err)
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", s.backend))
	if err != nil || !strings.HasPrefix(string(name), "postgres") {
		b.Fatalf("process %d is no PostgreSQL here: the CPU time of its processes is read on this machine (%q, %v)", s.backend, name, err)
	}
	state, err := statusOf(s.backend)
	if err != nil {
		b.Fatal(err)
	}
	s.main = state.parent
	settings := map[string]string{"server_version": "", "fsync": "", "synchronous_commit": "", "full_page_writes": "", "shared_buffers": ""}
	for name := range settings {
		var value string
		if err := s.conn.QueryRow(b.Context(), "SELECT current_setting($1)", name).Scan(&value); err != nil {
			b.Fatal(err)
		}
		settings[name] = value
	}
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if settings[name] != "on" {
			b.Fatalf("%s is %s: what is acknowledged is not on the disk", name, settings[name])
		}
	}
	s.about = fmt.Sprintf("PostgreSQL %s with fsync, synchronous_commit and full_page_writes on and shared_buffers of %s", settings["server_version"], settings["shared_buffers"])
	if _, err := s.conn.Exec(b.Context(), "CREATE TABLE machine (n bigint NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	return s
}

func (s *server) connect(b *testing.B, address string) *pgx.Conn {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// schema makes an empty schema, which goes when b ends, and returns the URL of it.
func (s *server) schema(b *testing.B, name string) string {
	b.Helper()
	drop := "DROP SCHEMA IF EXISTS " + name + " CASCADE"
	conn := s.connect(b, s.address.String())
	for _, q := range []string{drop, "CREATE SCHEMA " + name} {
		if _, err := conn.Exec(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() {
		if _, err := conn.Exec(context.Background(), drop); err != nil {
			b.Errorf("the schema %s stays: %v", name, err)
		}
	})
	in := *s.address
	q := in.Query()
	q.Set("search_path", name)
	in.RawQuery = q.Encode()
	return in.String()
}
