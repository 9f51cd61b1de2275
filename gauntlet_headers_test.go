package proffer

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// pagePolicy is the content security policy of every page, word for word; the
// place of form-action is for the origin that the visit may end at.
var pagePolicy = regexp.MustCompile(`^default-src 'none'; script-src 'nonce-([A-Z2-7]{26})'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; ` +
	`form-action 'self'( http://localhost:808[12])?; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; upgrade-insecure-requests$`)

// A strict looks at every answer as a browser under attack needs it.
type strict struct {
	*testing.T
	mu     sync.Mutex
	nonces map[string]bool
	pages  map[string]int // by path and status
}

func newStrict(t *testing.T) *strict {
	return &strict{T: t, nonces: map[string]bool{}, pages: map[string]int{}}
}

// see checks the headers of any answer and all of a page.
func (s *strict) see(r *http.Response, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	where := r.Request.Method + " " + r.Request.URL.Path
	want := func(name, value string) {
		if got := r.Header.Values(name); len(got) != 1 || got[0] != value {
			s.Errorf("%s: %d: %s is %q, want %q", where, r.StatusCode, name, got, value)
		}
	}
	want("X-Content-Type-Options", "nosniff")
	want("Referrer-Policy", "same-origin")
	want("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	for name := range r.Header {
		if slices.Contains([]string{"Server", "X-Powered-By", "Refresh", "Access-Control-Allow-Credentials"}, name) {
			s.Errorf("%s: has %s", where, name)
		}
	}
	kind := r.Header.Get("Content-Type")
	if !strings.HasPrefix(kind, "text/html") || r.StatusCode >= 300 && r.StatusCode < 400 {
		want("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		if strings.Contains(body, "<script") || strings.Contains(body, "<form") {
			s.Errorf("%s: %s has markup", where, kind)
		}
		return
	}
	s.pages[where+" "+http.StatusText(r.StatusCode)]++
	want("Cross-Origin-Resource-Policy", "same-origin")
	want("Cross-Origin-Opener-Policy", "same-origin")
	want("X-Frame-Options", "DENY")
	want("Cache-Control", "no-store")
	want("Content-Type", "text/html; charset=utf-8")
	want("Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()")
	m := pagePolicy.FindStringSubmatch(r.Header.Get("Content-Security-Policy"))
	if m == nil || len(r.Header.Values("Content-Security-Policy")) != 1 {
		s.Errorf("%s: %d: policy %q", where, r.StatusCode, r.Header.Values("Content-Security-Policy"))
		return
	}
	if s.nonces[m[1]] {
		s.Errorf("%s: a nonce twice", where)
	}
	s.nonces[m[1]] = true
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		s.Errorf("%s: %v", where, err)
		return
	}
	for _, bad := range unsafe(doc, m[1]) {
		s.Errorf("%s: %d: %s", where, r.StatusCode, bad)
	}
}

// ownElements are those that our pages are made of.
var ownElements = strings.Fields("html head meta title link script body a header div picture source img main p span b bdi h1 h2 h3 form input label button " +
	"select option fieldset legend details summary small ul ol li section nav footer br strong em dl dt dd time svg path")

// unsafe lists what a page must not have, whatever somebody wrote into it.
func unsafe(doc *html.Node, nonce string) (out []string) {
	walkHTML(doc, func(n *html.Node) {
		if n.Type == html.CommentNode {
			out = append(out, "comment "+n.Data)
		}
		if n.Type != html.ElementNode {
			return
		}
		if !slices.Contains(ownElements, n.Data) {
			out = append(out, "element "+n.Data)
		}
		if n.Data == "script" && (attr(n, "nonce") != nonce || n.FirstChild != nil || !strings.HasPrefix(attr(n, "src"), "/static/")) {
			out = append(out, "a script that is not ours: "+attr(n, "src"))
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || a.Key == "http-equiv" || a.Key == "formtarget" || strings.ContainsAny(a.Key, `"'<`):
				out = append(out, "attribute "+a.Key)
			case slices.Contains([]string{"href", "src", "action", "formaction", "srcset"}, a.Key):
				u, err := url.Parse(strings.TrimSpace(a.Val))
				if err != nil || !slices.Contains([]string{"", "http", "https", "data"}, u.Scheme) || u.Scheme == "data" && a.Val != "data:," {
					out = append(out, a.Key+" "+a.Val)
				}
			}
		}
	})
	return out
}

