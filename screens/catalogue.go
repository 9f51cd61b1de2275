package screens

import (
	"github.com/proffer-id/proffer/internal/diag"
)

// A Text is words in several languages.
type Text = diag.Text

// Scope says whose an answer is.
type Scope string

const (
	ScopePerson Scope = "person" // one answer for all brands, released to each only if agreed
	ScopeBrand  Scope = "brand"  // the answer belongs to the brand that asked
)

// A Set is what one brand deploys: its questions, screens, campaigns and texts.
// Slices are in the order of the file. Not changed after Join.
type Set struct {
	Brand      string
	Name       Text // of the brand, as customers read it
	File       string
	Languages  []string // first is the fallback
	Purposes   []*Purpose
	Questions  []*Question // those the brand asks itself, shared ones included
	Conditions []*NamedCondition
	Screens    []*Screen
	Campaigns  []*Campaign
	Offers     []*Offer

	at       diag.Node
	broken   bool                   // something stands against it
	order    []*Campaign            // by priority
	late     []func(*diag.Findings) // checks that need the definitions of other sets
	resolved map[shownKey]Resolved  // by Join
}

// A Purpose is why data is used, as the customer reads it.
type Purpose struct {
	ID    string
	Text  Text        // "start your shelf with what you like": follows "to" or "used to"
	Basis string      // "consent", the default, or "contract"
	Keep  diag.Period // how long an answer given for it is kept; zero: until removed
}

// A Question is one entry of the catalogue.
type Question struct {
	ID      string
	Brand   string // whose set it stands in
	Version string // changes with what an answer means: kind, options, scope, claim
	Kind    Kind
	Scope   Scope
	Shared  bool   // defined by another brand's set; this set adds its purpose and why
	Claim   string // name it is released under; default: ID
	Purpose string // of Brand's set

	Ask  Text // the heading
	Name Text // short: "Coffee"
	Hint Text // may be empty
	Why  Text

	Options      []*Option   // single, multi and boolean ("yes", "no")
	Decline      bool        // offers "I'd rather not say"
	Fresh        diag.Period // answers older than this are confirmed again; zero or Never: always fresh
	AtMost       int         // multi: how many may be chosen; 0: any number
	Limit        int         // characters of a text, or of what is typed beside "other"
	Autocomplete string      // text: the HTML autofill name; may be ""
	Short        bool        // options are short: a grid of cells

	at diag.Node
}

// An Option is one choice of a question.
type Option struct {
	ID    string
	Label Text
	Hint  Text // may be empty
	Other bool // opens a text field; its ID is "other"

	pos string // kopi.yaml:12
}

// A Screen is one page, normally with one question.
type Screen struct {
	ID     string
	Ask    []string   // questions, in order; 1 to 3
	ShowIf *Condition // nil: always

	at diag.Node
}

// An Offer is what is given for taking part, whatever the answers.
type Offer struct {
	ID   string
	Text Text
}

// A NamedCondition may be used by its name wherever a condition stands.
type NamedCondition struct {
	ID        string
	Condition *Condition
}

// Question, Screen, Campaign, Purpose, Offer and Condition look an entry up by
// its id; nil if there is none.
func (s *Set) Question(id string) *Question {
	return find(s.Questions, id, func(q *Question) string { return q.ID })
}
func (s *Set) Screen(id string) *Screen {
	return find(s.Screens, id, func(x *Screen) string { return x.ID })
}
func (s *Set) Campaign(id string) *Campaign {
	return find(s.Campaigns, id, func(c *Campaign) string { return c.ID })
}
func (s *Set) Purpose(id string) *Purpose {
	return find(s.Purposes, id, func(p *Purpose) string { return p.ID })
}
func (s *Set) Offer(id string) *Offer {
	return find(s.Offers, id, func(o *Offer) string { return o.ID })
}
func (s *Set) Condition(id string) *Condition {
	if c := find(s.Conditions, id, func(c *NamedCondition) string { return c.ID }); c != nil {
		return c.Condition
	}
	return nil
}

// Option looks a choice up; nil if there is none.
func (q *Question) Option(id string) *Option {
	return find(q.Options, id, func(o *Option) string { return o.ID })
}

func find[T any](list []*T, id string, name func(*T) string) *T {
	for _, x := range list {
		if name(x) == id {
			return x
		}
	}
	return nil
}
