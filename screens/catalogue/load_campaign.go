package catalogue

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

// What a campaign has that does not say otherwise.
const (
	defaultCooldownDays = 30
	defaultLifetime     = 6
)

type rawCampaign struct {
	At               diag.Node   `yaml:"-"`
	When             rawTriggers `diag:"required"`
	Who              rawCondition
	Show             []string `diag:"required"`
	AtMost           *int
	Blocking         bool
	Cooldown         diag.Period
	Lifetime         *int
	Snooze           diag.Period
	StopAfterDecline bool
	Check            bool
	Priority         int
	Offer            string
	Arms             diag.Map[rawArm]
	ArmsUntil        *int
}

func (l *loading) campaigns() {
	for _, id := range l.raw.Campaigns.Keys {
		raw := l.raw.Campaigns.Of[id]
		at := l.root.Field("campaigns").Field(id)
		l.id(l.root.Field("campaigns").Key(id), id)
		c := &Campaign{ID: id, Who: l.condition(raw.Who.at), Show: raw.Show, AtMost: MaxQuestions, Blocking: raw.Blocking,
			Cooldown: raw.Cooldown, Lifetime: defaultLifetime, Snooze: raw.Snooze, StopAfterDecline: raw.StopAfterDecline, Check: raw.Check,
			Priority: raw.Priority, Offer: raw.Offer}
		l.when(c, at.Field("when"))
		if raw.AtMost != nil {
			c.AtMost = *raw.AtMost
			if c.AtMost < 1 || c.AtMost > MaxQuestions {
				at.Field("at_most").Errorf("write 1 to %d: no visit asks more", MaxQuestions)
			}
		}
		if raw.Lifetime != nil {
			c.Lifetime = *raw.Lifetime
			if c.Lifetime < 1 {
				at.Field("lifetime").Errorf("write how often it may be offered in all, 1 at least")
			}
		}
		if c.Cooldown.IsZero() {
			c.Cooldown = diag.Period{Days: defaultCooldownDays}
		}
		l.patience(c, at)
		l.show(c, at, at.Field("show"))
		l.needed(c, at)
		l.offered(c, at.Field("offer"), at)
		l.arms(c, &raw, at)
		l.set.Campaigns = append(l.set.Campaigns, c)
	}
	l.set.Order = slices.Clone(l.set.Campaigns)
	slices.SortStableFunc(l.set.Order, func(a, b *Campaign) int {
		if a.Blocking != b.Blocking {
			return map[bool]int{true: -1, false: 1}[a.Blocking]
		}
		return cmp.Compare(b.Priority, a.Priority)
	})
}

// patience checks how a campaign may be put off and stopped.
func (l *loading) patience(c *Campaign, at diag.Node) {
	snooze, stop := at.Field("snooze"), at.Field("stop_after_decline")
	switch {
	case c.Blocking && snooze.Set():
		snooze.Errorf("a blocking campaign is needed now and cannot be put off; leave one of the two out")
	case c.Snooze.Never:
		snooze.Errorf("putting off ends some day, or it would be a no; write how long, such as 7d")
	case !c.Cooldown.Never && !c.Snooze.IsZero() && c.Snooze.After(someday).After(c.Cooldown.After(someday)):
		snooze.Errorf("%s is longer than the cooldown (%s): who says \"not now\" would be asked later than who skips; write less", c.Snooze, c.Cooldown)
	}
	if c.Blocking && c.StopAfterDecline {
		stop.Errorf("a blocking campaign is needed and does not stop; leave one of the two out")
	}
}

// someday is a day to compare periods on: those that begin on the first of a long
// month are at their longest.
var someday = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// show checks the screens of a campaign, and that each condition reads what was
// asked before it.
func (l *loading) show(c *Campaign, at, in diag.Node) {
	if len(c.Show) == 0 && in.IsList() {
		in.Errorf("name a screen at least")
	}
	askedAt := map[string]int{} // question to the first screen that asks it
	total := 0
	for i, id := range c.Show {
		s := l.set.Screen(id)
		if s == nil {
			in.Index(i).Errorf("unknown screen %q%s", clip(id), diag.DidYouMean(id, l.raw.Screens.Keys, l.at("screens")))
			continue
		}
		if slices.Contains(c.Show[:i], id) {
			in.Index(i).Errorf("the screen %s stands here twice", id)
			continue
		}
		for _, q := range s.Ask {
			if _, ok := askedAt[q]; !ok {
				askedAt[q] = i
			}
			total++
		}
	}
	for i, id := range c.Show {
		s := l.set.Screen(id)
		if s == nil {
			continue
		}
		for _, q := range s.ShowIf.Reads() {
			if j, ok := askedAt[q]; ok && j > i {
				in.Index(i).Errorf("the show_if of %s (%s) reads %s, which is asked later, on %s; put %s first",
					id, s.at.Field("show_if").Pos(), q, c.Show[j], c.Show[j])
			}
		}
	}
	if c.Blocking && total > MaxQuestions {
		at.Field("blocking").Errorf("asks %d questions that cannot be skipped; a visit has %d at most", total, MaxQuestions)
	}
}

