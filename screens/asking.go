package screens

import (
	"net/http"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// Deps is what the root hands to this room.
type Deps struct {
	DB    *store.DB
	Now   func() time.Time
	Site  *web.Site
	Words *templates.Set

	Visit      func(r *http.Request) (*web.Visit, error)                     // the visit a page stands in
	Respondent func(tx *store.Tx, r *http.Request) (Respondent, bool, error) // who is signed in; false: nobody
	Worked     func(tx *store.Tx, account store.ID, brand, lang string) ([]consent.Worked, error)
	BrandName  func(brand, lang string) string // "" for an unknown brand
	BrandSite  func(brand string) string       // address; "" where there is none

	// Edition gives the definitions that a visit began with, where they are not
	// those in force: nil if they cannot be had. It is called inside
	// transactions and must not wait. Nil: there is never another.
	Edition func(v *web.Visit) *Definitions

	// Earlier gives a picture, by where it is served, of definitions that are no
	// longer in force while visits end on them; nil if there is none. Nil: there
	// are never others.
	Earlier func(served string) *catalogue.File
}

// Definitions are what may be asked, with every page of it in words. They are not
// changed once made.
type Definitions struct {
	Catalogue *catalogue.Catalogue
	Wordings  *catalogue.Wordings
	Pictures  map[string]*catalogue.File // by where they are served
}

// Define puts all pages of a catalogue in words.
func Define(c *catalogue.Catalogue, words *templates.Set) *Definitions {
	return &Definitions{c, c.Resolve(words.Say), c.Pictures()}
}

// A Respondent is the signed-in customer who may be asked.
type Respondent struct {
	Account    store.ID
	Session    store.ID
	Registered bool     // the visit made the account
	Lang       string   // of the request; conditions on the locale read it
	Wants      []string // questions whose claims the visit's client asks for
}

// Asking shows screens, keeps answers and shows "my answers". It is safe for
// use by many at once.
type Asking struct {
	deps  Deps
	force *Definitions // in force
}

// New makes the room with the definitions in force. Publish them before the
// first page is served.
func New(d Deps, in *Definitions) *Asking { return &Asking{deps: d, force: in} }

// InForce are the definitions that visits begin with.
func (a *Asking) InForce() *Definitions { return a.force }

// definitions are those of a visit: it ends with what it began with, if that can
// still be had. nil is no visit.
func (a *Asking) definitions(v *web.Visit) *Definitions {
	if v != nil && a.deps.Edition != nil {
		if d := a.deps.Edition(v); d != nil {
			return d
		}
	}
	return a.force
}

// now is the clock, in UTC and without what a record would not keep.
func (a *Asking) now() time.Time { return a.deps.Now().UTC().Round(0) }
