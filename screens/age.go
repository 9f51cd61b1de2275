package screens

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// Standing is where the question stands as a brand's campaigns may see it. shared
// says how the brand stands with the answer.
func (c *Current) Standing(brand string, shared consent.Release) catalogue.Standing {
	return catalogue.Standing{
		Outcome: c.State, Value: c.Value, Version: c.Version, At: c.At, Expires: c.Expires, Skipped: c.Skipped,
		Elsewhere: c.Scope == "" && c.Brand != brand && shared.State != consent.Given,
	}
}

// Old says whether a customer is known to be as old as a question of the set has it,
// by the profile and the releases of the set's brand. What another brand alone was
// told does not count: the brand would learn it.
func Old(set *catalogue.Set, q *catalogue.Question, profile map[string]*Current, releases map[string]consent.Release, now time.Time) bool {
	if q.MinAge == 0 {
		return true
	}
	answers := map[string]catalogue.Standing{}
	if c := profile[set.AgeQuestion]; c != nil {
		answers[set.AgeQuestion] = c.Standing(set.Brand, releases[set.AgeQuestion])
	}
	return set.OldEnough(q, answers, now)
}

// old says whether a customer is known to be as old as a question of the visit's
// brand has it.
func (s *standing) old(q *catalogue.Question, now time.Time) bool {
	return s.set.OldEnough(q, s.state.Answers, now)
}

// young says whether the question of an answer is not for its customer, as far as is
// known, by their profile and what they share, at all brands. Such an answer stays
// where it is: it is not released, and can be removed but not said anew.
func (a *Asking) young(c *Current, list []*Current, shared []*consent.Release) bool {
	set := a.force.Catalogue.Set(c.Brand)
	if set == nil {
		return false
	}
	q := set.Question(c.Question)
	if q == nil || q.MinAge == 0 {
		return false
	}
	profile, releases := map[string]*Current{}, map[string]consent.Release{}
	for _, one := range list {
		if one.Question == set.AgeQuestion && one.State != "" && (one.Scope == "" || one.Scope == set.Brand) {
			profile[one.Question] = one
		}
	}
	for _, r := range shared {
		if r.Brand == set.Brand {
			releases[r.Claim] = *r
		}
	}
	return !Old(set, q, profile, releases, a.now())
}

// youngNow is young as it stands in a transaction.
func (a *Asking) youngNow(tx *store.Tx, c *Current) (bool, error) {
	q := a.force.Catalogue.Question(c.Brand, c.Question)
	if q == nil || q.MinAge == 0 {
		return false, nil
	}
	list, err := Profile(tx, c.Account)
	if err != nil {
		return false, err
	}
	shared, err := consent.EveryRelease(tx, c.Account)
	return a.young(c, list, shared), err
}

// anyYoung says whether a page has a question that is not for its customer.
func (s *standing) anyYoung(questions []*catalogue.Question, now time.Time) bool {
	return slices.ContainsFunc(questions, func(q *catalogue.Question) bool { return !s.old(q, now) })
}
