package oauth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/problem"
)

// A Logout is a brand's wish that its customer be signed out (OpenID Connect
// RP-Initiated Logout 1.0). Only if Verified, and SID is what Provider.SID calls
// the session of this browser, may it be done without asking the customer.
type Logout struct {
	Client   string // who asks; "" unknown
	Brand    string
	Subject  string     // of the hint
	SID      string     // of the hint
	Verified bool       // there was an id_token_hint, and it is one of ours
	Return   string     // where to go afterwards, with state; "" stays here
	Locales  []string   // ui_locales
	Params   url.Values // the parameters, for the hidden fields of a page that asks
}

var logoutParams = []string{"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"}

// Logout reads the request, GET or POST. A hint that is not ours is the problem
// logout.hint, a post_logout_redirect_uri that is not registered, or that comes
// without a hint to say for whom, logout.redirect: the customer may still be
// asked, but is sent nowhere. What could be read is returned beside the problem.
func (p *Provider) Logout(w http.ResponseWriter, r *http.Request) (Logout, error) {
	out := Logout{Params: url.Values{}}
	form := r.URL.Query()
	if r.Method == http.MethodPost {
		var err error
		if form, err = p.deps.Site.ParseForm(w, r); err != nil {
			return out, err
		}
	}
	if !readable(form) {
		return out, &problem.Problem{Code: "form.unreadable", Status: http.StatusBadRequest}
	}
	for _, name := range logoutParams {
		switch values := form[name]; {
		case len(values) > 1:
			return out, &problem.Problem{Code: "form.unreadable", Status: http.StatusBadRequest}
		case len(values) == 1 && values[0] != "":
			out.Params.Set(name, values[0])
		}
	}
	out.Locales = strings.Fields(out.Params.Get("ui_locales"))

	id := out.Params.Get("client_id")
	if text := out.Params.Get("id_token_hint"); text != "" {
		h, err := p.readHint(text)
		if err != nil || (id != "" && id != h.client) { // 2: both must name one client
			return out, &problem.Problem{Code: "logout.hint", Status: http.StatusBadRequest, Err: err}
		}
		id, out.Verified, out.Subject, out.SID = h.client, true, h.Subject, h.SID
	}
	c := p.client(id)
	if c != nil {
		out.Client, out.Brand = c.ID, c.Brand
	} else {
		out.Verified = false
	}
	back := out.Params.Get("post_logout_redirect_uri")
	if back == "" {
		return out, nil
	}
	// 3: without a hint nobody says that the request comes of that client.
	if !out.Verified || !slices.Contains(c.PostLogoutRedirectURIs, back) {
		return out, &problem.Problem{Code: "logout.redirect", Status: http.StatusBadRequest}
	}
	out.Return = back
	if s := out.Params.Get("state"); s != "" {
		out.Return = withQuery(back, url.Values{"state": {s}})
	}
	return out, nil
}
