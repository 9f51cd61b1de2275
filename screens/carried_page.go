package screens

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// carriedPage is what a customer may confirm in one visit.
type carriedPage struct {
	*standing
	lang  string
	items []carriedItem
}

// GetCarried shows GET /carried: each answer that the brand's site carried in, with
// a box, none ticked. With nothing to confirm it returns to the walk.
func (a *Asking) GetCarried(w http.ResponseWriter, r *http.Request) error {
	p, err := a.carriedPage(r)
	if errors.Is(err, errNobody) || err == nil && len(p.items) == 0 {
		a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
		return nil
	}
	if err != nil {
		return err
	}
	return a.showCarried(w, r, p, http.StatusOK, nil, nil)
}

// PostCarried records POST /carried and returns to the walk: what was ticked
// becomes an answer, with the consent and the release that saving it is; the rest
// is forgotten.
func (a *Asking) PostCarried(w http.ResponseWriter, r *http.Request) error {
	form, err := a.deps.Site.ParseForm(w, r)
	if err != nil {
		return err
	}
	p, err := a.carriedPage(r)
	if errors.Is(err, errNobody) {
		a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.deps.Site.CheckToken(form, p.bind(), askForm("carried", form)); err != nil {
		return err
	}
	if len(p.items) == 0 { // sent twice, or decided in another tab
		a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
		return nil
	}
	lang, ok := p.servedIn(p.words, form.Get("version"))
	if !ok {
		return a.showCarried(w, r, p, http.StatusConflict, nil, problem.New("answer.stale"))
	}
	kept, err := p.ticked(form)
	if err != nil {
		return a.showCarried(w, r, p, http.StatusUnprocessableEntity, form["answer"], err)
	}
	var says []said
	for _, item := range kept {
		one := say(item.question, p.visit.Brand, catalogue.Answered, item.value)
		one.expires = item.question.Expires(p.set, a.now())
		says = append(says, one)
	}
	o := occasion{
		account: p.who.Account, session: p.who.Session, visit: p.visit.ID, brand: p.visit.Brand, set: p.set,
		source: SourceCarriedIn, asked: web.AskedAt(form, a.now()), at: a.now(), client: p.visit.Client,
		locale: lang, release: true, how: "ticked an answer carried in by the brand's site and pressed Keep",
	}
	err = a.deps.DB.Update(r.Context(), func(tx *store.Tx) error { return a.keepCarried(tx, p, o, says) })
	if err != nil {
		return fmt.Errorf("keep what was carried in: %w", err)
	}
	a.deps.Site.Redirect(w, r, a.deps.Site.Walk(p.visit))
	return nil
}

// keepCarried stores what the customer confirmed, as far as it may still count. The
// record has served.
func (a *Asking) keepCarried(tx *store.Tx, p *carriedPage, o occasion, says []said) error {
	s, err := a.stand(tx, p.visit, p.who)
	if err != nil {
		return err
	}
	open, err := s.toConfirm(o.at)
	if err != nil || s.pass.Carried || s.carried == nil { // it has served, perhaps in another visit
		return err
	}
	changed := false
	for _, one := range says {
		if !slices.ContainsFunc(open, func(i carriedItem) bool { return i.question.ID == one.question && i.value.Equal(one.value) }) {
			continue // answered in another tab meanwhile: nothing is overwritten
		}
		res, ok := p.words.Carried(p.set.Brand, one.question, o.locale)
		if !ok {
			return errNotNow
		}
		here := o
		here.screen = res.Hash
		wrote, err := save(tx, here, one, s.profile[one.question], s.person)
		if err != nil {
			return err
		}
		changed = changed || wrote
	}
	if changed {
		people.Put(tx, s.person)
	}
	s.pass.Carried = true
	passes.Put(tx, s.pass)
	carriedIn.Delete(tx, store.K(s.carried.ID))
	return nil
}

// carriedPage finds what may be confirmed in the visit of the request. With
// errNobody the page has its visit, and nothing else.
func (a *Asking) carriedPage(r *http.Request) (*carriedPage, error) {
	s, err := a.standsHere(r)
	if s == nil {
		return nil, err
	}
	p := &carriedPage{standing: s, lang: a.deps.Site.Lang(r, s.visit)}
	if err == nil {
		p.items, err = s.toConfirm(a.now())
	}
	if err != nil {
		return p, fmt.Errorf("carried in: %w", err)
	}
	return p, nil
}

// version names all that stands on the page in a language, values included: what
// is ticked is what was seen.
func (p *carriedPage) version(w *catalogue.Wordings, lang string) string {
	h := sha256.New()
	for _, item := range p.items {
		res, _ := w.Carried(p.set.Brand, item.question.ID, lang)
		b, err := item.value.MarshalJSON()
		if err != nil {
			return ""
		}
		fmt.Fprintf(h, "%s %s %s\n", item.question.ID, res.Hash, b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// servedIn finds the language in which a posted version of the page was served.
func (p *carriedPage) servedIn(w *catalogue.Wordings, posted string) (lang string, ok bool) {
	for _, lang := range p.set.Languages {
		if p.version(w, lang) == posted {
			return lang, true
		}
	}
	return "", false
}

// ticked are the items that the form keeps.
func (p *carriedPage) ticked(form url.Values) ([]carriedItem, error) {
	switch form.Get("do") {
	case "nothing":
		return nil, nil
	case "keep", "": // Enter is Keep
	default:
		return nil, problem.New("answer.not_offered")
	}
	var out []carriedItem
	for _, id := range form["answer"] {
		i := slices.IndexFunc(p.items, func(x carriedItem) bool { return x.question.ID == id })
		if i < 0 {
			return nil, problem.At("answer", "share.not_offered")
		}
		out = append(out, p.items[i])
	}
	if len(out) == 0 {
		return nil, problem.At("answer", "carried.none")
	}
	return out, nil
}

func (a *Asking) showCarried(w http.ResponseWriter, r *http.Request, p *carriedPage, status int, ticked []string, bad error) error {
	v := &templates.Carried{Page: a.deps.Site.Page(r, p.visit)}
	v.Action = a.deps.Site.In("/carried", p.visit)
	version := p.version(p.words, p.lang)
	shown, asked := templates.Hidden{Name: "version", Value: version}, web.Asked(a.now())
	form := url.Values{shown.Name: {shown.Value}, asked.Name: {asked.Value}}
	v.Hidden = append(v.Hidden, shown, asked, a.deps.Site.FormToken(p.bind(), askForm("carried", form)))
	if err := a.problems(&v.Page, bad); err != nil {
		return err
	}
	var who []string
	for _, item := range p.items {
		q := item.question
		v.Answers = append(v.Answers, templates.CarriedAnswer{
			ID: q.ID, Name: q.Name.In(p.lang), Value: q.Show(item.value, p.lang, a.deps.Words), Why: q.Why.In(p.lang),
			Checked: slices.Contains(ticked, q.ID),
		})
		if s := a.whoGets(p.set, q, p.lang, p.releases[q.ID]); !slices.Contains(who, s) {
			who = append(who, s)
		}
	}
	v.Who = strings.Join(who, " ")
	return a.deps.Site.Write(w, r, status, v)
}
