package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/templates"
)

// A codeRequest is why a code is mailed: somebody registers, wants one instead of a password,
// or wants a new password.
type codeRequest struct {
	kind     Kind
	visit    *web.Visit
	address  address
	password string // PHC string, of a registration
	lang     string
	device   string
	terms    int      // version accepted by registering
	before   *Pending // what the visit waited for so far, if it is asked for again
}

// visitLife is how long a visit is good for. What precedes sign-in ends with it.
const visitLife = 2 * time.Hour

// errMoved says that an account came or went between looking and writing.
var errMoved = errors.New("account changed meanwhile")

// sendCode writes down that the visit waits for a code and queues the mail, in
// one transaction. Whether or not the address has an account, the same is
// written and the same is sent to it; only the words of the mail differ.
func (p *People) sendCode(ctx context.Context, c codeRequest) error {
	for range 3 {
		err := p.trySendCode(ctx, c)
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return fmt.Errorf("code for visit %s: %w", c.visit.ID, errMoved)
}

func (p *People) trySendCode(ctx context.Context, c codeRequest) error {
	key := p.addressKey(c.address)
	var owner *Account
	if err := p.view(ctx, func(tx *store.Tx) (err error) {
		owner, err = byAddress(tx, key)
		return err
	}); err != nil {
		return fmt.Errorf("code for visit %s: %w", c.visit.ID, err)
	}
	now, code := p.now(), newCode()
	q := &Pending{
		Visit: c.visit.ID, Kind: c.kind, Email: c.address.Mail, Address: key, Lang: c.lang,
		Brand: c.visit.Brand, Terms: c.terms, Sealed: c.visit.Sealed,
		Code: p.codeKey(c.visit.ID, code), Sent: now, Until: c.visit.Began.Add(visitLife),
	}
	q.Works = earlier(now.Add(p.cfg.CodeLife), q.Until)
	if c.before != nil {
		q.Resent = c.before.Resent + 1
	}
	to, newKey := c.address.Mail, false
	switch {
	case owner != nil:
		q.Account, q.Known, to = owner.ID, true, owner.Email
	case c.before != nil && !c.before.Known && c.before.Address == key:
		q.Account, q.Password = c.before.Account, c.password
	default:
		q.Account, q.Password, newKey = store.NewID(), c.password, true
	}
	m, err := p.codeMail(c, q, code, now)
	if err != nil {
		return fmt.Errorf("code for visit %s: %w", c.visit.ID, err)
	}
	m.To = to
	err = p.update(ctx, func(tx *store.Tx) error {
		switch {
		case owner != nil:
			if _, err := accounts.Get(tx, store.K(owner.ID)); gone(err) {
				return errMoved
			} else if err != nil {
				return err
			}
		case newKey:
			tx.CreateKeyUntil(q.Account, q.Until) // an account that is not born leaves nothing to read
		}
		pendings.Put(tx, q)
		outbox.Send(tx, m)
		return nil
	})
	if err != nil {
		return fmt.Errorf("code for visit %s: %w", c.visit.ID, err)
	}
	p.wake()
	return nil
}

// codeMail renders the mail of a request, ready to be queued.
func (p *People) codeMail(c codeRequest, q *Pending, code string, now time.Time) (*outbox.Mail, error) {
	link, err := p.linkTo(q.Visit, code)
	if err != nil {
		return nil, err
	}
	brand := p.brand(q.Brand, c.lang)
	var view templates.MailView
	switch {
	case q.Kind == forRegistration && q.Known:
		view = templates.KnownMail{Brand: brand, Code: code, Link: link, Works: p.cfg.CodeLife, When: now, Device: c.device}
	case q.Kind != forRegistration && !q.Known:
		view = templates.NoAccountMail{Brand: brand, Link: p.deps.Site.URL("/register"), When: now, Device: c.device}
	default:
		use := map[Kind]templates.CodeUse{forRegistration: templates.ForRegister, forSignIn: templates.ForSignIn, forRecovery: templates.ForRecover}[q.Kind]
		view = templates.CodeMail{Brand: brand, Code: code, Link: link, Works: p.cfg.CodeLife, For: use, When: now, Device: c.device}
	}
	m, err := p.mail(q.Account, "code", c.lang, view, now)
	if err != nil {
		return nil, err
	}
	m.Expires = q.Works
	return m, nil
}

// mail renders a mail for an account; To is the caller's.
func (p *People) mail(account store.ID, kind, lang string, view templates.MailView, now time.Time) (*outbox.Mail, error) {
	said, err := p.deps.Mails.Mail(lang, view)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return &outbox.Mail{
		Account: account, ID: store.NewID(), Kind: kind, Lang: lang, Queued: now, Next: now,
		Subject: said.Subject, Text: said.Text, HTML: said.HTML,
	}, nil
}

func (p *People) brand(id, lang string) templates.Brand {
	if p.deps.Brand == nil {
		return templates.Brand{ID: id}
	}
	return p.deps.Brand(id, lang)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
