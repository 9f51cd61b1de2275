package proffer

import (
	"strconv"
	"strings"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// What is worked out from answers leaves while each of them may, to the same brand:
// it says something of them all.

// sources are rules for the answers behind a derived value, with what a client's
// policy says of them, if anything.
func sources(d *catalogue.Derived, set *catalogue.Set, policies map[string]*ClaimPolicy) []rule {
	var out []rule
	for _, q := range d.Sources() {
		out = append(out, rule{id: q.ID, question: q, set: set, purpose: q.Purpose, policy: policies[q.Claim]})
	}
	return out
}

// blame is the first answer behind a derived claim that there is none of, or that may
// not leave, with the reason; nil if there is no such. A policy that does not name an
// answer does not stand in the way, one that withholds it does.
func (k *known) blame(ru *rule, now time.Time) (*rule, Reason) {
	for i := range ru.from {
		one := &ru.from[i]
		if one.policy != nil && one.policy.As == "withheld" {
			return one, ByPolicy
		}
		_, _, why := k.value(one, now)
		if why == "" {
			why = k.agreed(one)
		}
		if why != "" {
			return one, why
		}
	}
	return nil, ""
}

// workedOut is the value of a derived claim. Its entry is those of the answers behind
// it: "3+5".
func (k *known) workedOut(ru *rule, now time.Time) (value any, entry string, why Reason) {
	if _, why := k.blame(ru, now); why != "" {
		return nil, "", why
	}
	v, ok := ru.derived.Value(k.state(ru.set.Brand), now)
	if !ok {
		return nil, "", NoValue
	}
	var entries []string
	for i := range ru.from {
		entries = append(entries, strconv.FormatUint(uint64(k.profile[ru.from[i].id].Seq), 10))
	}
	return v.Any(), strings.Join(entries, "+"), ""
}

// state is how the answers stand with a brand, for what is worked out from them.
func (k *known) state(brand string) catalogue.State {
	out := catalogue.State{Answers: map[string]catalogue.Standing{}}
	for id, c := range k.profile {
		out.Answers[id] = c.Standing(brand, k.releases[id])
	}
	return out
}

// derivedMeta is the provenance of a derived claim: when the last answer behind it was
// told, and when the first of them runs out. One that another brand was told makes
// both known by the month alone.
func (ru *rule) derivedMeta(brand string, k *known) answerMeta {
	var told, expires time.Time
	format := time.RFC3339
	for i := range ru.from {
		c := k.profile[ru.from[i].id]
		if c.At.After(told) {
			told = c.At
		}
		if !c.Expires.IsZero() && (expires.IsZero() || c.Expires.Before(expires)) {
			expires = c.Expires
		}
		if c.Brand != brand {
			format = "2006-01"
		}
	}
	m := answerMeta{Source: "derived", Consent: k.consents[ru.purpose].ID.String(), AnsweredAt: told.Format(format)}
	if !expires.IsZero() {
		m.ExpiresAt = expires.Format(format)
	}
	return m
}

// mayHave says whether one of a brand's clients may have a derived value now, for the
// asking.
func (s *rooms) mayHave(d *catalogue.Derived, k *known, now time.Time) bool {
	for _, c := range s.clients {
		for i := range c.rules {
			ru := &c.rules[i]
			if ru.derived != d || ru.policy.As == "withheld" {
				continue
			}
			if _, _, why := k.value(ru, now); why == "" && k.agreed(ru) == "" {
				return true
			}
		}
	}
	return false
}

// worked is what can be worked out at a brand from the answers of an account, in
// words, for the pages that tell the customer.
func (s *rooms) worked(tx *store.Tx, account store.ID, brand, lang string) ([]consent.Worked, error) {
	set := s.catalogue.Set(brand)
	if set == nil || len(set.Derived) == 0 {
		return nil, nil
	}
	k, err := s.knows(tx, account, brand, false)
	if err != nil {
		return nil, err
	}
	var out []consent.Worked
	now, state := s.now(), k.state(brand)
	for _, d := range set.Derived {
		v, ok := d.Value(state, now)
		if !ok {
			continue
		}
		one := consent.Worked{ID: d.ID, Words: consent.Words{Name: d.Name.In(lang), Value: d.Show(v, lang)}, Shared: s.mayHave(d, k, now)}
		if p := set.Purpose(d.Purpose); p != nil {
			one.Purpose = p.Text.In(lang)
		}
		for _, q := range d.Sources() {
			one.From = append(one.From, q.Name.In(lang))
		}
		out = append(out, one)
	}
	return out, nil
}
