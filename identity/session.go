package identity

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
)

// Level1 is the authentication context class of one factor, a password or a
// mailed code (ISO/IEC 29115, level of assurance 1).
const Level1 = "1"

// Authentication methods, RFC 8176.
const (
	byPassword = "pwd"
	byCode     = "otp"
)

// Reading is a wish, put into a batch, for the session of a browser and the
// account of it. Ask it after Tx.Read.
type Reading struct {
	people  *People
	session *store.Wanted[Session] // nil: the browser shows none
	account *store.Wanted[Account]
}

// WantSignedIn puts the wish into b for the browser that sent r. more puts into b
// what else is to be known of the account, if there is a session; it may be nil.
func (p *People) WantSignedIn(b *store.Batch, r *http.Request, more func(account store.ID)) *Reading {
	in := &Reading{people: p}
	secret := p.secretOf(r)
	if secret == "" {
		return in
	}
	in.session = sessionsOf.WantWith(b, store.K(hashOf(secret)), func(account store.ID) {
		in.account = accounts.Want(b, store.K(account))
		if more != nil {
			more(account)
		}
	})
	return in
}

// Get returns both: nil, nil if there is no session, if it is over, if another
// provider on the same store made it, or if its account is gone or blocked.
func (in *Reading) Get() (*Session, *Account, error) {
	if in.session == nil {
		return nil, nil, nil
	}
	s, err := in.session.Get()
	if gone(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("session: %w", err)
	}
	if s.Issuer != in.people.deps.Site.Issuer() || !in.people.now().Before(s.Until) {
		return nil, nil, nil
	}
	a, err := in.account.Get()
	if gone(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("account %s: %w", s.Account, err)
	}
	if a.State != Active || a.ID != s.Account {
		return nil, nil, nil
	}
	return s, a, nil
}

// MayBeSignedIn says whether the browser that sent r shows a session, good or not.
func (p *People) MayBeSignedIn(r *http.Request) bool { return p.secretOf(r) != "" }

// SignedIn is WantSignedIn for those who read nothing else.
func (p *People) SignedIn(tx *store.Tx, r *http.Request) (*Session, *Account, error) {
	var b store.Batch
	in := p.WantSignedIn(&b, r, nil)
	if err := tx.Read(&b); err != nil {
		return nil, nil, fmt.Errorf("session: %w", err)
	}
	return in.Get()
}

// gone says whether a record is absent or was sealed for an account that is no
// more.
func gone(err error) bool {
	return errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrSealed)
}

// touchEvery is how coarsely the last use of a session is kept. To know it to
// the minute would cost every visit a commit.
const touchEvery = time.Hour

// Touch puts off the end of a session that is in use. It writes only if the last
// time is an hour old (or an eighth of the idle limit, if that is less), and is
// meant for transactions that write anyway. s must have been read in tx.
func (p *People) Touch(tx *store.Tx, s *Session) {
	now := p.now()
	if now.Sub(s.Seen) < min(touchEvery, p.cfg.Idle/8) {
		return
	}
	t := *s
	t.Seen, t.Until = now, p.until(now, s.Began)
	sessionsOf.Put(tx, &t)
}

// until is when a session is over that began then and was last used now.
func (p *People) until(now, began time.Time) time.Time {
	return earlier(now.Add(p.cfg.Idle), began.Add(p.cfg.Total))
}

// An arrival is a session about to begin. All that is random in it is made
// before the transaction, which may run twice.
type arrival struct {
	people *People
	secret string
	before string // the cookie the browser came with
	s      Session
}

// arriving makes an arrival: a new secret every time, so that whoever planted a
// cookie in this browser does not share what it becomes (session fixation).
func (p *People) arriving(r *http.Request, v *web.Visit, amr ...string) *arrival {
	now, secret := p.now(), newSecret()
	return &arrival{people: p, secret: secret, before: p.secretOf(r), s: Session{
		Hash: hashOf(secret), ID: store.NewID(), Issuer: p.deps.Site.Issuer(), AuthTime: now,
		ACR: Level1, AMR: amr, Visit: v.ID, Began: now, Seen: now, Until: p.until(now, now),
	}}
}

// begin writes the session of account, and ends the one that the browser had.
// Who signs in again keeps the id, to which grants refer.
func (a *arrival) begin(tx *store.Tx, account store.ID, registered bool) error {
	s := a.s
	s.Account, s.Registered = account, registered
	if a.before != "" {
		old, err := sessionsOf.Get(tx, store.K(hashOf(a.before)))
		switch {
		case gone(err) || err == nil && old.Issuer != s.Issuer:
		case err != nil:
			return fmt.Errorf("session before: %w", err)
		default:
			if old.Account == account {
				s.ID = old.ID
			} else if err := a.people.signedOut(tx, old.ID); err != nil {
				return err
			}
			sessionsOf.Delete(tx, store.K(old.Hash))
		}
	}
	sessionsOf.Put(tx, &s)
	return nil
}

// enter gives the browser its cookie and returns to the walk.
func (p *People) enter(w http.ResponseWriter, r *http.Request, v *web.Visit, a *arrival) error {
	if err := p.give(w, r, a.secret); err != nil {
		return fmt.Errorf("session cookie: %w", err)
	}
	p.deps.Site.Redirect(w, r, p.deps.Site.Walk(v))
	return nil
}

// signedOut tells the other rooms that a session is over.
func (p *People) signedOut(tx *store.Tx, session store.ID) error {
	if p.deps.SignedOut == nil {
		return nil
	}
	if err := p.deps.SignedOut(tx, session); err != nil {
		return fmt.Errorf("session %s is over: %w", session, err)
	}
	return nil
}

// SignOut ends the session of the browser that sent r and removes its cookie. It
// does nothing if there is none. The answer is the caller's.
func (p *People) SignOut(w http.ResponseWriter, r *http.Request) error {
	secret := p.secretOf(r)
	if secret == "" {
		return nil
	}
	err := p.update(r.Context(), func(tx *store.Tx) error {
		s, err := sessionsOf.Get(tx, store.K(hashOf(secret)))
		if gone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if s.Issuer != p.deps.Site.Issuer() {
			return nil
		}
		sessionsOf.Delete(tx, store.K(s.Hash))
		return p.signedOut(tx, s.ID)
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return p.take(w, r)
}

// endSessions ends every session of an account, of all providers on the store.
func (p *People) endSessions(tx *store.Tx, account store.ID) error {
	all := store.Range{Index: "account", Prefix: store.K(account)}
	list, err := sessionsOf.List(tx, all)
	if err != nil && !errors.Is(err, store.ErrSealed) { // what cannot be read ends all the same
		return fmt.Errorf("sessions of %s: %w", account, err)
	}
	for _, s := range list {
		if err := p.signedOut(tx, s.ID); err != nil {
			return err
		}
	}
	if err := sessionsOf.DeleteAll(tx, all); err != nil {
		return fmt.Errorf("sessions of %s: %w", account, err)
	}
	return nil
}
