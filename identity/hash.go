package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/proffer-id/proffer/internal/problem"
)

// Argon2 is what one password hash costs (RFC 9106). Zero fields are defaults.
type Argon2 struct {
	Memory  uint32 // KiB; default 19,456
	Time    uint32 // passes; default 2
	Threads uint8  // default 1
}

func (a Argon2) withDefaults() Argon2 {
	if a.Memory == 0 {
		a.Memory = 19 * 1024
	}
	if a.Time == 0 {
		a.Time = 2
	}
	if a.Threads == 0 {
		a.Threads = 1
	}
	return a
}

// check bounds a cost, of the configuration or of a stored hash: a record must
// not be able to ask for a gigabyte.
func (a Argon2) check() error {
	if a.Memory < 8*uint32(a.Threads) || a.Memory > 256*1024 || a.Time < 1 || a.Time > 10 || a.Threads < 1 || a.Threads > 4 {
		return fmt.Errorf("argon2id m=%d t=%d p=%d: out of bounds", a.Memory, a.Time, a.Threads)
	}
	return nil
}

const (
	saltBytes = 16
	keyBytes  = 32
	hashWait  = 2 * time.Second // in the queue, then people are told to come back
)

// A hasher makes and checks password hashes, a few at a time: each takes
// megabytes and tens of milliseconds, and a flood of sign-ins must starve
// neither memory nor the rest of the server.
type hasher struct {
	cost    Argon2
	permits chan struct{}
	queue   int64
	waiting atomic.Int64
	made    atomic.Int64 // hashes computed; known and unknown people must cost the same
	dummy   string       // checked where there is no account
}

func newHasher(cost Argon2, atOnce, queue int) (*hasher, error) {
	if err := cost.check(); err != nil {
		return nil, err
	}
	if atOnce <= 0 {
		atOnce = runtime.GOMAXPROCS(0)
	}
	if queue <= 0 {
		queue = 64
	}
	h := &hasher{cost: cost, permits: make(chan struct{}, atOnce), queue: int64(queue)}
	// Random bytes in place of a key: no password has this hash.
	h.dummy = phc(cost, random(saltBytes), random(keyBytes))
	return h, nil
}

// Hash returns a PHC string for an already normalised password.
func (h *hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := random(saltBytes)
	key, err := h.work(ctx, h.cost, password, salt)
	if err != nil {
		return "", err
	}
	return phc(h.cost, salt, key), nil
}

// Check says whether password is the one of hash, and whether it should be
// hashed anew at today's cost. An empty hash costs as much and is never right.
func (h *hasher) Check(ctx context.Context, hash, password string) (right, stale bool, err error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	cost, salt, want, err := readPHC(hash)
	if err != nil {
		return false, false, err
	}
	got, err := h.work(ctx, cost, password, salt)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, cost != h.cost, nil
}

// work hashes behind the permits. A permit belongs to the hash, not to the
// request: who hangs up early does not make room for another.
func (h *hasher) work(ctx context.Context, cost Argon2, password string, salt []byte) ([]byte, error) {
	if err := h.enter(ctx); err != nil {
		return nil, err
	}
	done := make(chan []byte, 1)
	go func() {
		defer func() { <-h.permits }()
		h.made.Add(1)
		done <- argon2.IDKey([]byte(password), salt, cost.Time, cost.Memory, cost.Threads, keyBytes)
	}()
	select {
	case key := <-done:
		return key, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.permits <- struct{}{}:
		return nil
	default:
	}
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > h.queue {
		return errBusy()
	}
	late := time.NewTimer(hashWait)
	defer late.Stop()
	select {
	case h.permits <- struct{}{}:
		return nil
	case <-late.C:
		return errBusy()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func errBusy() error {
	return (&problem.Problem{Code: "busy", Status: http.StatusServiceUnavailable}).With("wait", 10*time.Second)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func phc(c Argon2, salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads, b64(salt), b64(key))
}

// readPHC takes a PHC string of argon2id apart. Its errors do not contain it.
func readPHC(s string) (c Argon2, salt, key []byte, err error) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errors.New("password hash: not argon2id in PHC form")
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil {
		return c, nil, nil, errors.New("password hash: unreadable cost")
	}
	if err := c.check(); err != nil {
		return c, nil, nil, fmt.Errorf("password hash: %w", err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(part[4]); err != nil || len(salt) < 8 {
		return c, nil, nil, errors.New("password hash: unreadable salt")
	}
	if key, err = base64.RawStdEncoding.DecodeString(part[5]); err != nil || len(key) != keyBytes {
		return c, nil, nil, errors.New("password hash: unreadable key")
	}
	return c, salt, key, nil
}
