package catalogue

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/store"
)

// A Moment is when in a customer's life a visit stands.
type Moment string

const (
	Registration Moment = "registration" // the visit made the account
	SignIn       Moment = "sign_in"      // any other
)

// MaxQuestions is how many questions a visit may ask, whatever the campaigns say.
const MaxQuestions = 3

// A Campaign says whom to ask, when and how often, and which screens.
type Campaign struct {
	ID       string
	When     []Moment
	Who      *Condition  // nil: everybody
	Show     []string    // screens in order
	AtMost   int         // questions a visit, 1 to MaxQuestions
	Blocking bool        // needed: no skip, and neither cooldown, lifetime nor attention hold it back
	Cooldown diag.Period // between two offers, and after a skip; Never: offered once only
	Lifetime int         // offers in all, those that went on from where the last was left included
	Priority int         // higher first, after all that are blocking; then the order of the file
	Offer    string      // id; may be ""
}

// Until is when something that waits for the cooldown since t is over; ever is false if it never is.
func (c *Campaign) Until(t time.Time) (end time.Time, ever bool) {
	return c.Cooldown.After(t), !c.Cooldown.Never
}

// Waits says whether the cooldown since t still holds at now.
func (c *Campaign) Waits(t, now time.Time) bool {
	end, ever := c.Until(t)
	return !ever || now.Before(end)
}

// History is what happened between one customer and one campaign. Its zero
// value: nothing yet. It is stored as it is; WithOffer and WithDecision are the
// only ways it changes.
type History struct {
	Offers  int       `json:"offers,omitzero"`  // how often it was offered: once a visit at most
	Offered time.Time `json:"offered,omitzero"` // the last time, UTC; the cooldown counts from here
	Visit   store.ID  `json:"visit,omitzero"`   // in which it was last offered
	Asked   []string  `json:"asked,omitzero"`   // questions decided since: answered, skipped or declined
	Skipped bool      `json:"skipped,omitzero"` // at least one of them was skipped
}

// WithOffer records that a visit shows the campaign. The second time in a visit
// changes nothing.
func (h History) WithOffer(visit store.ID, now time.Time) History {
	if h.Offers > 0 && h.Visit == visit {
		return h
	}
	return History{Offers: h.Offers + 1, Offered: now.UTC(), Visit: visit}
}

// WithDecision records what became of a question in the visit last offered. The
// same question a second time counts once.
func (h History) WithDecision(question string, skipped bool) History {
	if !slices.Contains(h.Asked, question) {
		h.Asked = append(slices.Clone(h.Asked), question)
	}
	h.Skipped = h.Skipped || skipped
	return h
}

// LeftHalfWay says whether the customer began the last time and left before as
// many questions as the campaign has for a visit, and skipped none: then it goes
// on next time, without waiting.
func (h History) LeftHalfWay(c *Campaign) bool {
	return len(h.Asked) > 0 && len(h.Asked) < c.AtMost && !h.Skipped
}
