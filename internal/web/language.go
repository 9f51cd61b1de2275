package web

import (
	"net/http"
	"net/url"
	"time"

	"golang.org/x/text/language"

	"github.com/proffer-id/proffer/templates"
)

// Lang returns the language a request is answered in: ?lang=, the cookie of an
// earlier choice, the visit's ui_locales, Accept-Language, the first configured.
func (s *Site) Lang(r *http.Request, v *Visit) string {
	for _, want := range []string{r.URL.Query().Get("lang"), s.Cookie(r, "l")} {
		if s.ships(want) {
			return want
		}
	}
	if v != nil {
		for _, want := range v.Locales {
			if t, err := language.Parse(want); err == nil {
				if _, i, conf := s.matcher.Match(t); conf >= language.High {
					return s.cfg.Languages[i]
				}
			}
		}
	}
	if tags, _, err := language.ParseAcceptLanguage(cut(r.Header.Get("Accept-Language"), 200)); err == nil && len(tags) > 0 {
		if _, i, conf := s.matcher.Match(tags...); conf > language.No {
			return s.cfg.Languages[i]
		}
	}
	return s.cfg.Languages[0]
}

func (s *Site) ships(lang string) bool {
	for _, l := range s.cfg.Languages {
		if l == lang {
			return true
		}
	}
	return false
}

// KeepLanguage remembers a language chosen by ?lang= in a cookie.
func (s *Site) KeepLanguage(w http.ResponseWriter, r *http.Request) {
	if want := r.URL.Query().Get("lang"); s.ships(want) && want != s.Cookie(r, "l") {
		s.SetCookie(w, "l", want, 365*24*time.Hour)
	}
}

// languages are the links of the footer: this very page in every language. A
// page shown in answer to a POST links to its own GET.
func (s *Site) languages(r *http.Request, v *Visit, current string) []templates.Language {
	if len(s.cfg.Languages) < 2 {
		return nil
	}
	q := url.Values{}
	for _, name := range []string{"token", "brand", "client_id"} {
		if x := r.URL.Query().Get(name); x != "" {
			q.Set(name, x)
		}
	}
	if v != nil {
		q.Set("visit", v.Sealed)
	}
	var out []templates.Language
	for _, l := range s.cfg.Languages {
		q.Set("lang", l)
		name := s.cfg.Names[l]
		if name == "" {
			name = l
		}
		out = append(out, templates.Language{Tag: l, Name: name, Href: s.prefix + trimPrefix(r.URL.Path, s.prefix) + "?" + q.Encode(), Current: l == current})
	}
	return out
}

func trimPrefix(path, prefix string) string {
	if len(path) >= len(prefix) && path[:len(prefix)] == prefix {
		return path[len(prefix):]
	}
	return path
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
