package catalogue

import (
	"fmt"
	"slices"
	"time"
)

// A Moment is when in a customer's life a visit stands.
type Moment string

const (
	Registration Moment = "registration" // the visit made the account
	SignIn       Moment = "sign_in"      // any other
)

// On is a kind of trigger.
type On string

const (
	OnRegistration On = "registration"  // the visit made the account
	OnSignIn       On = "sign_in"       // any other visit; with Nth, from that one on
	OnMissing      On = "missing_claim" // the client asks for a claim that one of its questions would fill
	OnExpired      On = "expired"       // the time of an answer to one of its questions ran out
	OnLink         On = "link"          // the customer followed a link to it
	OnAsk          On = "ask"           // the client asks for it by name
	OnBetween      On = "between"       // any visit on certain days
)

// MaxSignIns is the greatest Nth; sign-ins are not counted further.
const MaxSignIns = 100

// A Trigger is what may bring a campaign.
type Trigger struct {
	On       On
	Nth      int       // OnSignIn: from the n-th sign-in at the brand on, the registration counted; 0: any
	From, To time.Time // OnBetween: from inclusive, to exclusive
}

// String is the trigger as a set writes it.
func (t Trigger) String() string {
	switch {
	case t.Nth > 0:
		return fmt.Sprintf("%s: %d", t.On, t.Nth)
	case t.On == OnBetween:
		return fmt.Sprintf("between: [%s, %s]", t.From.Format(time.DateOnly), t.To.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	return string(t.On)
}

// Words say the trigger to a marketer, after "it comes with".
func (t Trigger) Words() string {
	switch {
	case t.Nth > 0:
		return fmt.Sprintf("sign-in number %d or a later one", t.Nth)
	case t.On == OnBetween:
		return fmt.Sprintf("a day from %s to %s", t.From.Format(time.DateOnly), t.To.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	return map[On]string{
		OnRegistration: "a registration", OnSignIn: "a sign-in", OnMissing: "a claim that the client asks for and does not get",
		OnExpired: "an answer that ran out", OnLink: "a link to it", OnAsk: "a client that asks for it by name",
	}[t.On]
}

// Brings says whether the trigger brings a campaign of the set to a customer, in a
// visit. It is total, and reads nothing but its arguments.
func (t Trigger) Brings(set *Set, c *Campaign, s *State, v *Facts, now time.Time) bool {
	at := v.Link == "" // a link is no visit to the brand's site
	switch t.On {
	case OnRegistration:
		return at && v.Moment == Registration
	case OnSignIn:
		if t.Nth > 0 {
			return at && v.SignIns >= t.Nth
		}
		return at && v.Moment == SignIn
	case OnMissing:
		return at && set.asksAny(c, func(q *Question) bool { return s.lacks(q, v, now) })
	case OnExpired:
		return at && set.asksAny(c, func(q *Question) bool { return s.ranOut(q, now) })
	case OnLink:
		return v.Link == c.ID
	case OnAsk:
		return at && v.Asks == c.ID
	case OnBetween:
		return at && !now.Before(t.From) && now.Before(t.To)
	}
	return false
}

// Brought is the first trigger that brings a campaign of the set; ok is false if
// none does.
func (s *Set) Brought(c *Campaign, st *State, v *Facts, now time.Time) (t Trigger, ok bool) {
	for _, t := range c.When {
		if t.Brings(s, c, st, v, now) {
			return t, true
		}
	}
	return Trigger{}, false
}

// Brings says whether a question is one that brings a narrow campaign: what the
// client lacks, or what ran out, as its triggers have it.
func (c *Campaign) Brings(q *Question, s *State, v *Facts, now time.Time) bool {
	return c.By(OnMissing) && s.lacks(q, v, now) || c.By(OnExpired) && s.ranOut(q, now)
}

func (s *Set) asksAny(c *Campaign, is func(*Question) bool) bool {
	for _, screen := range s.ScreensOf(c) {
		for _, q := range s.QuestionsOf(screen) {
			if q != nil && is(q) {
				return true
			}
		}
	}
	return false
}

// lacks says whether the client asks for the claim of a question to which there is
// no answer that it can have. What the customer would rather not say, or told another
// brand, is not lacking: asking would not help, or would tell.
func (s *State) lacks(q *Question, v *Facts, now time.Time) bool {
	if !slices.Contains(v.Wants, q.ID) {
		return false
	}
	a := s.Answers[q.ID]
	return a.Outcome != Declined && !a.StillUnsure(now) && !a.Holds(q, now)
}

// ranOut says whether there is an answer whose time ran out.
func (s *State) ranOut(q *Question, now time.Time) bool {
	a := s.Answers[q.ID]
	return a.Outcome == Answered && !a.Elsewhere && !a.Fresh(now)
}
