package screens

import (
	"fmt"
	"net/http"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

const (
	deskPath    = "/preferences"
	answersPath = "/preferences/answers"
	sharingPath = "/preferences/sharing"
	deletePath  = "/preferences/delete"
)

// Desk is the list of /preferences: what there is, with the place one stands at
// marked.
func (a *Asking) Desk(r *http.Request, v *web.Visit, current string) []templates.Section {
	return a.desk(a.deps.Site.Lang(r, v), current)
}

func (a *Asking) desk(lang, current string) []templates.Section {
	var out []templates.Section
	for _, s := range []struct{ name, path string }{
		{"desk.answers", answersPath}, {"desk.sharing", sharingPath}, {"desk.delete", deletePath},
	} {
		out = append(out, templates.Section{Name: a.deps.Words.Say(lang, s.name), Path: a.deps.Site.Path(s.path), Current: s.path == current})
	}
	return out
}

// GetPreferences shows GET /preferences: each section with one line of fact.
func (a *Asking) GetPreferences(w http.ResponseWriter, r *http.Request) error {
	v := &templates.Preferences{Page: a.deps.Site.Page(r, nil)}
	if v.Brand.ID != "" {
		v.BackTo = a.deps.BrandSite(v.Brand.ID)
	}
	v.Sections = a.desk(v.Lang, deskPath)
	in := false
	err := a.deps.DB.View(r.Context(), func(tx *store.Tx) error {
		who, ok, err := a.deps.Respondent(tx, r)
		if in = ok; err != nil || !ok {
			return err
		}
		list, err := Profile(tx, who.Account)
		if err != nil {
			return err
		}
		shared, err := consent.EveryRelease(tx, who.Account)
		if err != nil {
			return err
		}
		v.Sections[0].Fact, v.Sections[1].Fact = a.answersFact(v.Lang, list, shared), a.sharingFact(v.Lang, shared)
		return nil
	})
	if err != nil {
		return fmt.Errorf("preferences: %w", err)
	}
	if !in {
		return a.again(w, r, deskPath)
	}
	return a.deps.Site.Write(w, r, http.StatusOK, v)
}

func (a *Asking) answersFact(lang string, list []*Current, shared []*consent.Release) string {
	all, confirm := 0, 0
	for _, c := range list {
		if c.told() {
			all++
			if c.State == catalogue.Answered && !c.fresh(a.now()) && !a.young(c, list, shared) {
				confirm++
			}
		}
	}
	say := a.deps.Words.Say
	switch {
	case all == 0:
		return say(lang, "desk.answers.none")
	case confirm == 0:
		return say(lang, "desk.answers.fact", "count", all)
	}
	return templates.Listed(lang, say(lang, "desk.answers.fact", "count", all), say(lang, "desk.answers.confirm", "count", confirm))
}

func (a *Asking) sharingFact(lang string, shared []*consent.Release) string {
	brands := map[string]bool{}
	for _, r := range shared {
		if r.State == consent.Given {
			brands[r.Brand] = true
		}
	}
	if len(brands) == 0 {
		return a.deps.Words.Say(lang, "desk.sharing.none")
	}
	return a.deps.Words.Say(lang, "desk.sharing.fact", "count", len(brands))
}

// told says whether the customer has said something that stands: an answer, or
// that they would rather not.
func (c *Current) told() bool {
	return c.State == catalogue.Answered || c.State == catalogue.Declined || c.State == catalogue.Unsure
}

// again sends who was signed out a moment ago back to a page of the desk, where
// the root asks them to sign in.
func (a *Asking) again(w http.ResponseWriter, r *http.Request, path string) error {
	a.deps.Site.Redirect(w, r, a.deps.Site.Path(path))
	return nil
}
