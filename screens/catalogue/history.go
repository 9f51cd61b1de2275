package catalogue

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/store"
)

// History is what happened between one customer and one campaign. Its zero
// value: nothing yet. It is stored as it is; WithOffer, WithDecision and what
// begins so too are the only ways it changes.
type History struct {
	Offers   int       `json:"offers,omitzero"`   // how often it was offered: once a visit at most
	Offered  time.Time `json:"offered,omitzero"`  // the last time, UTC; the cooldown counts from here
	Visit    store.ID  `json:"visit,omitzero"`    // in which it was last offered
	Asked    []string  `json:"asked,omitzero"`    // questions decided since: answered, skipped or declined
	Skipped  bool      `json:"skipped,omitzero"`  // at least one of them was skipped
	Snoozed  time.Time `json:"snoozed,omitzero"`  // "not now", said since the last offer, UTC
	Declined bool      `json:"declined,omitzero"` // a question of it was ever declined
	Arm      string    `json:"arm,omitzero"`      // in which the customer is
	Later    bool      `json:"later,omitzero"`    // "save and go on later", said since the last offer
	Checked  bool      `json:"checked,omitzero"`  // the answers were looked through since the last offer
}

// WithOffer records that a visit shows the campaign, in an arm. The second time in
// a visit changes nothing.
func (h History) WithOffer(visit store.ID, arm string, now time.Time) History {
	if h.Offers > 0 && h.Visit == visit {
		return h
	}
	return History{Offers: h.Offers + 1, Offered: now.UTC(), Visit: visit, Declined: h.Declined, Arm: arm}
}

// WithDecision records what became of a question in the visit last offered. The
// same question a second time counts once.
func (h History) WithDecision(question string, o Outcome) History {
	if !slices.Contains(h.Asked, question) {
		h.Asked = append(slices.Clone(h.Asked), question)
	}
	h.Skipped = h.Skipped || o == Skipped
	h.Declined = h.Declined || o == Declined
	return h
}

// WithSnooze records that the customer put the campaign off. The second time since
// an offer changes nothing.
func (h History) WithSnooze(now time.Time) History {
	if h.Snoozed.IsZero() {
		h.Snoozed = now.UTC()
	}
	return h
}

// WithLater records that the customer goes on another time.
func (h History) WithLater() History {
	h.Later = true
	return h
}

// WithCheck records that the customer has looked through the answers of the visit.
func (h History) WithCheck() History {
	h.Checked = true
	return h
}

// LeftHalfWay says whether the campaign goes on next time, without waiting: the
// customer said so, or began the last time, skipped nothing, and left before as many
// questions as the campaign has for a visit.
func (h History) LeftHalfWay(c *Campaign) bool {
	return len(h.Asked) < c.AtMost && (h.Later || len(h.Asked) > 0 && !h.Skipped)
}

// Sleeps says whether the customer put the campaign off and the time of that is not
// over.
func (h History) Sleeps(c *Campaign, now time.Time) bool {
	return !h.Snoozed.IsZero() && now.Before(c.Snooze.After(h.Snoozed))
}
