package catalogue

import (
	"time"

	"github.com/proffer-id/proffer/store"
)

// Facts are what is known of the visit.
type Facts struct {
	Visit   store.ID
	Moment  Moment
	SignIns int      // of the customer at the brand, this visit counted; MaxSignIns at most; 0: not known
	Client  string   // client_id
	Locale  string   // BCP 47, as served
	Silent  bool     // prompt=none: only a blocking campaign may be named
	Asks    string   // campaign that the client asks for; may be ""
	Link    string   // campaign to which the customer followed a link: nothing else is due then; may be ""
	Wants   []string // questions whose claims the client asks for
}

// An Outcome is what a customer did with a question.
type Outcome string

const (
	Answered  Outcome = "answered"
	Skipped   Outcome = "skipped"   // asked again after the cooldown
	Declined  Outcome = "declined"  // "I'd rather not say": a value, stops asking
	Unsure    Outcome = "unsure"    // "I'm not sure": no value, asked again when its time ran out
	Withdrawn Outcome = "withdrawn" // removed by the customer, or its consent withdrawn
)

// State is one customer as one brand's campaigns may see them: person-wide
// answers, and the brand's own.
type State struct {
	Seed      store.ID            // of the customer: puts them into the arms of experiments
	Answers   map[string]Standing // by question
	Campaigns map[string]History  // by campaign, of this brand
	Consents  map[string]bool     // by purpose, at this brand: true: given; absent: never decided, which is not given
	Asked     []time.Time         // when questions were decided, at any brand; older than the attention period may be left out
}

// Standing is where one question stands with one customer.
type Standing struct {
	Outcome Outcome   // of the latest entry that was no skip: answered, declined, unsure or withdrawn; "" if there was none
	Value   Value     // where answered
	Version string    // of the question, when it was told; "": not known
	At      time.Time // of that entry, UTC
	Expires time.Time // zero: never
	Skipped time.Time // of the latest skip, if that came later; else zero

	// Elsewhere: a person-wide answer given to another brand and not released to
	// this one. It is not asked again, but conditions do not see it, so that no
	// brand learns from a deferral what another was told.
	Elsewhere bool
}

// Fresh says whether the standing holds an answer whose time has not run out.
func (s Standing) Fresh(now time.Time) bool {
	return s.Outcome == Answered && (s.Expires.IsZero() || now.Before(s.Expires))
}

// Outdated says whether there is an answer that its question cannot have any more: its
// option is gone, or a bound has moved past it. It is given to no site, and asked
// anew. A retired option is still an answer.
func (s Standing) Outdated(q *Question) bool {
	// What was told to the question as it is was accepted then.
	return s.Outcome == Answered && (s.Version == "" || s.Version != q.Version) && !q.Accepts(s.Value)
}

// Holds says whether there is an answer to the question whose time has not run out,
// and which the question can still have.
func (s Standing) Holds(q *Question, now time.Time) bool { return s.Fresh(now) && !s.Outdated(q) }

// StillUnsure says whether the customer said they were not sure, and it is too early
// to ask again.
func (s Standing) StillUnsure(now time.Time) bool {
	return s.Outcome == Unsure && now.Before(s.Expires)
}
