package identity

import (
	"time"

	"github.com/proffer-id/proffer/store"
)

// State says whether an account may be used.
type State string

const (
	Active  State = ""        // the zero value: may sign in
	Blocked State = "blocked" // nothing may: no sign-in, no session, no token
)

// An Account is one person, born when their address was proven.
type Account struct {
	ID       store.ID             `json:"id"`
	Email    string               `json:"email"`             // as they wrote it, domain in ASCII; mail goes here and nowhere else
	Address  [32]byte             `json:"address"`           // keyed hash of the canonical address
	Verified time.Time            `json:"verified,omitzero"` // when the address was last proven; zero: never
	Password string               `json:"password,omitzero"` // argon2id, PHC string; "" has none
	State    State                `json:"state,omitzero"`
	Created  time.Time            `json:"created"`
	Changed  time.Time            `json:"changed,omitzero"` // when the password was last set
	Lang     string               `json:"lang,omitzero"`    // of mails
	Terms    map[string]Agreement `json:"terms,omitzero"`   // by brand
}

// An Agreement says which terms were accepted, when and in which visit.
type Agreement struct {
	Version int       `json:"version"`
	At      time.Time `json:"at"`
	Visit   store.ID  `json:"visit"`
}

// A Session is one browser that signed in. The browser keeps a random secret;
// the record is found by its hash.
type Session struct {
	Hash       [32]byte  `json:"hash"` // SHA-256 of the cookie's value
	ID         store.ID  `json:"id"`   // stays while the same account signs in again; never leaves Proffer
	Account    store.ID  `json:"account"`
	Issuer     string    `json:"issuer"` // of the provider that made it: no other takes it
	AuthTime   time.Time `json:"auth_time"`
	ACR        string    `json:"acr"`
	AMR        []string  `json:"amr"`                 // RFC 8176
	Visit      store.ID  `json:"visit"`               // the visit in which it was last signed in
	Registered bool      `json:"registered,omitzero"` // that visit made the account
	Began      time.Time `json:"began"`
	Seen       time.Time `json:"seen"`  // coarse: see Touch
	Until      time.Time `json:"until"` // over from then on: idle or total, whichever is first
}

// Kind says what a mailed code is for.
type Kind string

const (
	forRegistration Kind = "register"
	forSignIn       Kind = "code"
	forRecovery     Kind = "recover"
)

// A Pending is what a visit waits for before anybody is signed in: a mailed
// code. There is one per visit, and it ends with the visit. It is sealed with
// the key of the account that its address has, or will have.
type Pending struct {
	Visit    store.ID  `json:"visit"`
	Account  store.ID  `json:"account"`
	Known    bool      `json:"known"` // the account existed when the code was asked for
	Kind     Kind      `json:"kind"`
	Email    string    `json:"email"` // as typed: what the page shows; mail to a known account goes to its own address
	Address  [32]byte  `json:"address"`
	Password string    `json:"password,omitzero"` // PHC string, of a registration
	Lang     string    `json:"lang"`
	Brand    string    `json:"brand,omitzero"`
	Terms    int       `json:"terms,omitzero"` // version accepted by registering; 0: none
	Sealed   string    `json:"sealed"`         // the visit as it stands in the URL, for the mailed link
	Code     [32]byte  `json:"code"`           // keyed hash of visit and code
	Tries    int       `json:"tries,omitzero"` // wrong ones, of this code
	Sent     time.Time `json:"sent"`
	Works    time.Time `json:"works"`           // until when the code does
	Resent   int       `json:"resent,omitzero"` // codes after the first
	Proven   time.Time `json:"proven,omitzero"` // of a recovery: the code was right, a new password is awaited
	Until    time.Time `json:"until"`           // with the visit
}

// A guess counts what was tried against one thing: an account's password, a
// client's address, the codes sent to one mailbox. Found by keyed hash, and
// shared by nothing else, so it stands in transactions of its own.
type guess struct {
	Of    [32]byte  `json:"of"`
	Count int       `json:"count"`
	Since time.Time `json:"since"`
	Next  time.Time `json:"next,omitzero"` // refused before
	Until time.Time `json:"until"`         // forgotten from then on
}

var (
	accounts = store.Sealed("account", func(a *Account) store.Key { return store.K(a.ID) },
		store.Unique("address", func(a *Account) store.Key { return store.K(a.Address) }))
	sessionsOf = store.SealedFor("session", func(s *Session) store.Key { return store.K(s.Hash) }, func(s *Session) store.ID { return s.Account },
		store.Index("account", func(s *Session) store.Key { return store.K(s.Account) }),
		store.Expires(func(s *Session) time.Time { return s.Until }))
	pendings = store.SealedFor("pending", func(p *Pending) store.Key { return store.K(p.Visit) }, func(p *Pending) store.ID { return p.Account },
		store.Index("account", func(p *Pending) store.Key { return store.K(p.Account) }),
		store.Expires(func(p *Pending) time.Time { return p.Until }))
	guesses = store.Plain("guess", func(g *guess) store.Key { return store.K(g.Of) },
		store.Expires(func(g *guess) time.Time { return g.Until }))
)

// Records are the tables of this room.
var Records = []store.Table{accounts, sessionsOf, pendings, guesses}