// needed checks that a campaign that cannot be skipped asks only what a contract
// needs: a consent that somebody has to give to go on is none (GDPR, 7(4)).
func (l *loading) needed(c *Campaign, at diag.Node) {
	if !c.Blocking {
		return
	}
	var free []string
	for _, screen := range l.set.ScreensOf(c) {
		for _, id := range screen.Ask {
			q := l.set.Question(id)
			if q == nil {
				continue
			}
			if p := l.set.Purpose(q.Purpose); p != nil && p.Basis != "contract" {
				free = append(free, id)
			}
		}
	}
	if free = sorted(free); len(free) > 0 {
		at.Field("blocking").Errorf("asks %s, whose purpose rests on consent, and consent is free: nobody can be kept waiting for it; take that out, or let the campaign be skipped",
			strings.Join(free, ", "))
	}
}

// offered checks that nothing about the customer's answers or consents decides
// who gets an offer.
func (l *loading) offered(c *Campaign, in, at diag.Node) {
	if c.Offer == "" {
		return
	}
	if _, ok := l.raw.Offers.Get(c.Offer); !ok {
		in.Errorf("unknown offer %q%s", clip(c.Offer), diag.DidYouMean(c.Offer, l.raw.Offers.Keys, l.at("offers")))
		return
	}
	if c.Who == nil {
		return
	}
	if c.Who.consents {
		at.Field("who").Errorf("an offer cannot depend on a consent: it is given for taking part; leave the consent or the offer out")
	}
	var own []string
	for _, id := range c.Show {
		if s := l.set.Screen(id); s != nil {
			for _, q := range s.Ask {
				if slices.Contains(c.Who.reads, q) {
					own = append(own, q)
				}
			}
		}
	}
	if own = sorted(own); len(own) > 0 {
		at.Field("who").Errorf("an offer cannot depend on the answer given: this reads %s, which the campaign asks", strings.Join(own, ", "))
	}
}

// unused reports what no customer can ever come to, and warns of what nothing uses.
func (l *loading) unused() {
	shown, asked, offered := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range l.set.Campaigns {
		offered[c.Offer] = true
		for _, id := range c.Show {
			shown[id] = true
		}
		for _, a := range c.Arms {
			offered[a.Offer] = true
			for _, id := range a.Show {
				shown[id] = true
			}
		}
	}
	for _, s := range l.set.Screens {
		for _, q := range s.Ask {
			asked[q] = true
		}
		if !shown[s.ID] {
			l.root.Field("screens").Key(s.ID).Errorf("no campaign shows this screen; name it in the show of one, or take it out")
		}
	}
	for _, q := range l.set.Questions {
		if !asked[q.ID] {
			q.at.Warnf("no screen asks this question")
		}
	}
	for _, o := range l.set.Offers {
		if !offered[o.ID] {
			l.root.Field("offers").Key(o.ID).Warnf("no campaign makes this offer")
		}
	}
	l.reach(shown)
}

// reach finds screens whose show_if can never be true, because what it reads is
// only asked on screens that can never be shown either.
func (l *loading) reach(shown map[string]bool) {
	reached := map[string]bool{}
	askable := func(id string) bool {
		if q := l.set.Question(id); q == nil || q.Shared || q.Scope == ScopePerson {
			return true // may have been answered elsewhere, or was reported
		}
		for _, s := range l.set.Screens {
			if reached[s.ID] && slices.Contains(s.Ask, id) {
				return true
			}
		}
		return false
	}
	for more := true; more; {
		more = false
		for _, s := range l.set.Screens {
			if reached[s.ID] || !shown[s.ID] {
				continue
			}
			if canBeTrue, _ := s.ShowIf.possible(askable); canBeTrue {
				reached[s.ID], more = true, true
			}
		}
	}
	for _, s := range l.set.Screens {
		if !shown[s.ID] || reached[s.ID] || slices.ContainsFunc(s.Ask, func(q string) bool { return slices.Contains(s.ShowIf.Reads(), q) }) {
			continue // a screen that reads its own question is reported as such
		}
		if ring := l.ring(s, reached); ring != nil {
			s.at.Field("show_if").Errorf("can never be true: these screens wait for one another: %s", strings.Join(ring, " → "))
			continue
		}
		s.at.Field("show_if").Errorf("can never be true: nothing asks %s before it", strings.Join(s.ShowIf.Reads(), ", "))
	}
}

// ring is a way from a screen over what its condition reads back to itself, or nil.
func (l *loading) ring(from *Screen, reached map[string]bool) []string {
	var walk func(s *Screen, path []string) []string
	seen := map[string]bool{}
	walk = func(s *Screen, path []string) []string {
		path = append(slices.Clone(path), s.ID)
		for _, q := range s.ShowIf.Reads() {
			for _, next := range l.set.Screens {
				if reached[next.ID] || !slices.Contains(next.Ask, q) {
					continue
				}
				if next == from {
					return append(path, from.ID)
				}
				if !seen[next.ID] {
					seen[next.ID] = true
					if found := walk(next, path); found != nil {
						return found
					}
				}
			}
		}
		return nil
	}
	return walk(from, nil)
}
