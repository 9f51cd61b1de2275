package oauth

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
)

// newSub makes a subject. It says nothing of the account, and two brands cannot
// find out that theirs are of one customer (OpenID Connect Core 1.0, 8).
func newSub() string { return rand.Text() }

// Subject returns what an account is called at the clients of a brand. It is
// store.ErrNotFound before the first code for that brand.
func (p *Provider) Subject(tx *store.Tx, account store.ID, brand string) (string, error) {
	s, err := subjects.Get(tx, store.K(account, p.cfg.Issuer, brand))
	if err != nil {
		return "", fmt.Errorf("subject of %s at %q: %w", account, brand, err)
	}
	return s.Sub, nil
}

// IsSubject says whether an account is the one that the id_token_hint (or the
// sub in the claims parameter) of a visit names. It is true where none is named.
func (p *Provider) IsSubject(tx *store.Tx, v *web.Visit, account store.ID) (bool, error) {
	if v.Subject == "" {
		return true, nil
	}
	c := p.client(v.Client)
	if c == nil {
		return false, nil
	}
	sub, err := p.Subject(tx, account, c.sector())
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return sub == v.Subject, err
}

// subject returns what the customer is called at the client, and from now on if
// it is the first time.
func (f *finish) subject(tx *store.Tx, account store.ID, wanted *store.Wanted[Subject]) (*Subject, error) {
	s, err := wanted.Get()
	if errors.Is(err, store.ErrNotFound) {
		s = &Subject{Account: account, Issuer: f.p.cfg.Issuer, Sector: f.client.sector(), Sub: f.sub, Made: f.now}
		subjects.Insert(tx, s)
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("subject of %s at client %s: %w", account, f.client.ID, err)
	}
	return s, nil
}

// remember keeps what a client was handed beyond the grant at hand.
func (w *work) remember(use Use, set []string) error {
	s, err := subjects.Get(w.tx, store.K(w.grant.Account, w.p.cfg.Issuer, w.client.sector()))
	if errors.Is(err, store.ErrNotFound) {
		return nil // the client was given to another brand since
	}
	if err != nil {
		return fmt.Errorf("subject of grant %s: %w", w.grant.ID, err)
	}
	sets := s.Handed[w.client.ID]
	if use == IDToken {
		sets.IDToken = set
	} else {
		sets.UserInfo = set
	}
	if s.Handed == nil {
		s.Handed = map[string]Sets{}
	}
	s.Handed[w.client.ID] = sets
	subjects.Put(w.tx, s)
	return nil
}
