package oauth_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

const (
	secretA    = "a-secret-of-kopi-web-0123456789abcdefghij"
	secretA2   = "the-next-secret-of-kopi-web-0123456789abc"
	secretS    = "a-secret-of-sole-web-0123456789abcdefghij"
	callback   = "https://kopi.example/callback"
	callbackS  = "https://sole.example/callback"
	callbackP  = "https://app.kopi.example/callback"
	afterwards = "https://kopi.example/bye"
)

// clients are the cast of these tests: two brands, three confidential clients
// and a public one.
func clients() []oauth.Client {
	refresh := []string{"authorization_code", "refresh_token"}
	scopes := []string{"openid", "email", "zp", "offline_access"}
	return []oauth.Client{
		{ID: "kopi-web", Brand: "kopi", Secrets: [][32]byte{sha256.Sum256([]byte(secretA)), sha256.Sum256([]byte(secretA2))},
			RedirectURIs: []string{callback, "https://kopi.example/other?x=1"}, PostLogoutRedirectURIs: []string{afterwards},
			Origins: []string{"https://kopi.example"}, Grants: refresh, Scopes: scopes, IDTokenAlg: "ES256"},
		{ID: "kopi-app", Brand: "kopi", RedirectURIs: []string{callbackP, "http://127.0.0.1/native", "id.kopi.app:/back"},
			Grants: refresh, Scopes: scopes, Native: true},
		{ID: "sole-web", Brand: "sole", Secrets: [][32]byte{sha256.Sum256([]byte(secretS))},
			RedirectURIs: []string{callbackS}, Grants: refresh, Scopes: scopes},
		{ID: "old-web", Brand: "kopi", Secrets: [][32]byte{sha256.Sum256([]byte(secretA))},
			RedirectURIs: []string{callback}, Scopes: []string{"openid"}, NoPKCE: true},
	}
}

// A world is a provider on a real store behind a real TLS server, with the gates
// open for whoever is signed in.
type world struct {
	*oauth.Provider
	t        *testing.T
	clock    *storetest.Clock
	db       *store.DB
	count    *storetest.Counter
	fail     *storetest.Failer
	site     *web.Site
	server   *httptest.Server
	issuer   string
	log      *lockedBuffer
	deps     oauth.Deps
	cfg      oauth.Config
	unseeded bool // make the first keys, as in life

	mu       sync.Mutex
	who      oauth.Who
	gate     string // page of the closed gate
	active   bool
	claims   func(oauth.ClaimsQuery) (oauth.Claims, error)
	released [][2][]string
}

type option func(*oauth.Config)

func grace(d time.Duration) option { return func(c *oauth.Config) { c.Grace = d } }

func newWorld(t *testing.T, options ...option) *world {
	t.Helper()
	w := emptyWorld(t)
	w.start("/id", options...)
	w.who = w.account()
	return w
}

// emptyWorld has a store, and no provider yet.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: storetest.NewClock(), active: true, log: new(lockedBuffer)}
	w.count = storetest.Count(storetest.Driver(t))
	w.fail = storetest.Fail(w.count)
	w.db = storetest.OpenOn(t, w.fail, w.clock, oauth.Records)
	return w
}

// beside is another provider, of another issuer, on the same store, with the
// same customer signed in.
func (w *world) beside(prefix string) *world {
	w.t.Helper()
	o := &world{t: w.t, clock: w.clock, active: true, log: w.log, count: w.count, fail: w.fail, db: w.db, who: w.who}
	o.start(prefix)
	return o
}

