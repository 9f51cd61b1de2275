package proffer

import (
	"strconv"
	"strings"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
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
