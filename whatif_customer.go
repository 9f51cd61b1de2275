package proffer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// A customerFile is a customer made up for whatif, with what they do in the visit,
// as YAML or JSON. docs/whatif.md is its manual.
type customerFile struct {
	At diag.Node `yaml:"-"`

	Email     string
	Answers   diag.Map[diag.Node] // where questions stand
	Consents  map[string]string   // purpose: given, refused or withdrawn
	Releases  map[string]string   // question or email: given, refused or withdrawn
	Campaigns diag.Map[pastCampaign]
	Asked     []moment // when questions were decided, by any brand
	SignIns   int      // at the brand, before this visit
	Terms     *int     // version of the brand's that was agreed to
	Account   string   // id: chance puts it into the arms of experiments

	// What they do in the visit; the rest is read where the customer is one of a store.
	Moment    string
	Prompt    string
	Ask       string // campaign that the site asks for by name
	Link      string // campaign to which the customer followed a link
	Carried   diag.Map[diag.Node]
	Keep      written
	Says      diag.Map[diag.Node]
	Otherwise string
	Share     written
	Scopes    []string
	Claims    []string
}

// written is a place that is read once it is known what may stand there.
type written struct{ at diag.Node }

// DecodeNode keeps the place.
func (w *written) DecodeNode(at diag.Node) { w.at = at }

// A pastCampaign is what happened with a campaign before the visit.
type pastCampaign struct {
	At      diag.Node `yaml:"-"`
	Offered moment    // last
	Times   int       // in all; default 1
	Asked   []string  // decided since it was last offered
	Skipped bool      // one of them was skipped
	Arm     string    // in which the customer is; Offered may then be left out
}

// A moment is a day, or a day and a time with its zone, in UTC.
type moment struct{ time.Time }

// UnmarshalText reads 2027-02-01 or 2027-02-01T09:30:00+07:00.
func (m *moment) UnmarshalText(b []byte) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, string(b)); err == nil {
			m.Time = t.UTC()
			return nil
		}
	}
	return fmt.Errorf("write a day such as 2027-02-01, or 2027-02-01T09:30:00+07:00, not %q", b)
}

// ParseMoment reads a time as --at and the files of whatif have it.
func ParseMoment(s string) (time.Time, error) {
	var m moment
	err := m.UnmarshalText([]byte(s))
	return m.Time, err
}

// toldBefore is how long before the visit something was said that has no date.
const toldBefore = 30 * 24 * time.Hour

// player is the customer of a rehearsal.
type player struct {
	account   store.ID // of a made-up customer; may be zero
	email     string
	terms     int // agreed to at the brand; -1: those in force
	customer  *screens.Customer
	moment    catalogue.Moment
	silent    bool
	ask, link string                     // campaigns
	carried   map[string]json.RawMessage // answers that the site hands over, by claim
	keep      picked                     // of what was carried in
	says      map[string]*intent
	otherwise catalogue.Outcome // of what says does not name
	share     picked            // on the page that asks what to share
	scopes    []string
	claims    []string
	assumed   []string
}

// picked is what a customer ticks on a page.
type picked struct {
	said bool // the file says it
	all  bool
	ids  []string // of questions, or email
}

func (p picked) has(id string) bool { return p.all || slices.Contains(p.ids, id) }

// intent is what says tells of one question.
type intent struct {
	screens.Line
	leaves bool // closes the tab there
}

func (p *player) assume(format string, args ...any) {
	p.assumed = append(p.assumed, fmt.Sprintf(format, args...))
}

// A casting reads a customer for one brand and one time.
type casting struct {
	def   *catalogue.Catalogue
	set   *catalogue.Set
	brand string
	at    time.Time
	file  *customerFile
	node  diag.Node
	p     *player
}

