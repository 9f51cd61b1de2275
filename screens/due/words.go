package due

import (
	"slices"
	"strings"
	"time"
)

// words say each code to a marketer, after the name of what it is about.
var words = map[Code]string{
	NoSet:             "the brand has no screen set",
	Silent:            "the site asked that no page be shown (prompt=none), and this may be skipped",
	OtherCampaign:     "this visit has another campaign already",
	Outranked:         "another that is due comes first",
	LifetimeOver:      "it was offered as often as its lifetime allows",
	Stopped:           "a question of it was declined, and that stops it",
	Snoozed:           "the customer put it off",
	ForLater:          "the customer saved, to go on another time",
	ToCheck:           "what was said in this visit is shown together, to be put right",
	NotTheMoment:      "nothing of its when brings it in this visit",
	NotFor:            "it is not for this customer",
	NotKnownFor:       "whether it is for this customer is not known",
	Cooldown:          "it was offered lately, and waits for its cooldown",
	VisitFull:         "as many questions were asked as it, or a visit, may have",
	AttentionSpent:    "the customer was asked as much lately as one may be, by all brands together",
	NothingLeft:       "no question of it is open",
	UnderWay:          "it was begun in this visit",
	HalfWay:           "it was left half-way in an earlier visit, and goes on",
	NotShown:          "what it is shown for is not so",
	NotKnownShown:     "what it is shown for is not known",
	Asked:             "it is open",
	Expired:           "its answer ran out, and is to be confirmed",
	Outdated:          "it cannot have its answer any more, and is asked anew",
	NoQuestion:        "it is not defined",
	Decided:           "it was decided in this visit",
	StopsAsking:       "the customer would rather not say, and is not asked again",
	UnsureLately:      "the customer was not sure lately",
	AnsweredFresh:     "it is answered",
	AnsweredElsewhere: "it is answered",
	SkippedLately:     "it was skipped lately",
	WithdrawnLately:   "its answer was taken back lately",
	NotWanted:         "it is neither what the client lacks nor what ran out, and the campaign asks nothing else",
}

// Words say the reason to a marketer, without the time it ends.
func (r Reason) Words() string {
	if s, ok := words[r.Code]; ok {
		return s
	}
	return strings.ReplaceAll(string(r.Code), "_", " ")
}

// FreeAgain is when a customer who was asked as much as one may be can be asked
// again; zero if that is now, or if there is no such bound.
func FreeAgain(asked []time.Time, screens int, after func(time.Time) time.Time, now time.Time) time.Time {
	var ends []time.Time
	for _, at := range asked {
		if end := after(at); end.After(now) {
			ends = append(ends, end)
		}
	}
	if screens <= 0 || len(ends) < screens {
		return time.Time{}
	}
	slices.SortFunc(ends, time.Time.Compare) // the bound is met until fewer than so many are left
	return ends[len(ends)-screens]
}
