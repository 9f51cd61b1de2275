package main

import (
	"bufio"
	"encoding/json"
	"os"
	"sync"
	"testing"
)

// What the ledger of a drill knows of.
const (
	registered = "registered" // an account
	answered   = "answered"   // one question
	exchanged  = "exchanged"  // a code for tokens
	refreshed  = "refreshed"  // a refresh token for tokens
)

// A deed is one thing a customer or a brand's site asked of the provider.
type deed struct {
	What     string `json:"what"`
	Email    string `json:"email"`
	Question string `json:"question,omitzero"`
	Value    string `json:"value,omitzero"`
}

// A ledger is kept outside of the provider: a line for each deed whose 2xx or
// 303 was seen, on disk before anything else is done. What was tried and not
// acknowledged may be done or not, but once at most.
type ledger struct {
	testing.TB
	file *os.File

	mu    sync.Mutex
	tried map[deed]bool
	seen  map[string]int
	await string        // what somebody waits for; "" is anything
	next  chan struct{} // closed when it is acknowledged
}

func newLedger(t testing.TB, path string) *ledger {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return &ledger{TB: t, file: file, tried: map[deed]bool{}, next: make(chan struct{}), seen: map[string]int{}}
}

// try notes what is about to be asked.
func (l *ledger) try(d deed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tried[d] = true
}

// saw writes down that it was acknowledged.
func (l *ledger) saw(d deed) {
	line, err := json.Marshal(d)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		_, err = l.file.Write(append(line, '\n'))
	}
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		l.Errorf("ledger: %v", err)
	}
	l.seen[d.What]++
	if l.await == "" || l.await == d.What {
		select {
		case <-l.next:
		default:
			close(l.next)
		}
	}
}

// after returns a channel that is closed when the next such deed is acknowledged;
// what may be "", for any.
func (l *ledger) after(what string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.await, l.next = what, make(chan struct{})
	return l.next
}

func (l *ledger) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[what]
}

// read returns what the file holds, in order.
func (l *ledger) read() []deed {
	l.Helper()
	file, err := os.Open(l.file.Name())
	if err != nil {
		l.Fatal(err)
	}
	defer file.Close()
	var all []deed
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var d deed
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			l.Fatalf("ledger: %v", err)
		}
		all = append(all, d)
	}
	if err := lines.Err(); err != nil {
		l.Fatal(err)
	}
	return all
}
