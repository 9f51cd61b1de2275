package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/proffer-id/proffer"
)

// A testClock is the machine's clock moved by what a file says: a length of time
// such as 36h, 14d or -5m. The file is read at every look, so that a test that
// has written it is in its future already. It is refused unless the issuer is on
// localhost, where nobody's sessions or consents are at stake.
type testClock struct {
	file string

	mu    sync.Mutex
	moved time.Duration // what the file last said
}

// newClock returns the clock of a command: the machine's own if file is "".
func newClock(file, issuer string) (func() time.Time, error) {
	if file == "" {
		return time.Now, nil
	}
	u, err := url.Parse(issuer)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	addr, _ := netip.ParseAddr(u.Hostname())
	if u.Hostname() != "localhost" && !addr.IsLoopback() {
		return nil, fmt.Errorf("--test-clock is for an issuer on localhost, not for %s", issuer)
	}
	c := &testClock{file: file}
	if c.moved, err = readMove(file); err != nil {
		return nil, fmt.Errorf("--test-clock: %w", err)
	}
	return c.now, nil
}

// now is the moved time. While the file cannot be read, as when it is just being
// written, the last move stands.
func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if moved, err := readMove(c.file); err == nil {
		c.moved = moved
	}
	return time.Now().Add(c.moved)
}

func readMove(file string) (time.Duration, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	s := strings.TrimSpace(string(text))
	sign := time.Duration(1)
	if rest, found := strings.CutPrefix(s, "-"); found {
		s, sign = rest, -1
	}
	if s = strings.TrimPrefix(s, "+"); s == "" || s == "0" {
		return 0, nil
	}
	var d proffer.Duration
	if err := d.UnmarshalText([]byte(s)); err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	return sign * time.Duration(d), nil
}
