package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/templates"
)

var words = sync.OnceValues(func() (*templates.Set, error) { return templates.New(templates.Options{}) })

// config is a Site at issuer that speaks English and Thai and logs to nobody.
func config(t testing.TB, issuer string) web.Config {
	t.Helper()
	set, err := words()
	if err != nil {
		t.Fatal(err)
	}
	return web.Config{
		Issuer: issuer, Languages: []string{"en", "th"}, Pages: set,
		Secret: func(label string) []byte { return bytes.Repeat([]byte(label), 8) },
		Brand: func(id, _ string) templates.Brand {
			return templates.Brand{ID: id, Name: strings.ToUpper(id)}
		},
		CSS:     func(brand, _ string) string { return "/static/" + brand + ".css" },
		Account: func(*http.Request) string { return "" },
		Log:     slog.New(slog.DiscardHandler),
	}
}

func site(t testing.TB, issuer string, change ...func(*web.Config)) *web.Site {
	t.Helper()
	cfg := config(t, issuer)
	for _, f := range change {
		f(&cfg)
	}
	s, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	bare  = "https://id.example.com"
	below = "https://shop.example.com/id"
	local = "http://localhost:8080"
)

func TestNew_Refuses(t *testing.T) {
	for name, change := range map[string]func(*web.Config){
		"slash at the end":   func(c *web.Config) { c.Issuer = bare + "/" },
		"no host":            func(c *web.Config) { c.Issuer = "/id" },
		"query":              func(c *web.Config) { c.Issuer = bare + "?a=b" },
		"fragment":           func(c *web.Config) { c.Issuer = bare + "#a" },
		"unreadable":         func(c *web.Config) { c.Issuer = "https://id.example.com:port" },
		"no language":        func(c *web.Config) { c.Languages = nil },
		"no such language":   func(c *web.Config) { c.Languages = []string{"en", "not a tag"} },
		"an empty language":  func(c *web.Config) { c.Languages = []string{""} },
		"nothing whatsoever": func(c *web.Config) { c.Issuer = "" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, bare)
			change(&cfg)
			if _, err := web.New(cfg); err == nil {
				t.Errorf("made a site of issuer %q and languages %q", cfg.Issuer, cfg.Languages)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	v := &web.Visit{Sealed: "a_b-c+/="}
	for _, c := range []struct{ issuer, path, url, host, prefix, walk, in string }{
		{bare, "/login", bare + "/login", "id.example.com", "", "/authorize?visit=a_b-c%2B%2F%3D", "/ask/tea?n=2&visit=a_b-c%2B%2F%3D"},
		{below, "/id/login", below + "/login", "shop.example.com", "/id", "/id/authorize?visit=a_b-c%2B%2F%3D", "/id/ask/tea?n=2&visit=a_b-c%2B%2F%3D"},
		{local, "/login", local + "/login", "localhost:8080", "", "/authorize?visit=a_b-c%2B%2F%3D", "/ask/tea?n=2&visit=a_b-c%2B%2F%3D"},
	} {
		s := site(t, c.issuer)
		for _, is := range []struct{ what, got, want string }{
			{"Issuer", s.Issuer(), c.issuer},
			{"Host", s.Host(), c.host},
			{"Prefix", s.Prefix(), c.prefix},
			{"Path", s.Path("/login"), c.path},
			{"URL", s.URL("/login"), c.url},
			{"Walk", s.Walk(v), c.walk},
			{"In", s.In("/ask/tea?n=2", v), c.in},
			{"In without a visit", s.In("/login", nil), c.path},
		} {
			if is.got != is.want {
				t.Errorf("%s: %s is %q, want %q", c.issuer, is.what, is.got, is.want)
			}
		}
	}
}

func TestRedirect(t *testing.T) {
	w := httptest.NewRecorder()
	s := site(t, below)
	s.Redirect(w, httptest.NewRequest("POST", "/id/login", nil), s.Path("/preferences"))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/id/preferences" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("answered %d %v", w.Code, w.Header())
	}
}

func TestVisit_Asks(t *testing.T) {
	v := &web.Visit{Prompt: []string{"login", "consent"}}
	if !v.Asks("consent") || v.Asks("none") || v.Asks("") || new(web.Visit).Asks("login") {
		t.Error("Asks does not say what prompt holds")
	}
}

// behind is a site whose proxies are a network and a single host.
func behind(t testing.TB) *web.Site {
	return site(t, bare, func(c *web.Config) {
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::1/128")}
	})
}

func TestClientAddr(t *testing.T) {
	const proxy = "10.0.0.9:4711"
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"a browser", "203.0.113.7:50000", nil, "203.0.113.7"},
		{"a browser that claims to be another", "203.0.113.7:50000", []string{"198.51.100.1"}, "203.0.113.7"},
		{"a browser that claims to be a proxy", "203.0.113.7:50000", []string{"198.51.100.1, 10.0.0.9"}, "203.0.113.7"},
		{"by a proxy", proxy, []string{"198.51.100.1"}, "198.51.100.1"},
		{"by two proxies", proxy, []string{"198.51.100.1, 10.1.1.1"}, "198.51.100.1"},
		{"in two headers", proxy, []string{"198.51.100.1", "10.1.1.1"}, "198.51.100.1"},
		{"what the customer wrote before it", proxy, []string{"127.0.0.1, 192.0.2.1, 198.51.100.1"}, "198.51.100.1"},
		{"a proxy's address written before it", proxy, []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		{"the proxy itself", proxy, nil, "10.0.0.9"},
		{"proxies alone", proxy, []string{"10.2.2.2, 10.1.1.1"}, "10.2.2.2"},
		{"an empty header", proxy, []string{""}, "10.0.0.9"},
		{"a trailing comma", proxy, []string{"198.51.100.1,"}, "10.0.0.9"},
		{"garbage", proxy, []string{"unknown"}, "10.0.0.9"},
		{"garbage behind an address", proxy, []string{"198.51.100.1, for=192.0.2.1"}, "10.0.0.9"},
		{"garbage before an address", proxy, []string{"<script>, 198.51.100.1"}, "198.51.100.1"},
		{"garbage before a proxy", proxy, []string{"198.51.100.1, ?, 10.1.1.1"}, "10.1.1.1"},
		{"a port", proxy, []string{"198.51.100.1:1234"}, "10.0.0.9"},
		{"a zone", proxy, []string{"fe80::1%eth0"}, "10.0.0.9"},
		{"leading zeros", proxy, []string{"198.051.100.001"}, "10.0.0.9"},
		{"IPv4 in IPv6", proxy, []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"IPv4 in IPv6 of a peer", "[::ffff:203.0.113.7]:50000", nil, "203.0.113.7"},
		{"a proxy as IPv4 in IPv6", "[::ffff:10.0.0.9]:4711", []string{"198.51.100.1"}, "198.51.100.1"},
		{"IPv6 is one network", "[2001:db8:1:2:3:4:5:6]:50000", nil, "2001:db8:1:2::"},
		{"IPv6 by a proxy", proxy, []string{"2001:db8:1:2:aaaa::1"}, "2001:db8:1:2::"},
		{"a proxy of IPv6", "[2001:db8:ffff::1]:4711", []string{"198.51.100.1"}, "198.51.100.1"},
		{"the neighbour of that proxy", "[2001:db8:ffff::2]:4711", []string{"198.51.100.1"}, "2001:db8:ffff::"},
		{"a peer with a zone", "[fe80::1%eth0]:50000", []string{"198.51.100.1"}, "fe80::"},
		{"a socket", "@", []string{"198.51.100.1"}, "invalid IP"},
		{"nobody", "", nil, "invalid IP"},
		{"no port", "203.0.113.7", nil, "invalid IP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/login", nil)
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-For"] = c.forwarded
			if got := behind(t).ClientAddr(r); got.String() != c.want {
				t.Errorf("%s with %q is %s, want %s", c.peer, c.forwarded, got, c.want)
			}
		})
	}
}

