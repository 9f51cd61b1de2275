package proffer

import (
	"net/http"
	"strings"

	"github.com/proffer-id/proffer/internal/problem"
)

// kind says who may call a route, and so which walls stand before it.
type kind int

const (
	page     kind = iota // a browser on our own pages: cross-origin posts are refused
	crossing             // a browser that comes from a brand's site, posts included: changes nothing before a 303
	protocol             // a program: no cookies, no pages
	asset                // a static file
	byToken              // a program of those who work for a brand, with a token: no cookies, larger bodies
)

// A route is one path we answer.
type route struct {
	method, path string // path below the mount prefix
	kind         kind
	serve        func(http.ResponseWriter, *http.Request) error
}

// direct adapts a handler that answers its errors itself.
func direct(h http.HandlerFunc) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		h(w, r)
		return nil
	}
}

// routes lists every path we answer, in the order of the walk.
func (s *rooms) routes() []route {
	return []route{
		{"GET", "/authorize", crossing, s.authorize},
		{"POST", "/authorize", crossing, s.authorize},

		{"GET", "/login", page, s.people.GetLogin},
		{"POST", "/login", page, s.people.PostLogin},
		{"POST", "/login/code", page, s.people.PostLoginCode},
		{"GET", "/register", page, s.people.GetRegister},
		{"POST", "/register", page, s.people.PostRegister},
		{"GET", "/recover", page, s.people.GetRecover},
		{"POST", "/recover", page, s.people.PostRecover},
		{"GET", "/verify", page, s.people.GetVerify},
		{"POST", "/verify", page, s.people.PostVerify},
		{"POST", "/verify/resend", page, s.people.PostResend},
		{"GET", "/confirm", page, s.people.GetConfirm},
		{"POST", "/confirm", page, s.people.PostConfirm},
		{"GET", "/new-password", page, s.people.GetNewPassword},
		{"POST", "/new-password", page, s.people.PostNewPassword},
		{"GET", "/terms", page, s.people.GetTerms},
		{"POST", "/terms", page, s.people.PostTerms},

		{"GET", "/carried", page, s.asking.GetCarried},
		{"POST", "/carried", page, s.asking.PostCarried},
		{"GET", "/ask", page, s.asking.GetEnd},
		{"GET", "/ask/{screen}", page, s.ask},
		{"POST", "/ask/{screen}", page, s.asking.PostAsk},
		{"GET", "/check/{campaign}", page, s.asking.GetCheck},
		{"POST", "/check/{campaign}", page, s.asking.PostCheck},
		{"GET", "/share", page, s.consents.GetShare},
		{"POST", "/share", page, s.consents.PostShare},

		{"POST", "/par", protocol, direct(s.oauth.Push)},
		{"POST", "/carry-in", protocol, direct(s.oauth.CarryIn)},
		{"POST", "/token", protocol, direct(s.oauth.Token)},
		{"OPTIONS", "/token", protocol, direct(s.oauth.Token)},
		{"GET", "/userinfo", protocol, direct(s.oauth.UserInfo)},
		{"POST", "/userinfo", protocol, direct(s.oauth.UserInfo)},
		{"OPTIONS", "/userinfo", protocol, direct(s.oauth.UserInfo)},
		{"POST", "/revoke", protocol, direct(s.oauth.Revoke)},
		{"OPTIONS", "/revoke", protocol, direct(s.oauth.Revoke)},
		{"GET", "/jwks", protocol, direct(s.oauth.JWKS)},
		{"GET", "/.well-known/openid-configuration", protocol, direct(s.oauth.Discovery)},
		{"GET", "/.well-known/oauth-authorization-server", protocol, direct(s.oauth.Discovery)},
		{"GET", "/logout", crossing, s.logout},
		{"POST", "/logout", crossing, s.logout},
		{"POST", "/logout/confirm", page, s.confirmLogout},

		{"GET", "/preferences", page, s.atHome(s.asking.GetPreferences)},
		{"GET", "/preferences/answers", page, s.atHome(s.asking.GetAnswers)},
		{"GET", "/preferences/answers/{question}/change", page, s.atHome(s.asking.GetChange)},
		{"POST", "/preferences/answers/{question}/change", page, s.atHome(s.asking.PostChange)},
		{"POST", "/preferences/answers/{question}/still", page, s.atHome(s.asking.PostStill)},
		{"POST", "/preferences/answers/{question}/remove", page, s.atHome(s.asking.PostRemove)},
		{"POST", "/preferences/answers/{question}/undo", page, s.atHome(s.asking.PostUndo)},
		{"GET", "/preferences/sharing", page, s.atHome(s.consents.GetSharing)},
		{"POST", "/preferences/sharing/{brand}/stop", page, s.atHome(s.consents.PostStop)},
		{"GET", "/preferences/delete", page, s.atHome(s.people.GetDelete)},
		{"POST", "/preferences/delete", page, s.atHome(s.people.PostDelete)},
		{"GET", "/signout", page, s.people.GetSignOut},
		{"POST", "/signout", page, s.people.PostSignOut},

		{"GET", "/media/{file}", asset, s.asking.GetMedia},
		{"GET", "/admin/v1/brands/{brand}/screens", byToken, s.admin.Handler(s.admin.GetScreens)},
		{"GET", "/admin/v1/brands/{brand}/screens/{version}", byToken, s.admin.Handler(s.admin.GetVersion)},
		{"PUT", "/admin/v1/brands/{brand}/screens/in-force", byToken, s.admin.Handler(s.admin.PutInForce)},
		{"POST", "/admin/v1/brands/{brand}/screens/check", byToken, s.admin.Handler(s.admin.PostCheck)},
		{"", "/admin/", byToken, s.admin.Nothing},

		{"GET", "/static/", asset, direct(http.StripPrefix(s.site.Prefix(), s.files.Handler()).ServeHTTP)},
		{"GET", "/{$}", page, s.root},
	}
}

