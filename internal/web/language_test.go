package web_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
)

func TestLang(t *testing.T) {
	s := site(t, bare)
	for _, c := range []struct {
		name, query, cookie string
		locales             []string
		accept, want        string
	}{
		{"nothing said", "", "", nil, "", "en"},
		{"?lang= before all", "?lang=th", "en", []string{"en"}, "en", "th"},
		{"the cookie before the visit", "", "th", []string{"en"}, "en", "th"},
		{"the visit before the browser", "", "", []string{"th"}, "en", "th"},
		{"the browser before the fallback", "", "", nil, "th", "th"},
		{"?lang= that does not ship", "?lang=fr", "th", nil, "en", "th"},
		{"?lang= in other letters", "?lang=TH", "", nil, "", "en"},
		{"?lang= with markup", "?lang=%22%3E%3Cscript%3E", "", nil, "th", "th"},
		{"a cookie that does not ship", "", "de", []string{"th"}, "en", "th"},
		{"ui_locales with a region", "", "", []string{"th-TH"}, "en", "th"},
		{"ui_locales in turn", "", "", []string{"fr", "!", "th"}, "en", "th"},
		{"ui_locales we have none of", "", "", []string{"fr", "ja"}, "th", "th"},
		{"a region", "", "", nil, "th-TH", "th"},
		{"the best that ships", "", "", nil, "fr, de;q=0.9, th;q=0.2", "th"},
		{"by weight", "", "", nil, "en;q=0.3, th;q=0.8", "th"},
		{"refused", "", "", nil, "th;q=0", "en"},
		{"none that ships", "", "", nil, "fr-FR, ja", "en"},
		{"any", "", "", nil, "*", "en"},
		{"no list", "", "", nil, "\x00\xff;;q=,", "en"},
		{"a weight that is none", "", "", nil, "th;q=many", "en"},
		{"dashes", "", "", nil, strings.Repeat("-", 10_000), "en"},
		{"one endless tag", "", "", nil, "th-" + strings.Repeat("abcdefgh-", 1_200), "en"},
		{"many entries", "", "", nil, "th" + strings.Repeat(", x-unknown;q=0.1", 600), "th"},
		{"cut inside an entry", "", "", nil, "th, " + strings.Repeat("en;q=0.1,", 40), "th"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/login"+c.query, nil)
			if c.cookie != "" {
				r.AddCookie(&http.Cookie{Name: s.CookieName("l"), Value: c.cookie})
			}
			r.Header.Set("Accept-Language", c.accept)
			var v *web.Visit
			if c.locales != nil {
				v = &web.Visit{Locales: c.locales}
			}
			if got := s.Lang(r, v); got != c.want {
				t.Errorf("is %s, want %s", got, c.want)
			}
		})
	}
}

func FuzzLang(f *testing.F) {
	s := site(f, bare)
	for _, seed := range []string{"", "th", "en-GB,th;q=0.5", "*", "x-a-b-c", strings.Repeat("a-", 300), "th;q=0.0000000001"} {
		f.Add(seed, seed, seed)
	}
	f.Fuzz(func(t *testing.T, cookie, locale, accept string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Accept-Language"] = []string{accept}
		r.Header["Cookie"] = []string{s.CookieName("l") + "=" + cookie}
		began := time.Now()
		if got := s.Lang(r, &web.Visit{Locales: []string{locale}}); !slices.Contains(s.Languages(), got) {
			t.Errorf("answers in %q", got)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %s for a header of %d bytes", took, len(accept))
		}
	})
}

func TestKeepLanguage(t *testing.T) {
	s := site(t, bare)
	for _, c := range []struct{ name, query, cookie, set string }{
		{"chosen", "?lang=th", "", "th"},
		{"chosen anew", "?lang=en", "th", "en"},
		{"kept already", "?lang=th", "th", ""},
		{"not chosen", "", "", ""},
		{"not shipped", "?lang=fr", "", ""},
		{"with a header in it", "?lang=th%0d%0aSet-Cookie:%20x", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/login"+c.query, nil)
			if c.cookie != "" {
				r.AddCookie(&http.Cookie{Name: s.CookieName("l"), Value: c.cookie})
			}
			w := httptest.NewRecorder()
			s.KeepLanguage(w, r)
			got := ""
			for _, k := range w.Result().Cookies() {
				if k.Name != s.CookieName("l") || k.MaxAge < 86400 {
					t.Errorf("set %s", k)
				}
				got = k.Value
			}
			if got != c.set {
				t.Errorf("remembers %q, want %q", got, c.set)
			}
		})
	}
}

// The links of the footer stay on the page, in the visit, and on our host.
func TestPage_Languages(t *testing.T) {
	for _, c := range []struct {
		name, issuer, target string
		visit                *web.Visit
		want                 []string
	}{
		{"in a visit", bare, "/login?visit=old&email=nok%40example.com", &web.Visit{Sealed: "S+"}, []string{"/login?lang=en&visit=S%2B", "/login?lang=th&visit=S%2B"}},
		{"below a prefix", below, "/id/login", nil, []string{"/id/login?lang=en", "/id/login?lang=th"}},
		{"what the page needs", bare, "/confirm?token=T&lang=th&code=1", nil, []string{"/confirm?lang=en&token=T", "/confirm?lang=th&token=T"}},
		{"a path that needs escaping", bare, "/ask/a%3Fb%22", nil, []string{"/ask/a%3Fb%22?lang=en", "/ask/a%3Fb%22?lang=th"}},
		{"a path that is another host", bare, "//evil.example/x", nil, []string{"/evil.example/x?lang=en", "/evil.example/x?lang=th"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "http://id.example.com"+c.target, nil)
			p := site(t, c.issuer).Page(r, c.visit)
			for i, l := range p.Languages {
				if l.Href != c.want[i] || l.Current != (l.Tag == p.Lang) {
					t.Errorf("%s leads to %s, want %s", l.Tag, l.Href, c.want[i])
				}
			}
			if len(p.Languages) != 2 || p.Languages[0].Name != "English" || p.Languages[1].Name != "ไทย" {
				t.Errorf("offers %+v", p.Languages)
			}
			if action, _, _ := strings.Cut(c.want[0], "?lang"); !strings.HasPrefix(c.want[0], p.Action+"?") {
				t.Errorf("forms go to %s, want %s", p.Action, action)
			}
		})
	}
	one := site(t, bare, func(c *web.Config) { c.Languages = []string{"th"} })
	if p := one.Page(httptest.NewRequest("GET", "/login", nil), nil); p.Languages != nil || p.Lang != "th" {
		t.Errorf("with one language: %s, links %v", p.Lang, p.Languages)
	}
}
