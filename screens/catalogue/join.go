package catalogue

import (
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// Attention is how often one customer may be asked, by all brands together. The
// zero value is no limit.
type Attention struct {
	Screens int         // questions decided: answered, skipped or declined
	Every   diag.Period // in any such period
}

// A Catalogue is the sets of all brands, checked against each other. It is
// never changed; a reload makes a new one.
type Catalogue struct {
	Attention Attention // set by who joins, before use; Join sets 6 in 30 days
	sets      map[string]*Set
	brands    []string             // sorted
	person    map[string]*Question // person-wide questions, by id: the defining entry
}

// Join checks the sets of all brands, by brand, against each other: a
// person-wide question is defined once, and others refer to it. The sets belong to
// the catalogue afterwards. The catalogue is never nil; it is whole only if nothing
// stands against it or its sets.
func Join(sets map[string]*Set, out *diag.Findings) *Catalogue {
	c := &Catalogue{
		Attention: Attention{Screens: 6, Every: diag.Period{Days: 30}},
		sets:      map[string]*Set{}, person: map[string]*Question{},
	}
	for brand, s := range sets {
		if s != nil {
			c.sets[brand] = s
			c.brands = append(c.brands, brand)
		}
	}
	slices.Sort(c.brands)
	c.define(out)
	c.share(out)
	c.collide(out)
	for _, brand := range c.brands {
		s := c.sets[brand]
		for _, check := range s.late {
			check(out)
		}
		s.late = nil
	}
	return c
}

// define finds the one definition of each person-wide question. Another brand may
// write the same definition again, word for word in what an answer means.
func (c *Catalogue) define(out *diag.Findings) {
	for _, brand := range c.brands {
		for _, q := range c.sets[brand].Questions {
			if q.Shared || q.Scope != ScopePerson {
				continue
			}
			first, ok := c.person[q.ID]
			if !ok {
				c.person[q.ID] = q
				continue
			}
			if what := differs(first, q); what != "" {
				q.at.To(out).Errorf("is person-wide and defined by %s too (%s), with another %s; write shared: true with a purpose and a why of your own instead",
					first.Brand, first.at.Pos(), what)
			}
		}
	}
}

// differs names the first thing in which two definitions do not mean the same, or "".
func differs(a, b *Question) string {
	switch {
	case a.Kind.Name() != b.Kind.Name():
		return "kind"
	case a.Claim != b.Claim:
		return "claim"
	case !slices.Equal(ids(a.Options), ids(b.Options)):
		return "list of options"
	case !slices.Equal(ids(a.choices()), ids(b.choices())):
		return "list of retired options"
	case a.Plan != nil && (a.Plan.Words != b.Plan.Words || !slices.Equal(ids(a.Plan.When), ids(b.Plan.When)) || !slices.Equal(ids(a.Plan.Sure), ids(b.Plan.Sure))):
		return "plan"
	case a.Sizes != nil && a.Sizes.System != b.Sizes.System:
		return "system"
	case a.Sizes.First() != b.Sizes.First() || a.Sizes.Last() != b.Sizes.Last():
		return "range of sizes"
	case a.Special != b.Special:
		return "sensitivity"
	case a.AtMost != b.AtMost:
		return "at_most"
	case a.AtLeast != b.AtLeast:
		return "at_least"
	case a.Limit != b.Limit:
		return "limit"
	case a.Min != b.Min:
		return "min"
	case a.Max != b.Max:
		return "max"
	case a.Step != b.Step:
		return "step"
	case a.Long != b.Long:
		return "long"
	case a.From.String() != b.From.String():
		return "from"
	case a.To.String() != b.To.String():
		return "to"
	case a.Fresh != b.Fresh:
		return "fresh"
	case a.Unsure != b.Unsure:
		return "unsure"
	case a.Decline != b.Decline:
		return "decline"
	}
	return ""
}

// share completes shared questions from their definitions.
func (c *Catalogue) share(out *diag.Findings) {
	for _, brand := range c.brands {
		for _, q := range c.sets[brand].Questions {
			if !q.Shared || q.Kind != nil {
				continue
			}
			def := c.person[q.ID]
			if def == nil {
				if !c.anyBroken() {
					q.at.To(out).Errorf("is shared, but no other brand defines it with scope: person%s", diag.DidYouMean(q.ID, c.personIDs(), func(id string) string {
						return c.person[id].at.Pos()
					}))
				}
				continue
			}
			purpose, why, at := q.Purpose, q.Why, q.at
			*q = *def
			q.Brand, q.Shared, q.Purpose, q.Why, q.at = brand, true, purpose, why, at
		}
	}
}

// anyBroken says whether a set could not be read whole: then what it might have
// defined is not reported as missing.
func (c *Catalogue) anyBroken() bool {
	for _, s := range c.sets {
		if s.broken {
			return true
		}
	}
	return false
}

// collide reports a brand's own question that has the id or claim of a
// person-wide one of another brand: a client could not tell them apart.
func (c *Catalogue) collide(out *diag.Findings) {
	claims := map[string]*Question{}
	for _, id := range c.personIDs() {
		q := c.person[id]
		key := strings.ToLower(q.Claim)
		if first, ok := claims[key]; ok {
			q.at.To(out).Errorf("the claim %s is written by the person-wide %s of %s too (%s); give one of them another", q.Claim, first.ID, first.Brand, first.at.Pos())
			continue
		}
		claims[key] = q
	}
	for _, brand := range c.brands {
		for _, d := range c.sets[brand].Derived {
			if p, ok := c.person[d.ID]; ok {
				d.at.To(out).Errorf("%s has a person-wide question of this name (%s); choose another", p.Brand, p.at.Pos())
			} else if p, ok := claims[strings.ToLower(d.Claim)]; ok && p.Brand != brand && c.sets[brand].Question(p.ID) == nil {
				d.at.To(out).Errorf("the claim %s is written by the person-wide %s of %s too (%s); give it another", d.Claim, p.ID, p.Brand, p.at.Pos())
			}
		}
		for _, q := range c.sets[brand].Questions {
			if q.Kind == nil || q.Shared || q.Scope == ScopePerson {
				continue
			}
			if p, ok := c.person[q.ID]; ok {
				q.at.To(out).Errorf("%s has a person-wide question of this name (%s); write shared: true to ask it, or choose another name", p.Brand, p.at.Pos())
			} else if p, ok := claims[strings.ToLower(q.Claim)]; ok && p.Brand != brand {
				q.at.To(out).Errorf("the claim %s is written by the person-wide %s of %s too (%s); give one of them another", q.Claim, p.ID, p.Brand, p.at.Pos())
			}
		}
	}
}

func (c *Catalogue) personIDs() []string {
	var ids []string
	for id := range c.person {
		ids = append(ids, id)
	}
	return sorted(ids)
}

// Brands are the ids of all brands that have a set, sorted.
func (c *Catalogue) Brands() []string { return slices.Clone(c.brands) }

// Set is one brand's set; nil if it has none.
func (c *Catalogue) Set(brand string) *Set { return c.sets[brand] }

// Question is a question as a brand knows it: its own, or the defining entry of
// one that is person-wide. nil for another brand's own, and for unknown ids.
func (c *Catalogue) Question(brand, id string) *Question {
	if s := c.sets[brand]; s != nil {
		if q := s.Question(id); q != nil {
			return q
		}
	}
	return c.person[id]
}

// Questions are all that a brand may receive: its own in the order of its
// file, then the person-wide ones of others by id.
func (c *Catalogue) Questions(brand string) []*Question {
	var out []*Question
	s := c.sets[brand]
	if s != nil {
		out = slices.Clone(s.Questions)
	}
	for _, id := range c.personIDs() {
		if s == nil || s.Question(id) == nil {
			out = append(out, c.person[id])
		}
	}
	return out
}

// Claim is the question behind a claim as a brand's client may get it; nil if
// there is none. own is true if the brand asks it itself, so that it has a purpose
// in the brand's own set; otherwise the client's policy names one.
func (c *Catalogue) Claim(brand, claim string) (q *Question, own bool) {
	if s := c.sets[brand]; s != nil {
		for _, q := range s.Questions {
			if q.Claim == claim {
				return q, true
			}
		}
	}
	for _, q := range c.person {
		if q.Claim == claim {
			return q, false
		}
	}
	return nil, false
}

// CheckClaim reports at the node, a claim's entry in the policy of a brand's client,
// if the claim is unknown to the brand, or if another brand asks it and purpose
// ("" if the policy names none) is not one of the brand's own.
func (c *Catalogue) CheckClaim(at diag.Node, brand, claim, purpose string) {
	q, own := c.Claim(brand, claim)
	s := c.sets[brand]
	if d := c.Derived(brand, claim); d != nil {
		if purpose != "" && purpose != d.Purpose {
			at.Field("purpose").Errorf("%s is worked out for %s; leave this out", d.ID, d.Purpose)
		}
		return
	}
	if q == nil {
		if c.anyBroken() {
			return
		}
		places := map[string]string{}
		var names []string
		for _, q := range c.Questions(brand) {
			names = append(names, q.Claim)
			places[q.Claim] = q.at.Pos()
		}
		if s != nil {
			for _, d := range s.Derived {
				names = append(names, d.Claim)
				places[d.Claim] = d.at.Pos()
			}
		}
		at.Errorf("unknown claim %q%s", clip(claim), diag.DidYouMean(claim, names, func(n string) string { return places[n] }))
		return
	}
	var ids []string
	if s != nil {
		for _, p := range s.Purposes {
			ids = append(ids, p.ID)
		}
	}
	if s != nil {
		if asked := s.AskedAlone(purpose); purpose != "" && asked != nil && asked.Claim != claim {
			at.Field("purpose").Errorf("%s is agreed to on its own, by %s (%s): sharing something else must not agree to it along the way; write another purpose", purpose, asked.ID, asked.at.Pos())
			return
		}
	}
	switch {
	case purpose == "" && own:
	case purpose == "":
		at.Errorf("%s is asked by %s; write the purpose for which this brand uses it, one of its own: %s", claim, q.Brand, strings.Join(ids, ", "))
	case !slices.Contains(ids, purpose):
		at.Field("purpose").Errorf("unknown purpose %q%s", clip(purpose), diag.DidYouMean(purpose, ids, func(id string) string {
			return s.at.Field("purposes").Key(id).Pos()
		}))
	}
}
