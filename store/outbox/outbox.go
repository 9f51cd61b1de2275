// Package outbox keeps what leaves Proffer later: events for those who listen,
// and mail. Both are written in the transaction of the change that causes them,
// so there is no second write that can be lost. internal/deliver empties it; it
// knows nothing of SMTP, webhooks or pages.
package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/proffer-id/proffer/store"
)

// An Event says what changed for one account. Its payload is sealed with the
// account's key, and cannot be read once the account is erased.
type Event struct {
	ID      store.ID        `json:"id"`
	Account store.ID        `json:"account"`
	Brand   string          `json:"brand,omitzero"` // "" is Proffer's own
	Type    string          `json:"type"`           // "account.created", "answer.given"
	At      time.Time       `json:"at"`             // UTC
	Data    json.RawMessage `json:"data,omitzero"`
}

// A Mail is one rendered message on its way to one address. It is sealed with
// the key of the account it belongs to, or will belong to.
type Mail struct {
	Account store.ID  `json:"account"`
	ID      store.ID  `json:"id"`
	Kind    string    `json:"kind"` // "code", for the log
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html,omitzero"`
	Lang    string    `json:"lang,omitzero"`
	Queued  time.Time `json:"queued"`           // UTC
	Next    time.Time `json:"next"`             // not to be tried before
	Expires time.Time `json:"expires,omitzero"` // worthless from then on: dropped unsent; zero: never
	Tries   int       `json:"tries,omitzero"`
}

var (
	events = store.SealedLog("event", func(e *Event) store.ID { return e.Account })
	mails  = store.Sealed("mail", mailKey,
		store.Index("due", func(m *Mail) store.Key { return store.K(m.Next) }),
		store.Expires(func(m *Mail) time.Time { return m.Expires }))
)

// Records are the tables of this room.
var Records = []store.Table{events, brandEvents, mails}

func mailKey(m *Mail) store.Key { return store.K(m.Account, m.ID) }

// Append writes an event. The log gives it its position.
func Append(tx *store.Tx, e *Event) { events.Append(tx, e) }

// After returns at most limit events behind position pos.
func After(tx *store.Tx, pos uint64, limit int) ([]store.Entry[Event], error) {
	return events.After(tx, pos, limit)
}

// Send queues a mail. ID, Queued and Next must be set before the transaction,
// so that a second run of it queues the same mail.
func Send(tx *store.Tx, m *Mail) { mails.Put(tx, m) }

// Due returns at most limit mails that may be tried now, the longest waiting
// first. It is for an Update: it removes what cannot be unsealed any more, whose
// account is gone.
func Due(tx *store.Tx, now time.Time, limit int) ([]*Mail, error) {
	due, err := mails.List(tx, store.Range{Index: "due", To: store.K(now.Add(1)), Limit: limit})
	if sealed, ok := errors.AsType[*store.SealedError](err); ok {
		for _, key := range sealed.Keys {
			mails.Delete(tx, key)
		}
	} else if err != nil {
		return nil, fmt.Errorf("mail due: %w", err)
	}
	return due, nil
}

// NextDue returns when Due will have something; false if nothing waits.
func NextDue(tx *store.Tx) (time.Time, bool, error) {
	first, err := mails.List(tx, store.Range{Index: "due", Limit: 1})
	switch {
	case errors.Is(err, store.ErrSealed):
		return time.Time{}, true, nil // for Due to remove
	case err != nil:
		return time.Time{}, false, fmt.Errorf("next mail due: %w", err)
	case len(first) == 0:
		return time.Time{}, false, nil
	}
	return first[0].Next, true, nil
}

// Hold keeps everybody else from trying m before until, and counts the try.
func Hold(tx *store.Tx, m *Mail, until time.Time) {
	held := *m
	held.Next, held.Tries = until, m.Tries+1
	mails.Put(tx, &held)
}

// Later puts m off until then. It does nothing if m is no longer there.
func Later(tx *store.Tx, m *Mail, then time.Time) error {
	now, err := mails.Get(tx, mailKey(m))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrSealed) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mail %s: %w", m.ID, err)
	}
	put := *now
	put.Next = then
	mails.Put(tx, &put)
	return nil
}

// Done removes a mail that was sent, or that will never be.
func Done(tx *store.Tx, m *Mail) { mails.Delete(tx, mailKey(m)) }

// Forget removes the mail of an account that waits to be sent. Its events stand
// in a log: they lose their key with the account.
func Forget(tx *store.Tx, account store.ID) error {
	if err := mails.DeleteAll(tx, store.Range{Prefix: store.K(account)}); err != nil {
		return fmt.Errorf("mail of %s: %w", account, err)
	}
	return nil
}
