package oauth

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/proffer-id/proffer/store"
)

// grantID follows from issuer, visit and account: finishing a visit again finds
// the same grant. The visit alone would hand one account's code to the next who
// signs in inside the same visit.
func grantID(issuer string, visit, account store.ID) store.ID {
	h := sha256.New()
	fmt.Fprintf(h, "grant %d:%s", len(issuer), issuer)
	h.Write(visit[:])
	h.Write(account[:])
	return store.ID(h.Sum(nil)[:16])
}

// live says whether anything made of the grant may still be good.
func (g *Grant) live() bool { return g.Revoked.IsZero() && !g.Redeemed.IsZero() }

// spent says whether its code is of no use any more.
func (g *Grant) spent() bool { return !g.Redeemed.IsZero() || g.Dead || !g.Revoked.IsZero() }

// GrantsOf returns the grants of an account that are in force at this provider.
func (p *Provider) GrantsOf(tx *store.Tx, account store.ID) ([]*Grant, error) {
	all, err := grants.List(tx, store.Range{Index: "account", Prefix: store.K(account)})
	if err != nil {
		return nil, fmt.Errorf("grants of %s: %w", account, err)
	}
	var live []*Grant
	for _, g := range all {
		if g.Issuer == p.cfg.Issuer && g.live() {
			live = append(live, g)
		}
	}
	return live, nil
}

// RevokeAccount ends every grant of an account: its codes and all tokens that
// came of them, of every provider on the store, since they share the account.
func (p *Provider) RevokeAccount(tx *store.Tx, account store.ID) error {
	return p.revokeWhere(tx, "account", account, func(*Grant) bool { return true })
}

// RevokeSession ends the grants that began in a session, but for those that were
// given offline access: they are meant to be used while the customer is not
// there (OpenID Connect Core 1.0, 11).
func (p *Provider) RevokeSession(tx *store.Tx, session store.ID) error {
	return p.revokeWhere(tx, "session", session, func(g *Grant) bool { return !slices.Contains(g.Scopes, scopeOffline) })
}

func (p *Provider) revokeWhere(tx *store.Tx, index string, id store.ID, is func(*Grant) bool) error {
	all, err := grants.List(tx, store.Range{Index: index, Prefix: store.K(id)})
	if err != nil {
		return fmt.Errorf("grants by %s %s: %w", index, id, err)
	}
	for _, g := range all {
		if g.Revoked.IsZero() && is(g) {
			g.Revoked = p.now()
			grants.Put(tx, g)
		}
	}
	return nil
}

// Forget deletes all that is kept here of an account, whatever the issuer, also
// what cannot be opened any more.
func (p *Provider) Forget(tx *store.Tx, account store.ID) error {
	err := errors.Join(
		grants.DeleteAll(tx, store.Range{Index: "account", Prefix: store.K(account)}),
		subjects.DeleteAll(tx, store.Range{Prefix: store.K(account)}),
	)
	if err != nil {
		return fmt.Errorf("forget %s: %w", account, err)
	}
	return nil
}

// SID is what a session is called in the ID tokens of a brand: no two brands can
// compare theirs, and none can guess it.
func (p *Provider) SID(session store.ID, brand string) string {
	return b64.EncodeToString(mac(p.sidKey, p.cfg.Issuer, string(session[:]), brand)[:16])
}
