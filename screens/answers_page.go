package screens

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// undoLife is how long a removal can be undone.
const undoLife = time.Hour

// GetAnswers shows GET /preferences/answers: what stands, those to confirm
// first, then the newest.
func (a *Asking) GetAnswers(w http.ResponseWriter, r *http.Request) error {
	v := &templates.Answers{Page: a.deps.Site.Page(r, nil)}
	v.Sections = a.desk(v.Lang, answersPath)
	var who Respondent
	var list []*Current
	var shared []*consent.Release
	in := false
	err := a.deps.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		if who, in, err = a.deps.Respondent(tx, r); err != nil || !in {
			return err
		}
		if list, err = Profile(tx, who.Account); err != nil {
			return err
		}
		if shared, err = consent.EveryRelease(tx, who.Account); err != nil {
			return err
		}
		v.Worked, err = a.worked(tx, who.Account, v.Lang)
		return err
	})
	if err != nil {
		return fmt.Errorf("my answers: %w", err)
	}
	if !in {
		return a.again(w, r, answersPath)
	}
	v.Hidden = append(v.Hidden, a.deps.Site.FormToken(who.Session.String(), "answers"))
	slices.SortStableFunc(list, func(x, y *Current) int {
		if fx, fy := x.fresh(a.now()), y.fresh(a.now()); fx != fy {
			return map[bool]int{true: 1, false: -1}[fx]
		}
		return cmp.Or(y.At.Compare(x.At), cmp.Compare(x.Question, y.Question))
	})
	for _, c := range list {
		if c.told() {
			v.Rows = append(v.Rows, a.row(c, list, shared, v.Lang))
		}
	}
	a.answersNotice(r, v, list, shared)
	return a.deps.Site.Write(w, r, http.StatusOK, v)
}

// worked is what the brands work out from the answers of an account. There is nothing
// to be done with it here: it follows the answers above it.
func (a *Asking) worked(tx *store.Tx, account store.ID, lang string) ([]templates.WorkedRow, error) {
	words := a.deps.Words
	var out []templates.WorkedRow
	for _, brand := range a.force.Catalogue.Brands() {
		list, err := a.deps.Worked(tx, account, brand, lang)
		if err != nil {
			return nil, fmt.Errorf("worked out for %s: %w", brand, err)
		}
		for _, w := range list {
			row := templates.WorkedRow{ID: w.ID, Name: w.Name, Value: w.Value, Seen: words.Say(lang, "answers.seen.none")}
			row.From = words.Say(lang, "answers.worked.from", "brand", a.brandName(brand, lang), "names", templates.Listed(lang, w.From...))
			if w.Shared {
				row.Seen = words.Say(lang, "answers.worked.seen", "brand", a.brandName(brand, lang))
			}
			out = append(out, row)
		}
	}
	return out, nil
}

// answersNotice says what the customer has just done on this page.
func (a *Asking) answersNotice(r *http.Request, v *templates.Answers, list []*Current, shared []*consent.Release) {
	q := r.URL.Query()
	say := func(key string, args ...any) {
		v.Notice = &templates.Notice{Kind: "done", Text: a.deps.Words.Say(v.Lang, key, args...)}
	}
	switch q.Get("done") {
	case "removed":
		if c := answerTo(list, q.Get("question"), q.Get("brand")); c != nil && c.undoable(a.now()) {
			say("answers.removed", "count", len(c.Removed.Brands))
			if !a.special(c) && !a.young(c, list, shared) {
				v.Undo = a.answerPath(c, "undo")
			}
		}
	case "saved":
		say("answers.saved")
	}
}

// special says whether an answer is special data: its consent comes back by
// nothing but the box of its page.
func (a *Asking) special(c *Current) bool {
	q := a.force.Catalogue.Question(c.Brand, c.Question)
	return q != nil && q.Special
}

// undoable says whether a removal can still be taken back.
func (c *Current) undoable(now time.Time) bool {
	return c.State == catalogue.Withdrawn && c.Removed != nil && now.Before(c.At.Add(undoLife))
}

// row is one answer as the page shows it.
func (a *Asking) row(c *Current, list []*Current, shared []*consent.Release, lang string) templates.AnswerRow {
	words := a.deps.Words
	row := templates.AnswerRow{
		ID: c.Question, Name: a.nameOf(c, lang), Value: a.valueOf(c, lang), Remove: a.answerPath(c, "remove"),
		Told: words.Say(lang, "answers.told", "brand", a.brandName(c.Brand, lang), "date", words.Date(lang, c.At)),
	}
	set := a.force.Catalogue.Set(c.Brand)
	young := a.young(c, list, shared)
	if set != nil && set.Question(c.Question) != nil && !young {
		row.Change = a.answerPath(c, "change")
	}
	if c.State != catalogue.Answered {
		return row
	}
	n := 0
	for _, r := range shared {
		if r.Claim == c.Question && r.State == consent.Given && (c.Scope == "" || r.Brand == c.Scope) {
			n++
		}
	}
	row.Seen = words.Say(lang, "answers.seen", "count", n)
	if !c.fresh(a.now()) && !young {
		row.Confirm = true
		if row.Change != "" && !set.Question(c.Question).Special && set.Question(c.Question).AcceptsOn(c.Value, a.now()) {
			row.Still = a.answerPath(c, "still")
		}
	} else if c.fresh(a.now()) && !c.Expires.IsZero() {
		row.Kept = words.Say(lang, "answers.kept", "date", words.MonthYear(lang, c.Expires))
	}
	return row
}

// answerPath is where something is done with an answer. The brand that asked is
// part of it: two brands may each have a question of one name.
func (a *Asking) answerPath(c *Current, what string) string {
	return a.deps.Site.Path(answersPath+"/"+c.Question+"/"+what) + "?brand=" + url.QueryEscape(c.Brand)
}

// answerTo is the answer to a question a brand asked; nil if there is none.
func answerTo(list []*Current, question, brand string) *Current {
	for _, c := range list {
		if c.Question == question && c.Brand == brand && c.State != "" {
			return c
		}
	}
	return nil
}

// nameOf is what a question is called. One that left the catalogue is called by
// its id: the customer can still see and remove what they said.
func (a *Asking) nameOf(c *Current, lang string) string {
	if q := a.force.Catalogue.Question(c.Brand, c.Question); q != nil {
		return q.Name.In(lang)
	}
	return c.Question
}

func (a *Asking) valueOf(c *Current, lang string) string {
	if c.State == catalogue.Declined {
		return a.deps.Words.Say(lang, "answers.declined")
	}
	if c.State == catalogue.Unsure {
		return a.deps.Words.Say(lang, "answers.unsure")
	}
	if q := a.force.Catalogue.Question(c.Brand, c.Question); q != nil {
		return q.Show(c.Value, lang, a.deps.Words)
	}
	return plain(c.Value, lang)
}

// plain is a value whose question has gone.
func plain(v catalogue.Value, lang string) string {
	switch x := v.Any().(type) {
	case []string:
		return templates.Listed(lang, x...)
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(x)) {
			parts = append(parts, plain(v.Part(name), lang))
		}
		return templates.Listed(lang, parts...)
	case float64:
		return v.Number().In(lang)
	case nil:
		return ""
	default:
		return fmt.Sprint(x)
	}
}

// brandName is a brand's name, or its id if it left the configuration.
func (a *Asking) brandName(brand, lang string) string {
	if name := a.deps.BrandName(brand, lang); name != "" {
		return name
	}
	return brand
}