// cast reads a customer. Everything that is wrong is reported at once.
func cast(node diag.Node, def *catalogue.Catalogue, brand string, at time.Time) *player {
	c := &casting{def: def, set: def.Set(brand), brand: brand, at: at, file: new(customerFile), node: node}
	node.Decode(c.file)
	f := c.file
	asked := make([]time.Time, len(f.Asked))
	for i, m := range f.Asked {
		c.past(c.node.Field("asked").Index(i), m.Time)
		asked[i] = m.Time
	}
	c.p = &player{email: f.Email, terms: -1, customer: screens.NewCustomer(asked, map[string]int{brand: f.SignIns})}
	c.who()
	if f.Terms != nil {
		c.p.terms = *f.Terms
	}
	c.answers()
	c.decided()
	c.campaigns()
	c.visit()
	return c.p
}

// castVisit reads what a customer of a store does in the visit.
func castVisit(node diag.Node, def *catalogue.Catalogue, brand string, at time.Time, p *player) {
	c := &casting{def: def, set: def.Set(brand), brand: brand, at: at, file: new(customerFile), node: node, p: p}
	node.Decode(c.file)
	for _, key := range []string{"email", "answers", "consents", "releases", "campaigns", "asked", "sign_ins", "terms", "account"} {
		if c.node.Field(key).Set() {
			c.node.Key(key).Errorf("is read from the store; write only what the customer does in the visit: moment, prompt, ask, link, carried, keep, says, otherwise, share, scopes, claims")
		}
	}
	c.visit()
}

// who reads what is counted of the customer, and who they are to chance.
func (c *casting) who() {
	f := c.file
	switch {
	case f.SignIns < 0 || f.SignIns > catalogue.MaxSignIns:
		c.node.Field("sign_ins").Errorf("%d: write how often they signed in before this visit, 0 to %d", f.SignIns, catalogue.MaxSignIns)
	case f.SignIns > 0 && f.Moment == string(catalogue.Registration):
		c.node.Field("sign_ins").Errorf("who registers has not signed in before; leave it out")
	}
	if f.Account != "" {
		if err := c.p.account.UnmarshalText([]byte(f.Account)); err != nil {
			c.node.Field("account").Errorf("%q is no id of an account: %v", f.Account, err)
		}
	}
}

// question finds a question that the file names.
func (c *casting) question(at diag.Node, id string) *catalogue.Question {
	q := c.def.Question(c.brand, id)
	if q == nil {
		var known []string
		for _, q := range c.def.Questions(c.brand) {
			known = append(known, q.ID)
		}
		at.Errorf("unknown question %q%s", id, diag.DidYouMean(id, known, nil))
	}
	return q
}

func (c *casting) past(at diag.Node, t time.Time) {
	if t.After(c.at) {
		at.Errorf("%s lies after the visit (%s)", t.Format(time.DateOnly), c.at.Format(time.DateOnly))
	}
}

// A standingFile is where one question stands, written out.
type standingFile struct {
	Value    written
	At       moment
	Expires  moment
	Brand    string
	Declined moment
	Unsure   moment
	Removed  moment
	Skipped  moment
}

// answers reads where the questions stand. What this brand asked itself is taken
// as agreed to and released, as a page of its own has it.
func (c *casting) answers() {
	for _, id := range c.file.Answers.Keys {
		at := c.node.Field("answers").Field(id)
		q := c.question(c.node.Field("answers").Key(id), id)
		if q == nil {
			continue
		}
		var s standingFile
		s.Value.at = at
		if at.IsMap() && slices.ContainsFunc(at.Keys(), func(k string) bool {
			return slices.Contains([]string{"value", "declined", "unsure", "removed", "skipped"}, k)
		}) {
			s.Value = written{}
			if !at.Decode(&s) {
				continue
			}
		}
		if cur := c.current(q, at, s); cur != nil {
			c.p.customer.Profile[id] = cur
		}
	}
}

