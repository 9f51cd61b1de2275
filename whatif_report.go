package proffer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/due"
)

// Foreseen is what a visit would be. Its JSON is what `proffer whatif --json`
// prints: keys are added, never renamed. Sentences are English and may change.
type Foreseen struct {
	Brand    string           `json:"brand"`
	Client   string           `json:"client"` // "" in a visit that a link began
	At       time.Time        `json:"at"`
	Locale   string           `json:"locale"`
	Moment   string           `json:"moment"`
	SignIn   int              `json:"sign_in"`       // which one at the brand, the visit counted
	Link     string           `json:"link,omitzero"` // campaign to which the customer followed a link
	Assumed  []string         `json:"assumed"`       // what the customer's file does not say
	Steps    []Step           `json:"steps"`         // the pages after signing in, in order
	Ends     Ending           `json:"ends"`
	Looked   []CampaignReason `json:"campaigns"`       // in the order in which they are considered
	Worked   []WorkedOut      `json:"worked,omitzero"` // out from the answers, at the end of the visit
	IDToken  *Handed          `json:"id_token,omitempty"`
	UserInfo *Handed          `json:"userinfo,omitempty"`

	// Files are the pages and what they load, by path, where WhatIf.Pages is set.
	Files map[string][]byte `json:"-"`
}

// A Step is one page.
type Step struct {
	Page      string    `json:"page"` // terms, carried, ask, check, share or end
	Path      string    `json:"path"`
	Campaign  string    `json:"campaign,omitzero"`
	Arm       string    `json:"arm,omitzero"` // of the campaign, in which the customer is
	Screen    string    `json:"screen,omitzero"`
	AtMost    int       `json:"at_most,omitzero"`  // questions in the visit, as the first page says
	Still     bool      `json:"still,omitzero"`    // asks whether an answer that ran out still holds
	Optional  bool      `json:"optional,omitzero"` // may be skipped
	Offer     string    `json:"offer,omitzero"`
	Questions []Asked   `json:"questions,omitzero"`
	Carried   []Carried `json:"carried,omitzero"`
	Shares    []Shared  `json:"shares,omitzero"`
	File      string    `json:"file,omitzero"` // of the page, where pages are written
}

// Asked is one question of a page, and what the customer does with it.
type Asked struct {
	Question string `json:"question"`
	Ask      string `json:"ask"`            // in the language of the page
	Does     string `json:"does"`           // answered, skipped, declined, unsure or left
	Value    any    `json:"value,omitzero"` // where answered
	Shown    string `json:"shown,omitzero"` // the value in the language of the page
	Assumed  bool   `json:"assumed"`        // the file does not say so
}

// Carried is one answer that the brand's site carried in.
type Carried struct {
	Question string `json:"question"`
	Value    any    `json:"value"`
	Shown    string `json:"shown"` // the value in the language of the page
	Kept     bool   `json:"kept"`
}

// Shared is one claim of the page that asks what to share.
type Shared struct {
	Claim  string `json:"claim"`
	Name   string `json:"name"`
	Value  string `json:"value"`
	Shared bool   `json:"shared"`
}

// Ending is how the visit ends.
type Ending struct {
	As  string `json:"as"` // code, left, end (of a link), or a protocol's error such as interaction_required
	Why string `json:"why"`
}

// CampaignReason says why a campaign is shown in the visit, or is not.
type CampaignReason struct {
	Campaign string          `json:"campaign"`
	Arm      string          `json:"arm,omitzero"` // in which the customer is shown it
	Shown    bool            `json:"shown"`
	Code     string          `json:"code"`           // why not; "shown" where it is
	Why      string          `json:"why"`            // in words
	Until    time.Time       `json:"until,omitzero"` // until when that lasts, if nothing else happens
	Who      *catalogue.Told `json:"who,omitzero"`
	Screens  []ScreenReason  `json:"screens,omitzero"`
}

// ScreenReason says why a screen of a campaign is shown, or is not.
type ScreenReason struct {
	Screen    string           `json:"screen"`
	Shown     bool             `json:"shown"`
	Why       string           `json:"why"`
	Until     time.Time        `json:"until,omitzero"`
	ShowIf    *catalogue.Told  `json:"show_if,omitzero"`
	Questions []QuestionReason `json:"questions,omitzero"`
}

// QuestionReason says why a question is asked, or is not.
type QuestionReason struct {
	Question string    `json:"question"`
	Asked    bool      `json:"asked"`
	Code     string    `json:"code"`
	Why      string    `json:"why"`
	Until    time.Time `json:"until,omitzero"`
}

// Handed is what one answer to the client holds.
type Handed struct {
	Claims   map[string]any `json:"claims"`
	More     bool           `json:"more"` // an ID token that left something to UserInfo
	Withheld []Withheld     `json:"withheld"`
}

// Withheld is a claim that does not leave.
type Withheld struct {
	Claim  string `json:"claim"`
	Reason string `json:"reason"`
	Why    string `json:"why"`
}

