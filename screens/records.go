package screens

import (
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

// Records are this room's collections. Those of consent are its own.
var Records = []store.Table{answers, current, people, histories, passes, wordings, carriedIn}

var (
	answers   = store.Sealed("answer", func(a *Answer) store.Key { return store.K(a.Account, a.Seq) })
	current   = store.Sealed("current", func(c *Current) store.Key { return store.K(c.Account, c.Scope, c.Question) })
	people    = store.Sealed("asked", func(p *person) store.Key { return store.K(p.Account) })
	histories = store.Sealed("campaign", func(h *history) store.Key { return store.K(h.Account, h.Brand, h.Campaign) })
	passes    = store.Sealed("pass", func(p *pass) store.Key { return store.K(p.Account, p.Visit) },
		store.Expires(func(p *pass) time.Time { return p.Until }))
	carriedIn = store.Plain("carried", func(c *carried) store.Key { return store.K(c.ID) },
		store.Expires(func(c *carried) time.Time { return c.Until }))
	wordings = store.Plain("screen", func(w *wording) store.Key { return store.K([32]byte(w.Hash)) })
)

// A Source is how an answer came to us.
type Source string

const (
	SourceAsked     Source = "asked"      // on a screen of a campaign
	SourceEdited    Source = "edited"     // under /preferences
	SourceCarriedIn Source = "carried_in" // given to the brand's site before signing in, and confirmed by the customer
)

// An Answer is one ledger entry: what one person said, skipped or declined,
// once. Entries are never changed.
type Answer struct {
	Account  store.ID          `json:"account"`
	Seq      uint32            `json:"seq"`   // 1, 2, … within the account
	Brand    string            `json:"brand"` // who asked; a question of scope person is still asked by someone
	Question string            `json:"question"`
	Version  string            `json:"version"` // of the question
	State    catalogue.Outcome `json:"state"`
	Value    catalogue.Value   `json:"value,omitzero"`
	Source   Source            `json:"source"`
	Asked    time.Time         `json:"asked_at"`         // when the page was shown, UTC
	At       time.Time         `json:"answered_at"`      // UTC
	Expires  time.Time         `json:"expires,omitzero"` // UTC; zero: never
	Visit    store.ID          `json:"visit,omitzero"`
	Client   string            `json:"client,omitzero"`
	Campaign string            `json:"campaign,omitzero"`
	Arm      string            `json:"arm,omitzero"`   // of the campaign's experiment
	Offer    string            `json:"offer,omitzero"` // shown with it
	Locale   string            `json:"locale"`
	Screen   catalogue.Hash    `json:"screen,omitzero"` // of the screen's bytes as shown: provenance
	Order    []string          `json:"order,omitempty"` // of the options as shown, where each visit has its own
	Consent  store.ID          `json:"consent,omitzero"`
	Salt     []byte            `json:"salt"`   // 16 bytes, of the commitment
	Commit   catalogue.Hash    `json:"commit"` // SHA-256 of salt and canonical entry: what a log may hold
}

// Current is where one question stands with one customer: the latest entry that
// was no skip. All of them are the profile, a projection of the ledger. A skip
// of a person-wide question stands apart, under the brand it was skipped at:
// the deferral is not another brand's business.
type Current struct {
	Account  store.ID          `json:"account"`
	Scope    string            `json:"scope"` // "" for a person-wide question, else the brand it belongs to
	Question string            `json:"question"`
	Seq      uint32            `json:"seq,omitzero"` // of the entry
	Brand    string            `json:"brand"`        // who asked
	Version  string            `json:"version"`
	State    catalogue.Outcome `json:"state,omitzero"` // "" while there were only skips
	Value    catalogue.Value   `json:"value,omitzero"`
	Source   Source            `json:"source,omitzero"`
	At       time.Time         `json:"at,omitzero"`
	Expires  time.Time         `json:"expires,omitzero"`
	Visit    store.ID          `json:"visit,omitzero"`
	Screen   catalogue.Hash    `json:"screen,omitzero"`
	Consent  store.ID          `json:"consent,omitzero"`

	Skipped      time.Time `json:"skipped,omitzero"`       // of a later skip
	SkippedVisit store.ID  `json:"skipped_visit,omitzero"` // and the visit it was in

	Removed *removed `json:"removed,omitzero"` // while State is withdrawn: what undo brings back
}

// removed is what a removal took away.
type removed struct {
	Seq    uint32   `json:"seq"`    // of the entry that stood before
	Brands []string `json:"brands"` // that could see it
}

// person is what is counted for one customer across all brands.
type person struct {
	Account store.ID    `json:"account"`
	Seq     uint32      `json:"seq"`             // of the last ledger entry
	Asked   []time.Time `json:"asked,omitempty"` // when questions were decided, within the attention period

	SignIns map[string]signIns `json:"sign_ins,omitempty"` // by brand
}

// signIns is how often a customer came back to a brand's site signed in.
type signIns struct {
	Count int      `json:"count"` // catalogue.MaxSignIns at most
	Visit store.ID `json:"visit"` // the last one counted
}

// history is what happened between one customer and one campaign.
type history struct {
	Account  store.ID `json:"account"`
	Brand    string   `json:"brand"`
	Campaign string   `json:"campaign"`
	catalogue.History
}

// pass is what was decided in one visit: where Back leads, and what may still
// be changed there. It expires a little after the visit.
type pass struct {
	Account store.ID  `json:"account"`
	Visit   store.ID  `json:"visit"`
	Done    []done    `json:"done"`             // in the order in which they were first decided
	Carried bool      `json:"carried,omitzero"` // what the visit carried in was decided
	Until   time.Time `json:"until"`
}

// done is one screen of a pass.
type done struct {
	Campaign  string   `json:"campaign"`
	Screen    string   `json:"screen"`
	Questions []string `json:"questions"`
}

// carried is what a brand's site handed over of a visitor's answers, until the
// visit has used it. It belongs to no account yet, and is sealed with a key that
// stands in the visit alone.
type carried struct {
	ID     [32]byte  `json:"id"` // a digest of the handle
	Brand  string    `json:"brand"`
	Sealed []byte    `json:"sealed"`
	Until  time.Time `json:"until"`
}

// wording is a resolved screen, kept for good under its hash: a hash alone
// proves nothing. It is the same for everybody and holds nothing personal.
type wording struct {
	Hash  catalogue.Hash `json:"hash"`
	Bytes []byte         `json:"bytes"`
	First time.Time      `json:"first"` // when it was first published, UTC
}
