package identity

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/templates"
)

// visitOf opens the visit that a page is asked for in. Who comes without one, by
// a link in a mail or a bookmark, gets one that ends at their preferences and is
// sent to the same page in it: then the visit is nil.
func (p *People) visitOf(w http.ResponseWriter, r *http.Request, path string) (*web.Visit, error) {
	if r.URL.Query().Has("visit") || p.deps.Begin == nil {
		return p.deps.Visit(r)
	}
	v, err := p.deps.Begin(w, r, "/preferences")
	if err != nil {
		return nil, fmt.Errorf("visit for %s: %w", path, err)
	}
	p.deps.Site.Redirect(w, r, p.in(path, v))
	return nil, nil
}

// formPage returns the page of a form in the visit v, posted to path.
func (p *People) formPage(r *http.Request, v *web.Visit, path, form string) templates.Page {
	page := p.deps.Site.Page(r, v)
	page.Action = p.in(path, v) // so that a form shown again after a problem stands at an address that can be opened again
	page.Hidden = append(page.Hidden, p.deps.Site.FormToken(v.ID.String(), form))
	return page
}

// posted opens the visit and the form of a POST, and checks that the form is
// ours.
func (p *People) posted(w http.ResponseWriter, r *http.Request, form string) (*web.Visit, url.Values, error) {
	values, err := p.deps.Site.ParseForm(w, r)
	if err != nil {
		return nil, nil, err
	}
	v, err := p.deps.Visit(r)
	if err != nil {
		return nil, nil, err
	}
	if err := p.deps.Site.CheckToken(values, v.ID.String(), form); err != nil {
		return nil, nil, err
	}
	return v, values, nil
}

// again shows a form once more with what is to be put right. Any other error is
// returned. What was typed is in the view already, but for passwords.
func (p *People) again(w http.ResponseWriter, r *http.Request, view templates.View, err error) error {
	var list problem.List
	if one, ok := errors.AsType[*problem.Problem](err); ok {
		list = problem.List{one}
	} else if !errors.As(err, &list) {
		return err
	}
	page := templates.PageOf(view)
	status := http.StatusUnprocessableEntity
	said := make(problem.List, len(list))
	for i, q := range list {
		if q.Status != 0 {
			status = q.Status
		}
		if wait, ok := q.Args["wait"].(time.Duration); ok {
			w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
			q = q.With("wait", p.deps.Mails.Duration(page.Lang, wait))
		}
		said[i] = q
	}
	p.deps.Log.DebugContext(r.Context(), "form sent back", "path", r.URL.Path, "err", err)
	p.deps.Site.Problems(page, said)
	return p.deps.Site.Write(w, r, status, view)
}

// in is the path of a page in the visit.
func (p *People) in(path string, v *web.Visit) string { return p.deps.Site.In(path, v) }