// explain says of every campaign why it is shown, or is not.
func (f *rehearsal) explain() {
	f.out.Assumed = append(f.out.Assumed, f.p.assumed...)
	if len(f.found) == 0 { // ended before anything was asked
		f.out.Looked = []CampaignReason{}
		return
	}
	first := f.found[0]
	for _, c := range f.set.Order {
		one := CampaignReason{Campaign: c.ID}
		for _, d := range f.found {
			if d.Campaign == c.ID && f.out.Ends.As != "interaction_required" {
				one.Shown, one.Arm = true, d.Arm
			}
		}
		f.campaign(&one, c, first)
		if one.Shown || one.Code == string(due.NothingLeft) {
			for _, id := range c.In(one.Arm).Show {
				if s := f.screen(c, id); s != nil {
					one.Screens = append(one.Screens, *s)
				}
			}
		}
		f.out.Looked = append(f.out.Looked, one)
	}
}

// campaign is what the first decision of the visit says of a campaign.
func (f *rehearsal) campaign(one *CampaignReason, c *catalogue.Campaign, first considered) {
	for _, t := range first.traces {
		if t.Campaign == c.ID && t.Screen == "" && c.Who != nil {
			told := f.telling(first).Tell(&t.Trace)
			one.Who = &told
			if t.Trace.Truth != catalogue.True {
				one.Until = t.Changes
			}
		}
	}
	if one.Shown {
		one.Code, one.Why, one.Until = "shown", "it is due", time.Time{}
		if h := first.state.Campaigns[c.ID]; h.Offers > 0 {
			one.Why = fmt.Sprintf("it is due, for the %s time", nth(h.Offers+1))
		}
		for _, r := range first.Reasons {
			if r.Campaign == c.ID && r.Code == due.HalfWay {
				one.Why = r.Words()
			}
		}
		return
	}
	for _, r := range first.Reasons {
		if r.Campaign != c.ID || r.Screen != "" {
			continue
		}
		one.Code, one.Why = string(r.Code), r.Words()
		if !r.Until.IsZero() {
			one.Until = r.Until
		}
		h := first.state.Campaigns[c.ID]
		switch r.Code {
		case due.Outranked:
			one.Why = first.Campaign + " comes first"
		case due.NotTheMoment:
			one.Why = f.notTheMoment(c)
		case due.LifetimeOver:
			one.Why = fmt.Sprintf("it was offered %d times, and %d are its lifetime", h.Offers, c.Lifetime)
		case due.Cooldown:
			one.Why = fmt.Sprintf("it was offered on %s, and waits for %s after that", catalogue.Day(h.Offered), c.Cooldown)
			if c.Cooldown.Never {
				one.Why = fmt.Sprintf("it was offered on %s, and is offered once only", catalogue.Day(h.Offered))
			}
		case due.AttentionSpent:
			one.Until = due.FreeAgain(first.state.Asked, f.catalogue.Attention.Screens, f.catalogue.Attention.Every.After, f.ask.At)
		}
	}
}

// notTheMoment says why nothing brings a campaign.
func (f *rehearsal) notTheMoment(c *catalogue.Campaign) string {
	this := strings.ReplaceAll(f.out.Moment, "_", "-")
	switch {
	case f.out.Link != "" && f.out.Link != c.ID:
		return "the customer followed a link to " + f.out.Link
	case f.out.Link != "":
		return fmt.Sprintf("it comes with %s, and no link leads to it", moments(c))
	case f.p.ask == c.ID && f.visit.Ask == "":
		return "the site asks for it by name, which the client's policy does not let it"
	case slices.ContainsFunc(c.When, func(t catalogue.Trigger) bool { return t.Nth > 0 }):
		this = fmt.Sprintf("%s, their %s,", this, nth(f.out.SignIn))
	}
	return fmt.Sprintf("it comes with %s, and this %s has nothing of it", moments(c), this)
}

// assumeArm says, once, that chance put the customer into an arm.
func (f *rehearsal) assumeArm(d due.Decision) {
	if d.Arm == "" || !f.account.IsZero() || f.p.customer.Campaigns[d.Campaign].Arm != "" {
		return
	}
	s := fmt.Sprintf("the customer is in the arm %s of %s, for want of an account or an arm", d.Arm, d.Campaign)
	if !slices.Contains(f.p.assumed, s) {
		f.p.assumed = append(f.p.assumed, s)
	}
}

// nth is a number in its order: 2nd.
func nth(n int) string {
	switch {
	case n%10 == 1 && n%100 != 11:
		return fmt.Sprint(n, "st")
	case n%10 == 2 && n%100 != 12:
		return fmt.Sprint(n, "nd")
	case n%10 == 3 && n%100 != 13:
		return fmt.Sprint(n, "rd")
	}
	return fmt.Sprint(n, "th")
}

func moments(c *catalogue.Campaign) string {
	var out []string
	for _, m := range c.When {
		out = append(out, m.Words())
	}
	return strings.Join(out, " or ")
}

