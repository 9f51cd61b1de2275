package proffer

import (
	"fmt"
	"net/http"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// asked is what the gates are asked about: one visit, as the stored facts have
// it in one transaction.
type asked struct {
	r       *http.Request
	visit   *web.Visit
	lang    string
	session *identity.Session // set once gate 1 is open
	offered *screens.Offered  // set by gate 5: the campaign it closed for
}

// who is the customer as the screens know them.
func (a *asked) who() screens.Respondent {
	return screens.Respondent{
		Account: a.session.Account, Session: a.session.ID, Lang: a.lang,
		Registered: a.session.Registered && a.session.Visit == a.visit.ID,
	}
}

// A gate is open, or names the page that can open it. It decides from stored
// facts alone.
type gate struct {
	name    string
	refusal string // what a visit with prompt=none is answered (OpenID Connect Core 1.0, 3.1.2.6)
	ask     func(s *rooms, tx *store.Tx, a *asked) (page string, err error)
}

// gates is the walk, in order. A new kind of interruption is one more entry.
var gates = []gate{
	{"authenticate", "login_required", func(s *rooms, tx *store.Tx, a *asked) (page string, err error) {
		if a.session, err = s.people.Session(tx, a.r); err != nil {
			return "", err
		}
		return s.people.Authenticate(tx, a.session, a.visit)
	}},
	{"step-up", "interaction_required", func(s *rooms, tx *store.Tx, a *asked) (string, error) {
		return s.people.StrongEnough(tx, a.session, a.visit)
	}},
	{"verify", "interaction_required", func(s *rooms, tx *store.Tx, a *asked) (string, error) {
		return s.people.Verified(tx, a.session, a.visit)
	}},
	{"terms", "interaction_required", func(s *rooms, tx *store.Tx, a *asked) (string, error) {
		if a.visit.End != "" {
			return "", nil // who does not agree must still be able to take back what they told, and to leave
		}
		return s.people.TermsAgreed(tx, a.session, a.visit)
	}},
	{"due screens", "interaction_required", func(s *rooms, tx *store.Tx, a *asked) (page string, err error) {
		if a.visit.End != "" {
			return "", nil // our own pages ask nothing on the way
		}
		page, a.offered, err = s.asking.Due(tx, a.visit, a.who())
		return page, err
	}},
	{"release", "consent_required", func(s *rooms, tx *store.Tx, a *asked) (string, error) {
		if a.visit.End != "" {
			return "", nil
		}
		candidates, err := s.candidates(tx, a.visit, a.session.Account, a.lang)
		if err != nil {
			return "", err
		}
		return consent.Missing(tx, a.visit, a.session.Account, candidates)
	}},
}

// firstClosed asks every gate in order and returns the first closed one with the
// page it names, or nil if all are open.
func (s *rooms) firstClosed(tx *store.Tx, a *asked) (*gate, string, error) {
	a.session, a.offered = nil, nil
	for i := range gates {
		page, err := gates[i].ask(s, tx, a)
		if err != nil {
			return nil, "", fmt.Errorf("gate %s: %w", gates[i].name, err)
		}
		if page != "" {
			return &gates[i], page, nil
		}
	}
	return nil, "", nil
}
