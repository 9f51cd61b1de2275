package main

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

const (
	readyWithin = 2 * time.Second // the store has to answer
	readyAnew   = time.Second     // what was found out is told for so long: anybody may ask
)

// health answers those who look after the process, by whatever name they call
// it: GET /healthz is 200 while it can answer at all, GET /readyz while its store
// answers too, and 503 otherwise. What they say is no secret.
type health struct {
	db   *store.DB
	log  *slog.Logger
	next http.Handler

	mu     sync.Mutex
	looked time.Time // by the clock of the machine
	err    error     // what the last look found
}

func newHealth(db *store.DB, log *slog.Logger, next http.Handler) *health {
	return &health{db: db, log: log, next: next}
}

func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var err error
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.next.ServeHTTP(w, r)
		return
	case r.URL.Path == "/readyz":
		err = h.ready(r.Context())
	case r.URL.Path != "/healthz":
		h.next.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err != nil {
		w.Header().Set("Retry-After", "1")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}

var errStore = errors.New("the store does not answer")

// ready looks whether the store answers. Those who ask at the same time wait for
// the same look.
func (h *health) ready(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.looked) < readyAnew {
		return h.err
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyWithin)
	defer cancel()
	err := h.db.View(within, func(tx *store.Tx) error {
		_, err := outbox.After(tx, math.MaxInt64-1, 1) // there is nothing, and an index that says so
		return err
	})
	was := h.err
	h.looked, h.err = time.Now(), nil
	switch {
	case err != nil:
		h.err = errStore
		if was == nil {
			h.log.Error("not ready", "err", err)
		}
	case was != nil:
		h.log.Info("ready again")
	}
	return h.err
}
