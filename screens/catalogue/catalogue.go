package catalogue

import (
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/consent"
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
	Controller consent.Controller
	Languages  []string // first is the fallback
	Purposes   []*Purpose
	Questions  []*Question // those the brand asks itself, shared ones included
	Derived    []*Derived  // what is worked out from their answers
	Conditions []*NamedCondition
	Screens    []*Screen
	Campaigns  []*Campaign
	Offers     []*Offer
	Files      []*File     // pictures that the options name
	Order      []*Campaign // Campaigns in their order of rank: blocking ones first, then by priority, then as written

	// AgeQuestion tells how old a customer is, for questions with a MinAge; "": there
	// are none.
	AgeQuestion string

	index  *index
	at     diag.Node
	broken bool                   // something stands against it
	late   []func(*diag.Findings) // checks that need the definitions of other sets
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

	Options      []*Option   // single, multi, boolean ("yes", "no"), plan (what) and consent (channels)
	Unsure       bool        // offers "I'm not sure"
	Decline      bool        // offers "I'd rather not say"
	Fresh        diag.Period // answers older than this are confirmed again; zero or Never: always fresh
	AtMost       int         // multi, pictures: how many may be chosen; rank: places; 0: any number
	AtLeast      int         // multi and pictures: how many must be chosen; 0: one
	Limit        int         // characters of a text, or of what is typed beside "other"
	Long         bool        // text: several lines
	Autocomplete string      // text, date and country: the HTML autofill name; may be ""
	Short        bool        // options are short: a grid of cells
	Min, Max     Decimal     // number and scale: the least and the greatest
	Step         Decimal     // number and scale: how far one is from the next
	Unit         Text        // number: stands after it; may be empty
	Labels       Labels      // scale
	From, To     Bound       // date and year_month: the first and last that may be answered
	First        int         // country: how many stand on top, out of order
	Special      bool        // special data: needs an explicit consent; see Agree
	Plan         *Plan       // plan: what it offers beside Options
	Sizes        *Sizes      // size: what it offers
	MinAge       int         // years: who is younger, or may be, is not asked; 0: everybody is; see OldEnough

	order    map[string][]*Option // by language, where each sorts them its own way
	shuffled bool                 // each visit has the options in an order of its own
	shown    []*Option            // that order, of a question of one visit; else nil
	at       diag.Node
}

// An Option is one choice of a question.
type Option struct {
	ID     string
	Label  Text
	Hint   Text // may be empty
	Other  bool // opens a text field; its ID is "other"
	NoPlan bool // a plan's when: there is none

	// Retired options are offered no more. Who chose one keeps the answer: it is
	// shown, released and read by conditions.
	Retired bool
	Picture *Picture // pictures: what is shown; nil at "other"

	pos string // kopi.yaml:12
}

// A Screen is one page, normally with one question.
type Screen struct {
	ID     string
	Ask    []string           // questions, in order; 1 to 3
	ShowIf *Condition         // nil: always
	Texts  map[string]Wording // by question: words in place of the question's own

	questions []*Question // those of Ask, found once; nil where one is not defined
	at        diag.Node
}

// Wording is how one screen puts a question. What is empty stays as the question
// has it.
type Wording struct {
	Ask, Hint, Why Text
}

