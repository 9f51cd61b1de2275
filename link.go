package proffer

import (
	"net/http"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// ask handles GET /ask/{screen} in a visit, and without one GET /ask/{campaign}: a
// link that a brand mailed or put on its site, with ?brand=. It begins a visit of
// our own, in which the customer signs in if need be, is asked what is due of the
// campaign, and ends at /ask. A link opens nothing that is held back: it says the
// same of a campaign that is not due, that is not for links and that is none.
func (s *rooms) ask(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Has("visit") {
		return s.asking.GetAsk(w, r)
	}
	brand := r.URL.Query().Get("brand")
	if brand == "" {
		brand = s.site.Cookie(r, "b")
	}
	set := s.catalogue.Set(brand)
	if set == nil {
		return &problem.Problem{Code: "page.missing", Status: http.StatusNotFound}
	}
	s.site.SetCookie(w, "b", brand, 0)
	r = withCookie(r, s.site.CookieName("b"), brand)
	c := set.Campaign(r.PathValue("screen"))
	if c == nil || !c.By(catalogue.OnLink) { // nobody has to sign in to hear that there is nothing
		return s.asking.ShowNothing(w, r, brand)
	}
	v, err := s.oauth.BeginLinked(w, r, "/ask", brand, c.ID)
	if err != nil {
		return err
	}
	return s.walk(w, r, v)
}
