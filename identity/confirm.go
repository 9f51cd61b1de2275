package identity

import (
	"net/http"
	"net/url"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/templates"
)

// GetConfirm handles GET /confirm, where the link in a mail leads. It changes
// nothing: mail scanners open links. In the browser that the visit stands in it
// shows one button. Anywhere else it shows the code to type: a button there
// would sign in the window of whoever typed the address, a stranger perhaps.
func (p *People) GetConfirm(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	visit, code, err := p.readLink(token)
	if err != nil {
		return err
	}
	q, err := p.seeWaiting(r.Context(), visit)
	if err != nil {
		return err
	}
	if q == nil || !p.codeIs(q, code) || !p.now().Before(q.Works) {
		return &problem.Problem{Code: "code.expired", Status: http.StatusGone}
	}
	v, here := p.visitHere(r, q)
	view := &templates.Confirm{Email: q.Email, Here: here}
	if here {
		view.Page = p.formPage(r, v, "/confirm", "confirm")
		view.Hidden = append(view.Hidden, templates.Hidden{Name: "token", Value: token})
	} else {
		view.Page = p.deps.Site.Page(r, nil)
		view.Brand = p.brand(q.Brand, view.Lang)
		view.Code = code
	}
	return p.deps.Site.Write(w, r, http.StatusOK, view)
}

// visitHere says whether the browser that sent r is the one that the visit
// stands in: whether its flow cookie opens the visit.
func (p *People) visitHere(r *http.Request, q *Pending) (*web.Visit, bool) {
	asked := r.Clone(r.Context())
	asked.URL.RawQuery = url.Values{"visit": {q.Sealed}}.Encode()
	v, err := p.deps.Visit(asked)
	if err != nil || v.ID != q.Visit {
		return nil, false
	}
	return v, true
}

// PostConfirm handles POST /confirm, the button, and returns to the walk.
func (p *People) PostConfirm(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.posted(w, r, "confirm")
	if err != nil {
		return err
	}
	visit, code, err := p.readLink(form.Get("token"))
	if err != nil {
		return err
	}
	if visit != v.ID {
		return &problem.Problem{Code: "visit.other_browser", Status: http.StatusBadRequest}
	}
	return p.proceed(w, r, v, code)
}
