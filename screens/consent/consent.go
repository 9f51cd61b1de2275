// Package consent keeps what a customer decided: a consent for each (account,
// brand, purpose), as a chain of events with the fields of ISO/IEC TS 27560,
// and a release for each claim one brand may have. It shows /share and "who
// knows what". It knows no questions and no OAuth: names, values and what a
// client asked for come to it in finished words. Start at records.go, then
// Record, which is the only way a decision is stored.
package consent

import (
	"net/http"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// Deps is what the root hands to this room.
type Deps struct {
	DB    *store.DB
	Now   func() time.Time
	Site  *web.Site
	Words *templates.Set

	Visit func(r *http.Request) (*web.Visit, error)              // the visit a page stands in
	Who   func(tx *store.Tx, r *http.Request) (Who, bool, error) // who is signed in; false: nobody

	Candidates func(tx *store.Tx, v *web.Visit, account store.ID, lang string) ([]Candidate, error) // what would go to the client's brand and came from elsewhere
	Describe   func(tx *store.Tx, account store.ID, brand, lang string, claims []string) (map[string]Words, error)
	Worked     func(tx *store.Tx, account store.ID, brand, lang string) ([]Worked, error) // what is worked out from answers
	Grants     func(tx *store.Tx, account store.ID) ([]Received, error)
	BrandName  func(brand, lang string) string
	Desk       func(r *http.Request, v *web.Visit, current string) []templates.Section // the list of /preferences
}

// Consents answers /share and /preferences/sharing. It is safe for use by many
// at once.
type Consents struct{ deps Deps }

// New makes the room.
func New(d Deps) *Consents { return &Consents{deps: d} }

// Who is a signed-in customer.
type Who struct {
	Account, Session store.ID
}

// A Candidate is one claim that would go to a brand if the customer agrees, in
// finished words.
type Candidate struct {
	Claim   string // id of the release: a question's id, or "email"
	Name    string // "Shoe size"
	Value   string // "EU 42"
	From    string // "You told Sole & Co on 3 May"; may be ""
	Purpose Purpose
}

// A Purpose is why data is used, as it stands on the page: its id, the words
// the customer reads, and what the consent record keeps of it.
type Purpose struct {
	ID         string     // "" has no consent of its own: the release alone is kept
	Text       string     // "show what fits"
	Basis      string     // "consent" where ""
	Controller Controller // who uses it
}

// Worked is a value that one brand works out from a customer's answers. Nobody said it.
type Worked struct {
	ID string
	Words
	From   []string // the answers behind it, by name: "Coffee", "Date of birth"
	Shared bool     // a site of the brand may have it now; never where one of the answers may not go there
}

// Words are what one claim is called, holds and serves, in the page's language.
type Words struct {
	Name    string // "Shoe size"
	Value   string // "EU 42"; "" means there is nothing to hand over now
	Purpose string // "show what fits"
}

// Received is what one grant handed to a client so far.
type Received struct {
	Brand  string
	Claims []string  // ids of releases
	Last   time.Time // UTC; zero: never
	Times  int
}
