package due

import "time"

// A Reason says what was found about a campaign, one of its screens, or one of
// the screen's questions.
type Reason struct {
	Campaign string    `json:"campaign,omitzero"` // "" is about the visit
	Screen   string    `json:"screen,omitzero"`
	Question string    `json:"question,omitzero"`
	Code     Code      `json:"code"`
	Until    time.Time `json:"until,omitzero"` // when what holds it back ends; zero: never, or not by time
}

// A Code names a reason.
type Code string

const (
	// Of the visit.
	NoSet Code = "no_set" // the brand has no screen set

	// Of a campaign that is not due.
	Silent         Code = "silent"          // prompt=none, and it may be skipped
	OtherCampaign  Code = "other_campaign"  // this visit has another
	Outranked      Code = "outranked"       // one of higher priority is due
	LifetimeOver   Code = "lifetime"        // offered as often as it may be
	Stopped        Code = "stopped"         // a question of it was declined, and that stops it
	Snoozed        Code = "snoozed"         // put off by the customer
	ForLater       Code = "later"           // saved in this visit, to go on in another
	NotTheMoment   Code = "moment"          // nothing of its when brings it
	NotFor         Code = "who"             // its who is false
	NotKnownFor    Code = "who_unknown"     // its who is unknown
	Cooldown       Code = "cooldown"        // offered lately
	VisitFull      Code = "visit_full"      // as many questions as it, or a visit, may have
	AttentionSpent Code = "attention_spent" // as many questions as a customer may be asked, by all brands
	NothingLeft    Code = "nothing_left"    // no question of it is open

	// Of a campaign that goes on.
	UnderWay Code = "under_way" // begun in this visit
	HalfWay  Code = "half_way"  // left half-way in an earlier one
	ToCheck  Code = "to_check"  // nothing more to ask; the answers are shown together

	// Of a screen that is not shown.
	NotShown      Code = "show_if"         // its show_if is false
	NotKnownShown Code = "show_if_unknown" // its show_if is unknown

	// Of a question that is asked.
	Asked    Code = "asked"
	Expired  Code = "expired"  // its answer's time ran out
	Outdated Code = "outdated" // it cannot have its answer any more

	// Of a question that is not asked.
	NoQuestion        Code = "no_question" // not defined
	Decided           Code = "decided"     // in this visit
	StopsAsking       Code = "declined"
	UnsureLately      Code = "unsure" // the customer was not sure
	AnsweredFresh     Code = "answered"
	AnsweredElsewhere Code = "answered_elsewhere" // at another brand, and not released to this one
	SkippedLately     Code = "skipped"
	WithdrawnLately   Code = "withdrawn"
	NotWanted         Code = "not_wanted" // the campaign asks only what a client lacks or what ran out
)

func (c Code) asks() bool { return c == Asked || c == Expired || c == Outdated }
