package proffer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/identity"
	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

func newKnown(email string, profile *screens.Reading, decided *consent.Reading) (*known, error) {
	k := &known{email: email}
	var err error
	if k.profile, err = profile.Get(); err != nil {
		return nil, err
	}
	if k.releases, err = decided.Releases(); err != nil {
		return nil, err
	}
	k.consents, err = decided.Consents()
	return k, err
}

// A wanted is the wish for what is known, and for the account itself.
type wanted struct {
	account *store.Wanted[identity.Account]
	profile *screens.Reading
	decided *consent.Reading
}

func wantKnown(b *store.Batch, account store.ID, brand string) *wanted {
	return &wanted{identity.WantAccount(b, account), screens.WantProfile(b, account, brand), consent.Want(b, account, brand)}
}

// get returns it, with the address only if it is needed.
func (w *wanted) get(email bool) (*known, error) {
	if !email {
		return newKnown("", w.profile, w.decided)
	}
	a, err := w.account.Get()
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	return newKnown(a.Email, w.profile, w.decided)
}

// knows reads it, in one round trip.
func (s *rooms) knows(tx *store.Tx, account store.ID, brand string, email bool) (*known, error) {
	var b store.Batch
	w := wantKnown(&b, account, brand)
	if err := tx.Read(&b); err != nil {
		return nil, fmt.Errorf("what %s may know of %s: %w", brand, account, err)
	}
	return w.get(email)
}

// facts is the wish of oauth for what a client may know of an account.
func (s *rooms) facts(b *store.Batch, account store.ID, c *oauth.Client) oauth.Facts {
	w := wantKnown(b, account, c.Brand)
	return oauth.Facts{
		Active: func() (bool, error) {
			a, err := identity.InUse(w.account)
			return a != nil, err
		},
		Claims: func(q oauth.ClaimsQuery) (oauth.Claims, error) { return s.claims(w, q) },
	}
}

// claims says what may leave now to a grant's client, for oauth: read when a
// token is made, so that what was withdrawn a second ago is absent.
func (s *rooms) claims(w *wanted, q oauth.ClaimsQuery) (oauth.Claims, error) {
	c, ok := s.clients[q.Client.ID]
	if !ok {
		return oauth.Claims{}, fmt.Errorf("client %s is no longer configured", q.Client.ID)
	}
	k, err := w.get(c.email)
	if err != nil {
		return oauth.Claims{}, err
	}
	_, meta := q.Requested.UserInfo[metaClaim]
	out := leave(c.rules, ask{
		use: q.Use, brand: q.Client.Brand, scopes: q.Scopes, names: slices.Collect(maps.Keys(q.Requested.For(q.Use))), meta: meta,
	}, k, s.now())
	s.log.Debug("claims", "client", q.Client.ID, "use", q.Use, "released", len(out.Set), "withheld", out.Withheld)
	return out, nil
}

// wishes are the rules of what the visit's client asks for and there is something
// to hand over for: what gate 6 asks about. What is worked out is shared with the
// answers behind it, and not asked about by itself.
func (s *rooms) wishes(v *web.Visit, k *known) []*rule {
	c, ok := s.clients[v.Client]
	if !ok {
		return nil
	}
	now := s.now()
	var out []*rule
	for i := range c.rules {
		ru := &c.rules[i]
		if ru.derived != nil || ru.policy.As == "withheld" || !ru.asked(v.Scopes, v.Claims) {
			continue
		}
		if _, _, why := k.value(ru, now); why == "" {
			out = append(out, ru)
		}
	}
	return out
}

// wants are the questions whose claims the visit's client asks for, by scope or
// claims parameter, and may have by its policy, as the set has it that the visit
// began with; nil where no campaign would heed it.
func (s *rooms) wants(v *web.Visit) []string {
	c, ok := s.clients[v.Client]
	if !ok {
		return nil
	}
	def, of := s.catalogue, c.rules
	if began := s.edition(v); began != nil { // a set was deployed since
		def = began.Catalogue
		of = rules(c.brand, s.cfg.Brands[c.brand].Clients[v.Client], def)
	}
	if set := def.Set(v.Brand); set == nil || !set.By(catalogue.OnMissing) {
		return nil
	}
	var out []string
	for i := range of {
		ru := &of[i]
		if ru.policy.As == "withheld" || !ru.asked(v.Scopes, v.Claims) {
			continue
		}
		switch {
		case ru.question != nil:
			out = append(out, ru.id)
		case ru.derived != nil:
			out = append(out, ru.derived.Reads()...)
		}
	}
	return out
}

