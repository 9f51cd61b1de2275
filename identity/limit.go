package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/store"
)

// Limits on guessing. A zero field is its default, a negative one no limit.
type Limits struct {
	Client   int // wrong passwords from one address (IPv6: /64) in an hour; default 300
	Requests int // codes asked for from one address in an hour; default 120
	Codes    int // codes mailed to one mailbox in an hour; default 10
	CodesDay int // and in a day; default 30
}

func (l Limits) withDefaults() Limits {
	set := func(n *int, to int) {
		if *n == 0 {
			*n = to
		}
	}
	set(&l.Client, 300)
	set(&l.Requests, 120)
	set(&l.Codes, 10)
	set(&l.CodesDay, 30)
	return l
}

const (
	freeTries = 5                   // wrong passwords before one has to wait
	maxTries  = 100                 // wrong passwords in a row, then only a mailed code helps (NIST SP 800-63B-4, 3.2.2)
	maxWait   = time.Hour           // between two of them
	memory    = 30 * 24 * time.Hour // of wrong passwords
)

// A window allows so many of one thing in so long.
type window struct {
	of  [32]byte
	max int
	in  time.Duration
}

// limitOf is the key of a counter: what is counted is hashed with a key, since
// this record stands in the clear.
func (p *People) limitOf(what string, of [32]byte) [32]byte {
	return mac(p.keys.guess, what, string(of[:]))
}

func (p *People) limitOfClient(what string, client netip.Addr) [32]byte {
	return mac(p.keys.guess, what, client.String())
}

// tryPassword counts a try before the password is hashed, so that many at once
// do not get more tries than one after the other. right gives it back. The
// address typed is counted, whether or not it has an account.
func (p *People) tryPassword(ctx context.Context, address [32]byte, client netip.Addr) error {
	now := p.now()
	account := p.limitOf("password", address)
	from := window{p.limitOfClient("client", client), p.cfg.Limits.Client, time.Hour}
	var wait time.Duration
	err := p.update(ctx, func(tx *store.Tx) error {
		wait = 0
		all, err := guessed(tx, account, from.of)
		if err != nil {
			return err
		}
		g := all[0]
		if wait = g.Next.Sub(now); wait > 0 {
			return nil
		}
		if wait = from.take(tx, all[1], now); wait > 0 {
			return nil
		}
		g.Count++
		g.Next, g.Until = now.Add(pause(g.Count)), now.Add(memory)
		guesses.Put(tx, g)
		return nil
	})
	if err != nil {
		return fmt.Errorf("count a try: %w", err)
	}
	return limited(wait)
}

// pause is how long to wait after so many wrong passwords in a row.
func pause(wrong int) time.Duration {
	switch {
	case wrong < freeTries:
		return 0
	case wrong >= maxTries:
		return memory
	}
	return min(time.Minute<<min(wrong-freeTries, 10), maxWait)
}

// right forgets the wrong passwords of an address: its owner was here.
func (p *People) right(ctx context.Context, address [32]byte, client netip.Addr) error {
	account := p.limitOf("password", address)
	from := window{p.limitOfClient("client", client), p.cfg.Limits.Client, time.Hour}
	err := p.update(ctx, func(tx *store.Tx) error {
		guesses.Delete(tx, store.K(account))
		return from.giveBack(tx)
	})
	if err != nil {
		return fmt.Errorf("forget tries: %w", err)
	}
	return nil
}

// forgive forgets the wrong passwords of an address whose owner proved it.
func (p *People) forgive(ctx context.Context, address [32]byte) error {
	account := p.limitOf("password", address)
	err := p.update(ctx, func(tx *store.Tx) error {
		guesses.Delete(tx, store.K(account))
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget tries: %w", err)
	}
	return nil
}

// askCode counts a code that is asked for, by mailbox and by who asks.
func (p *People) askCode(ctx context.Context, address [32]byte, client netip.Addr) error {
	now := p.now()
	windows := []window{
		{p.limitOfClient("request", client), p.cfg.Limits.Requests, time.Hour},
		{p.limitOf("codes", address), p.cfg.Limits.Codes, time.Hour},
		{p.limitOf("codes today", address), p.cfg.Limits.CodesDay, 24 * time.Hour},
	}
	var wait time.Duration
	err := p.update(ctx, func(tx *store.Tx) error {
		wait = 0
		all, err := guessed(tx, windows[0].of, windows[1].of, windows[2].of)
		if err != nil {
			return err
		}
		for i, w := range windows {
			if wait = w.take(tx, all[i], now); wait > 0 {
				return nil // what was taken before stays taken: asking is what is counted
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count a code: %w", err)
	}
	return limited(wait)
}

// take counts one in g, or returns how long to wait for the next.
func (w window) take(tx *store.Tx, g *guess, now time.Time) time.Duration {
	if w.max < 0 {
		return 0
	}
	if g.Since.IsZero() || !now.Before(g.Since.Add(w.in)) || now.Before(g.Since) {
		g.Count, g.Since = 0, now
	}
	if g.Count >= w.max {
		return g.Since.Add(w.in).Sub(now)
	}
	g.Count++
	g.Until = g.Since.Add(w.in)
	guesses.Put(tx, g)
	return 0
}

func (w window) giveBack(tx *store.Tx) error {
	if w.max < 0 {
		return nil
	}
	all, err := guessed(tx, w.of)
	if err != nil || all[0].Count == 0 {
		return err
	}
	all[0].Count--
	guesses.Put(tx, all[0])
	return nil
}

// guessed returns counters to be changed, new where there is none.
func guessed(tx *store.Tx, of ...[32]byte) ([]*guess, error) {
	var b store.Batch
	var wanted []*store.Wanted[guess]
	for _, of := range of {
		wanted = append(wanted, guesses.Want(&b, store.K(of)))
	}
	if err := tx.Read(&b); err != nil {
		return nil, err
	}
	var all []*guess
	for i, w := range wanted {
		g, err := w.Get()
		switch {
		case errors.Is(err, store.ErrNotFound):
			all = append(all, &guess{Of: of[i]})
		case err != nil:
			return nil, err
		default:
			c := *g
			all = append(all, &c)
		}
	}
	return all, nil
}

// limited is the answer to too many tries: 429 with how long to wait, in whole
// minutes beyond the first.
func limited(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	unit := time.Second
	if wait > time.Minute {
		unit = time.Minute
	}
	wait = (wait + unit - 1) / unit * unit
	return (&problem.Problem{Code: "rate.limited", Status: http.StatusTooManyRequests}).With("wait", wait)
}
