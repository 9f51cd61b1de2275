package proffer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/experiment"
	"github.com/proffer-id/proffer/store"
)

// Experiments asks what the arms of campaigns came to.
type Experiments struct {
	Brand    string      // "": of all
	Campaign string      // "": all that have arms
	Window   diag.Period // how long after it was given an answer that is changed counts; zero: 30 days
	Now      time.Time
	Read     func(offers int) // hears how far the reading is; may be nil
}

// Counted is what an Experiments came to.
type Counted struct {
	Reports    []experiment.Report `json:"experiments"` // by brand, then as its set has them
	Unreadable int                 `json:"unreadable"`  // customers whose records could not be opened, and are left out
}

// CountExperiments counts the customers of a store, which is only read, in the arms of
// the screen sets in force there. A brand or a campaign that does not exist, or has no
// arms, is an error that says what there is.
func (c *Config) CountExperiments(ctx context.Context, db *store.DB, q Experiments) (*Counted, error) {
	sets, err := (&Server{o: Options{DB: db}}).setsInForce(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("screen sets: %w", err)
	}
	brands := sets.catalogue.Brands()
	if q.Brand != "" {
		if !slices.Contains(brands, q.Brand) {
			return nil, fmt.Errorf("no brand %q has a screen set%s", q.Brand, diag.DidYouMean(q.Brand, brands, nil))
		}
		brands = []string{q.Brand}
	}
	switch {
	case q.Window.Never:
		return nil, errors.New("the time in which changes count has to end, such as 30d")
	case q.Window.IsZero():
		q.Window = diag.Period{Days: 30}
	}
	var tallies []*experiment.Tally
	var with, without []string // campaigns that have arms, and those that have none
	for _, brand := range brands {
		set := sets.catalogue.Set(brand)
		for _, campaign := range set.Campaigns {
			if len(campaign.Arms) == 0 {
				without = append(without, campaign.ID)
				continue
			}
			with = append(with, campaign.ID)
			if q.Campaign == "" || q.Campaign == campaign.ID {
				tallies = append(tallies, experiment.New(set, campaign, q.Window, q.Now.UTC()))
			}
		}
	}
	if q.Campaign != "" && len(tallies) == 0 {
		if slices.Contains(without, q.Campaign) {
			return nil, fmt.Errorf("the campaign %s has no arms: it is shown in one way, and there is nothing to compare", q.Campaign)
		}
		return nil, fmt.Errorf("there is no campaign %q%s", q.Campaign, diag.DidYouMean(q.Campaign, append(with, without...), nil))
	}
	out := &Counted{Reports: []experiment.Report{}}
	if len(tallies) == 0 {
		return out, nil
	}
	if out.Unreadable, err = screens.Count(ctx, db, tallies, q.Read); err != nil {
		return nil, err
	}
	for _, t := range tallies {
		out.Reports = append(out.Reports, t.Report())
	}
	return out, nil
}