// Other headers that proxies and attackers write are not read at all.
func TestClientAddr_OtherHeaders(t *testing.T) {
	r := httptest.NewRequest("GET", "/login", nil)
	r.RemoteAddr = "10.0.0.9:4711"
	for _, name := range []string{"Forwarded", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "X-Forwarded"} {
		r.Header.Set(name, "198.51.100.1")
	}
	if got := behind(t).ClientAddr(r); got.String() != "10.0.0.9" {
		t.Errorf("is %s, of a header nobody asked for", got)
	}
}

// Whatever a stranger sends, a proxy that appends the true address is what counts.
func FuzzClientAddr(f *testing.F) {
	s := behind(f)
	for _, seed := range []string{"", "198.51.100.1", "10.0.0.9", ",,,", "::1%lo", "198.51.100.1, 10.0.0.1", "\x00", "::ffff:10.0.0.1", "[2001:db8::1]:80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.9:4711"
		r.Header["X-Forwarded-For"] = []string{sent}
		if at := s.ClientAddr(r); !at.IsValid() || at.Zone() != "" || at.Is4In6() {
			t.Errorf("%q is %s", sent, at)
		}
		r.Header["X-Forwarded-For"] = []string{sent + ", 203.0.113.7, 10.1.1.1"}
		if at := s.ClientAddr(r); at.String() != "203.0.113.7" {
			t.Errorf("%q before the true address makes it %s", sent, at)
		}
		r.RemoteAddr = "203.0.113.7:50000"
		r.Header["X-Forwarded-For"] = []string{sent}
		if at := s.ClientAddr(r); at.String() != "203.0.113.7" {
			t.Errorf("%q from a stranger makes them %s", sent, at)
		}
	})
}
