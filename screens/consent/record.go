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
	Account store.ID
	Brand   string
	Purpose Purpose // an empty ID: no consent, the releases alone
	State   State   // Given, Refused or Withdrawn
	Claims  []string
	Seed    store.ID  // random, made before the Update: ids come of it
	Asked   time.Time // when the page was shown; zero: nobody asked, the customer came by themselves
	At      time.Time
	How     string
	Locale  string
	Screen  Hash
	Visit   store.ID
	Session store.ID
	Client  string
}

// Record stores a decision: the release of each claim, the events of the
// consent, how it stands now, and what others hear of it. It returns the id of
// the consent, zero where the purpose has none. A refusal or withdrawal that
// leaves other claims of the purpose released is about those claims alone.
func Record(tx *store.Tx, d Decision) (store.ID, error) {
	var b store.Batch
	had := consents.Want(&b, store.K(d.Account, d.Brand, d.Purpose.ID))
	all := releases.WantList(&b, store.Range{Prefix: store.K(d.Account, d.Brand)})
	if err := tx.Read(&b); err != nil {
		return store.ID{}, fmt.Errorf("consent to %s of %s: %w", d.Purpose.ID, d.Brand, err)
	}
	list, err := all.All()
	if err != nil {
		return store.ID{}, fmt.Errorf("releases to %s: %w", d.Brand, err)
	}
	standing := map[string]*Release{}
	rest := false // another claim of the purpose is released
	for _, r := range list {
		standing[r.Claim] = r
		if r.Purpose == d.Purpose.ID && r.State.Allows() && !slices.Contains(d.Claims, r.Claim) {
			rest = true
		}
	}
	id, state := store.ID{}, d.State
	if d.Purpose.ID != "" {
		c, err := had.Get()
		if errors.Is(err, store.ErrNotFound) {
			c, err = &Consent{ID: derived(d.Seed, d.Purpose.ID), Account: d.Account, Brand: d.Brand, Purpose: d.Purpose.ID}, nil
		}
		if err != nil {
			return store.ID{}, fmt.Errorf("consent to %s of %s: %w", d.Purpose.ID, d.Brand, err)
		}
		id, state = c.ID, chain(tx, c, d, rest)
	}
	for _, claim := range d.Claims {
		r := &Release{
			Account: d.Account, Brand: d.Brand, Claim: claim, Purpose: d.Purpose.ID, State: d.State,
			At: d.At, Visit: d.Visit, Screen: d.Screen, Consent: id,
		}
		if d.State == Given {
			r.Since = d.At
			if old := standing[claim]; old != nil && old.State == Given {
				r.Since = old.Since
			}
		}
		releases.Put(tx, r)
	}
	return id, tell(tx, d, id, state)
}

// chain appends the events of a decision and brings the consent up to date.
func chain(tx *store.Tx, c *Consent, d Decision, rest bool) State {
	state, part := d.State, false
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
		Account:    d.Account, Brand: d.Brand, Purpose: d.Purpose.ID, Claims: d.Claims, By: "self",
		Locale: d.Locale, Screen: d.Screen, Visit: d.Visit, Session: d.Session, Client: d.Client,
	}
	if !d.Asked.IsZero() {
		asked := e
		c.Events++
		asked.Seq, asked.State, asked.At, asked.Part, asked.How = c.Events, Requested, d.Asked, part, "page shown"
		events.Insert(tx, &asked)
	}
	c.Events++
	e.Seq, e.State, e.At, e.Part, e.How = c.Events, state, d.At, part, d.How
	events.Insert(tx, &e)
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
		for _, claim := range d.Claims {
			if !slices.Contains(c.Data, claim) {
				c.Data = append(c.Data, claim)
			}
		}
	}
	consents.Put(tx, c)
	return state
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
