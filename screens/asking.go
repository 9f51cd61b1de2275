package screens

import (
	"net/http"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/catalogue"
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
	BrandName  func(brand, lang string) string                               // "" for an unknown brand
	BrandSite  func(brand string) string                                     // address; "" where there is none
}

// A Respondent is the signed-in customer who may be asked.
type Respondent struct {
	Account    store.ID
	Session    store.ID
	Registered bool   // the visit made the account
	Email      string // for pages
	Lang       string // of the request; conditions on the locale read it
}

// Asking shows screens, keeps answers and shows "my answers". It is safe for
// use by many at once.
type Asking struct {
	deps      Deps
	catalogue *catalogue.Catalogue
	wordings  *catalogue.Wordings // its pages in words
}

// New makes the room with its definitions. Publish them before the first page
// is served.
func New(d Deps, c *catalogue.Catalogue) *Asking {
	return &Asking{deps: d, catalogue: c, wordings: c.Resolve(d.Words.Say)}
}

// now is the clock, in UTC and without what a record would not keep.
func (a *Asking) now() time.Time { return a.deps.Now().UTC().Round(0) }
