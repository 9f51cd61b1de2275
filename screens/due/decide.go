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
	Screen    string   // of the campaign
	Questions []string // of the screen that are due now, in order
	Still     bool     // the screen has one question, whose answer's time ran out: ask for a confirmation
	First     bool     // nothing was decided in this visit yet
	AtMost    int      // questions in this visit, those decided included; 1 to MaxQuestions
	Optional  bool     // may be skipped
	Offer     string   // id; may be ""
	Reasons   []Reason // of everything that was considered, in order
}

// Due says whether a screen is due.
func (d Decision) Due() bool { return d.Campaign != "" }

// Decide says which screen of the brand is due for a customer, here and now. It
// is pure and total: the same arguments give the same decision, and a brand that
// is unknown has nothing due.
//
// A visit has one campaign: the one begun in it goes on until nothing of it is
// left, and no other begins, so that what the first page says of how many questions
// will come stays true. A campaign that was left half-way goes on in the next visit
// without waiting for its moment or its cooldown.
func Decide(def *catalogue.Catalogue, brand string, s catalogue.State, v catalogue.Facts, now time.Time) Decision {
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
	under := d.underWay()
	for _, c := range d.set.Order {
		switch {
		case len(under) > 0 && !slices.Contains(under, c):
			d.say(Reason{Campaign: c.ID, Code: OtherCampaign})
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
	traces    *[]Traced // where conditions are explained; nil: nowhere
}

func (d *decider) say(r Reason) { d.Reasons = append(d.Reasons, r) }

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

// begin considers a campaign that was not offered in this visit.
func (d *decider) begin(c *catalogue.Campaign) {
	h := d.s.Campaigns[c.ID]
	half := h.LeftHalfWay(c)
	no := func(code Code) { d.say(Reason{Campaign: c.ID, Code: code}) }
	s := d.s
	if half {
		s.Answers = without(s.Answers, h.Asked) // who it was for is asked as it stood when it began
	}
	who := d.eval(c.Who, s, c.ID, "")
	switch {
	case d.v.Silent && !c.Blocking:
		no(Silent)
		return
	case !c.Blocking && h.Offers >= c.Lifetime:
		no(LifetimeOver)
		return
	case !half && !slices.Contains(c.When, d.v.Moment):
		no(NotTheMoment)
		return
	case who == catalogue.False:
		no(NotFor)
		return
	case who == catalogue.Unknown:
		no(NotKnownFor)
		return
	}
	if !half && !c.Blocking && h.Offers > 0 && c.Waits(h.Offered, d.now) {
		until, _ := c.Until(h.Offered)
		d.say(Reason{Campaign: c.ID, Code: Cooldown, Until: until})
		return
	}
	if half {
		no(HalfWay)
	}
	d.next(c, nil, c.AtMost)
}

// goOn considers the campaign of this visit.
func (d *decider) goOn(c *catalogue.Campaign) {
	h := d.s.Campaigns[c.ID]
	if d.v.Silent && !c.Blocking {
		d.say(Reason{Campaign: c.ID, Code: Silent})
		return
	}
	d.say(Reason{Campaign: c.ID, Code: UnderWay})
	d.next(c, h.Asked, c.AtMost-len(h.Asked))
}

// without are the answers but those to some questions.
func without(answers map[string]catalogue.Standing, questions []string) map[string]catalogue.Standing {
	out := map[string]catalogue.Standing{}
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
	open := map[string]bool{} // questions that may still come in this visit
	for _, id := range c.Show {
		screen := d.set.Screen(id)
		if screen == nil {
			continue
		}
		show := d.eval(screen.ShowIf, d.s, c.ID, id)
		if show != catalogue.True && !d.Due() {
			d.say(Reason{Campaign: c.ID, Screen: id, Code: map[catalogue.Truth]Code{catalogue.False: NotShown, catalogue.Unknown: NotKnownShown}[show]})
		}
		// What is not shown now may come if it hangs on an answer that may come.
		mayCome := show == catalogue.True || slices.ContainsFunc(screen.ShowIf.Reads(), func(q string) bool { return open[q] })
		var due []string
		still := false
		for _, q := range screen.Ask {
			code, until := d.question(c, q, decided)
			if show == catalogue.True && !d.Due() {
				d.say(Reason{Campaign: c.ID, Screen: id, Question: q, Code: code, Until: until})
			}
			if mayCome && code.asks() {
				due, open[q] = append(due, q), true
				still = code == Expired && !d.s.Answers[q].Elsewhere
			}
		}
		if show != catalogue.True || len(due) == 0 || d.Due() {
			continue
		}
		d.Campaign, d.Screen, d.Questions = c.ID, id, due[:min(left, len(due))]
		d.Still = still && len(screen.Ask) == 1
		d.First, d.Optional, d.Offer = d.asked == 0, !c.Blocking, c.Offer
	}
	if !d.Due() {
		d.say(Reason{Campaign: c.ID, Code: NothingLeft})
		return
	}
	d.AtMost = d.asked + min(left, len(open))
}

// question says whether a question may be asked now, and if not, why.
func (d *decider) question(c *catalogue.Campaign, id string, decided []string) (Code, time.Time) {
	a := d.s.Answers[id]
	q := d.set.Question(id)
	switch {
	case q == nil || q.Kind == nil:
		return NoQuestion, time.Time{}
	case slices.Contains(decided, id):
		return Decided, time.Time{}
	case a.Outcome == catalogue.Declined:
		return StopsAsking, time.Time{}
	case a.Fresh(d.now) && a.Elsewhere:
		return AnsweredElsewhere, time.Time{}
	case a.Fresh(d.now):
		return AnsweredFresh, time.Time{}
	case !c.Blocking && !a.Skipped.IsZero() && c.Waits(a.Skipped, d.now):
		until, _ := c.Until(a.Skipped)
		return SkippedLately, until
	case !c.Blocking && a.Outcome == catalogue.Withdrawn && c.Waits(a.At, d.now):
		until, _ := c.Until(a.At)
		return WithdrawnLately, until
	case a.Outcome == catalogue.Answered:
		return Expired, time.Time{}
	}
	return Asked, time.Time{}
}
