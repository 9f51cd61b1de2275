package catalogue

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

// MaxQuestions is how many questions a visit may ask, whatever the campaigns say.
const MaxQuestions = 3

// A Campaign says whom to ask, when and how often, and which screens.
type Campaign struct {
	ID               string
	When             []Trigger   // any one of them brings it
	Who              *Condition  // nil: everybody
	Show             []string    // screens in order
	AtMost           int         // questions a visit, 1 to MaxQuestions
	Blocking         bool        // needed: no skip, and neither cooldown, lifetime nor attention hold it back
	Cooldown         diag.Period // between two offers, and after a skip; Never: offered once only
	Lifetime         int         // offers in all, those that went on from where the last was left included
	Snooze           diag.Period // how long "Not now" puts all of it off, in place of the cooldown; zero: that is not offered
	StopAfterDecline bool        // one "I'd rather not say" ends it, for good
	Priority         int         // higher first, after all that are blocking; then who was asked least recently
	Check            bool        // the answers of a visit are shown together at its end, to be put right
	Offer            string      // id; may be ""
	Arms             []*Arm      // the ways an experiment shows it; none: there is one way
	ArmsUntil        int         // customers the experiment is planned to have, in all arms; 0: not said
	Arm              string      // of a campaign as one arm has it: which; else ""

	screens []*Screen   // those of Show, found once
	asks    []*Question // of all its screens, in all its arms, each once
	narrow  bool        // no moment brings it but what a client lacks or what ran out: it asks nothing else
}

// Until is when something that waits for the cooldown since t is over; ever is false if it never is.
func (c *Campaign) Until(t time.Time) (end time.Time, ever bool) {
	return c.Cooldown.After(t), !c.Cooldown.Never
}

// Waits says whether the cooldown since t still holds at now.
func (c *Campaign) Waits(t, now time.Time) bool {
	end, ever := c.Until(t)
	return !ever || now.Before(end)
}

// Narrow says whether the campaign asks only what brings it: nothing does but
// claims that a client lacks, or answers whose time ran out.
func (c *Campaign) Narrow() bool { return c.narrow }

// By says whether a trigger of this kind brings the campaign.
func (c *Campaign) By(on On) bool {
	return slices.ContainsFunc(c.When, func(t Trigger) bool { return t.On == on })
}

// ScreensOf are the screens of a campaign of the set, in order; what is not
// defined is left out. The list is not to be changed.
func (s *Set) ScreensOf(c *Campaign) []*Screen {
	if c.screens != nil {
		return c.screens
	}
	var out []*Screen
	for _, id := range c.Show {
		if screen := s.Screen(id); screen != nil {
			out = append(out, screen)
		}
	}
	return out
}

// AsksOf are the questions of a campaign of the set, in all its arms, each once, in no
// order that matters. What is not defined is left out. The list is not to be changed.
func (s *Set) AsksOf(c *Campaign) []*Question {
	if c.asks != nil {
		return c.asks
	}
	var out []*Question
	for _, way := range c.Ways() {
		for _, screen := range s.ScreensOf(way) {
			for _, q := range s.QuestionsOf(screen) {
				if q != nil && !slices.Contains(out, q) {
					out = append(out, q)
				}
			}
		}
	}
	return out
}

// By says whether a trigger of this kind brings any campaign of the set.
func (s *Set) By(on On) bool {
	return slices.ContainsFunc(s.Campaigns, func(c *Campaign) bool { return c.By(on) })
}