// undecided is gate 6: the customer has neither given nor refused the brand
// something that its site asks for. What was given by answering the brand is
// decided.
func (s *rooms) undecided(v *web.Visit, k *known) bool {
	return slices.ContainsFunc(s.wishes(v, k), func(ru *rule) bool { return consent.Undecided(v, k.releases, ru.id) })
}

// candidates are the wishes in words, for the page of gate 6.
func (s *rooms) candidates(tx *store.Tx, v *web.Visit, account store.ID, lang string) ([]consent.Candidate, error) {
	k, err := s.knows(tx, account, v.Brand, true)
	if err != nil {
		return nil, err
	}
	return s.candidatesOf(v, k, lang), nil
}

// candidatesOf are the wishes in words, of what is known. It reads nothing.
func (s *rooms) candidatesOf(v *web.Visit, k *known, lang string) []consent.Candidate {
	var out []consent.Candidate
	for _, ru := range s.wishes(v, k) {
		w := s.describe(ru, k, v.Brand, lang)
		one := consent.Candidate{Claim: ru.id, Name: w.Name, Value: w.Value, Purpose: consent.Purpose{ID: ru.purpose, Text: w.Purpose}}
		if p := s.purpose(v.Brand, ru.purpose); p != nil {
			one.Purpose.Basis = p.Basis
		}
		one.Purpose.Controller = consent.Controller(s.cfg.Brands[v.Brand].Controller)
		if ru.question != nil {
			cur := k.profile[ru.id]
			one.From = s.pages.Say(lang, "share.from", "brand", s.brandName(cur.Brand, lang), "date", s.pages.Date(lang, cur.At))
		}
		out = append(out, one)
	}
	return out
}

// describe puts a rule's claim in words, with the value there is now.
func (s *rooms) describe(ru *rule, k *known, brand, lang string) consent.Words {
	var w consent.Words
	if p := s.purpose(brand, ru.purpose); p != nil {
		w.Purpose = p.Text.In(lang)
	}
	if ru.question == nil {
		w.Name, w.Value = s.pages.Say(lang, "email.name"), k.email
		return w
	}
	w.Name = ru.question.Name.In(lang)
	if c := k.profile[ru.id]; c != nil && c.State == catalogue.Answered {
		w.Value = ru.question.Show(c.Value, lang, s.pages)
	}
	return w
}

// describeAll puts what a brand was given in words, for "who knows what".
func (s *rooms) describeAll(tx *store.Tx, account store.ID, brand, lang string, claims []string) (map[string]consent.Words, error) {
	k, err := s.knows(tx, account, brand, slices.Contains(claims, "email"))
	if err != nil {
		return nil, err
	}
	out := map[string]consent.Words{}
	for _, id := range claims {
		ru := rule{id: id}
		if id != "email" {
			if ru.question = s.catalogue.Question(brand, id); ru.question == nil {
				continue
			}
			ru.purpose = ru.question.Purpose
		}
		if rel, ok := k.releases[id]; ok && rel.Purpose != "" {
			ru.purpose = rel.Purpose
		}
		out[id] = s.describe(&ru, k, brand, lang)
	}
	return out, nil
}

// received says what each grant of an account has handed over.
func (s *rooms) received(tx *store.Tx, account store.ID) ([]consent.Received, error) {
	grants, err := s.oauth.GrantsOf(tx, account)
	if err != nil {
		return nil, err
	}
	var out []consent.Received
	for _, g := range grants {
		got := consent.Received{Brand: g.Brand, Times: g.InIDToken.Times + g.InUserInfo.Times, Last: g.InIDToken.Last}
		if g.InUserInfo.Last.After(got.Last) {
			got.Last = g.InUserInfo.Last
		}
		for _, id := range g.Released() {
			claim, _, _ := strings.Cut(id, "@")
			if !slices.Contains(got.Claims, claim) {
				got.Claims = append(got.Claims, claim)
			}
		}
		out = append(out, got)
	}
	return out, nil
}
