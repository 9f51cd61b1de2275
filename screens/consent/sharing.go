package consent

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// sharingPath is where "who knows what" stands.
const sharingPath = "/preferences/sharing"

// GetSharing shows GET /preferences/sharing: what each shop may have, for what
// and since when, and when it last got it.
func (c *Consents) GetSharing(w http.ResponseWriter, r *http.Request) error {
	page := &templates.Sharing{Page: c.deps.Site.Page(r, nil)}
	page.Sections = c.deps.Desk(r, nil, sharingPath)
	var who Who
	var in, stopped bool
	brand := r.URL.Query().Get("stopped")
	err := c.deps.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		if who, in, err = c.deps.Who(tx, r); err != nil || !in {
			return err
		}
		if page.Brands, err = c.sharing(tx, who, page.Lang); err != nil || brand == "" {
			return err
		}
		_, stopped, err = standing(tx, who.Account, brand)
		return err
	})
	if err != nil {
		return fmt.Errorf("who knows what: %w", err)
	}
	if !in {
		return c.again(w, r)
	}
	page.Hidden = append(page.Hidden, c.deps.Site.FormToken(who.Session.String(), "sharing"))
	if stopped {
		page.Notice = &templates.Notice{Kind: "done", Text: c.deps.Words.Say(page.Lang, "sharing.stopped", "brand", c.brandName(brand, page.Lang))}
	}
	return c.deps.Site.Write(w, r, http.StatusOK, page)
}

// PostStop answers POST /preferences/sharing/{brand}/stop: what the brand got
// is absent from its next refresh and UserInfo. The query names a claim,
// or none for all the brand gets.
func (c *Consents) PostStop(w http.ResponseWriter, r *http.Request) error {
	form, err := c.deps.Site.ParseForm(w, r)
	if err != nil {
		return err
	}
	brand, claim, lang := r.PathValue("brand"), r.URL.Query().Get("claim"), c.deps.Site.Lang(r, nil)
	who, in, err := c.signedIn(r)
	if err != nil {
		return err
	}
	if !in {
		return c.again(w, r)
	}
	if err := c.deps.Site.CheckToken(form, who.Session.String(), "sharing"); err != nil {
		return err
	}
	now, seed := c.deps.Now().UTC(), store.NewID()
	found := false
	err = c.deps.DB.Update(r.Context(), func(tx *store.Tx) error {
		var claims []string
		given, known, err := standing(tx, who.Account, brand)
		if err != nil {
			return err
		}
		for _, id := range given {
			if claim == "" || claim == id {
				claims = append(claims, id)
			}
		}
		found = known
		return Withdraw(tx, Decision{
			Account: who.Account, Brand: brand, Claims: claims, Seed: seed, At: now, How: "pressed Stop sharing", Locale: lang, Session: who.Session,
		})
	})
	if err != nil {
		return fmt.Errorf("stop sharing with %s: %w", brand, err)
	}
	if !found {
		return &problem.Problem{Code: "page.missing", Status: http.StatusNotFound}
	}
	c.deps.Site.Redirect(w, r, c.deps.Site.Path(sharingPath)+"?stopped="+url.QueryEscape(brand))
	return nil
}

// standing returns the claims a brand may have now, and whether there was ever
// a decision about it.
func standing(tx *store.Tx, account store.ID, brand string) (given []string, known bool, err error) {
	list, err := releases.List(tx, store.Range{Prefix: store.K(account, brand)})
	if err != nil {
		return nil, false, fmt.Errorf("releases to %s: %w", brand, err)
	}
	for _, r := range list {
		if r.State == Given {
			given = append(given, r.Claim)
		}
	}
	return given, len(list) > 0, nil
}

// again sends who was signed out a moment ago back to the page, where the root
// asks them to sign in.
func (c *Consents) again(w http.ResponseWriter, r *http.Request) error {
	c.deps.Site.Redirect(w, r, c.deps.Site.Path(sharingPath))
	return nil
}

func (c *Consents) signedIn(r *http.Request) (who Who, in bool, err error) {
	err = c.deps.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		who, in, err = c.deps.Who(tx, r)
		return err
	})
	return who, in, err
}

// sharing is what each brand may have now. A claim without a value is left
// out: there is nothing to hand over.
func (c *Consents) sharing(tx *store.Tx, who Who, lang string) ([]templates.SharingBrand, error) {
	all, err := EveryRelease(tx, who.Account)
	if err != nil {
		return nil, err
	}
	received, err := c.deps.Grants(tx, who.Account)
	if err != nil {
		return nil, err
	}
	var out []templates.SharingBrand
	for len(all) > 0 {
		brand := all[0].Brand
		n := slices.IndexFunc(all, func(r *Release) bool { return r.Brand != brand })
		if n < 0 {
			n = len(all)
		}
		one, err := c.sharingBrand(tx, who, lang, all[:n], received)
		if err != nil {
			return nil, err
		}
		if len(one.Rows) > 0 {
			out = append(out, one)
		}
		all = all[n:]
	}
	slices.SortFunc(out, func(a, b templates.SharingBrand) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (c *Consents) sharingBrand(tx *store.Tx, who Who, lang string, of []*Release, received []Received) (templates.SharingBrand, error) {
	brand := of[0].Brand
	stop := c.deps.Site.Path(sharingPath + "/" + brand + "/stop")
	out := templates.SharingBrand{ID: brand, Name: c.brandName(brand, lang), StopAll: stop}
	var ids []string
	for _, r := range of {
		if r.State == Given {
			ids = append(ids, r.Claim)
		}
	}
	words, err := c.deps.Describe(tx, who.Account, brand, lang, ids)
	if err != nil {
		return out, err
	}
	for _, r := range of {
		if w := words[r.Claim]; r.State == Given && w.Value != "" {
			out.Rows = append(out.Rows, templates.SharingRow{
				ID: r.Claim, Name: w.Name, Value: w.Value, Purpose: w.Purpose, Stop: stop + "?claim=" + url.QueryEscape(r.Claim),
				Since: c.deps.Words.Say(lang, "sharing.since", "date", c.deps.Words.Date(lang, r.Since)),
			})
		}
	}
	worked, err := c.deps.Worked(tx, who.Account, brand, lang)
	if err != nil {
		return out, err
	}
	for _, w := range worked {
		if w.Shared {
			out.Rows = append(out.Rows, templates.SharingRow{
				ID: w.ID, Name: w.Name, Value: w.Value, Purpose: w.Purpose, From: c.deps.Words.Say(lang, "sharing.worked", "names", templates.Listed(lang, w.From...)),
			})
		}
	}
	out.Last = c.lastGot(lang, brand, out.Name, received)
	return out, nil
}

// brandName is a brand's name, or its id if it left the configuration: it still
// has what it was given.
func (c *Consents) brandName(brand, lang string) string {
	if name := c.deps.BrandName(brand, lang); name != "" {
		return name
	}
	return brand
}

// lastGot is the sentence on when a brand last got something, and how often.
func (c *Consents) lastGot(lang, brand, name string, received []Received) string {
	var last time.Time
	times := 0
	for _, g := range received {
		if g.Brand == brand {
			times += g.Times
			if g.Last.After(last) {
				last = g.Last
			}
		}
	}
	if times == 0 || last.IsZero() {
		return ""
	}
	return c.deps.Words.Say(lang, "sharing.last", "brand", name, "date", c.deps.Words.Moment(lang, last), "count", times)
}
