package experiment

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
)

// A Customer is one to whom a campaign was offered, as the brand may know them.
type Customer struct {
	Arm     string   // in which they are now
	Entries []Entry  // of the brand's ledger, oldest first
	Settled []string // questions that stand answered, declined or unsure, whoever asked them
}

// An Entry is what a customer did with one question, once.
type Entry struct {
	Question      string
	Outcome       catalogue.Outcome
	Value         catalogue.Value
	Campaign, Arm string // "" if no campaign asked
	Visit         store.ID
	Asked, At     time.Time // when the page was shown, and sent
	Expires       time.Time // of an answer; zero: never
}

// A Tally counts the customers of one experiment, arm by arm. It keeps numbers alone.
type Tally struct {
	brand    string
	campaign *catalogue.Campaign
	window   diag.Period
	now      time.Time
	arms     []*arm // as the campaign has them
	moved    int    // customers that answered in more than one arm
}

// arm is what was counted for one of them.
type arm struct {
	*catalogue.Arm
	everybody []string // questions that it asks of everybody
	offered   int
	did, of   [measures]int
	seconds   []float64 // one a customer
}

// New begins to count for a campaign of a set that has arms. An answer that is changed
// later than the window after it was given, or since now, is not held against it.
func New(set *catalogue.Set, c *catalogue.Campaign, window diag.Period, now time.Time) *Tally {
	t := &Tally{brand: set.Brand, campaign: c, window: window, now: now}
	for _, a := range c.Arms {
		one := &arm{Arm: a}
		for _, s := range set.ScreensOf(c.In(a.ID)) {
			if s.ShowIf != nil {
				continue
			}
			for _, q := range set.QuestionsOf(s) {
				if q != nil && q.MinAge == 0 {
					one.everybody = append(one.everybody, q.ID)
				}
			}
		}
		t.arms = append(t.arms, one)
	}
	return t
}

// Brand and Campaign are what is counted.
func (t *Tally) Brand() string    { return t.brand }
func (t *Tally) Campaign() string { return t.campaign.ID }

// Add counts a customer. Who is in an arm that the campaign no longer has is not
// counted, and who answered in several is left out of all: what they did is of none.
func (t *Tally) Add(c Customer) {
	i := slices.IndexFunc(t.arms, func(a *arm) bool { return a.ID == c.Arm })
	if i < 0 {
		return
	}
	a := t.arms[i]
	here := func(e *Entry) bool { return e.Campaign == t.campaign.ID && e.Arm == a.ID }
	for _, e := range c.Entries {
		if e.Campaign == t.campaign.ID && e.Arm != "" && !here(&e) {
			t.moved++
			return
		}
	}
	a.offered++
	decided := map[string]bool{}
	did := map[catalogue.Outcome]bool{}
	var seconds []float64
	var page time.Time // sent last: its questions have one time
	for _, e := range c.Entries {
		if !here(&e) {
			continue
		}
		decided[e.Question], did[e.Outcome] = true, true
		if took := e.At.Sub(e.Asked); took >= 0 && !e.Asked.IsZero() && !e.At.Equal(page) {
			seconds = append(seconds, took.Seconds())
		}
		page = e.At
	}
	count := func(m Measure, yes bool) {
		a.of[m]++
		if yes {
			a.did[m]++
		}
	}
	count(Finished, len(decided) > 0 && !slices.ContainsFunc(a.everybody, func(q string) bool { return !decided[q] && !slices.Contains(c.Settled, q) }))
	count(Answered, did[catalogue.Answered])
	count(Skipped, did[catalogue.Skipped])
	count(Declined, did[catalogue.Declined])
	if ripe, changed := t.changed(c.Entries, here); ripe {
		count(Changed, changed)
	}
	if again, same := confirmed(c.Entries, here); again {
		count(Confirmed, same)
	}
	if len(seconds) > 0 {
		typical, _ := median(seconds, Level)
		a.seconds = append(a.seconds, typical)
	}
}

// changed says whether an answer of the arm is as old as the window, and whether one
// such was changed, taken back or declined within it. What is put right in the same
// visit is no change, and what is told after it ran out is a confirmation.
func (t *Tally) changed(all []Entry, here func(*Entry) bool) (ripe, changed bool) {
	for i := range all {
		e := &all[i]
		if !here(e) || e.Outcome != catalogue.Answered || t.corrected(all[i+1:], e) {
			continue
		}
		end := t.window.After(e.At)
		if end.After(t.now) {
			continue
		}
		ripe = true
		next := after(all[i+1:], e)
		if next == nil || next.At.After(end) || !e.Expires.IsZero() && !next.At.Before(e.Expires) {
			continue
		}
		if next.Outcome != catalogue.Answered || !next.Value.Equal(e.Value) {
			changed = true
		}
	}
	return ripe, changed
}

// corrected says whether a later entry of the same visit stands in the place of e.
func (t *Tally) corrected(later []Entry, e *Entry) bool {
	return slices.ContainsFunc(later, func(l Entry) bool {
		return l.Question == e.Question && l.Visit == e.Visit && !e.Visit.IsZero() && l.Outcome != catalogue.Skipped
	})
}

// after is what was said next of a question, skips aside; nil if nothing was.
func after(later []Entry, e *Entry) *Entry {
	i := slices.IndexFunc(later, func(l Entry) bool { return l.Question == e.Question && l.Outcome != catalogue.Skipped })
	if i < 0 {
		return nil
	}
	return &later[i]
}

// confirmed says whether an answer of the arm ran out and was asked for again, and
// whether each such was told as before. A skip tells nothing.
func confirmed(all []Entry, here func(*Entry) bool) (again, same bool) {
	same = true
	for i := range all {
		e := &all[i]
		if !here(e) || e.Outcome != catalogue.Answered || e.Expires.IsZero() {
			continue
		}
		next := after(all[i+1:], e)
		if next == nil || next.At.Before(e.Expires) {
			continue
		}
		again = true
		same = same && next.Outcome == catalogue.Answered && next.Value.Equal(e.Value)
	}
	return again, again && same
}
