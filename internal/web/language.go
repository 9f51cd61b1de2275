package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
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
	if tags, _, err := language.ParseAcceptLanguage(firstOf(r.Header.Get("Accept-Language"))); err == nil && len(tags) > 0 {
		if _, i, conf := s.matcher.Match(tags...); conf > language.No {
			return s.cfg.Languages[i]
		}
	}
	return s.cfg.Languages[0]
}

func (s *Site) ships(lang string) bool { return slices.Contains(s.cfg.Languages, lang) }

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
		out = append(out, templates.Language{Tag: l, Name: templates.LanguageName(l), Href: here(r) + "?" + q.Encode(), Current: l == current})
	}
	return out
}

// firstOf is the first 200 bytes of an Accept-Language, whole entries only: no
// browser sends more, and parsing what is hostile takes time (CVE-2022-32149).
func firstOf(accept string) string {
	const most = 200
	if len(accept) <= most {
		return accept
	}
	return accept[:strings.LastIndexByte(accept[:most], ',')+1]
}
