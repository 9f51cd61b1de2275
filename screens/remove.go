package screens

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
)

// PostRemove answers POST /preferences/answers/{question}/remove: the value is
// gone from every claim at once, and the brands that could see it no longer can.
func (a *Asking) PostRemove(w http.ResponseWriter, r *http.Request) error {
	p, err := a.rowPost(w, r)
	if p == nil {
		return err
	}
	o := p.occasion(a)
	s := p.say(catalogue.Withdrawn, catalogue.Value{})
	err = a.deps.DB.Update(r.Context(), func(tx *store.Tx) error {
		c, err := current.Get(tx, store.K(p.who.Account, p.current.Scope, p.current.Question))
		if err != nil {
			return err
		}
		if !c.told() {
			return nil // sent twice
		}
		gone := s
		gone.removed = &removed{Seq: c.Seq}
		all, err := consent.EveryRelease(tx, p.who.Account)
		if err != nil {
			return err
		}
		for _, rel := range all {
			if rel.Claim == c.Question && rel.State == consent.Given && (c.Scope == "" || c.Scope == rel.Brand) {
				gone.removed.Brands = append(gone.removed.Brands, rel.Brand)
			}
		}
		for i, brand := range gone.removed.Brands {
			if err := consent.Withdraw(tx, p.decision(o, s, brand, i, "removed the answer")); err != nil {
				return err
			}
		}
		return a.enter(tx, o, gone, c)
	})
	if err != nil {
		return fmt.Errorf("remove answer %s: %w", s.question, err)
	}
	a.deps.Site.Redirect(w, r, a.deps.Site.Path(answersPath)+"?"+url.Values{"done": {"removed"}, "question": {s.question}, "brand": {p.current.Brand}}.Encode())
	return nil
}

// PostUndo answers POST /preferences/answers/{question}/undo: what was removed
// stands again, and who could see it can, but for a brand that the customer has
// stopped sharing with since.
func (a *Asking) PostUndo(w http.ResponseWriter, r *http.Request) error {
	p, err := a.rowPost(w, r)
	if p == nil {
		return err
	}
	o := p.occasion(a)
	s := p.say(catalogue.Answered, catalogue.Value{})
	done := false
	err = a.deps.DB.Update(r.Context(), func(tx *store.Tx) error {
		done = false
		c, err := current.Get(tx, store.K(p.who.Account, p.current.Scope, p.current.Question))
		if err != nil {
			return err
		}
		if !c.undoable(o.at) || a.special(c) || p.young {
			return nil // too late, or sent twice
		}
		old, err := answers.Get(tx, store.K(p.who.Account, c.Removed.Seq))
		if err != nil {
			return err
		}
		all, err := consent.EveryRelease(tx, p.who.Account)
		if err != nil {
			return err
		}
		list, err := Profile(tx, p.who.Account)
		if err != nil {
			return err
		}
		for i, brand := range slices.Clone(c.Removed.Brands) {
			if stopped(all, list, brand, c.At) {
				continue
			}
			if err := consent.Restore(tx, p.decision(o, s, brand, i, "undid the removal")); err != nil {
				return err
			}
		}
		back := s
		back.outcome, back.value, back.version, back.expires = old.State, old.Value, old.Version, old.Expires
		done = true
		return a.enter(tx, o, back, c)
	})
	if err != nil {
		return fmt.Errorf("undo removal of %s: %w", s.question, err)
	}
	to := a.deps.Site.Path(answersPath)
	if done {
		to += "?done=saved"
	}
	a.deps.Site.Redirect(w, r, to)
	return nil
}

// stopped says whether a brand gets nothing any more because the customer, after
// since, stopped sharing with it. What went because its answer was removed does
// not count: that can be undone too.
func stopped(all []*consent.Release, list []*Current, brand string, since time.Time) bool {
	stop := false
	for _, r := range all {
		if r.Brand != brand {
			continue
		}
		if r.State == consent.Given {
			return false
		}
		removed := slices.ContainsFunc(list, func(c *Current) bool { return c.Question == r.Claim && c.State == catalogue.Withdrawn })
		stop = stop || r.State == consent.Withdrawn && r.At.After(since) && !removed
	}
	return stop
}

// say is say for an answer whose question may have left the catalogue.
func (p *changePage) say(o catalogue.Outcome, v catalogue.Value) said {
	q := p.question
	if q == nil {
		q = &catalogue.Question{ID: p.current.Question, Version: p.current.Version}
	}
	s := say(q, p.current.Brand, o, v)
	s.scope = p.current.Scope
	return s
}

// decision is the withdrawal or return of one brand's release; n keeps the ids
// of several apart.
func (p *changePage) decision(o occasion, s said, brand string, n int, how string) consent.Decision {
	seed := s.seed
	seed[0] ^= byte(n + 1)
	return consent.Decision{
		Account: o.account, Brand: brand, Claims: []string{s.question}, Seed: seed, At: o.at, How: how, Locale: o.locale, Session: o.session,
	}
}

// rowPost reads what a button beside an answer sends. A nil page has been
// answered, or the error says why not.
func (a *Asking) rowPost(w http.ResponseWriter, r *http.Request) (*changePage, error) {
	form, err := a.deps.Site.ParseForm(w, r)
	if err != nil {
		return nil, err
	}
	p, err := a.answerOf(r)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, a.again(w, r, answersPath)
	}
	if err := a.deps.Site.CheckToken(form, p.who.Session.String(), "answers"); err != nil {
		return nil, err
	}
	return p, nil
}
