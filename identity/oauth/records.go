package oauth

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/store"
)

// A Grant is one authorization: its code and every token that came of it.
// Tokens are no records; they point here (see token_format.go).
type Grant struct {
	ID      store.ID `json:"id"` // of issuer, visit and account: see grantID
	Issuer  string   `json:"issuer"`
	Account store.ID `json:"account"`
	Session store.ID `json:"session"` // of the browser at this provider
	Client  string   `json:"client"`
	Brand   string   `json:"brand"`
	Subject string   `json:"subject"`
	Visit   store.ID `json:"visit"`

	Began    time.Time       `json:"began"` // when its code was first issued
	Until    time.Time       `json:"until"` // then nothing that came of it is good any more
	Scopes   []string        `json:"scopes"`
	Claims   ClaimsParameter `json:"claims,omitzero"`
	AuthTime time.Time       `json:"auth_time"`
	ACR      string          `json:"acr,omitempty"`
	AMR      []string        `json:"amr,omitempty"`

	Redirect  string    `json:"redirect"`
	Nonce     string    `json:"nonce,omitempty"`
	Challenge string    `json:"challenge,omitempty"` // PKCE, S256
	CodeKey   string    `json:"code_key"`            // the key id its code is made with
	CodeUntil time.Time `json:"code_until"`
	Redeemed  time.Time `json:"redeemed,omitzero"` // when the code was exchanged
	Dead      bool      `json:"dead,omitempty"`    // the code was shown with something wrong
	Revoked   time.Time `json:"revoked,omitzero"`

	Generation uint32    `json:"generation,omitempty"`  // of the newest refresh token; 0 before the exchange
	Used       time.Time `json:"used,omitzero"`         // when that generation was made
	RefreshKey string    `json:"refresh_key,omitempty"` // the key id it is made with

	InIDToken  Handed `json:"in_id_token,omitzero"`
	InUserInfo Handed `json:"in_userinfo,omitzero"`
}

// Handed is what the client was handed in one place. A grant begins with the
// sets of the client's last one, so that a change is what is new to the client,
// and not that the customer has signed in again.
type Handed struct {
	Set   []string  `json:"set,omitempty"`   // ids, sorted; of the last time
	Last  time.Time `json:"last,omitzero"`   // by this grant
	Times int       `json:"times,omitempty"` // by this grant
}

// Released returns the ids of what the client was last handed, sorted.
func (g *Grant) Released() []string {
	all := slices.Concat(g.InIDToken.Set, g.InUserInfo.Set)
	slices.Sort(all)
	return slices.Compact(all)
}

// A Subject is what a customer is called at the clients of one brand. It is
// random, and found both ways.
type Subject struct {
	Account store.ID  `json:"account"`
	Issuer  string    `json:"issuer"`
	Sector  string    `json:"sector"` // the brand; "" for clients that share one subject
	Sub     string    `json:"sub"`
	Made    time.Time `json:"made"`

	Handed map[string]Sets `json:"handed,omitempty"` // by client: see Handed
}

// Sets is what one client was last handed in the two places.
type Sets struct {
	IDToken  []string `json:"id_token,omitempty"`
	UserInfo []string `json:"userinfo,omitempty"`
}

// A Key is a MAC or signing key. It is written once: when it stops being used
// follows from its successor (see keys.go).
type Key struct {
	Issuer string    `json:"issuer"`
	ID     string    `json:"id"` // kid
	Alg    string    `json:"alg"`
	From   time.Time `json:"from"`  // in use from then on; published when it was made
	Bytes  []byte    `json:"bytes"` // PKCS #8, or 32 random bytes
}

// Records are the collections of this room.
var Records = []store.Table{grants, subjects, keys}

var (
	grants = store.SealedFor("grant",
		func(g *Grant) store.Key { return store.K(g.ID) },
		func(g *Grant) store.ID { return g.Account },
		store.Index("account", func(g *Grant) store.Key { return store.K(g.Account, g.ID) }),
		store.Index("session", func(g *Grant) store.Key { return store.K(g.Session, g.ID) }),
		store.Expires(func(g *Grant) time.Time { return g.Until }))
	subjects = store.Sealed("subject",
		func(s *Subject) store.Key { return store.K(s.Account, s.Issuer, s.Sector) },
		store.Unique("sub", func(s *Subject) store.Key { return store.K(s.Issuer, s.Sub) }))
	keys = store.Secret("oauth_key",
		func(k *Key) store.Key { return store.K(k.Issuer, k.ID) })
)
