// Package deliver empties store/outbox: it sends the mail that waits there. It
// decides when to try and when to give up; how a mail travels is a Mailer's.
// Start at Mail.Run.
package deliver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

// A Message is one mail to one address, ready to be sent.
type Message struct {
	ID      string // stays the same over all tries
	To      string
	Subject string
	Text    string
	HTML    string // "" has none
	Lang    string
	Date    time.Time
}

// A Mailer takes a message on its way: SMTP, or whatever else an embedder has.
// A nil error means that it was taken and is not to be sent again. An error
// that is ErrRefused will not get better by trying again.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// ErrRefused says that a message will never be taken, such as for an address
// that does not exist (a permanent negative reply, RFC 5321, 4.2.1).
var ErrRefused = errors.New("mail refused")

const (
	atOnce   = 4                // messages under way
	batch    = 32               // mails claimed in one transaction
	hold     = 2 * time.Minute  // nobody else tries a claimed mail for so long; a crash costs this much
	tryFor   = 90 * time.Second // one try
	lookEach = 10 * time.Second // for mail that others queued
	firstGap = 5 * time.Second  // after the first miss, then twice as long each time
	longGap  = 30 * time.Minute
	maxTries = 40 // about a day; a code is worthless long before and drops out by itself
)

// A Mail is the worker that sends mail. Make one with NewMail.
type Mail struct {
	db     *store.DB
	mailer Mailer
	now    func() time.Time
	log    *slog.Logger
	bell   chan struct{}
}

// NewMail makes the worker. It does nothing before Run.
func NewMail(db *store.DB, mailer Mailer, now func() time.Time, log *slog.Logger) *Mail {
	return &Mail{db: db, mailer: mailer, now: now, log: log, bell: make(chan struct{}, 1)}
}

// Wake tells the worker that mail was queued. It never waits; call it after the
// transaction.
func (d *Mail) Wake() {
	select {
	case d.bell <- struct{}{}:
	default:
	}
}

// Run sends what is due until ctx ends. Each mail is sent at least once: it is
// claimed, sent, then removed, and whatever happens between leaves it to be
// tried again. Run returns nil; what a mail server does wrong is logged.
func (d *Mail) Run(ctx context.Context) error {
	for {
		more, err := d.round(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.WarnContext(ctx, "mail waits", "err", err)
		}
		if more && err == nil {
			continue
		}
		pause := time.NewTimer(d.pause(ctx))
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-d.bell:
			pause.Stop()
		case <-pause.C:
		}
	}
}

// pause is how long there is nothing to do, unless Wake says otherwise.
func (d *Mail) pause(ctx context.Context) time.Duration {
	wait := lookEach
	err := d.db.View(ctx, func(tx *store.Tx) error {
		next, ok, err := outbox.NextDue(tx)
		if ok {
			wait = min(wait, max(next.Sub(d.now()), 100*time.Millisecond))
		}
		return err
	})
	if err != nil {
		return lookEach
	}
	return wait
}

// round claims a batch and sends it. It says whether there may be more.
func (d *Mail) round(ctx context.Context) (more bool, err error) {
	claimed, err := d.claim(ctx)
	if err != nil || len(claimed) == 0 {
		return false, err
	}
	var (
		wg   sync.WaitGroup
		sent = make([]error, len(claimed))
		room = make(chan struct{}, atOnce)
	)
	for i, m := range claimed {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			sent[i] = d.send(ctx, m)
		})
	}
	wg.Wait()
	return len(claimed) == batch, d.settle(ctx, claimed, sent)
}

// claim takes what is due, so that another worker on the same store does not
// send it too. It looks first: an empty queue costs no commit.
func (d *Mail) claim(ctx context.Context) (claimed []*outbox.Mail, err error) {
	now := d.now().UTC()
	due := false
	err = d.db.View(ctx, func(tx *store.Tx) error {
		next, ok, err := outbox.NextDue(tx)
		due = ok && !next.After(now)
		return err
	})
	if err != nil || !due {
		return nil, err
	}
	err = d.db.Update(ctx, func(tx *store.Tx) error {
		list, err := outbox.Due(tx, now, batch)
		for _, m := range list {
			outbox.Hold(tx, m, now.Add(hold))
		}
		claimed = list
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim mail: %w", err)
	}
	return claimed, nil
}

// send makes one try.
func (d *Mail) send(ctx context.Context, m *outbox.Mail) error {
	if !m.Expires.IsZero() && !d.now().Before(m.Expires) {
		return ErrRefused
	}
	ctx, stop := context.WithTimeout(ctx, tryFor)
	defer stop()
	return d.mailer.Send(ctx, Message{
		ID: m.ID.String(), To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Lang: m.Lang, Date: m.Queued,
	})
}

// settle removes what was sent or never will be, and puts the rest off. It
// finishes even if ctx has ended, or what was sent would be sent again.
func (d *Mail) settle(ctx context.Context, claimed []*outbox.Mail, sent []error) error {
	now := d.now().UTC()
	again := make([]time.Time, len(claimed))
	for i, m := range claimed {
		switch err := sent[i]; {
		case err == nil:
			d.log.DebugContext(ctx, "mail sent", "mail", m.ID, "kind", m.Kind, "account", m.Account)
		case errors.Is(err, ErrRefused) || m.Tries+1 >= maxTries:
			d.log.WarnContext(ctx, "mail given up", "mail", m.ID, "kind", m.Kind, "account", m.Account, "tries", m.Tries+1, "err", err)
		default:
			again[i] = now.Add(backoff(m.Tries))
			d.log.WarnContext(ctx, "mail will be tried again", "mail", m.ID, "kind", m.Kind, "account", m.Account, "tries", m.Tries+1, "err", err)
		}
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	err := d.db.Update(ctx, func(tx *store.Tx) error {
		for i, m := range claimed {
			if again[i].IsZero() {
				outbox.Done(tx, m)
				continue
			}
			if err := outbox.Later(tx, m, again[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("settle mail: %w", err)
	}
	return nil
}

// backoff is how long to wait after a miss, half of it by chance: a mail server
// that comes back should not meet everybody at once.
func backoff(tries int) time.Duration {
	gap := min(firstGap<<min(tries, 20), longGap)
	var b [8]byte
	rand.Read(b[:])
	return gap/2 + time.Duration(binary.BigEndian.Uint64(b[:])%uint64(gap/2))
}