func (c *casting) current(q *catalogue.Question, at diag.Node, s standingFile) *screens.Current {
	said := 0
	for _, is := range []bool{s.Value.at.Set(), !s.Declined.IsZero(), !s.Unsure.IsZero(), !s.Removed.IsZero()} {
		if is {
			said++
		}
	}
	if said > 1 {
		at.Errorf("says more than one thing of %s: write value, declined, unsure or removed", q.ID)
		return nil
	}
	for name, m := range map[string]moment{"at": s.At, "declined": s.Declined, "unsure": s.Unsure, "removed": s.Removed, "skipped": s.Skipped} {
		c.past(at.Field(name), m.Time)
	}
	cur := &screens.Current{Scope: q.ScopeKey(c.brand), Question: q.ID, Seq: 1, Brand: s.Brand, Version: q.Version, Source: screens.SourceAsked, Skipped: s.Skipped.Time}
	if cur.Brand == "" {
		if cur.Brand = c.brand; c.set.Question(q.ID) == nil {
			cur.Brand = q.Brand
		}
	} else if c.def.Set(cur.Brand) == nil {
		at.Field("brand").Errorf("unknown brand %q%s", cur.Brand, diag.DidYouMean(cur.Brand, c.def.Brands(), nil))
		return nil
	} else if q.Scope != catalogue.ScopePerson && cur.Brand != c.brand {
		at.Field("brand").Errorf("%s belongs to %s alone; only what has scope: person can be told to another brand", q.ID, c.brand)
		return nil
	}
	switch {
	case s.Value.at.Set():
		v, ok := c.value(q, s.Value.at, time.Time{})
		if !ok {
			return nil
		}
		cur.State, cur.Value, cur.At = catalogue.Answered, v, s.At.Time
		if cur.At.IsZero() {
			cur.At = c.at.Add(-toldBefore)
			c.p.assume("%s was told 30 days before", q.ID)
		}
		if cur.Expires = s.Expires.Time; cur.Expires.IsZero() {
			cur.Expires = q.Expires(c.def.Set(cur.Brand), cur.At)
		}
	case !s.Declined.IsZero():
		cur.State, cur.At = catalogue.Declined, s.Declined.Time
	case !s.Unsure.IsZero():
		cur.State, cur.At = catalogue.Unsure, s.Unsure.Time
		if cur.Expires = s.Expires.Time; cur.Expires.IsZero() {
			cur.Expires = q.UnsureUntil(cur.At)
		}
	case !s.Removed.IsZero():
		cur.State, cur.At = catalogue.Withdrawn, s.Removed.Time
	}
	return cur
}

// value reads an answer. A value that the question cannot have is reported; now is
// when it is given, zero for one given before.
func (c *casting) value(q *catalogue.Question, at diag.Node, now time.Time) (catalogue.Value, bool) {
	var may []catalogue.Value
	if s, ok := at.Scalar(); ok {
		may = append(may, catalogue.Word(s), catalogue.Words([]string{s}))
		if d, err := catalogue.ParseDecimal(s); err == nil {
			may = append(may, catalogue.Amount(d))
		}
		if yes := s == "true" || s == "yes"; yes || s == "false" || s == "no" {
			may = append(may, catalogue.YesNo(yes))
		}
	} else if at.IsList() {
		list := make([]string, at.Len())
		for i := range list {
			list[i], _ = at.Index(i).Scalar()
		}
		may = append(may, catalogue.Words(list))
	}
	var plain any
	var v catalogue.Value
	if at.Decode(&plain) && readValue(plain, &v) {
		may = append(may, v)
	}
	for _, v := range may {
		if now.IsZero() && q.Accepts(v) || !now.IsZero() && q.AcceptsOn(v, now) {
			return v, true
		}
	}
	var ids []string
	for _, o := range q.Options {
		ids = append(ids, o.ID)
	}
	s, _ := at.Scalar()
	switch {
	case len(ids) > 0:
		at.Errorf("%s cannot be answered so; its options are %s%s", q.ID, strings.Join(ids, ", "), diag.DidYouMean(s, ids, nil))
	default:
		at.Errorf("%s is a %s, and cannot be answered so", q.ID, q.Kind.Name())
	}
	return catalogue.Value{}, false
}

