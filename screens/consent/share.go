package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// Undecided says whether a claim has neither been given nor refused to the brand
// of the visit. What was withdrawn was decided too, and is not asked again,
// unless the brand's site wishes so by prompt=consent: once (OpenID Connect Core
// 1.0, 3.1.2.1). While a claim of the visit is undecided, gate 6 shows /share.
func Undecided(v *web.Visit, decided map[string]Release, claim string) bool {
	had, ok := decided[claim]
	return !ok || v.Asks("consent") && had.Visit != v.ID
}

func undecided(tx *store.Tx, v *web.Visit, account store.ID, candidates []Candidate) ([]Candidate, error) {
	if len(candidates) == 0 {
		return nil, nil
	}
	decided, err := Releases(tx, account, v.Brand)
	if err != nil {
		return nil, err
	}
	var open []Candidate
	for _, c := range candidates {
		if Undecided(v, decided, c.Claim) {
			open = append(open, c)
		}
	}
	return open, nil
}

// sharePage is what GET /share shows and what POST /share may record, and
// nothing else.
type sharePage struct {
	visit *web.Visit
	who   Who
	lang  string
	open  []Candidate
	email bool // the brand has the address already, or is about to be given it
}

// GetShare shows GET /share: each claim that would go to the brand with its
// value and a box, none ticked. With nothing to decide it returns to the walk.
func (c *Consents) GetShare(w http.ResponseWriter, r *http.Request) error {
	p, err := c.sharePage(r)
	if err != nil {
		return err
	}
	if len(p.open) == 0 {
		c.deps.Site.Redirect(w, r, c.deps.Site.Walk(p.visit))
		return nil
	}
	return c.showShare(w, r, p, http.StatusOK, nil, nil, nil)
}

