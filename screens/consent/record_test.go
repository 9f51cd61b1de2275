package consent_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/store/storetest"
)

// ground is a store with one customer.
type ground struct {
	t       *testing.T
	db      *store.DB
	clock   *storetest.Clock
	account store.ID
}

func newGround(t *testing.T) *ground {
	t.Helper()
	g := &ground{t: t, clock: storetest.NewClock(), account: store.NewID()}
	g.db = storetest.Open(t, g.clock, consent.Records, outbox.Records)
	g.update(func(tx *store.Tx) error { tx.CreateKey(g.account); return nil })
	return g
}

func (g *ground) update(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.db.Update(g.t.Context(), fn); err != nil {
		g.t.Fatal(err)
	}
}

func (g *ground) view(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.db.View(g.t.Context(), fn); err != nil {
		g.t.Fatal(err)
	}
}

// record stores a decision of the customer, a minute after the last one.
func (g *ground) record(d consent.Decision) store.ID {
	g.t.Helper()
	d.Account, d.At, d.Seed, d.Locale = g.account, g.clock.Add(time.Minute), store.NewID(), "en"
	var id store.ID
	g.update(func(tx *store.Tx) (err error) { id, err = consent.Record(tx, d); return err })
	return id
}

func (g *ground) releases(brand string) map[string]consent.Release {
	g.t.Helper()
	var out map[string]consent.Release
	g.view(func(tx *store.Tx) (err error) { out, err = consent.Releases(tx, g.account, brand); return err })
	return out
}

func (g *ground) states(brand, purpose string) []consent.State {
	g.t.Helper()
	var out []consent.State
	g.view(func(tx *store.Tx) error {
		list, err := consent.Chain(tx, g.account, brand, purpose)
		for i, e := range list {
			out = append(out, e.State)
			if e.Seq != uint32(i+1) {
				g.t.Errorf("event %d of the chain has number %d", i+1, e.Seq)
			}
		}
		return err
	})
	return out
}

func (g *ground) purpose(brand, purpose string) consent.State {
	g.t.Helper()
	var out consent.State
	g.view(func(tx *store.Tx) error {
		list, err := consent.EveryConsent(tx, g.account)
		for _, c := range list {
			if c.Brand == brand && c.Purpose == purpose {
				out = c.State
			}
		}
		return err
	})
	return out
}

func personalise(claims ...string) consent.Decision {
	return consent.Decision{Brand: "kopi", Purpose: consent.Purpose{ID: "personalise"}, State: consent.Given, Claims: claims}
}

func TestRecord_ChainAndReleases(t *testing.T) {
	g := newGround(t)
	d := personalise("coffee_milk")
	d.Asked = g.clock.Now()
	first := g.record(d)
	second := g.record(personalise("coffee_when"))
	if first.IsZero() || first != second {
		t.Errorf("one purpose of one brand has consents %s and %s", first, second)
	}
	if got, want := g.states("kopi", "personalise"), []consent.State{consent.Requested, consent.Given, consent.Renewed}; !slices.Equal(got, want) {
		t.Errorf("chain %v, want %v", got, want)
	}
	for claim, r := range g.releases("kopi") {
		if r.State != consent.Given || r.Consent != first || r.Since.IsZero() {
			t.Errorf("release of %s: %+v", claim, r)
		}
	}
	if n := len(g.releases("sole")); n != 0 {
		t.Errorf("%d releases to a brand that nobody decided about", n)
	}
}

func TestRecord_AnswerAgainKeepsSince(t *testing.T) {
	g := newGround(t)
	g.record(personalise("coffee_milk"))
	before := g.releases("kopi")["coffee_milk"]
	g.record(personalise("coffee_milk"))
	after := g.releases("kopi")["coffee_milk"]
	if !after.Since.Equal(before.Since) || !after.At.After(before.At) {
		t.Errorf("since %s → %s, at %s → %s", before.Since, after.Since, before.At, after.At)
	}
}