// decided reads consents and releases, after those that follow from the answers.
func (c *casting) decided() {
	p, at := c.p, c.at.Add(-toldBefore)
	for _, id := range c.file.Answers.Keys {
		cur := p.customer.Profile[id]
		q := c.set.Question(id)
		if cur == nil || cur.State != catalogue.Answered || cur.Brand != c.brand || q == nil {
			continue
		}
		consent.Apply(p.customer.Releases, p.customer.Consents, consent.Decision{
			Brand: c.brand, State: consent.Given, Claims: []string{id}, At: cur.At, Purpose: consent.Purpose{ID: q.Purpose},
		})
	}
	states := []string{string(consent.Given), string(consent.Refused), string(consent.Withdrawn)}
	for _, id := range c.node.Field("consents").Keys() {
		here := c.node.Field("consents")
		state := c.file.Consents[id]
		switch {
		case state == "": // reported
		case c.set.Purpose(id) == nil:
			var known []string
			for _, one := range c.set.Purposes {
				known = append(known, one.ID)
			}
			here.Key(id).Errorf("unknown purpose %q%s", id, diag.DidYouMean(id, known, nil))
		case !slices.Contains(states, state):
			here.Field(id).Errorf("%q: write %s%s", state, strings.Join(states, ", "), diag.DidYouMean(state, states, nil))
		default:
			had := p.customer.Consents[id]
			had.Brand, had.Purpose, had.State, had.At = c.brand, id, consent.State(state), at
			p.customer.Consents[id] = had
		}
	}
	for _, id := range c.node.Field("releases").Keys() {
		here := c.node.Field("releases")
		state := c.file.Releases[id]
		switch {
		case state == "": // reported
		case id != "email" && c.question(here.Key(id), id) == nil:
		case !slices.Contains(states, state):
			here.Field(id).Errorf("%q: write %s%s", state, strings.Join(states, ", "), diag.DidYouMean(state, states, nil))
		default:
			p.customer.Releases[id] = consent.Release{Brand: c.brand, Claim: id, State: consent.State(state), At: at, Since: at}
		}
	}
}

func (c *casting) campaigns() {
	for _, id := range c.file.Campaigns.Keys {
		at := c.node.Field("campaigns")
		one := c.campaign(at.Key(id), id)
		if one == nil {
			continue
		}
		was := c.file.Campaigns.Of[id]
		at = at.Field(id)
		c.past(at.Field("offered"), was.Offered.Time)
		for i, q := range was.Asked {
			c.question(at.Field("asked").Index(i), q)
		}
		before := was.Times != 0 || len(was.Asked) > 0 || was.Skipped
		switch {
		case was.Times < 0:
			at.Field("times").Errorf("%d: it was offered once at least", was.Times)
		case was.Offered.IsZero() && (before || was.Arm == ""):
			at.Field("offered").Errorf("is missing; write the day on which it was offered last")
		}
		if was.Arm != "" && one.In(was.Arm) == one {
			var arms []string
			for _, a := range one.Arms {
				arms = append(arms, a.ID)
			}
			at.Field("arm").Errorf("%s has no arm %q%s", id, was.Arm, diag.DidYouMean(was.Arm, arms, nil))
		}
		h := catalogue.History{Arm: was.Arm}
		if !was.Offered.IsZero() {
			h = catalogue.History{Offers: max(was.Times, 1), Offered: was.Offered.Time, Asked: was.Asked, Skipped: was.Skipped, Arm: was.Arm}
		}
		c.p.customer.Campaigns[id] = h
	}
}

// campaign finds a campaign of the brand that the file names.
func (c *casting) campaign(at diag.Node, id string) *catalogue.Campaign {
	one := c.set.Campaign(id)
	if one == nil {
		var known []string
		for _, x := range c.set.Campaigns {
			known = append(known, x.ID)
		}
		at.Errorf("unknown campaign %q%s", id, diag.DidYouMean(id, known, nil))
	}
	return one
}
