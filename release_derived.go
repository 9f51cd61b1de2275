package proffer

import (
	"strconv"
	"strings"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
)

// What is worked out from answers leaves while each of them may, to the same brand:
// it says something of them all.

// blame is the first answer behind a derived claim that there is none of, or that may
// not leave, with the reason; nil if there is no such.
func (k *known) blame(ru *rule, now time.Time) (*rule, Reason) {
	for i := range ru.from {
		one := &ru.from[i]
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
	state := catalogue.State{Answers: map[string]catalogue.Standing{}}
	var entries []string
	for i := range ru.from {
		c := k.profile[ru.from[i].id]
		state.Answers[ru.from[i].id] = catalogue.Standing{Outcome: c.State, Value: c.Value, At: c.At, Expires: c.Expires}
		entries = append(entries, strconv.FormatUint(uint64(c.Seq), 10))
	}
	v, ok := ru.derived.Value(state, now)
	if !ok {
		return nil, "", NoValue
	}
	return v.Any(), strings.Join(entries, "+"), ""
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
