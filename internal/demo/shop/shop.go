// Package shop is the two brand sites of the demo: real OpenID clients with
// pages that change with what a customer shares. They know of the provider what
// any site knows: its issuer, a client id and a secret. Start at New.
package shop

import (
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/proffer-id/proffer/relying"
)

//go:embed assets
var assets embed.FS

//go:embed pages/home.html
var pages embed.FS

// A Brand is one shop: what it is called, and how what is known of a customer
// turns into its pages.
type Brand struct {
	ID   string // folder of its pictures, and the start of its cookies' names
	Name string
	Home string // title of the signed-out page, after the name

	front func(Customer) Front
	rows  func(Customer) []Row
}

// Options says whose shop this is and where it and the provider live.
type Options struct {
	Brand  Brand
	Client *relying.Client
	ID     string // the client's id, for links
	Issuer string
	Origin string // of the shop: http://localhost:8081
	Now    func() time.Time
	Log    *slog.Logger
}

// A Shop is one brand's site. It keeps sessions in memory only.
type Shop struct {
	o    Options
	home *template.Template
	mux  http.Handler

	mu       sync.Mutex
	attempts map[string]attempt  // by cookie
	sessions map[string]*session // by cookie
}

// New makes a shop.
func New(o Options) (*Shop, error) {
	s := &Shop{o: o, attempts: map[string]attempt{}, sessions: map[string]*session{}}
	var err error
	if s.home, err = template.ParseFS(pages, "pages/home.html"); err != nil {
		return nil, fmt.Errorf("page of %s: %w", o.Brand.ID, err)
	}
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.getHome)
	mux.HandleFunc("GET /sign-in", s.getSignIn)
	mux.HandleFunc("GET /callback", s.getCallback)
	mux.HandleFunc("POST /refresh", s.postRefresh)
	mux.HandleFunc("POST /sign-out", s.postSignOut)
	mux.HandleFunc("GET /terms", s.getPaper)
	mux.HandleFunc("GET /privacy", s.getPaper)
	mux.HandleFunc("GET /help", s.getPaper)
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(files)))
	s.mux = s.guard(http.NewCrossOriginProtection().Handler(mux))
	return s, nil
}

func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// guard sets the headers of every answer. A form of ours ends, by redirect, at
// the provider, and browsers apply form-action to that too.
func (s *Shop) guard(next http.Handler) http.Handler {
	policy := "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' " + s.o.Issuer
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// cookie sets a cookie of this shop. Each shop has names of its own, since ports
// do not part cookies.
func (s *Shop) cookie(w http.ResponseWriter, name, value string, age time.Duration) {
	seconds := int(age / time.Second)
	if value == "" {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.o.Brand.ID + "_" + name, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *Shop) cookieOf(r *http.Request, name string) string {
	c, err := r.Cookie(s.o.Brand.ID + "_" + name)
	if err != nil {
		return ""
	}
	return c.Value
}

func newKey() string { return rand.Text() }