// start puts a provider of the world's store behind a server.
func (w *world) start(prefix string, options ...option) {
	w.t.Helper()
	var handler http.Handler
	w.server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	w.t.Cleanup(w.server.Close)
	w.issuer = w.server.URL + prefix
	site, err := web.New(web.Config{Issuer: w.issuer, Languages: []string{"en"}, Secret: w.db.Secret})
	if err != nil {
		w.t.Fatal(err)
	}
	w.site = site
	w.deps = oauth.Deps{
		DB: w.db, Now: w.clock.Now, Log: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Site: site,
		Facts: func(*store.Batch, store.ID, *oauth.Client) oauth.Facts {
			w.mu.Lock()
			defer w.mu.Unlock()
			active, claims := w.active, w.claims
			if claims == nil {
				claims = func(oauth.ClaimsQuery) (oauth.Claims, error) { return oauth.Claims{}, nil }
			}
			return oauth.Facts{Active: func() (bool, error) { return active, nil }, Claims: claims}
		},
		Released: func(_ *store.Tx, _ *oauth.Grant, _ oauth.Use, before, now []string) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.released = append(w.released, [2][]string{before, now})
			return nil
		},
		Trouble: func(rw http.ResponseWriter, _ *http.Request, p *problem.Problem) {
			http.Error(rw, "trouble "+p.Code, p.Status)
		},
	}
	cfg := oauth.Config{Issuer: w.issuer, Clients: clients()}
	for _, o := range options {
		o(&cfg)
	}
	w.cfg = cfg
	if !w.unseeded {
		if err := oauth.Seed(w.t.Context(), w.db, w.issuer, w.clock.Now()); err != nil {
			w.t.Fatal(err)
		}
	}
	w.Provider, err = oauth.New(w.t.Context(), cfg, w.deps)
	if err != nil {
		w.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc(prefix+"/authorize", w.authorize)
	mux.HandleFunc(prefix+"/token", func(rw http.ResponseWriter, r *http.Request) { w.Token(rw, r) })
	mux.HandleFunc(prefix+"/userinfo", func(rw http.ResponseWriter, r *http.Request) { w.UserInfo(rw, r) })
	mux.HandleFunc(prefix+"/revoke", func(rw http.ResponseWriter, r *http.Request) { w.Revoke(rw, r) })
	mux.HandleFunc(prefix+"/jwks", func(rw http.ResponseWriter, r *http.Request) { w.JWKS(rw, r) })
	mux.HandleFunc(prefix+"/.well-known/openid-configuration", func(rw http.ResponseWriter, r *http.Request) { w.Discovery(rw, r) })
	mux.HandleFunc(w.MetadataPath(), func(rw http.ResponseWriter, r *http.Request) { w.Discovery(rw, r) })
	handler = mux
}

// restart puts another provider of the same issuer on the same store, as after
// a restart, or as a second replica.
func (w *world) restart() {
	w.t.Helper()
	if err := w.reload(w.cfg.Clients); err != nil {
		w.t.Fatal(err)
	}
}

// reload is restart with other clients, as a changed configuration does.
func (w *world) reload(clients []oauth.Client) error {
	cfg := w.cfg
	cfg.Clients = clients
	p, err := oauth.New(w.t.Context(), cfg, w.deps)
	if err == nil {
		w.cfg, w.Provider = cfg, p
	}
	return err
}

// authorize is the walk with one gate.
func (w *world) authorize(rw http.ResponseWriter, r *http.Request) {
	var v *web.Visit
	if r.Method == http.MethodPost || r.URL.Query().Get("visit") == "" {
		var ok bool
		if v, ok = w.Begin(rw, r); !ok {
			return
		}
	} else {
		var err error
		if v, err = w.Open(r); err != nil {
			w.trouble(rw, err)
			return
		}
	}
	w.mu.Lock()
	who, closed := w.who, w.gate
	w.mu.Unlock()
	if closed != "" && v.Asks("none") {
		w.Refuse(rw, r, v, "login_required", "")
		return
	}
	to, page, err := w.Finish(r.Context(), v, gate(who, closed))
	if err != nil {
		w.trouble(rw, err)
		return
	}
	if page != "" {
		if err := w.Seal(v); err != nil {
			w.trouble(rw, err)
			return
		}
		to = w.site.In(page, v)
	}
	w.site.Redirect(rw, r, to)
}

// gate is the one gate: open for who if page is "".
func gate(who oauth.Who, page string) oauth.Gates {
	return func(tx *store.Tx, also func(*store.Batch, store.ID)) (oauth.Who, string, error) {
		var b store.Batch
		also(&b, who.Account)
		return who, page, tx.Read(&b)
	}
}

func (w *world) trouble(rw http.ResponseWriter, err error) {
	code, status := "fault "+err.Error(), 500
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		code, status = p.Code, p.Status
	} else if errors.Is(err, store.ErrUnavailable) {
		status = 503
	}
	http.Error(rw, "trouble "+code, status)
}

// account makes a customer and signs them in.
func (w *world) account() oauth.Who {
	w.t.Helper()
	who := oauth.Who{Account: store.NewID(), Session: store.NewID(), AuthTime: w.clock.Now(), AMR: []string{"pwd"}}
	if err := w.db.Update(w.t.Context(), func(tx *store.Tx) error { tx.CreateKey(who.Account); return nil }); err != nil {
		w.t.Fatal(err)
	}
	return who
}

