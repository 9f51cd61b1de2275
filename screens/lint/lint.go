// Package lint looks at a screen set as a careful colleague does: what is allowed,
// and yet likely to be a mistake, unfair or tiring. Everything it says is a warning
// with a place; `check --strict` takes warnings as problems.
//
// It knows the definitions alone: no customer, no store. Start with Check.
package lint

import (
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// Check adds what is to be looked at in a set to out. The set must be whole.
func Check(set *catalogue.Set, out *diag.Findings) {
	c := &check{set: set, root: set.At().To(out), out: out}
	for _, p := range set.Purposes {
		c.purpose(p)
	}
	for _, q := range set.Questions {
		if q.Kind == nil {
			continue
		}
		c.question(q)
	}
	for _, o := range set.Offers {
		c.text(c.root.Field("offers").Field(o.ID).Field("text"), o.Text, 120)
	}
	for _, one := range set.Campaigns {
		c.campaign(one)
	}
}

// check is a set while it is looked at.
type check struct {
	set  *catalogue.Set
	root diag.Node
	out  *diag.Findings
}

func (c *check) purpose(p *catalogue.Purpose) {
	at := c.root.Field("purposes").Key(p.ID)
	c.text(at.Field("text"), p.Text, 90)
	if p.Basis == "consent" && p.Keep.IsZero() {
		at.Warnf("answers given for it are kept until the customer removes them; say how long they are needed: keep: 18mo")
	}
}

func (c *check) question(q *catalogue.Question) {
	at := q.At().To(c.out)
	c.text(at.Field("why"), q.Why, 200)
	if q.Shared {
		return // the rest stands in another brand's set
	}
	c.text(at.Field("ask"), q.Ask, 100)
	c.text(at.Field("name"), q.Name, 32)
	c.text(at.Field("hint"), q.Hint, 160)
	for lang, words := range q.Units() {
		c.words(at.Field("unit").Field(lang), lang, words, 12)
	}
	label := 64
	if q.Short {
		label = 16 // of a cell in the grid
	}
	for i, o := range q.Options {
		in := at.Field("options").Index(i)
		c.text(in.Field("label"), o.Label, label)
		c.text(in.Field("hint"), o.Hint, 80)
	}
	for name, t := range map[string]catalogue.Text{"low": q.Labels.Low, "middle": q.Labels.Middle, "high": q.Labels.High} {
		c.text(at.Field("labels").Field(name), t, 28)
	}
	c.fair(q, at)
	c.special(q, at)
}

// An offer too often made is what people remember of a brand.
func (c *check) campaign(one *catalogue.Campaign) {
	at := c.root.Field("campaigns").Field(one.ID)
	if one.Blocking {
		return // needed, so it is asked until it is answered
	}
	week := diag.Period{Days: 7}
	if begin := one.Cooldown.After(day); !one.Cooldown.Never && begin.Before(week.After(day)) && one.Lifetime > 2 {
		at.Field("cooldown").Warnf("comes back after %s, up to %d times; leave a week at least, or fewer times: whoever skipped has answered too", one.Cooldown, one.Lifetime)
	}
	if one.Lifetime > 12 {
		at.Field("lifetime").Warnf("is offered up to %d times; who has passed it by a dozen times does not want it", one.Lifetime)
	}
}
