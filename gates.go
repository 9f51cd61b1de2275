package proffer

import (
	"fmt"
	"net/http"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/store"
)

// asked is what the gates are asked about: one visit, as the stored facts have
// it in one transaction.
type asked struct {
	r       *http.Request
	visit   *web.Visit
	lang    string
	wants   []string          // questions whose claims the client asks for
	session *identity.Session // nil: nobody is signed in
	account *identity.Account // of the session
	wish    *screens.Wish     // for what else is known of the account; nil where the visit ends at a page of our own
	offered *screens.Offered  // set by gate 5: the campaign it closed for
}

// read gets all that the gates look at, in two round trips at most. also puts
// into the batch what else is wanted of the account.
func (s *rooms) read(tx *store.Tx, a *asked, also func(b *store.Batch, account store.ID)) (err error) {
	var b store.Batch
	a.wish, a.offered = nil, nil
	in := s.people.WantSignedIn(&b, a.r, func(account store.ID) {
		if a.visit.Asking() {
			a.wish = screens.Want(&b, a.visit, account)
		}
		also(&b, account)
	})
	if err := tx.Read(&b); err != nil {
		return fmt.Errorf("who asks: %w", err)
	}
	a.session, a.account, err = in.Get()
	return err
}

// who is the customer as the screens know them.
func (a *asked) who() screens.Respondent {
	return screens.Respondent{
		Account: a.session.Account, Session: a.session.ID, Lang: a.lang,
		Registered: a.session.Registered && a.session.Visit == a.visit.ID,
		Wants:      a.wants,
	}
}

// A gate is open, or names the page that can open it. It decides from stored
// facts alone.
type gate struct {
	name    string
	refusal string // what a visit with prompt=none is answered (OpenID Connect Core 1.0, 3.1.2.6)
	in      visits // where it is asked
	entry   bool   // while it is closed, no page of a gate after it opens either
	ask     func(s *rooms, tx *store.Tx, a *asked) (page string, err error)
}

// visits are those in which a gate is asked.
type visits int

const (
	every  visits = iota
	asking        // that end at a brand's site, or that a link to a campaign began
	brands        // that end at a brand's site
)

func (in visits) has(v *web.Visit) bool {
	return in == every || in == asking && v.Asking() || in == brands && v.End == ""
}

// gates is the walk, in order. A new kind of interruption is one more entry. Our
// own pages ask nothing on the way to them: who does not agree to terms must
// still be able to take back what they told, and to leave. A link to a campaign
// leads to its screens and to nothing else, but not past the brand's terms: what is
// told there, the brand gets.
var gates = []gate{
	{"authenticate", "login_required", every, true, func(s *rooms, tx *store.Tx, a *asked) (string, error) {
		return s.people.Authenticate(tx, a.session, a.visit)
	}},
	{"step-up", "interaction_required", every, true, func(s *rooms, _ *store.Tx, a *asked) (string, error) {
		return s.people.StrongEnough(a.session, a.visit), nil
	}},
	{"verify", "interaction_required", every, true, func(s *rooms, _ *store.Tx, a *asked) (string, error) {
		return s.people.Verified(a.account), nil
	}},
	{"terms", "interaction_required", asking, true, func(s *rooms, _ *store.Tx, a *asked) (string, error) {
		return s.people.TermsAgreed(a.account, a.visit), nil
	}},
	{"carried in", "interaction_required", brands, false, func(s *rooms, _ *store.Tx, a *asked) (string, error) {
		return s.asking.Carried(a.wish, a.who())
	}},
	{"due screens", "interaction_required", asking, false, func(s *rooms, _ *store.Tx, a *asked) (page string, err error) {
		page, a.offered, err = s.asking.Due(a.wish, a.who())
		return page, err
	}},
	{"release", "consent_required", brands, false, func(s *rooms, _ *store.Tx, a *asked) (string, error) {
		k, err := newKnown(a.account.Email, a.wish.Profile, a.wish.Decided)
		if err != nil || !s.undecided(a.visit, k) {
			return "", err
		}
		return "/share", nil
	}},
}

// firstClosed asks every gate in order and returns the first closed one with the
// page it names, or nil if all are open. also: see read.
func (s *rooms) firstClosed(tx *store.Tx, a *asked, also func(b *store.Batch, account store.ID)) (*gate, string, error) {
	if err := s.read(tx, a, also); err != nil {
		return nil, "", err
	}
	for i := range gates {
		if !gates[i].in.has(a.visit) {
			continue
		}
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

// entered says whether the gates are open before which a visit asks nothing of who
// is signed in: its later pages have addresses of their own, and must not be a way
// round the terms.
func (s *rooms) entered(tx *store.Tx, a *asked) (bool, error) {
	for i := range gates {
		if !gates[i].entry || !gates[i].in.has(a.visit) {
			continue
		}
		page, err := gates[i].ask(s, tx, a)
		if err != nil {
			return false, fmt.Errorf("gate %s: %w", gates[i].name, err)
		}
		if page != "" {
			return false, nil
		}
	}
	return true, nil
}
