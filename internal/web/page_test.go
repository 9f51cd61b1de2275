package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/templates"
)

func TestPage(t *testing.T) {
	s := site(t, below, func(c *web.Config) {
		c.Account = func(*http.Request) string { return "nok@example.com" }
		c.Decorate = func(v *web.Visit, p *templates.Page) { p.Help = fmt.Sprint(v != nil) }
	})
	r := httptest.NewRequest("GET", "https://shop.example.com/id/login", nil)
	r.AddCookie(&http.Cookie{Name: s.CookieName("b"), Value: "sole"})

	p := s.Page(r, nil)
	if p.Brand.ID != "sole" || p.CSS != "/id/static/sole.css" || p.Prefix != "/id" || p.Action != "/id/login" ||
		p.SignOut != "/id/signout" || p.Account != "nok@example.com" || p.Hidden != nil || p.Forms != nil || p.Help != "false" {
		t.Errorf("outside a visit: %+v", p)
	}
	p = s.Page(r, &web.Visit{Brand: "kopi", Sealed: "S", Return: "https://kopi.example"})
	if p.Brand.ID != "kopi" || p.CSS != "/id/static/kopi.css" || p.SignOut != "/id/signout?visit=S" || p.Help != "true" ||
		len(p.Hidden) != 1 || p.Hidden[0] != (templates.Hidden{Name: "visit", Value: "S"}) || len(p.Forms) != 1 || p.Forms[0] != "https://kopi.example" {
		t.Errorf("in a visit: %+v", p)
	}
	p = s.Page(r, &web.Visit{End: "/preferences", Sealed: "S"})
	if p.Brand.ID != "sole" || p.Forms != nil {
		t.Errorf("in a visit of no brand: %+v", p)
	}
}

func TestProblems(t *testing.T) {
	s := site(t, bare)
	wrong := problem.At("email", "email.shape")
	for _, c := range []struct {
		name   string
		err    error
		taken  bool
		fields []string
	}{
		{"a problem", wrong, true, []string{"email"}},
		{"wrapped", fmt.Errorf("log in: %w", wrong), true, []string{"email"}},
		{"a list", problem.List{wrong, problem.At("password", "password.missing")}, true, []string{"email", "password"}},
		{"a list, wrapped", fmt.Errorf("register: %w", problem.List{wrong, problem.New("form.foreign")}), true, []string{"email", ""}},
		{"a fault", errors.New("disk on fire"), false, nil},
		{"nothing", nil, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := templates.Page{Lang: "en"}
			if taken := s.Problems(&p, c.err); taken != c.taken || len(p.Problems) != len(c.fields) {
				t.Fatalf("taken is %t, problems %v", taken, p.Problems)
			}
			for i, q := range p.Problems {
				if q.Field != c.fields[i] || strings.Contains(q.Text, "email.shape") || len(q.Text) < 10 {
					t.Errorf("problem %d is %+v", i, q)
				}
			}
		})
	}
}

// answer asks a handler that fails with err, and returns what is on the page
// and in the log.
func answer(t *testing.T, r *http.Request, err error, change ...func(*web.Config)) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log bytes.Buffer
	s := site(t, bare, append(change, func(c *web.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})...)
	w := httptest.NewRecorder()
	s.Handler(func(http.ResponseWriter, *http.Request) error { return err }).ServeHTTP(w, r)
	return w, log.String()
}

func TestTrouble(t *testing.T) {
	set, err := words()
	if err != nil {
		t.Fatal(err)
	}
	secret := errors.New("secret-cause of nok@example.com")
	for _, c := range []struct {
		name    string
		err     error
		status  int
		heading string // key of the words
		level   string
	}{
		{"a problem", problem.New("code.wrong"), 422, "trouble.heading", "DEBUG"},
		{"with a heading of its own", problem.New("form.foreign"), 422, "form.foreign.heading", "DEBUG"},
		{"with a status", &problem.Problem{Code: "page.missing", Status: 404}, 404, "page.missing.heading", "DEBUG"},
		{"with a cause", &problem.Problem{Code: "code.wrong", Err: secret}, 422, "trouble.heading", "DEBUG"},
		{"wrapped", fmt.Errorf("walk: %w", problem.New("code.wrong")), 422, "trouble.heading", "DEBUG"},
		{"a list", problem.List{problem.New("code.wrong"), problem.New("email.shape")}, 422, "trouble.heading", "DEBUG"},
		{"the store is away", fmt.Errorf("log in: %w: %w", store.ErrUnavailable, secret), 503, "busy.heading", "WARN"},
		{"no time left", fmt.Errorf("log in: %w: %w", context.DeadlineExceeded, secret), 503, "busy.heading", "WARN"},
		{"a problem because the store is away", &problem.Problem{Code: "code.wrong", Err: store.ErrUnavailable}, 503, "busy.heading", "WARN"},
		{"a fault", fmt.Errorf("log in: %w", secret), 500, "fault.heading", "ERROR"},
		{"an empty list", problem.List{}, 500, "fault.heading", "ERROR"},
		{"given up by ourselves", fmt.Errorf("log in: %w", context.Canceled), 500, "fault.heading", "ERROR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, log := answer(t, httptest.NewRequest("POST", "/login", nil), c.err)
			page := html.UnescapeString(w.Body.String())
			if w.Code != c.status || !strings.Contains(page, "<h1>"+set.Say("en", c.heading)+"</h1>") {
				t.Errorf("answers %d: %s", w.Code, page)
			}
			if again := w.Header().Get("Retry-After"); (again != "") != (c.status == 503) {
				t.Errorf("Retry-After is %q", again)
			}
			for _, cause := range []string{"secret-cause", "nok@example.com", "log in"} {
				if strings.Contains(page, cause) {
					t.Errorf("the page tells %q", cause)
				}
			}
			if errors.Is(c.err, secret) && !strings.Contains(log, "secret-cause") || !strings.Contains(log, "level="+c.level) || strings.Count(log, "\n") != 1 {
				t.Errorf("the log is %q", log)
			}
			number := regexp.MustCompile(`\b[A-Z2-7]{5}-[A-Z2-7]{5}\b`).FindString(page)
			if (number != "") != (c.status == 500) || !strings.Contains(log, number) {
				t.Errorf("the number is %q, the log %q", number, log)
			}
		})
	}
}

