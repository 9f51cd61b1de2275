// Package web is where HTTP meets a person: links under the mount prefix,
// cookies, forms and their tokens, languages, headers, and the handler adapter
// that turns an error into a page. It knows no accounts, questions or clients.
// Start at Site.
package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/text/language"

	"github.com/proffer-id/proffer/templates"
)

// Config is what a Site is made of. All is needed, but for Decorate and
// Proxies.
type Config struct {
	Issuer    string                                // "https://id.example.com" or "https://shop.example.com/id"; no slash at the end
	Languages []string                              // first is the fallback
	Secret    func(label string) []byte             // 32 bytes for a purpose, see store.DB.Secret
	Pages     *templates.Set                        // what it writes and speaks with
	Brand     func(id, lang string) templates.Brand // how a brand looks; id may be unknown or ""
	CSS       func(brand, client string) string     // path of a style sheet below the prefix; client may be ""
	Account   func(r *http.Request) string          // e-mail of who is signed in, or ""
	Decorate  func(v *Visit, p *templates.Page)     // last touches: Home, Privacy, Help; may be nil
	Proxies   []netip.Prefix                        // whose X-Forwarded-For is believed
	Log       *slog.Logger                          // ids and causes, never what was typed
}

// A Site is where the provider lives. It is safe for use by many at once.
type Site struct {
	cfg     Config
	origin  string // "https://id.example.com"
	prefix  string // "" or "/id"
	secure  bool
	tag     string // short hash of the issuer, in cookie names
	formKey []byte
	matcher language.Matcher
}

// New checks the configuration and makes a Site.
func New(cfg Config) (*Site, error) {
	u, err := url.Parse(cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("issuer %q: %w", cfg.Issuer, err)
	}
	if u.Host == "" || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(cfg.Issuer, "/") {
		return nil, fmt.Errorf("issuer %q: write scheme, host and path, with no slash at the end", cfg.Issuer)
	}
	s := &Site{cfg: cfg, origin: u.Scheme + "://" + u.Host, prefix: u.Path, secure: u.Scheme == "https", formKey: cfg.Secret("form")}
	sum := sha256.Sum256([]byte(cfg.Issuer))
	s.tag = base64.RawURLEncoding.EncodeToString(sum[:])[:6]
	if len(cfg.Languages) == 0 {
		return nil, fmt.Errorf("languages: at least one is needed")
	}
	var tags []language.Tag
	for _, l := range cfg.Languages {
		t, err := language.Parse(l)
		if err != nil {
			return nil, fmt.Errorf("language %q: %w", l, err)
		}
		tags = append(tags, t)
	}
	s.matcher = language.NewMatcher(tags)
	return s, nil
}

// Issuer returns the issuer as configured.
func (s *Site) Issuer() string { return s.cfg.Issuer }

// Origin returns scheme and host of the issuer.
func (s *Site) Origin() string { return s.origin }

// Host returns the host, with port where it has one, that requests must name.
func (s *Site) Host() string { _, h, _ := strings.Cut(s.origin, "://"); return h }

// Prefix returns what the provider is mounted below: "" or "/id".
func (s *Site) Prefix() string { return s.prefix }

// Languages returns the languages that ship, the fallback first.
func (s *Site) Languages() []string { return s.cfg.Languages }

// Path returns p below the mount prefix.
func (s *Site) Path(p string) string { return s.prefix + p }

// URL returns p as an absolute address, for mails and metadata. It comes from
// the configured issuer, never from a request.
func (s *Site) URL(p string) string { return s.origin + s.prefix + p }

// Walk returns where every page of a visit goes back to.
func (s *Site) Walk(v *Visit) string { return s.In("/authorize", v) }

// In returns the path p inside the visit v. A nil v is no visit.
func (s *Site) In(p string, v *Visit) string {
	if v == nil {
		return s.Path(p)
	}
	sep := "?"
	if strings.Contains(p, "?") {
		sep = "&"
	}
	return s.Path(p) + sep + "visit=" + url.QueryEscape(v.Sealed)
}

// Redirect answers 303, so that whatever came before is not sent again.
func (s *Site) Redirect(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// ClientAddr returns the address a request comes from: the peer's, or, where
// the peer is a trusted proxy, the last address in X-Forwarded-For that is not
// one. IPv6 is cut to its /64. What stands before a hop that cannot be read is not
// believed, so the proxy that wrote it counts. A peer without an address (a Unix
// socket) is the invalid one.
func (s *Site) ClientAddr(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at := ap.Addr().Unmap()
	if s.trusted(at) {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil || hop.Zone() != "" {
				break
			}
			at = hop.Unmap()
			if !s.trusted(at) {
				break
			}
		}
	}
	if at.Is6() {
		p, _ := at.Prefix(64)
		return p.Addr()
	}
	return at
}

func (s *Site) trusted(a netip.Addr) bool {
	for _, p := range s.cfg.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
