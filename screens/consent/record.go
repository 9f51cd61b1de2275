package consent

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

// A Decision is what a customer decided at one moment, about one purpose of
// one brand and the claims that serve it.
type Decision struct {
	Account  store.ID
	Brand    string
	Purpose  Purpose // an empty ID: no consent, the releases alone
	State    State   // Given, Refused or Withdrawn
	Claims   []string
	Seed     store.ID  // random, made before the Update: ids come of it
	Asked    time.Time // when the page was shown; zero: nobody asked, the customer came by themselves
	At       time.Time
	How      string
	Explicit bool // given by a statement of its own, as special data needs (GDPR, 9(2)(a))
	Locale   string
	Screen   Hash
	Visit    store.ID
	Session  store.ID
	Client   string
}

// Record stores a decision: the release of each claim, the events of the
// consent, how it stands now, and what others hear of it. It returns the id of
// the consent, zero where the purpose has none. A refusal or withdrawal that
// leaves other claims of the purpose released is about those claims alone.
func Record(tx *store.Tx, d Decision) (store.ID, error) {
	var b store.Batch
	wanted := consents.Want(&b, store.K(d.Account, d.Brand, d.Purpose.ID))
	all := releases.WantList(&b, store.Range{Prefix: store.K(d.Account, d.Brand)})
	if err := tx.Read(&b); err != nil {
		return store.ID{}, fmt.Errorf("consent to %s of %s: %w", d.Purpose.ID, d.Brand, err)
	}
	list, err := all.All()
	if err != nil {
		return store.ID{}, fmt.Errorf("releases to %s: %w", d.Brand, err)
	}
	var had *Consent
	if d.Purpose.ID != "" {
		if had, err = wanted.Get(); err != nil && !errors.Is(err, store.ErrNotFound) {
			return store.ID{}, fmt.Errorf("consent to %s of %s: %w", d.Purpose.ID, d.Brand, err)
		}
	}
	standing := map[string]Release{}
	for _, r := range list {
		standing[r.Claim] = *r
	}
	o := d.settle(had, standing)
	for i := range o.events {
		events.Insert(tx, &o.events[i])
	}
	if o.consent != nil {
		consents.Put(tx, o.consent)
	}
	for i := range o.releases {
		releases.Put(tx, &o.releases[i])
	}
	return o.id, tell(tx, d, o.id, o.state)
}

// Apply is Record in memory: what stands at one brand, by claim and by purpose,
// after a decision. Nothing is stored.
func Apply(standing map[string]Release, decided map[string]Consent, d Decision) {
	var had *Consent
	if c, ok := decided[d.Purpose.ID]; ok && d.Purpose.ID != "" {
		had = &c
	}
	o := d.settle(had, standing)
	if o.consent != nil {
		decided[d.Purpose.ID] = *o.consent
	}
	for _, r := range o.releases {
		standing[r.Claim] = r
	}
}

// outcome is all that a decision changes.
type outcome struct {
	id       store.ID // of the consent; zero where the purpose has none
	state    State
	consent  *Consent // nil where the purpose has none
	events   []Event
	releases []Release
}

// settle says what a decision changes, where the consent (nil: there is none yet)
// and the releases to the brand stand so. It is pure.
func (d Decision) settle(had *Consent, standing map[string]Release) outcome {
	o := outcome{state: d.State}
	if d.Purpose.ID != "" {
		c := &Consent{ID: derived(d.Seed, d.Purpose.ID), Account: d.Account, Brand: d.Brand, Purpose: d.Purpose.ID}
		if had != nil {
			*c = *had
			c.Data = slices.Clone(had.Data)
		}
		rest := false // another claim of the purpose is released
		for _, r := range standing {
			if r.Purpose == d.Purpose.ID && r.State.Allows() && !slices.Contains(d.Claims, r.Claim) {
				rest = true
			}
		}
		o.id, o.consent = c.ID, c
		o.state, o.events = c.chain(d, rest)
	}
	for _, claim := range d.Claims {
		r := Release{
			Account: d.Account, Brand: d.Brand, Claim: claim, Purpose: d.Purpose.ID, State: d.State,
			At: d.At, Visit: d.Visit, Screen: d.Screen, Consent: o.id,
		}
		if d.State == Given {
			r.Since = d.At
			if old, ok := standing[claim]; ok && old.State == Given {
				r.Since = old.Since
			}
		}
		o.releases = append(o.releases, r)
	}
	return o
}

// chain brings the consent up to date with a decision and returns the events of it.
func (c *Consent) chain(d Decision, rest bool) (state State, links []Event) {
	state, part, was := d.State, false, c.State
	switch {
	case d.State == Given && c.State.Allows():
		state = Renewed
	case !d.State.Allows() && rest:
		part = true
	}
	if d.Purpose.Controller != (Controller{}) {
		c.Controller = d.Purpose.Controller
	}
	e := Event{
		Controller: c.Controller,
		Account:    d.Account, Brand: d.Brand, Purpose: d.Purpose.ID, Claims: d.Claims, By: "self", Explicit: d.Explicit,
		Locale: d.Locale, Screen: d.Screen, Visit: d.Visit, Session: d.Session, Client: d.Client,
	}
	if !d.Asked.IsZero() {
		asked := e
		c.Events++
		asked.Seq, asked.State, asked.At, asked.Part, asked.How = c.Events, Requested, d.Asked, part, "page shown"
		links = append(links, asked)
	}
	c.Events++
	e.Seq, e.State, e.At, e.Part, e.How = c.Events, state, d.At, part, d.How
	links = append(links, e)
	if !part {
		c.State, c.At = state, d.At
	}
	if d.Purpose.Basis != "" {
		c.Basis = d.Purpose.Basis
	}
	if c.Basis == "" {
		c.Basis = "consent"
	}
	if d.State.Allows() {
		c.Explicit = d.Explicit || c.Explicit && was.Allows() // what was given explicitly stays so while it stands
		for _, claim := range d.Claims {
			if !slices.Contains(c.Data, claim) {
				c.Data = append(c.Data, claim)
			}
		}
	}
	return state, links
}

// tell writes the event that destinations hear of.
func tell(tx *store.Tx, d Decision, id store.ID, state State) error {
	kind := "consent." + string(state)
	if d.Purpose.ID == "" {
		kind = "release." + string(state)
	}
	data, err := json.Marshal(struct {
		Consent store.ID `json:"consent_id,omitzero"`
		Purpose string   `json:"purpose,omitzero"`
		State   State    `json:"state"`
		Claims  []string `json:"claims"`
		Locale  string   `json:"locale"`
		Screen  Hash     `json:"screen,omitzero"`
		Client  string   `json:"client,omitzero"`
	}{id, d.Purpose.ID, state, d.Claims, d.Locale, d.Screen, d.Client})
	if err != nil {
		return fmt.Errorf("event %s: %w", kind, err)
	}
	outbox.Append(tx, &outbox.Event{
		ID: derived(d.Seed, kind+"\x00"+d.Purpose.ID+"\x00"+first(d.Claims)), Account: d.Account, Brand: d.Brand, Type: kind, At: d.At, Data: data,
	})
	return nil
}

// derived makes an id that is as random as seed and the same each time a
// transaction runs.
func derived(seed store.ID, label string) store.ID {
	sum := sha256.Sum256(append(seed[:], label...))
	return store.ID(sum[:16])
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}