// What is taken back for one claim leaves the purpose given while another claim
// of it is released, and withdraws it with the last.
func TestWithdraw_PartThenWhole(t *testing.T) {
	g := newGround(t)
	g.record(personalise("coffee_milk", "coffee_when"))
	stop := func(claims ...string) {
		g.update(func(tx *store.Tx) error {
			return consent.Withdraw(tx, consent.Decision{Account: g.account, Brand: "kopi", Claims: claims, Seed: store.ID{byte(len(claims)), claims[0][7]}, At: g.clock.Now()})
		})
	}
	stop("coffee_milk")
	if s := g.purpose("kopi", "personalise"); s != consent.Given {
		t.Errorf("after one of two claims: purpose %s", s)
	}
	if s := g.releases("kopi")["coffee_milk"].State; s != consent.Withdrawn {
		t.Errorf("after stop: release %s", s)
	}
	stop("coffee_milk", "coffee_when")
	if s := g.purpose("kopi", "personalise"); s != consent.Withdrawn {
		t.Errorf("after both claims: purpose %s", s)
	}
	want := []consent.State{consent.Given, consent.Withdrawn, consent.Withdrawn}
	if got := g.states("kopi", "personalise"); !slices.Equal(got, want) {
		t.Errorf("chain %v, want %v", got, want)
	}
	g.record(personalise("coffee_milk"))
	if s := g.purpose("kopi", "personalise"); s != consent.Given {
		t.Errorf("given anew: purpose %s, want given, not renewed", s)
	}
}

func TestWithdraw_WhatWasNeverGivenWritesNothing(t *testing.T) {
	g := newGround(t)
	g.update(func(tx *store.Tx) error {
		return consent.Withdraw(tx, consent.Decision{Account: g.account, Brand: "kopi", Claims: []string{"coffee_milk"}, At: g.clock.Now()})
	})
	if n := len(g.releases("kopi")); n != 0 {
		t.Errorf("%d releases", n)
	}
}

func TestUndecided(t *testing.T) {
	visit := &web.Visit{Brand: "kopi"}
	for name, c := range map[string]struct {
		before []consent.Decision
		asked  []string
		want   bool
	}{
		"nothing asked":        {nil, nil, false},
		"never decided":        {nil, []string{"shoe_size"}, true},
		"given":                {[]consent.Decision{{Brand: "kopi", State: consent.Given, Claims: []string{"shoe_size"}}}, []string{"shoe_size"}, false},
		"refused":              {[]consent.Decision{{Brand: "kopi", State: consent.Refused, Claims: []string{"shoe_size"}}}, []string{"shoe_size"}, false},
		"withdrawn":            {[]consent.Decision{{Brand: "kopi", State: consent.Withdrawn, Claims: []string{"shoe_size"}}}, []string{"shoe_size"}, false},
		"something new":        {[]consent.Decision{{Brand: "kopi", State: consent.Refused, Claims: []string{"shoe_size"}}}, []string{"shoe_size", "email"}, true},
		"given to another one": {[]consent.Decision{{Brand: "sole", State: consent.Given, Claims: []string{"shoe_size"}}}, []string{"shoe_size"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t)
			for _, d := range c.before {
				g.record(d)
			}
			g.view(func(tx *store.Tx) error {
				decided, err := consent.Releases(tx, g.account, "kopi")
				got := slices.ContainsFunc(c.asked, func(claim string) bool { return consent.Undecided(visit, decided, claim) })
				if got != c.want {
					t.Errorf("undecided is %v, want %v", got, c.want)
				}
				return err
			})
		})
	}
}

// Every decision is heard of, in the same transaction, and says nothing of any value.
func TestRecord_Events(t *testing.T) {
	g := newGround(t)
	g.record(personalise("coffee_milk"))
	g.record(consent.Decision{Brand: "kopi", State: consent.Refused, Claims: []string{"email"}})
	list := storetest.Entries(t, g.db, outbox.After, 2)
	if len(list) != 2 {
		t.Fatalf("%d events", len(list))
	}
	if list[0].Record.Type != "consent.given" || list[1].Record.Type != "release.refused" {
		t.Errorf("events %s, %s", list[0].Record.Type, list[1].Record.Type)
	}
	var data struct {
		Claims  []string `json:"claims"`
		Purpose string   `json:"purpose"`
	}
	if err := json.Unmarshal(list[0].Record.Data, &data); err != nil || data.Purpose != "personalise" || !slices.Equal(data.Claims, []string{"coffee_milk"}) {
		t.Errorf("event data %+v, %v", data, err)
	}
}

func TestForget(t *testing.T) {
	g := newGround(t)
	g.record(personalise("coffee_milk"))
	g.update(func(tx *store.Tx) error {
		consent.LogRelease(tx, &consent.Handed{Account: g.account, Brand: "kopi", Now: []string{"coffee_milk@1"}})
		return consent.Forget(tx, g.account)
	})
	g.view(func(tx *store.Tx) error {
		all, err := consent.EveryRelease(tx, g.account)
		if err != nil {
			return err
		}
		consents, err := consent.EveryConsent(tx, g.account)
		if len(all) != 0 || len(consents) != 0 {
			t.Errorf("%d releases and %d consents are left", len(all), len(consents))
		}
		return err
	})
	if n := len(g.states("kopi", "personalise")); n != 0 {
		t.Errorf("%d events are left", n)
	}
}