// screen is what the decision that showed a screen says of it, or the last one.
func (f *rehearsal) screen(c *catalogue.Campaign, id string) *ScreenReason {
	out := &ScreenReason{Screen: id}
	d := f.found[len(f.found)-1]
	for _, x := range f.found {
		if x.Campaign == c.ID && x.Screen == id {
			d, out.Shown = x, true
			break
		}
	}
	screen := f.set.Screen(id)
	if screen == nil {
		return nil
	}
	for _, t := range d.traces {
		if t.Campaign == c.ID && t.Screen == id && screen.ShowIf != nil {
			told := f.telling(d).Tell(&t.Trace)
			out.ShowIf = &told
			if t.Trace.Truth != catalogue.True {
				out.Until = t.Changes
			}
		}
	}
	for _, r := range d.Reasons {
		if r.Campaign != c.ID || r.Screen != id {
			continue
		}
		if r.Question == "" {
			out.Why = r.Words()
			continue
		}
		out.Questions = append(out.Questions, QuestionReason{
			Question: r.Question, Asked: out.Shown && slices.Contains(d.Questions, r.Question), Code: string(r.Code), Why: f.questionWhy(r, d.state), Until: r.Until,
		})
	}
	switch {
	case out.Shown:
		out.Why = "it is due"
	case out.Why == "" && len(out.Questions) > 0:
		out.Why = "none of its questions is open"
	case out.Why == "":
		out.Why = "the visit did not come to it"
		for _, r := range d.Reasons {
			if r.Campaign == c.ID && (r.Code == due.VisitFull || r.Code == due.AttentionSpent) {
				out.Why = r.Words()
			}
		}
	}
	return out
}

// questionWhy is why a question is asked or not, with when it was said.
func (f *rehearsal) questionWhy(r due.Reason, s catalogue.State) string {
	a := s.Answers[r.Question]
	switch r.Code {
	case due.AnsweredFresh:
		if a.Expires.IsZero() {
			return "it was answered on " + catalogue.Day(a.At)
		}
		return fmt.Sprintf("it was answered on %s, which is good until %s", catalogue.Day(a.At), catalogue.Day(a.Expires))
	case due.Expired:
		return fmt.Sprintf("its answer of %s ran out on %s, and is to be confirmed", catalogue.Day(a.At), catalogue.Day(a.Expires))
	case due.Outdated:
		return fmt.Sprintf("it was answered on %s with what it cannot be answered with any more, and is asked anew", catalogue.Day(a.At))
	case due.StopsAsking:
		return fmt.Sprintf("on %s the customer said they would rather not say, and is not asked again", catalogue.Day(a.At))
	case due.UnsureLately:
		return fmt.Sprintf("on %s the customer was not sure, and is asked again from %s", catalogue.Day(a.At), catalogue.Day(a.Expires))
	case due.SkippedLately:
		return "it was skipped on " + catalogue.Day(a.Skipped)
	case due.WithdrawnLately:
		return "its answer was taken back on " + catalogue.Day(a.At)
	}
	return r.Words()
}

// telling puts the conditions of a decision in words.
func (f *rehearsal) telling(considered) catalogue.Telling {
	_, facts := f.r.State()
	return catalogue.Telling{Set: f.set, Lang: f.ask.Locale, Dates: f.pages, Facts: facts, Now: f.ask.At}
}

// why says in words why a claim is withheld.
func (f *rehearsal) why(ru *rule, reason Reason, k *known) string {
	if ru.derived != nil {
		if one, why := k.blame(ru, f.ask.At); why == reason {
			return "it is worked out from " + one.id + ": " + f.why(one, why, k)
		}
	}
	cur := k.profile[ru.id]
	rel := k.releases[ru.id]
	switch reason {
	case ByPolicy:
		return "the client's policy withholds it"
	case NotRequested:
		return fmt.Sprintf("the site asks for it neither by the scope %s nor by the claims parameter", ru.scope)
	case NoAnswer:
		if cur != nil && !cur.Skipped.IsZero() {
			return "it was skipped on " + catalogue.Day(cur.Skipped)
		}
		return "the customer has not answered it"
	case Declined:
		return "the customer would rather not say, since " + catalogue.Day(cur.At)
	case Unsure:
		return "the customer was not sure on " + catalogue.Day(cur.At)
	case Removed:
		return "the customer took it back on " + catalogue.Day(cur.At)
	case Stale:
		return "the answer ran out on " + catalogue.Day(cur.Expires)
	case Young:
		return fmt.Sprintf("the question is for those of %d years at least, and by %s the customer is not known to be", ru.question.MinAge, ru.set.AgeQuestion)
	case NotOffered:
		return "the question cannot have this answer any more"
	case NoValue:
		return "the answers it is worked out from come to no value"
	case NotAgreed:
		return "the customer was never asked to share it with this brand"
	case Refused:
		return "the customer refused to share it, on " + catalogue.Day(rel.At)
	case Stopped:
		return "the customer stopped sharing it on " + catalogue.Day(rel.At)
	case NoConsent:
		return "the customer does not agree to " + ru.purpose
	case UserInfoOnly:
		return "the client's policy gives it at UserInfo alone"
	case NoRoom:
		return fmt.Sprintf("the ID token has no room for it: answers may take %d bytes there", idTokenRoom)
	}
	return strings.ReplaceAll(string(reason), "_", " ")
}