func (w *world) set(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// A browser keeps cookies and follows nothing.
func (w *world) browser() *http.Client {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	c := *w.server.Client()
	c.Jar = jar
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// An answer is a response, read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("not JSON: %q", a.body)
	}
	return m
}

// location is the parsed redirect, or nil.
func (a answer) location(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (w *world) do(c *http.Client, r *http.Request) answer {
	w.t.Helper()
	resp, err := c.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode == 500 {
		w.t.Errorf("%s %s: 500 %s\n%s", r.Method, r.URL.Path, body, w.log.String())
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func (w *world) get(c *http.Client, to string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "GET", to, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.do(c, r)
}

func (w *world) post(c *http.Client, to string, form url.Values, user, password string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "POST", to, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user != "" {
		r.SetBasicAuth(url.QueryEscape(user), url.QueryEscape(password))
	}
	return w.do(c, r)
}

var (
	verifier  = strings.Repeat("v", 43) + "-._~"
	challenge = s256(verifier)
)

func s256(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// request is a good authorization request of kopi-web; pairs change it. An empty
// value takes a parameter away.
func request(pairs ...string) url.Values {
	v := url.Values{
		"client_id": {"kopi-web"}, "redirect_uri": {callback}, "response_type": {"code"},
		"scope": {"openid email zp offline_access"}, "state": {"st"}, "nonce": {"no"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			v.Del(pairs[i])
		} else {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}

func (w *world) ask(c *http.Client, v url.Values) answer {
	w.t.Helper()
	return w.get(c, w.issuer+"/authorize?"+v.Encode())
}

// code walks once and returns the code.
func (w *world) code(pairs ...string) string {
	w.t.Helper()
	a := w.ask(w.browser(), request(pairs...))
	code := a.location(w.t).Query().Get("code")
	if a.status != 303 || code == "" {
		w.t.Fatalf("no code: %d %s %s", a.status, a.header.Get("Location"), a.body)
	}
	return code
}

// redeem exchanges a code as kopi-web; pairs change the form.
func (w *world) redeem(code string, pairs ...string) answer {
	w.t.Helper()
	f := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			f.Del(pairs[i])
		} else {
			f.Set(pairs[i], pairs[i+1])
		}
	}
	return w.post(w.server.Client(), w.issuer+"/token", f, "kopi-web", secretA)
}

func (w *world) refresh(token string, pairs ...string) answer {
	w.t.Helper()
	f := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return w.post(w.server.Client(), w.issuer+"/token", f, "kopi-web", secretA)
}

func (w *world) userinfo(access string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "GET", w.issuer+"/userinfo", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+access)
	return w.do(w.server.Client(), r)
}

// A set of tokens as the token endpoint gives them.
type tokenSet struct{ access, refresh, id string }

func (w *world) tokens(a answer) tokenSet {
	w.t.Helper()
	if a.status != 200 {
		w.t.Fatalf("no tokens: %d %s", a.status, a.body)
	}
	m := a.json(w.t)
	str := func(k string) string { s, _ := m[k].(string); return s }
	return tokenSet{str("access_token"), str("refresh_token"), str("id_token")}
}

// signIn is the whole of it.
func (w *world) signIn() tokenSet { w.t.Helper(); return w.tokens(w.redeem(w.code())) }

// signInAs signs in whoever is signed in at o.
func (w *world) signInAs(o *world) tokenSet {
	w.t.Helper()
	w.set(func() { w.who = o.who })
	return w.signIn()
}

// requestWith is a request of a browser, with its cookies.
func (w *world) requestWith(b *http.Client, path string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "GET", w.issuer+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range b.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	return r
}

// wantError checks an answer of the token endpoint.
func (w *world) wantError(a answer, status int, code string) {
	w.t.Helper()
	if a.status != status || a.json(w.t)["error"] != code {
		w.t.Errorf("got %d %s, want %d %s", a.status, a.body, status, code)
	}
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		w.t.Errorf("Cache-Control %q", got)
	}
}

// payload reads an ID token's claims without verifying.
func payload(t *testing.T, idToken string) map[string]any {
	t.Helper()
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		t.Fatalf("not a JWT: %q", idToken)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// clientContext makes the libraries trust the server.
func (w *world) clientContext() context.Context {
	return context.WithValue(w.t.Context(), oauth2.HTTPClient, w.server.Client())
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
