package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

// Page returns what every page shares, for this request. v may be nil.
func (s *Site) Page(r *http.Request, v *Visit) templates.Page {
	return s.page(r, v, s.cfg.Account(r))
}

// page is Page for an account that is known, or "" for none.
func (s *Site) page(r *http.Request, v *Visit, account string) templates.Page {
	lang := s.Lang(r, v)
	brand := s.Cookie(r, "b")
	if v != nil && v.Brand != "" {
		brand = v.Brand
	}
	p := templates.Page{
		Lang:      lang,
		Brand:     s.cfg.Brand(brand, lang),
		Action:    here(r),
		Languages: s.languages(r, v, lang),
		Account:   account,
		SignOut:   s.In("/signout", v),
		Prefix:    s.prefix,
	}
	client := ""
	if v != nil {
		client = v.Client
	}
	p.CSS = s.prefix + s.cfg.CSS(p.Brand.ID, client)
	if v != nil {
		p.Hidden = []templates.Hidden{{Name: "visit", Value: v.Sealed}}
		if v.Return != "" {
			p.Forms = []string{v.Return}
		}
	}
	if s.cfg.Decorate != nil {
		s.cfg.Decorate(v, &p)
	}
	return p
}

// here is the path of a request, as a link: "//host" would lead to another host.
func here(r *http.Request) string { return "/" + strings.TrimLeft(r.URL.EscapedPath(), "/") }

// Problems puts the words of err into p: of a *problem.Problem or a
// problem.List. It returns false, and changes nothing, for any other error.
func (s *Site) Problems(p *templates.Page, err error) bool {
	var list problem.List
	if !errors.As(err, &list) {
		one, ok := errors.AsType[*problem.Problem](err)
		if !ok {
			return false
		}
		list = problem.List{one}
	}
	for _, q := range list {
		p.Problems = append(p.Problems, templates.Problem{Field: q.Field, Text: s.sentence(p.Lang, q)})
	}
	return true
}

func (s *Site) sentence(lang string, q *problem.Problem) string {
	args := make([]any, 0, 2*len(q.Args))
	for k, v := range q.Args {
		args = append(args, k, v)
	}
	return s.cfg.Pages.Say(lang, q.Code, args...)
}

// Write answers with a page: rendered whole before its first byte is sent.
func (s *Site) Write(w http.ResponseWriter, r *http.Request, status int, v templates.View) error {
	nonce := rand.Text()
	shared := templates.PageOf(v)
	shared.Nonce = nonce
	var b bytes.Buffer
	if err := s.cfg.Pages.Write(&b, v); err != nil {
		return fmt.Errorf("page %s: %w", v.File(), err)
	}
	h := w.Header()
	s.pageHeaders(h, nonce, shared.Forms)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", shared.Lang)
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, err := w.Write(b.Bytes())
		if err != nil {
			s.cfg.Log.DebugContext(r.Context(), "answer not taken", "err", err)
		}
	}
	return nil
}

// Target is what form-action must name for a form that may lead to address: its
// origin, or the scheme alone of a native app's. "" is no address.
func Target(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme == "":
		return ""
	case u.Scheme == "http" || u.Scheme == "https":
		return u.Scheme + "://" + u.Host
	}
	return u.Scheme + ":"
}

// pageHeaders are those of every HTML answer. form-action has the origin that
// the walk may end at, because browsers apply it to the redirects after a post;
// one that would end the directive is left out.
func (s *Site) pageHeaders(h http.Header, nonce string, forms []string) {
	targets := "'self'"
	for _, origin := range forms {
		if origin != "" && !strings.ContainsAny(origin, " ;,'\"") {
			targets += " " + origin
		}
	}
	csp := "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
		"form-action " + targets + "; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'"
	if s.secure {
		csp += "; upgrade-insecure-requests"
	}
	h.Set("Content-Security-Policy", csp)
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()")
	h.Set("X-Frame-Options", "DENY")
}

// Headers sets what every answer carries, page or not.
func (s *Site) Headers(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would send Origin: null with our own forms
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if s.secure {
		hsts := "max-age=63072000"
		if s.prefix == "" { // below a path the host is somebody else's, and so are its subdomains
			hsts += "; includeSubDomains"
		}
		h.Set("Strict-Transport-Security", hsts)
	}
}

// Handler adapts a handler that returns an error. A problem it did not show
// itself becomes a message page; a store that is away, or
// time that is over, 503; anything else a page
// with a reference number, and the wrapped chain in the log.
func (s *Site) Handler(f func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			s.Trouble(w, r, nil, err)
		}
	})
}

// Trouble answers err with a message page. v may be nil. Who has closed the
// connection gets none, and is no fault for the operator.
func (s *Site) Trouble(w http.ResponseWriter, r *http.Request, v *Visit, err error) {
	log := s.cfg.Log
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		log.DebugContext(r.Context(), "request given up", "path", r.URL.Path, "err", err)
		return
	}
	// Whoever waits until a request's time is over, a hash's turn among others, says so.
	later := errors.Is(err, store.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded)
	account := ""
	if !later { // else it would only be asked in vain once more
		account = s.cfg.Account(r)
	}
	m := templates.Message{Page: s.page(r, v, account)}
	say := func(key string, args ...any) string { return s.cfg.Pages.Say(m.Lang, key, args...) }
	status := http.StatusUnprocessableEntity
	var list problem.List
	if errors.As(err, &list) && len(list) > 0 {
		err = list[0]
	}
	one, isProblem := errors.AsType[*problem.Problem](err)
	switch {
	case later:
		log.WarnContext(r.Context(), "cannot answer now", "path", r.URL.Path, "err", err)
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "10")
		m.Heading, m.Text = say("busy.heading"), say("busy.later")
	case isProblem:
		log.DebugContext(r.Context(), "problem", "path", r.URL.Path, "err", err)
		if one.Status != 0 {
			status = one.Status
		}
		m.Text = s.sentence(m.Lang, one)
		m.Heading = say("trouble.heading")
		if s.cfg.Pages.Has(m.Lang, one.Code+".heading") {
			m.Heading = say(one.Code + ".heading")
		}
		if status == http.StatusNotFound { // the sentence sends them there
			m.Second, m.SecondIs = s.Path("/preferences"), say("preferences.heading")
		}
	default:
		m.Reference = reference()
		log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "reference", m.Reference, "err", err)
		status = http.StatusInternalServerError
		m.Heading, m.Text = say("fault.heading"), say("fault.text")
	}
	if m.Home != "" {
		m.Action, m.ActionIs = m.Home, say("message.back", "brand", m.Brand.Name)
	}
	if err := s.Write(w, r, status, &m); err != nil {
		log.ErrorContext(r.Context(), "message page", "err", err)
		http.Error(w, http.StatusText(status), status)
	}
}

// reference returns a number that a customer can tell the operator, such as
// "7F3KQ-22MAB": 50 random bits, found again in the log.
func reference() string {
	t := rand.Text()
	return t[:5] + "-" + t[5:10]
}
