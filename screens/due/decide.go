package due

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

// A Decision names the screen that is due, or none, and says why.
type Decision struct {
	Campaign  string   // "" if nothing is due
	Arm       string   // of the campaign, in which the customer is; "" where it has none
	Screen    string   // of the campaign; "" at Check
	Questions []string // of the screen that are due now, in order
	Check     bool     // no screen: what was said in this visit is shown together, to be put right
	Still     bool     // the screen has one question, whose answer's time ran out: ask for a confirmation
	First     bool     // nothing was decided in this visit yet
	AtMost    int      // questions in this visit, those decided included; 1 to MaxQuestions
	Optional  bool     // may be skipped
	Snooze    bool     // the whole campaign may be put off
	Offer     string   // id; may be ""
	Reasons   []Reason // of everything that was considered, in order; Explain alone gives them
}

// Due says whether a screen is due.
func (d Decision) Due() bool { return d.Campaign != "" }

// Next says which screen of the brand is due for a customer, here and now. It
// is pure and total: the same arguments give the same decision, and a brand that
// is unknown has nothing due.
//
// A visit has one campaign: the one begun in it goes on until nothing of it is
// left, and no other begins, so that what the first page says of how many questions
// will come stays true. A campaign that was left half-way goes on in the next visit
// without waiting for its moment or its cooldown, unless it was put off. Where several
// are due, blocking ones come first, then the one that the client asks for by name,
// then by priority, then what was asked least recently, then as they are written.
//
// It gives no reasons, which cost more than all the rest where much is to be said.
func Next(def *catalogue.Catalogue, brand string, s catalogue.State, v catalogue.Facts, now time.Time) Decision {
	d := decider{def: def, set: def.Set(brand), s: s, v: v, now: now}
	return d.decide()
}

// decide makes the decision.
func (d *decider) decide() Decision {
	if d.set == nil {
		d.say(Reason{Code: NoSet})
		return d.Decision
	}
	d.attention = catalogue.MaxQuestions
	if limit := d.def.Attention.Screens; limit > 0 {
		d.attention = limit - recent(d.s.Asked, d.def.Attention.Every.Before(d.now))
	}
	if d.traces != nil {
		d.Reasons = make([]Reason, 0, 2*len(d.set.Order)+8)
	}
	under := d.underWay()
	for _, c := range d.order() {
		switch {
		case len(under) > 0 && !slices.Contains(under, c):
			d.say(Reason{Campaign: c.ID, Code: OtherCampaign})
		case d.Due() && d.traces == nil:
			return d.Decision
		case d.Due():
			d.say(Reason{Campaign: c.ID, Code: Outranked})
		case len(under) > 0:
			d.goOn(c)
		default:
			d.begin(c)
		}
	}
	return d.Decision
}

// recent counts the times since from. One that lies ahead, from a clock that was
// wrong, counts too.
func recent(times []time.Time, from time.Time) int {
	n := 0
	for _, t := range times {
		if !t.Before(from) {
			n++
		}
	}
	return n
}

// decider is a Decision in the making.
type decider struct {
	Decision
	def       *catalogue.Catalogue
	set       *catalogue.Set
	s         catalogue.State
	v         catalogue.Facts
	now       time.Time
	asked     int       // questions decided in this visit
	attention int       // questions the customer may still be asked, by any brand
	traces    *[]Traced // where conditions are explained; nil: nowhere, and no reasons are kept
}

func (d *decider) say(r Reason) {
	if d.traces != nil {
		d.Reasons = append(d.Reasons, r)
	}
}

// underWay are the campaigns offered in this visit: one, or more if they were
// changed meanwhile.
func (d *decider) underWay() []*catalogue.Campaign {
	var out []*catalogue.Campaign
	if d.v.Visit == (store.ID{}) {
		return nil
	}
	for id, h := range d.s.Campaigns {
		if h.Visit != d.v.Visit {
			continue
		}
		d.asked += len(h.Asked)
		if c := d.set.Campaign(id); c != nil {
			out = append(out, c)
		}
	}
	return out
}

// order is the set's campaigns in the order in which they are considered.
func (d *decider) order() []*catalogue.Campaign {
	rank := d.set.Order
	asks := d.set.Campaign(d.v.Asks)
	if len(d.s.Campaigns) == 0 && asks == nil {
		return rank
	}
	type place struct {
		c    *catalogue.Campaign
		last time.Time // offered; zero: never
	}
	places := make([]place, len(rank))
	for i, c := range rank {
		places[i] = place{c, d.s.Campaigns[c.ID].Offered}
	}
	for rest := places; len(rest) > 0; {
		n := 1 // of one rank
		for n < len(rest) && rest[n].c.Blocking == rest[0].c.Blocking && rest[n].c.Priority == rest[0].c.Priority {
			n++
		}
		slices.SortStableFunc(rest[:n], func(a, b place) int { return a.last.Compare(b.last) })
		rest = rest[n:]
	}
	out := make([]*catalogue.Campaign, len(rank))
	for i := range places {
		out[i] = places[i].c
	}
	if asks != nil && !asks.Blocking {
		at := slices.Index(out, asks)
		to := max(0, slices.IndexFunc(out, func(c *catalogue.Campaign) bool { return !c.Blocking }))
		copy(out[to+1:at+1], out[to:at])
		out[to] = asks
	}
	return out
}

