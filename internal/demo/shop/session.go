package shop

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/proffer-id/proffer/relying"
)

const (
	attemptLife = 2 * time.Hour // as long as the provider keeps a visit open
	sessionLife = 12 * time.Hour
	most        = 10_000 // attempts and sessions each; then the oldest go
)

// attempt is a sign-in on its way.
type attempt struct {
	relying.Attempt
	began time.Time
}

// session is a signed-in customer. Its lock is held while tokens are renewed, so
// that two pages loaded at once do not use one refresh token twice.
type session struct {
	began time.Time

	mu     sync.Mutex
	tokens *relying.Tokens
	info   *relying.UserInfo // as last heard
	heard  time.Time
}

// keep adds to a table of things by cookie and drops what is too old.
func keep[T any](table map[string]T, key string, value T, since func(T) time.Time, now time.Time, life time.Duration) {
	var oldest string
	for k, v := range table {
		if now.Sub(since(v)) > life {
			delete(table, k)
		} else if oldest == "" || since(v).Before(since(table[oldest])) {
			oldest = k
		}
	}
	if len(table) >= most {
		delete(table, oldest)
	}
	table[key] = value
}

func (s *Shop) keepAttempt(key string, a relying.Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	keep(s.attempts, key, attempt{a, now}, func(a attempt) time.Time { return a.began }, now, attemptLife)
}

// takeAttempt returns an attempt once.
func (s *Shop) takeAttempt(key string) (relying.Attempt, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.attempts[key]
	delete(s.attempts, key)
	return a.Attempt, ok && s.o.Now().Sub(a.began) <= attemptLife
}

func (s *Shop) keepSession(key string, t *relying.Tokens) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	keep(s.sessions, key, &session{tokens: t, began: now}, func(s *session) time.Time { return s.began }, now, sessionLife)
}

// session returns who the request's cookie belongs to, or nil.
func (s *Shop) session(r *http.Request) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.sessions[s.cookieOf(r, "session")]
	if found == nil || s.o.Now().Sub(found.began) > sessionLife {
		return nil
	}
	return found
}

func (s *Shop) endSession(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, s.cookieOf(r, "session"))
}

// look asks the provider what the customer shares now, with a new access token
// if the old one has run out. The error is relying.ErrSignedOut if there is
// nothing left to ask with.
func (s *Shop) look(ctx context.Context, c *session) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.tokens.Expires.IsZero() && !c.tokens.Expires.After(s.o.Now().Add(5*time.Second)) {
		if err := s.renew(ctx, c); err != nil {
			return err
		}
	}
	info, err := s.o.Client.UserInfo(ctx, c.tokens)
	if errors.Is(err, relying.ErrSignedOut) { // the access token may have been taken back alone
		if err := s.renew(ctx, c); err != nil {
			return err
		}
		info, err = s.o.Client.UserInfo(ctx, c.tokens)
	}
	if err != nil {
		return err
	}
	c.info, c.heard = info, s.o.Now()
	return nil
}

// renew uses the refresh token. The session's lock is held.
func (s *Shop) renew(ctx context.Context, c *session) error {
	tokens, err := s.o.Client.Refresh(ctx, c.tokens)
	if err != nil {
		return err
	}
	c.tokens = tokens
	return nil
}