// maxBody is how much one request may send, but those with a token of a brand: no
// page, form or token needs more.
const maxBody = 64 << 10

// mux builds the handler of everything below the prefix.
func (s *rooms) mux() http.Handler {
	pages, rest := http.NewServeMux(), http.NewServeMux()
	for _, rt := range s.routes() {
		h, pattern := s.site.Handler(rt.serve), strings.TrimSpace(rt.method+" "+s.site.Path(rt.path))
		switch rt.kind {
		case page:
			pages.Handle(pattern, h)
		case byToken: // bounds its bodies itself, once it knows who sends them
			rest.Handle(pattern, h)
		default:
			rest.Handle(pattern, http.MaxBytesHandler(h, maxBody))
		}
	}
	if s.site.Prefix() != "" { // the one path that is not below it
		rest.HandleFunc("GET "+s.oauth.MetadataPath(), s.oauth.Discovery)
	}
	pages.Handle("/", s.site.Handler(s.nothingHere))

	guard := http.NewCrossOriginProtection()
	if err := guard.AddTrustedOrigin(s.site.Origin()); err != nil {
		panic(err) // the origin was parsed from a valid issuer
	}
	guard.SetDenyHandler(s.site.Handler(func(http.ResponseWriter, *http.Request) error {
		return &problem.Problem{Code: "form.foreign", Status: http.StatusForbidden}
	}))
	rest.Handle("/", http.MaxBytesHandler(guard.Handler(pages), maxBody))

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.site.Headers(w.Header())
		if r.Host != s.site.Host() { // links and cookies come from the issuer alone
			http.Error(w, "this server answers for "+s.site.Host(), http.StatusMisdirectedRequest)
			return
		}
		s.site.KeepLanguage(w, r)
		rest.ServeHTTP(w, r)
	})
}

// nothingHere answers what no route knows: 404, or 405 where the path is known.
func (s *rooms) nothingHere(w http.ResponseWriter, r *http.Request) error {
	var allow []string
	for _, rt := range s.routes() {
		if s.site.Path(rt.path) == r.URL.Path {
			allow = append(allow, rt.method)
		}
	}
	if len(allow) > 0 {
		w.Header().Set("Allow", strings.Join(allow, ", "))
		return &problem.Problem{Code: "page.method", Status: http.StatusMethodNotAllowed}
	}
	return &problem.Problem{Code: "page.missing", Status: http.StatusNotFound}
}

// root sends whoever opens the bare address to their preferences.
func (s *rooms) root(w http.ResponseWriter, r *http.Request) error {
	s.site.Redirect(w, r, s.site.Path("/preferences"))
	return nil
}
