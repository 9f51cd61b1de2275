package proffer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/screens/due"
	"github.com/proffer-id/proffer/store"
)

// WhatIf asks what a visit would be: which screens, why, and which claims in the
// end. The server's own functions decide; nothing is written.
type WhatIf struct {
	Client string    // client_id; of a visit that a link began: any of the brand
	At     time.Time // of the visit
	Locale string    // of the pages; "" is the first configured

	// The customer, made up: a file's name, for findings, and its text, YAML or
	// JSON. With Account set it holds only what they do in the visit, and may be
	// left out.
	File string
	Text []byte
	node diag.Node // in place of Text, of a case

	// The customer of a store. DB is only read.
	DB      *store.DB
	Account store.ID

	// Pages fills Foreseen.Files with the pages of the visit as they would be shown.
	Pages bool
}

// rehearsal is a WhatIf under way.
type rehearsal struct {
	*rooms
	ask     WhatIf
	brand   string
	set     *catalogue.Set
	client  *client
	visit   *web.Visit
	account store.ID // zero: made up, and of none
	p       *player
	r       *screens.Rehearsal
	out     *Foreseen
	found   []considered
}

// considered is one decision with what its conditions came of.
type considered struct {
	due.Decision
	traces []due.Traced
	state  catalogue.State
}

