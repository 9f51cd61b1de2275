package screens

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/proffer-id/proffer/store"
)

// snooze puts the campaign of a page off, and returns to the walk: "not now" is
// about all of it. Of the questions nothing is recorded.
func (a *Asking) snooze(w http.ResponseWriter, r *http.Request, p *askPage) error {
	now := a.now()
	err := a.deps.DB.Update(r.Context(), func(tx *store.Tx) error {
		s, err := a.stand(tx, p.visit, p.who)
		if err != nil {
			return err
		}
		open, err := s.page(p.screen.ID, now)
		if err != nil || open.campaign.ID != p.campaign.ID || !open.open.Snooze {
			return err
		}
		h := s.state.Campaigns[p.campaign.ID].WithOffer(p.visit.ID, p.campaign.Arm, now).WithSnooze(now)
		histories.Put(tx, &history{Account: p.who.Account, Brand: p.visit.Brand, Campaign: p.campaign.ID, History: h})
		return nil
	})
	if err != nil && !errors.Is(err, errNotNow) {
		return fmt.Errorf("put off campaign %s: %w", p.campaign.ID, err)
	}
	a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
	return nil
}

// putOff is the day until which "not now" would put the campaign of a page off; ""
// where it is not offered.
func (a *Asking) putOff(p *askPage) string {
	if !p.open.Snooze {
		return ""
	}
	return a.deps.Words.Date(p.lang, p.campaign.Snooze.After(a.now()))
}