// Put is a question as the screen puts it: the same question, maybe in other words.
func (s *Screen) Put(q *Question) *Question {
	w, ok := s.Texts[q.ID]
	if !ok {
		return q
	}
	as := *q
	for _, t := range []struct {
		own   *Text
		other Text
	}{{&as.Ask, w.Ask}, {&as.Hint, w.Hint}, {&as.Why, w.Why}} {
		if len(t.other) > 0 {
			*t.own = t.other
		}
	}
	return &as
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

// An index finds entries by id. It is made at the end of Load; until then, and
// in a set that was put together by hand, the slices are searched.
type index struct {
	questions map[string]*Question
	screens   map[string]*Screen
	campaigns map[string]*Campaign
	purposes  map[string]*Purpose
}

func (s *Set) makeIndex() {
	x := &index{map[string]*Question{}, map[string]*Screen{}, map[string]*Campaign{}, map[string]*Purpose{}}
	for _, q := range s.Questions {
		x.questions[q.ID] = q
	}
	for _, screen := range s.Screens {
		x.screens[screen.ID] = screen
	}
	for _, c := range s.Campaigns {
		x.campaigns[c.ID] = c
	}
	for _, p := range s.Purposes {
		x.purposes[p.ID] = p
	}
	s.index = x
	for _, screen := range s.Screens {
		screen.questions = s.QuestionsOf(screen)
	}
	for _, c := range s.Campaigns {
		c.screens = s.ScreensOf(c)
		for _, a := range c.Arms {
			a.campaign.screens = s.ScreensOf(a.campaign)
		}
		c.asks = s.AsksOf(c)
	}
}

// Question looks a question up that the brand asks itself; nil if there is none.
func (s *Set) Question(id string) *Question {
	if s.index != nil {
		return s.index.questions[id]
	}
	return find(s.Questions, func(q *Question) bool { return q.ID == id })
}

// Screen looks a screen up; nil if there is none.
func (s *Set) Screen(id string) *Screen {
	if s.index != nil {
		return s.index.screens[id]
	}
	return find(s.Screens, func(x *Screen) bool { return x.ID == id })
}

// QuestionsOf are the questions of a screen of the set, one for each of Ask; nil
// where one is not defined. The list is not to be changed.
func (s *Set) QuestionsOf(screen *Screen) []*Question {
	if screen.questions != nil {
		return screen.questions
	}
	out := make([]*Question, len(screen.Ask))
	for i, id := range screen.Ask {
		out[i] = s.Question(id)
	}
	return out
}

// Campaign looks a campaign up; nil if there is none.
func (s *Set) Campaign(id string) *Campaign {
	if s.index != nil {
		return s.index.campaigns[id]
	}
	return find(s.Campaigns, func(c *Campaign) bool { return c.ID == id })
}

// Purpose looks a purpose up; nil if there is none.
func (s *Set) Purpose(id string) *Purpose {
	if s.index != nil {
		return s.index.purposes[id]
	}
	return find(s.Purposes, func(p *Purpose) bool { return p.ID == id })
}

// Offer looks an offer up; nil if there is none.
func (s *Set) Offer(id string) *Offer {
	return find(s.Offers, func(o *Offer) bool { return o.ID == id })
}

// Condition looks a named condition up; nil if there is none.
func (s *Set) Condition(id string) *Condition {
	if c := find(s.Conditions, func(c *NamedCondition) bool { return c.ID == id }); c != nil {
		return c.Condition
	}
	return nil
}

// Option looks a choice up; nil if there is none.
func (q *Question) Option(id string) *Option {
	return find(q.Options, func(o *Option) bool { return o.ID == id })
}

// Expires is when an answer given now is to be asked again, or no longer kept:
// what comes first. Zero: never.
func (q *Question) Expires(set *Set, now time.Time) time.Time {
	at := q.Fresh.After(now)
	if p := set.Purpose(q.Purpose); p != nil {
		if keep := p.Keep.After(now); !keep.IsZero() && (at.IsZero() || keep.Before(at)) {
			at = keep
		}
	}
	return at
}

// UnsureUntil is when who is not sure now may be asked again: when an answer would be
// confirmed, or in a year.
func (q *Question) UnsureUntil(now time.Time) time.Time {
	if at := q.Fresh.After(now); !at.IsZero() {
		return at
	}
	return diag.Period{Months: 12}.After(now)
}

// ScopeKey is where the answers to a question are kept: at the brand that asks
// or, person-wide, at none. Questions of one brand cannot be read with another's key.
func (q *Question) ScopeKey(brand string) string {
	if q.Scope == ScopePerson {
		return ""
	}
	return brand
}

func find[T any](list []*T, is func(*T) bool) *T {
	for _, x := range list {
		if is(x) {
			return x
		}
	}
	return nil
}

// At is the place of the set, for findings about it.
func (s *Set) At() diag.Node { return s.at }

// At is the place of the question, for findings about it.
func (q *Question) At() diag.Node { return q.at }