// Foresee answers a WhatIf with a configuration that Load or SetAlone has read. The
// error lists, a line each, what is wrong with the customer's file.
func (c *Config) Foresee(ctx context.Context, q WhatIf) (*Foreseen, error) {
	f, err := c.rehearsal(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := f.walk(); err != nil {
		return nil, err
	}
	f.explain()
	return f.out, nil
}

func (c *Config) rehearsal(ctx context.Context, q WhatIf) (*rehearsal, error) {
	k, brand := c.Client(q.Client)
	if k == nil {
		var known []string
		for _, b := range c.Brands {
			known = append(known, b.clientIDs()...)
		}
		slices.Sort(known)
		return nil, fmt.Errorf("there is no client %q%s; there are %s", q.Client, diag.DidYouMean(q.Client, known, nil), strings.Join(known, ", "))
	}
	q.At = q.At.UTC().Round(0)
	if q.Locale == "" {
		q.Locale = c.Languages[0]
	} else if !slices.Contains(c.Languages, q.Locale) {
		return nil, fmt.Errorf("no page is shown in %q%s; there are %s", q.Locale, diag.DidYouMean(q.Locale, c.Languages, nil), strings.Join(c.Languages, ", "))
	}
	s := &rooms{cfg: c, now: func() time.Time { return q.At }, log: slog.New(slog.DiscardHandler), catalogue: c.Catalogue()}
	if q.DB != nil { // what was deployed stands in the store
		sets, err := (&Server{o: Options{DB: q.DB}}).setsInForce(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("screen sets: %w", err)
		}
		s.catalogue = sets.catalogue
	}
	secret := func(string) []byte { return make([]byte, 32) } // nothing of these pages is ever posted
	if err := s.face(secret, func(*http.Request) string { return "" }); err != nil {
		return nil, err
	}
	f := &rehearsal{rooms: s, ask: q, brand: brand, set: s.catalogue.Set(brand), client: s.clients[q.Client]}
	if f.set == nil {
		return nil, fmt.Errorf("brand %s has no screen set: nothing is ever asked", brand)
	}
	if err := f.cast(ctx); err != nil {
		return nil, err
	}
	f.visit = &web.Visit{ID: store.ID{1}, Began: q.At, Client: q.Client, Brand: brand, Scopes: k.Scopes, Claims: f.p.claims}
	if f.p.scopes != nil {
		f.visit.Scopes = f.p.scopes
	}
	if f.p.silent {
		f.visit.Prompt = []string{"none"}
	}
	if slices.Contains(k.Ask, f.p.ask) {
		f.visit.Ask = f.p.ask
	}
	if f.p.link != "" {
		f.visit = &web.Visit{ID: f.visit.ID, Began: q.At, Brand: brand, End: "/ask", Ask: f.p.link}
	}
	if f.account = q.Account; q.DB == nil {
		f.account = f.p.account
	}
	who := screens.Respondent{Account: f.account, Lang: q.Locale, Registered: f.p.moment == catalogue.Registration, Wants: s.wants(f.visit)}
	f.r = screens.Rehearse(s.catalogue, f.visit, who, f.p.customer, q.At)
	if len(f.p.carried) > 0 {
		if err := f.r.CarryIn(f.p.carried); err != nil {
			return nil, err
		}
	}
	_, facts := f.r.State()
	f.out = &Foreseen{
		Brand: brand, Client: f.visit.Client, At: q.At, Locale: q.Locale, Moment: string(f.p.moment), SignIn: facts.SignIns, Link: facts.Link,
		Steps: []Step{}, Assumed: []string{},
	}
	if q.Pages {
		f.drawing()
	}
	return f, nil
}

// cast finds out who the customer is.
func (f *rehearsal) cast(ctx context.Context) error {
	found := new(diag.Findings)
	if f.ask.DB == nil {
		f.p = cast(f.ask.customer(found), f.catalogue, f.brand, f.ask.At)
	} else {
		f.p = &player{moment: catalogue.SignIn, otherwise: catalogue.Skipped}
		if err := f.readPlayer(ctx); err != nil {
			return err
		}
		if f.ask.Text != nil {
			castVisit(f.ask.customer(found), f.catalogue, f.brand, f.ask.At, f.p)
		}
	}
	return found.Err()
}

// readPlayer reads the customer from the store, in one View.
func (f *rehearsal) readPlayer(ctx context.Context) error {
	v := &web.Visit{ID: store.ID{1}, Began: f.ask.At, Brand: f.brand, Client: f.ask.Client}
	err := f.ask.DB.View(ctx, func(tx *store.Tx) error {
		var b store.Batch
		account, wish := identity.WantAccount(&b, f.ask.Account), screens.Want(&b, v, f.ask.Account)
		if err := tx.Read(&b); err != nil {
			return err
		}
		a, err := identity.InUse(account)
		if err != nil {
			return err
		}
		if a == nil {
			return errors.New("there is no such account, or it may not be used")
		}
		f.p.email, f.p.terms = a.Email, a.Terms[f.brand].Version
		f.p.customer, err = wish.Customer()
		return err
	})
	if err != nil {
		return fmt.Errorf("account %s: %w", f.ask.Account, err)
	}
	return nil
}

// walk takes the visit through the gates that come after signing in.
func (f *rehearsal) walk() error {
	if f.visit.End != "" {
		return f.followed()
	}
	for _, gate := range []func() (goesOn bool, err error){f.agrees, f.confirms, f.asks, f.shares} {
		if goesOn, err := gate(); err != nil || !goesOn {
			return err
		}
	}
	f.out.Ends = Ending{As: "code", Why: "the customer returns to the site, signed in"}
	f.claims()
	return nil
}

// followed is a visit that a link began: it hands nothing over, and ends at a page of
// our own. Where no link leads, nobody signs in or agrees to anything.
func (f *rehearsal) followed() error {
	gates, step := []func() (bool, error){f.agrees, f.asks}, Step{Page: "end", Path: f.visit.End}
	if !f.set.Campaign(f.visit.Ask).By(catalogue.OnLink) {
		gates, step.Path = gates[1:], "/ask/"+f.visit.Ask
	}
	for _, gate := range gates {
		if goesOn, err := gate(); err != nil || !goesOn {
			return err
		}
	}
	f.out.Ends = Ending{As: "end", Why: "the customer reads that there is nothing to ask, and may go on to the brand's site"}
	if slices.ContainsFunc(f.out.Steps, func(s Step) bool { return s.Page == "ask" }) {
		f.out.Ends.Why = "the customer reads that what they told is saved, and may go on to the brand's site"
	}
	if err := f.drawEnd(&step); err != nil {
		return err
	}
	f.out.Steps = append(f.out.Steps, step)
	return nil
}

// agrees is gate 4. Who registers has agreed on the page for that.
func (f *rehearsal) agrees() (bool, error) {
	now := f.terms(f.brand, f.ask.Locale)
	if f.p.terms < 0 || f.p.terms >= now.Version || f.p.moment == catalogue.Registration {
		return true, nil
	}
	if f.refused("interaction_required", "the brand's terms are not agreed to") {
		return false, nil
	}
	f.p.assume("the customer agrees to the brand's terms, version %d", now.Version)
	step := Step{Page: "terms", Path: "/terms"}
	if err := f.drawTerms(&step, now); err != nil {
		return false, err
	}
	f.out.Steps = append(f.out.Steps, step)
	return true, nil
}

// confirms is the gate of what the brand's site carried in, which may always be passed by.
func (f *rehearsal) confirms() (bool, error) {
	items, err := f.r.Carried()
	if err != nil || len(items) == 0 {
		return true, err
	}
	step := Step{Page: "carried", Path: "/carried"}
	if err := f.drawCarried(&step); err != nil {
		return false, err
	}
	var kept []screens.CarriedItem
	for _, item := range items {
		q, yes := item.Question, f.p.keep.has(item.Question.ID)
		if yes {
			kept = append(kept, item)
		}
		step.Carried = append(step.Carried, Carried{Question: q.ID, Value: item.Value.Any(), Shown: q.Show(item.Value, f.ask.Locale, f.pages), Kept: yes})
	}
	if !f.p.keep.said {
		f.p.assume("nothing is kept on the page that shows what was carried in")
	}
	f.out.Steps = append(f.out.Steps, step)
	f.r.Keep(kept)
	return true, nil
}

// refused ends a visit with prompt=none at a closed gate.
func (f *rehearsal) refused(code, why string) bool {
	if f.p.silent {
		f.out.Ends = Ending{As: code, Why: why + ", and with prompt=none no page may ask for it"}
	}
	return f.p.silent
}

// mostScreens ends a walk that would not: a visit has three questions.
const mostScreens = 20

// asks is gate 5; false if the visit ends there.
func (f *rehearsal) asks() (bool, error) {
	for range mostScreens {
		state, _ := f.r.State()
		d, traces := f.r.Due()
		f.found = append(f.found, considered{d, traces, state})
		if !d.Due() {
			return true, nil
		}
		if f.refused("interaction_required", "the screen "+d.Screen+" has to be answered") {
			return false, nil
		}
		f.assumeArm(d)
		if d.Check {
			step := Step{Page: "check", Path: "/check/" + d.Campaign, Campaign: d.Campaign, Arm: d.Arm}
			if err := f.drawCheck(&step); err != nil {
				return false, err
			}
			f.out.Steps = append(f.out.Steps, step)
			f.r.Say(d, nil)
			continue
		}
		step := Step{
			Page: "ask", Path: "/ask/" + d.Screen, Campaign: d.Campaign, Arm: d.Arm, Screen: d.Screen,
			AtMost: d.AtMost, Still: d.Still, Optional: d.Optional, Offer: d.Offer,
		}
		if err := f.drawAsk(&step); err != nil {
			return false, err
		}
		lines, left := f.lines(d, &step)
		f.out.Steps = append(f.out.Steps, step)
		if left != "" {
			f.out.Ends = Ending{As: "left", Why: left}
			return false, nil
		}
		f.r.Say(d, lines)
	}
	return true, nil
}

// known is what there is to hand over now.
func (f *rehearsal) known() *known {
	c := f.r.Customer()
	return &known{email: f.p.email, profile: c.Profile, releases: c.Releases, consents: c.Consents}
}

// shares is gate 6; false if the visit ends there.
func (f *rehearsal) shares() (bool, error) {
	if f.p.email == "" && f.client.email {
		f.p.email = "someone@example.com"
		f.p.assume("the customer's address is %s", f.p.email)
	}
	k := f.known()
	if !f.undecided(f.visit, k) {
		return true, nil
	}
	if f.refused("consent_required", "what the customer shares is not decided") {
		return false, nil
	}
	step := Step{Page: "share", Path: "/share"}
	var open []consent.Candidate
	var shared []string
	for _, c := range f.candidatesOf(f.visit, k, f.ask.Locale) {
		if !consent.Undecided(f.visit, k.releases, c.Claim) {
			continue
		}
		open = append(open, c)
		yes := f.p.share.has(c.Claim)
		if yes {
			shared = append(shared, c.Claim)
		}
		step.Shares = append(step.Shares, Shared{Claim: c.Claim, Name: c.Name, Value: c.Value, Shared: yes})
	}
	if !f.p.share.said {
		f.p.assume("nothing is shared on the page that asks")
	}
	if err := f.drawShare(&step, open, k.releases["email"].State == consent.Given); err != nil {
		return false, err
	}
	f.out.Steps = append(f.out.Steps, step)
	f.r.Decide(open, shared)
	return true, nil
}

// claims is what the token endpoint and UserInfo would hand over.
func (f *rehearsal) claims() {
	k := f.known()
	f.out.Worked = f.worked(k)
	for _, use := range []oauth.Use{oauth.IDToken, oauth.UserInfo} {
		got := leave(f.client.rules, ask{use: use, brand: f.brand, scopes: f.visit.Scopes, names: f.visit.Claims}, k, f.ask.At)
		handed := Handed{Claims: got.Values, More: got.More, Withheld: []Withheld{}}
		for i := range f.client.rules {
			ru := &f.client.rules[i]
			if why, ok := got.Withheld[ru.claim]; ok {
				handed.Withheld = append(handed.Withheld, Withheld{Claim: ru.claim, Reason: why, Why: f.why(ru, Reason(why), k)})
			}
		}
		if use == oauth.IDToken {
			f.out.IDToken = &handed
		} else {
			f.out.UserInfo = &handed
		}
	}
}