func TestTrouble_TwoNumbers(t *testing.T) {
	_, first := answer(t, httptest.NewRequest("GET", "/", nil), errors.New("one"))
	_, second := answer(t, httptest.NewRequest("GET", "/", nil), errors.New("one"))
	number := regexp.MustCompile(`reference=(\S+)`)
	a, b := number.FindStringSubmatch(first), number.FindStringSubmatch(second)
	if a == nil || b == nil || a[1] == b[1] {
		t.Errorf("numbers are %v and %v", a, b)
	}
}

func TestTrouble_InTheirLanguageAndBack(t *testing.T) {
	set, err := words()
	if err != nil {
		t.Fatal(err)
	}
	w, _ := answer(t, httptest.NewRequest("GET", "/login?lang=th", nil), problem.New("code.wrong"), func(c *web.Config) {
		c.Decorate = func(_ *web.Visit, p *templates.Page) { p.Home = "https://kopi.example/" }
	})
	page := html.UnescapeString(w.Body.String())
	if !strings.Contains(page, set.Say("th", "code.wrong")) || !strings.Contains(page, `href="https://kopi.example/"`) || w.Header().Get("Content-Language") != "th" {
		t.Errorf("answers in %s: %s", w.Header().Get("Content-Language"), page)
	}
}

// Who has gone is answered nothing, and nobody is woken for it.
func TestTrouble_GivenUp(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w, log := answer(t, httptest.NewRequestWithContext(ctx, "GET", "/login", nil), fmt.Errorf("log in: %w", context.Canceled))
	if w.Body.Len() > 0 || strings.Contains(log, "ERROR") || !strings.Contains(log, "DEBUG") {
		t.Errorf("answers %q, log %q", w.Body, log)
	}
	w, log = answer(t, httptest.NewRequestWithContext(ctx, "GET", "/login", nil), errors.New("disk on fire"))
	if w.Code != http.StatusInternalServerError || !strings.Contains(log, "ERROR") {
		t.Errorf("a fault meanwhile answers %d, log %q", w.Code, log)
	}
}

func TestHandler_NoError(t *testing.T) {
	w, log := answer(t, httptest.NewRequest("GET", "/login", nil), nil)
	if w.Code != http.StatusOK || w.Body.Len() > 0 || log != "" {
		t.Errorf("answers %d %q, log %q", w.Code, w.Body, log)
	}
}

// A page nobody can render is an error before its first byte, and Trouble still
// answers when even the message page is such.
func TestWrite_Unrenderable(t *testing.T) {
	s := site(t, bare)
	w := httptest.NewRecorder()
	if err := s.Write(w, httptest.NewRequest("GET", "/", nil), http.StatusOK, &nowhere{}); err == nil || w.Body.Len() > 0 {
		t.Errorf("err is %v, body %q", err, w.Body)
	}
}

// nowhere is a view without a template.
type nowhere struct{ templates.Message }

func (nowhere) File() string { return "nowhere.html" }

func TestWrite_Head(t *testing.T) {
	s := site(t, bare)
	w, r := httptest.NewRecorder(), httptest.NewRequest("HEAD", "/login", nil)
	if err := s.Write(w, r, http.StatusOK, &templates.Message{Page: s.Page(r, nil)}); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusOK || w.Body.Len() > 0 || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("answers %d with %d bytes", w.Code, w.Body.Len())
	}
}