// begin considers a campaign that was not offered in this visit.
func (d *decider) begin(c *catalogue.Campaign) {
	h := d.s.Campaigns[c.ID]
	half := h.LeftHalfWay(c)
	no := func(code Code) { d.say(Reason{Campaign: c.ID, Code: code}) }
	switch {
	case d.v.Silent && !c.Blocking:
		no(Silent)
		return
	case !c.Blocking && h.Offers >= c.Lifetime:
		no(LifetimeOver)
		return
	case c.StopAfterDecline && h.Declined:
		no(Stopped)
		return
	case h.Sleeps(c, d.now):
		d.say(Reason{Campaign: c.ID, Code: Snoozed, Until: c.Snooze.After(h.Snoozed)})
		return
	case d.v.Link != "" && d.v.Link != c.ID:
		no(NotTheMoment)
		return
	}
	if !half {
		if _, ok := d.set.Brought(c, &d.s, &d.v, d.now); !ok {
			no(NotTheMoment)
			return
		}
	}
	s := d.s
	if half {
		s.Answers = without(s.Answers, h.Asked) // who it was for is asked as it stood when it began
	}
	switch d.eval(c.Who, s, c.ID, "") {
	case catalogue.False:
		no(NotFor)
		return
	case catalogue.Unknown:
		no(NotKnownFor)
		return
	}
	if d.waits(c, h, half) {
		until, _ := c.Until(h.Offered)
		d.say(Reason{Campaign: c.ID, Code: Cooldown, Until: until})
		return
	}
	if half {
		no(HalfWay)
	}
	d.next(c, nil, c.AtMost)
}

// waits says whether the cooldown since the last offer holds a campaign back. It
// does not if the offer was put off instead, and the time of that is over; nor for
// who follows a link and has only looked before: the tab was closed, or it was
// another device.
func (d *decider) waits(c *catalogue.Campaign, h catalogue.History, half bool) bool {
	switch {
	case half || c.Blocking || h.Offers == 0:
		return false
	case !h.Snoozed.IsZero() && !c.Snooze.IsZero():
		return false
	case d.v.Link == c.ID && len(h.Asked) == 0 && !c.Cooldown.Never:
		return false
	}
	return c.Waits(h.Offered, d.now)
}

// goOn considers the campaign of this visit.
func (d *decider) goOn(c *catalogue.Campaign) {
	h := d.s.Campaigns[c.ID]
	switch {
	case d.v.Silent && !c.Blocking:
		d.say(Reason{Campaign: c.ID, Code: Silent})
		return
	case c.StopAfterDecline && h.Declined:
		d.say(Reason{Campaign: c.ID, Code: Stopped})
		return
	case h.Later && !c.Blocking:
		d.say(Reason{Campaign: c.ID, Code: ForLater})
		return
	case !h.Snoozed.IsZero() && !c.Blocking: // in this visit: an offer forgets it
		d.say(Reason{Campaign: c.ID, Code: Snoozed, Until: c.Snooze.After(h.Snoozed)})
		return
	}
	d.say(Reason{Campaign: c.ID, Code: UnderWay})
	if d.next(c, h.Asked, c.AtMost-len(h.Asked)); !d.Due() && c.Check && !h.Checked && d.saidSince(h) {
		d.say(Reason{Campaign: c.ID, Code: ToCheck})
		d.Campaign, d.Arm, d.Check, d.AtMost, d.Optional = c.ID, h.Arm, true, d.asked, !c.Blocking
	}
}

// saidSince says whether something of a campaign was answered since it was offered.
func (d *decider) saidSince(h catalogue.History) bool {
	return slices.ContainsFunc(h.Asked, func(id string) bool {
		a := d.s.Answers[id]
		return a.Outcome == catalogue.Answered && !a.At.Before(h.Offered)
	})
}

// without are the answers but those to some questions.
func without(answers map[string]catalogue.Standing, questions []string) map[string]catalogue.Standing {
	out := make(map[string]catalogue.Standing, len(answers))
	for id, a := range answers {
		if !slices.Contains(questions, id) {
			out[id] = a
		}
	}
	return out
}