// TestGauntlet_S09_Headers: every page of a tour, and every page that says no.
func TestGauntlet_S09_Headers(t *testing.T) {
	l, s := newLab(t, labOptions{}), newStrict(t)
	var visit string // of another browser
	l.tour(&tourist{name: "nok", password: pass, watch: s.see, at: func(route string, f *form) {
		if route == "/terms" {
			visit = f.values.Get("visit")
			p := f.once(http.MethodGet, "/terms?visit="+url.QueryEscape(visit), nil)
			if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' http://localhost:8082;") {
				t.Errorf("a form of a visit of Sole & Co leads to %q", policy)
			}
		}
	}})

	anybody := &tourist{lab: l, watch: s.see}
	statuses := map[int]bool{}
	try := func(b *browser, method, path string, v url.Values, head ...string) {
		p := b.once(method, path, v, head...)
		statuses[p.status] = true
		if policy := p.header.Get("Content-Security-Policy"); p.status >= 400 && strings.Contains(policy, "localhost") {
			t.Errorf("%s %s: a page without a visit has %q", method, path, policy)
		}
	}
	for _, rt := range l.server.now.Load().routes() {
		path := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(strings.TrimSuffix(rt.path, "{$}"), "nothing")
		for _, query := range []string{"", "?visit=broken", "?visit=" + url.QueryEscape(visit), "?lang=th&client_id=nobody&token=x"} {
			if rt.method == http.MethodGet {
				try(anybody.browser(), http.MethodGet, path+query, nil)
				try(anybody.browser(), http.MethodHead, path+query, nil)
				continue
			}
			if rt.kind == protocol {
				continue // no pages; see the oauth room
			}
			own := anybody.browser()
			try(own, http.MethodPost, path+query, url.Values{})
			try(own, http.MethodPost, path+query, url.Values{}, "Origin", "https://evil.example")
			try(own, http.MethodPost, path+query, url.Values{}, "Content-Type", "application/json")
			try(own, http.MethodPost, path+query, url.Values{"x": {strings.Repeat("x", 65<<10)}})
		}
		try(anybody.browser(), "BREW", path, nil)
		try(anybody.browser(), http.MethodPut, path, url.Values{})
	}
	for _, path := range []string{"/nowhere", "/static/../preferences", "//evil.example/", "/login/", "/%2e%2e/login", "/authorize?client_id=nobody", "/authorize?client_id=kopi-web&redirect_uri=https://evil.example"} {
		try(anybody.browser(), http.MethodGet, path, nil)
	}

	// Answers that a form gets: what is wrong in it, too often, too late.
	b := anybody.browser()
	p := b.open(l.site("kopi-web").authorize())
	f := p.form("/login")
	for range 7 {
		q := f.with("email", "nobody@example.com", "password", "x").try(f.values)
		statuses[q.status] = true
	}
	statuses[f.with("email", "", "password", "").try(f.values).status] = true
	l.clock.Add(3 * time.Hour)
	statuses[b.open(p.url.String()).status] = true
	l.fails.Views(1)
	statuses[b.open("/preferences").status] = true
	for _, want := range []int{200, 303, 400, 403, 404, 405, 410, 413, 415, 422, 429, 503} {
		if !statuses[want] {
			t.Errorf("no answer was %d", want)
		}
	}
	if len(s.pages) < 60 || len(s.nonces) < 200 {
		t.Errorf("only %d kinds of page, %d pages were looked at", len(s.pages), len(s.nonces))
	}
}