// To the letter: one word less and a page can be framed, or run what was injected
// (RFC 9700, 4.16).
func TestGauntlet_S09_Headers(t *testing.T) {
	const most = "; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'"
	for _, c := range []struct{ name, issuer, back, form, rest, hsts string }{
		{"https", bare, "", "'self'", most + "; upgrade-insecure-requests", "max-age=63072000; includeSubDomains"},
		{"below a path", below, "", "'self'", most + "; upgrade-insecure-requests", "max-age=63072000"},
		{"http on loopback", local, "", "'self'", most, ""},
		{"back to a site", bare, "https://kopi.example", "'self' https://kopi.example", most + "; upgrade-insecure-requests", "max-age=63072000; includeSubDomains"},
		{"back to an app", bare, "com.kopi.app:", "'self' com.kopi.app:", most + "; upgrade-insecure-requests", "max-age=63072000; includeSubDomains"},
		{"an origin that ends the directive", bare, "https://x; script-src *", "'self'", most + "; upgrade-insecure-requests", "max-age=63072000; includeSubDomains"},
		{"without a space", bare, "https://x;script-src", "'self'", most + "; upgrade-insecure-requests", "max-age=63072000; includeSubDomains"},
		{"an origin that begins another policy", bare, "https://x,default-src", "'self'", most + "; upgrade-insecure-requests", "max-age=63072000; includeSubDomains"},
		{"a keyword", bare, "'unsafe-inline'", "'self'", most + "; upgrade-insecure-requests", "max-age=63072000; includeSubDomains"},
		{"an origin that is two", bare, "https://x https://y", "'self'", most + "; upgrade-insecure-requests", "max-age=63072000; includeSubDomains"},
		{"an origin that is a header", bare, "https://x\r\nSet-Cookie: a=b", "'self'", most + "; upgrade-insecure-requests", "max-age=63072000; includeSubDomains"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := site(t, c.issuer)
			w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/login", nil)
			v := &web.Visit{Sealed: "S", Return: c.back}
			s.Headers(w.Header())
			if got := w.Header().Get("Content-Security-Policy"); got != "default-src 'none'; frame-ancestors 'none'" {
				t.Errorf("without a page the CSP is %s", got)
			}
			if err := s.Write(w, r, http.StatusOK, &templates.Message{Page: s.Page(r, v), Heading: "Hello"}); err != nil {
				t.Fatal(err)
			}
			nonce := regexp.MustCompile(`'nonce-([A-Z2-7]{26})'`).FindStringSubmatch(w.Header().Get("Content-Security-Policy"))
			if nonce == nil {
				t.Fatalf("no nonce of 128 bits in %s", w.Header().Get("Content-Security-Policy"))
			}
			want := map[string]string{
				"Content-Security-Policy": "default-src 'none'; script-src 'nonce-" + nonce[1] + "'; style-src 'self'; img-src 'self' data:; " +
					"font-src 'self'; connect-src 'self'; form-action " + c.form + c.rest,
				"Strict-Transport-Security":    c.hsts,
				"Cache-Control":                "no-store",
				"Content-Type":                 "text/html; charset=utf-8",
				"Content-Language":             "en",
				"X-Content-Type-Options":       "nosniff",
				"X-Frame-Options":              "DENY",
				"Referrer-Policy":              "same-origin",
				"Cross-Origin-Opener-Policy":   "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin",
				"Permissions-Policy":           "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()",
			}
			for name, value := range want {
				if got := w.Header().Get(name); got != value {
					t.Errorf("%s is\n%s\nwant\n%s", name, got, value)
				}
			}
			if page := w.Body.String(); regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script(>|[^>]*>[^<])`).MatchString(page) {
				t.Errorf("what the CSP forbids stands on the page: %s", page)
			}
		})
	}
}

func TestWrite_NonceOnce(t *testing.T) {
	s := site(t, bare)
	seen := map[string]bool{}
	for range 50 {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/login", nil)
		if err := s.Write(w, r, http.StatusOK, &templates.Login{Page: s.Page(r, nil)}); err != nil {
			t.Fatal(err)
		}
		csp := w.Header().Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`'nonce-([^']+)'`).FindStringSubmatch(csp)[1]
		if seen[nonce] {
			t.Fatalf("nonce %s twice", nonce)
		}
		seen[nonce] = true
		if n := strings.Count(w.Body.String(), `nonce="`+nonce+`"`); n != strings.Count(w.Body.String(), "<script") || n == 0 {
			t.Fatalf("%d scripts carry the nonce", n)
		}
	}
}

func TestTarget(t *testing.T) {
	for address, want := range map[string]string{
		"https://kopi.example/callback?a=b#c": "https://kopi.example",
		"http://localhost:8081/":              "http://localhost:8081",
		"http://[::1]:8081/back":              "http://[::1]:8081",
		"com.kopi.app:/back":                  "com.kopi.app:",
		"com.kopi.app://back":                 "com.kopi.app:",
		"/relative":                           "",
		"":                                    "",
		"https://kopi.example:port/":          "",
	} {
		if got := web.Target(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
