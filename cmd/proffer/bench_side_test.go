//go:build linux

package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A side is the provider over one store, and its customers.
type side struct {
	number int    // its place among the sides
	name   string // for messages
	p      *provider
	l      *ledger
	server *server // nil: no database
	people []*customer
}

// newSide makes an empty store: a bolt file, or, if there is a server, a schema
// there.
func newSide(b *testing.B, number int, name string, s *server, binary, more string) *side {
	b.Helper()
	if s != nil {
		more += fmt.Sprintf("store: %q\n", s.schema(b, fmt.Sprintf("proffer_bench%d", number)))
	}
	one := &side{number: number, name: name, server: s, p: newProvider(b, more)}
	one.p.binary = binary
	one.l = newLedger(b, one.p.path("ledger"))
	return one
}

// benchAccounts is the part of a configuration that has the customers.
func benchAccounts() string {
	accounts := "accounts:\n"
	for i := range benchPeople {
		accounts += fmt.Sprintf("  - {email: p%d@example.com, password: %s}\n", i, drillPassword)
	}
	return accounts
}

func (s *side) pid() int { return s.p.cmd.Process.Pid }

// start returns after how long the process answered.
func (s *side) start(b *testing.B) time.Duration {
	b.Helper()
	took := s.p.start()
	if b.Failed() { // nobody would answer those who come
		b.FailNow()
	}
	return took
}

// database is how long the processes of the database have run.
func (s *side) database(b *testing.B) time.Duration {
	b.Helper()
	if s.server == nil {
		return 0
	}
	return family(b, s.server.main)
}

// settle signs all customers in by password, four at a time, and has them answer
// what they are asked; both clients know them then.
func (s *side) settle(b *testing.B) {
	b.Helper()
	for i := range benchPeople {
		s.people = append(s.people, newCustomer(s.p, s.l, fmt.Sprintf("p%d@example.com", i)))
	}
	var all sync.WaitGroup
	for some := range slices.Chunk(s.people, benchPeople/4) {
		all.Go(func() {
			for _, c := range some {
				err := c.settle(b.Context(), "kopi-web")
				if err == nil {
					err = c.comeBack(b.Context(), "kopi-rsa")
				}
				if err != nil {
					b.Errorf("%s on %s: %v", c.email, s.name, err)
					return
				}
			}
		})
	}
	all.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// again ends the process and starts it: at its end it says what its store did.
func (s *side) again(b *testing.B) map[string]float64 {
	b.Helper()
	closed := s.end(b)
	s.start(b)
	return closed
}

var (
	storeClosed = regexp.MustCompile(`msg="store closed" (.*)`)
	counted     = regexp.MustCompile(`(\w+|"[\w ]+")=([0-9.]+)\b`)
)

// end returns what the store said when it was closed. An error that was logged
// is one that a customer met, or would have.
func (s *side) end(b *testing.B) map[string]float64 {
	b.Helper()
	s.p.end(syscall.SIGTERM)
	text, err := os.ReadFile(s.p.path("server.log"))
	if err != nil {
		b.Fatal(err)
	}
	if err := os.Truncate(s.p.path("server.log"), 0); err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "level=ERROR") {
			b.Errorf("%s: %s", s.name, line)
		}
	}
	said := storeClosed.FindSubmatch(text)
	if said == nil {
		b.Fatalf("the log does not say what the store did:\n%s", text)
	}
	all := map[string]float64{}
	for _, pair := range counted.FindAllSubmatch(said[1], -1) {
		if all[strings.Trim(string(pair[1]), `"`)], err = strconv.ParseFloat(string(pair[2]), 64); err != nil {
			b.Fatal(err)
		}
	}
	return all
}