// next finds the first screen of the campaign that has a question to ask, within
// what the campaign, the visit and the customer's attention leave.
func (d *decider) next(c *catalogue.Campaign, decided []string, left int) {
	if left = min(left, catalogue.MaxQuestions-d.asked); left <= 0 {
		d.say(Reason{Campaign: c.ID, Code: VisitFull})
		return
	}
	if !c.Blocking {
		if left = min(left, d.attention); left <= 0 {
			d.say(Reason{Campaign: c.ID, Code: AttentionSpent})
			return
		}
	}
	if d.traces == nil && !d.open(c, decided) {
		return
	}
	arm := c.Assign(d.set.Brand, d.s.Seed, d.s.Campaigns[c.ID].Arm)
	as := c.In(arm)
	var open []string // questions that may still come in this visit
	for _, screen := range d.set.ScreensOf(as) {
		show := d.eval(screen.ShowIf, d.s, c.ID, screen.ID)
		if show != catalogue.True && !d.Due() {
			d.say(Reason{Campaign: c.ID, Screen: screen.ID, Code: notShown(show)})
		}
		// What is not shown now may come if it hangs on an answer that may come.
		if show != catalogue.True && !slices.ContainsFunc(open, screen.ShowIf.ReadsOf) {
			continue
		}
		var due []string
		still := false
		for i, q := range d.set.QuestionsOf(screen) {
			id := screen.Ask[i]
			code, until := d.question(as, q, id, decided)
			if show == catalogue.True && !d.Due() {
				d.say(Reason{Campaign: c.ID, Screen: screen.ID, Question: id, Code: code, Until: until})
			}
			if code.asks() {
				if !slices.Contains(open, id) {
					open = append(open, id)
				}
				if show == catalogue.True && !d.Due() {
					due = append(due, id)
					still = code == Expired && !d.s.Answers[id].Elsewhere
				}
			}
		}
		if len(due) == 0 {
			continue
		}
		d.Campaign, d.Arm, d.Screen, d.Questions = c.ID, arm, screen.ID, due[:min(left, len(due))]
		d.Still = still && len(screen.Ask) == 1
		d.First, d.Optional, d.Offer = d.asked == 0, !c.Blocking, as.Offer
		d.Snooze = d.Optional && !c.Snooze.IsZero()
	}
	if !d.Due() {
		d.say(Reason{Campaign: c.ID, Code: NothingLeft})
		return
	}
	d.AtMost = d.asked + min(left, len(open))
}

// open says whether any question of a campaign may be asked, whatever its screens
// hang on: most often none, and then there is no need to look at those.
func (d *decider) open(c *catalogue.Campaign, decided []string) bool {
	for _, q := range d.set.AsksOf(c) {
		if code, _ := d.question(c, q, q.ID, decided); code.asks() {
			return true
		}
	}
	return false
}

func notShown(t catalogue.Truth) Code {
	if t == catalogue.False {
		return NotShown
	}
	return NotKnownShown
}

// question says whether a question may be asked now, and if not, why.
func (d *decider) question(c *catalogue.Campaign, q *catalogue.Question, id string, decided []string) (Code, time.Time) {
	if q == nil || q.Kind == nil {
		return NoQuestion, time.Time{}
	}
	a := d.s.Answers[id]
	holds := a.Holds(q, d.now)
	switch {
	case slices.Contains(decided, id):
		return Decided, time.Time{}
	case a.Outcome == catalogue.Declined:
		return StopsAsking, time.Time{}
	case a.StillUnsure(d.now):
		return UnsureLately, a.Expires
	case holds && a.Elsewhere:
		return AnsweredElsewhere, time.Time{}
	case holds:
		return AnsweredFresh, time.Time{}
	case !c.Blocking && !a.Skipped.IsZero() && c.Waits(a.Skipped, d.now):
		until, _ := c.Until(a.Skipped)
		return SkippedLately, until
	case !c.Blocking && a.Outcome == catalogue.Withdrawn && c.Waits(a.At, d.now):
		until, _ := c.Until(a.At)
		return WithdrawnLately, until
	case c.Narrow() && !c.Brings(q, &d.s, &d.v, d.now) && !d.tellsAge(c, q):
		return NotWanted, time.Time{}
	case a.Outdated(q) && !a.Elsewhere: // of what another brand was told, nothing is said
		return Outdated, time.Time{}
	case a.Outcome == catalogue.Answered && !a.Outdated(q):
		return Expired, time.Time{}
	}
	return Asked, time.Time{}
}

// tellsAge says whether a narrow campaign needs the answer to know whether a question
// that brings it may be asked at all.
func (d *decider) tellsAge(c *catalogue.Campaign, q *catalogue.Question) bool {
	if q.ID != d.set.AgeQuestion {
		return false
	}
	for _, screen := range d.set.ScreensOf(c) {
		for _, other := range d.set.QuestionsOf(screen) {
			if other != nil && other.MinAge > 0 && c.Brings(other, &d.s, &d.v, d.now) {
				return true
			}
		}
	}
	return false
}