// PostShare records POST /share and returns to the walk. Only what stood on
// the very page that was sent can be recorded: if it would look different now,
// it is shown anew and nothing is stored.
func (c *Consents) PostShare(w http.ResponseWriter, r *http.Request) error {
	form, err := c.deps.Site.ParseForm(w, r)
	if err != nil {
		return err
	}
	p, err := c.sharePage(r)
	if err != nil {
		return err
	}
	if p.who.Account.IsZero() { // signed out in another tab
		c.deps.Site.Redirect(w, r, c.deps.Site.Walk(p.visit))
		return nil
	}
	if err := c.deps.Site.CheckToken(form, p.bind(), shareForm(form.Get("asked"))); err != nil {
		return err
	}
	if len(p.open) == 0 { // sent twice, or decided in another tab
		c.deps.Site.Redirect(w, r, c.deps.Site.Walk(p.visit))
		return nil
	}
	if form.Get("shown") != p.seen() {
		return c.showShare(w, r, p, http.StatusConflict, nil, nil, problem.New("share.stale"))
	}
	ticked, err := p.ticked(form)
	if err != nil {
		return c.showShare(w, r, p, http.StatusUnprocessableEntity, form["claim"], err, nil)
	}
	words, hash, err := c.wording(p)
	if err != nil {
		return err
	}
	now, seed := c.deps.Now().UTC(), store.NewID()
	err = c.deps.DB.Update(r.Context(), func(tx *store.Tx) error {
		open, err := undecided(tx, p.visit, p.who.Account, p.open)
		if err != nil {
			return err
		}
		if len(open) == 0 {
			return nil
		}
		wordings.Put(tx, &wording{Account: p.who.Account, Hash: hash, Bytes: words, At: now})
		for _, d := range Decisions(open, ticked) {
			d.Account, d.Brand, d.Seed, d.Asked, d.At = p.who.Account, p.visit.Brand, seed, web.AskedAt(form, now), now
			d.Locale, d.Screen, d.Visit, d.Session, d.Client = p.lang, hash, p.visit.ID, p.who.Session, p.visit.Client
			if _, err := Record(tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("share with %s: %w", p.visit.Brand, err)
	}
	c.deps.Site.Redirect(w, r, c.deps.Site.Walk(p.visit))
	return nil
}

// sharePage finds the visit, who is signed in, and what is to be decided. A
// visit without a client, or without anyone signed in, has nothing to decide.
func (c *Consents) sharePage(r *http.Request) (*sharePage, error) {
	v, err := c.deps.Visit(r)
	if err != nil {
		return nil, err
	}
	p := &sharePage{visit: v, lang: c.deps.Site.Lang(r, v)}
	err = c.deps.DB.View(r.Context(), func(tx *store.Tx) error {
		who, ok, err := c.deps.Who(tx, r)
		if err != nil || !ok {
			return err
		}
		p.who = who
		candidates, err := c.deps.Candidates(tx, v, who.Account, p.lang)
		if err != nil {
			return err
		}
		if p.open, err = undecided(tx, v, who.Account, candidates); err != nil {
			return err
		}
		decided, err := Releases(tx, who.Account, v.Brand)
		p.email = decided["email"].State == Given || slices.ContainsFunc(p.open, func(c Candidate) bool { return c.Claim == "email" })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("share: %w", err)
	}
	return p, nil
}

// bind is what the page's form belongs to: the visit and the customer. Somebody
// else may sign in on the same visit while the page stands open in another tab.
func (p *sharePage) bind() string { return p.visit.ID.String() + " " + p.who.Account.String() }

// shareForm names the form: its token vouches for the time it was shown.
func shareForm(asked string) string { return "share\x00" + asked }

// seen is a short hash of all that stands on the page, values too: two pages
// that look alike have the same.
func (p *sharePage) seen() string {
	b, err := json.Marshal(struct {
		Brand, Lang string
		Open        []Candidate
	}{p.visit.Brand, p.lang, p.open})
	if err != nil {
		panic("consent: share page: " + err.Error()) // strings and numbers alone
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// ticked reads which claims the customer shares.
func (p *sharePage) ticked(form url.Values) ([]string, error) {
	switch form.Get("do") {
	case "nothing":
		return nil, nil
	case "share":
	default:
		return nil, problem.New("share.none")
	}
	if len(p.open) == 1 && len(form["claim"]) == 0 { // one claim stands without a box
		return []string{p.open[0].Claim}, nil
	}
	if len(form["claim"]) == 0 {
		return nil, problem.At("claim", "share.none")
	}
	for _, id := range form["claim"] {
		if !slices.ContainsFunc(p.open, func(c Candidate) bool { return c.Claim == id }) {
			return nil, problem.At("claim", "share.not_offered")
		}
	}
	return form["claim"], nil
}

// Decisions makes one decision for each purpose and answer, in the order of
// the page.
func Decisions(open []Candidate, ticked []string) []Decision {
	var out []Decision
	for _, c := range open {
		d := Decision{Purpose: c.Purpose, State: Refused, How: "left the box empty, or chose to share nothing", Claims: []string{c.Claim}}
		if slices.Contains(ticked, c.Claim) {
			d.State, d.How = Given, "ticked an empty box, or pressed Share beside the one claim"
		}
		i := slices.IndexFunc(out, func(o Decision) bool { return o.Purpose.ID == d.Purpose.ID && o.State == d.State })
		if i < 0 {
			out = append(out, d)
			continue
		}
		out[i].Claims = append(out[i].Claims, c.Claim)
	}
	// What is given comes first: a refusal beside it is about its claims alone.
	slices.SortStableFunc(out, func(a, b Decision) int {
		switch {
		case a.State == b.State:
			return 0
		case a.State == Given:
			return -1
		}
		return 1
	})
	return out
}

// wording is what stood on the page before anything personal was filled in.
func (c *Consents) wording(p *sharePage) ([]byte, Hash, error) {
	type row struct {
		Claim   string `json:"claim"`
		Name    string `json:"name"`
		Purpose string `json:"purpose"`
		Text    string `json:"text"`
	}
	brand, lead := c.deps.BrandName(p.visit.Brand, p.lang), "share.lead"
	if len(p.open) == 1 {
		lead = "share.lead.one"
	}
	page := struct {
		Page    string `json:"page"`
		Brand   string `json:"brand"`
		Lang    string `json:"lang"`
		Heading string `json:"heading"`
		Lead    string `json:"lead"`
		Claims  []row  `json:"claims"`
	}{
		Page: "share", Brand: p.visit.Brand, Lang: p.lang,
		Heading: c.deps.Words.Say(p.lang, "share.heading", "brand", brand),
		Lead:    c.deps.Words.Say(p.lang, lead, "brand", brand),
	}
	for _, o := range p.open {
		page.Claims = append(page.Claims, row{o.Claim, o.Name, o.Purpose.ID, o.Purpose.Text})
	}
	b, err := json.Marshal(page)
	if err != nil {
		return nil, Hash{}, fmt.Errorf("words of the share page: %w", err)
	}
	return b, sha256.Sum256(b), nil
}

func (c *Consents) showShare(w http.ResponseWriter, r *http.Request, p *sharePage, status int, ticked []string, bad error, notice *problem.Problem) error {
	page := &templates.Share{Page: c.deps.Site.Page(r, p.visit), EmailToo: p.email}
	asked := web.Asked(c.deps.Now())
	page.Hidden = append(page.Hidden, templates.Hidden{Name: "shown", Value: p.seen()}, asked,
		c.deps.Site.FormToken(p.bind(), shareForm(asked.Value)))
	for _, o := range p.open {
		page.Claims = append(page.Claims, templates.ShareClaim{
			ID: o.Claim, Name: o.Name, Value: o.Value, Purpose: o.Purpose.Text, From: o.From, Checked: slices.Contains(ticked, o.Claim),
		})
	}
	if bad != nil && !c.deps.Site.Problems(&page.Page, bad) {
		return errors.Join(errors.New("share page"), bad)
	}
	if notice != nil {
		page.Notice = &templates.Notice{Kind: "bad", Text: c.deps.Words.Say(page.Lang, notice.Code)}
	}
	return c.deps.Site.Write(w, r, status, page)
}

// Draw writes the page that asks what to share, with nothing ticked, of a visit
// that is walked without a store. email says whether the brand has the address.
func (c *Consents) Draw(w http.ResponseWriter, r *http.Request, v *web.Visit, lang string, open []Candidate, email bool) error {
	email = email || slices.ContainsFunc(open, func(c Candidate) bool { return c.Claim == "email" })
	return c.showShare(w, r, &sharePage{visit: v, lang: lang, open: open, email: email}, http.StatusOK, nil, nil, nil)
}
