package proffer

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/net/html"
	"golang.org/x/oauth2"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

// A lab is a whole provider with the example's two brands, served over TLS from
// a throw-away authority, on a real store; the mail it sends is caught.
type lab struct {
	testing.TB
	server *Server
	http   *httptest.Server
	cfg    *Config
	db     *store.DB
	place  *storetest.Place // of the store, if it can be opened again
	keys   string           // folder of its keys then
	counts *storetest.Counter
	fails  *storetest.Failer
	clock  *storetest.Clock
	mail   *catcher
	logs   *syncBuffer
}

type labOptions struct {
	prefix string               // mounted below it
	change func(cfg *Config)    // before it is checked
	on     *lab                 // share this one's store: a second provider
	set    map[string][2]string // brand: old and new text in its screen set
	kopi   func(string) string  // makes another of Kopi Club's screen set
}

// newLab starts a provider. It ends with the test.
func newLab(t testing.TB, o labOptions) *lab {
	t.Helper()
	l := &lab{TB: t, clock: storetest.NewClock(), mail: new(catcher), logs: new(syncBuffer)}
	l.clock.Set(time.Now().UTC().Truncate(time.Second)) // client libraries look at the wall clock
	l.http = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.server.ServeHTTP(w, r) }))
	l.http.EnableHTTP2 = true
	l.http.StartTLS()
	t.Cleanup(l.http.Close)

	dir := t.TempDir()
	if err := os.CopyFS(dir, Example()); err != nil {
		t.Fatal(err)
	}
	for brand, text := range o.set {
		name := filepath.Join(dir, "brands", brand, "set.yaml")
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(src, []byte(text[0])) {
			t.Fatalf("%s has no %q", name, text[0])
		}
		if err := os.WriteFile(name, bytes.Replace(src, []byte(text[0]), []byte(text[1]), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if o.kopi != nil {
		name := filepath.Join(dir, "brands", "kopi", "set.yaml")
		src, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(name, []byte(o.kopi(string(src))), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := Load(filepath.Join(dir, "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Rebase(map[string]string{"http://localhost:8080": l.http.URL + o.prefix})
	if o.change != nil {
		o.change(cfg)
	}
	if _, err := cfg.MakeSecrets(); err != nil {
		t.Fatal(err)
	}
	l.cfg = cfg
	if o.on != nil {
		l.db, l.counts, l.fails, l.clock, l.mail = o.on.db, o.on.counts, o.on.fails, o.on.clock, o.on.mail
		l.place, l.keys = o.on.place, o.on.keys
	} else {
		l.counts = storetest.Count(storetest.Driver(t))
		l.fails = storetest.Fail(l.counts)
		l.db = storetest.OpenOn(t, l.fails, l.clock, Tables())
	}
	log := slog.New(slog.NewJSONHandler(l.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	l.server, err = New(t.Context(), cfg, Options{DB: l.db, Mailer: l.mail, Log: log, Now: l.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if t.Failed() && testing.Verbose() {
			t.Log(l.logs.String())
		}
	})
	return l
}

func (l *lab) issuer() string { return l.cfg.Issuer }

// catcher is a Mailer that keeps what it is handed.
type catcher struct {
	mu   sync.Mutex
	sent []Message
}

func (c *catcher) Send(_ context.Context, m Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, m)
	return nil
}

func (c *catcher) all() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sent)
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code waits for the nth mail to an address (from 1) and returns its code.
func (l *lab) code(to string, nth int) string {
	l.Helper()
	m := l.mailTo(to, nth)
	code := sixDigits.FindString(m.Text)
	if code == "" {
		l.Fatalf("no code in the mail %q", m.Subject)
	}
	return code
}

func (l *lab) mailTo(to string, nth int) Message {
	l.Helper()
	for range 500 {
		n := 0
		for _, m := range l.mail.all() {
			if m.To == to {
				if n++; n == nth {
					return m
				}
			}
		}
		time.Sleep(10 * time.Millisecond) // a worker sends it
	}
	l.Fatalf("mail %d to %s did not come", nth, to)
	return Message{}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// A browser keeps cookies and follows redirects, as long as they stay at the
// provider: the redirect that leaves for a brand's site is where it stops.
type browser struct {
	*lab
	client *http.Client
}

func (l *lab) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		l.Fatal(err)
	}
	c := l.http.Client()
	return &browser{l, &http.Client{
		Jar: jar, Transport: c.Transport, Timeout: 30 * time.Second,
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if strings.HasPrefix(r.URL.String(), l.http.URL) {
				return nil
			}
			return http.ErrUseLastResponse
		},
	}}
}

// Shown is what a browser shows.
type shown struct {
	*browser
	status int
	url    *url.URL // where it stands
	left   *url.URL // set: the browser was sent away, to here
	header http.Header
	body   string
	doc    *html.Node
}

func (b *browser) do(r *http.Request) *shown {
	b.Helper()
	if r.Method == http.MethodPost && r.Header.Get("Origin") == "" {
		r.Header.Set("Origin", b.http.URL)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	p := &shown{browser: b, status: res.StatusCode, url: res.Request.URL, header: res.Header, body: string(body)}
	if to := res.Header.Get("Location"); to != "" {
		if p.left, err = res.Location(); err != nil {
			b.Fatal(err)
		}
	}
	if p.doc, err = html.Parse(strings.NewReader(p.body)); err != nil {
		b.Fatal(err)
	}
	if res.StatusCode >= 500 && res.StatusCode != http.StatusServiceUnavailable {
		b.Errorf("%s %s: %d\n%s", r.Method, r.URL.Path, res.StatusCode, b.logs.String())
	}
	return p
}

func (b *browser) open(address string) *shown {
	b.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.http.URL + address
	}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	return b.do(r)
}

// form is one form of a page: where it goes and what it carries.
type form struct {
	*shown
	action string
	values url.Values
}

// form returns the first form whose action ends in suffix, with its hidden
// fields and what is filled in already.
func (p *shown) form(suffix string) *form {
	p.Helper()
	var found *form
	walkHTML(p.doc, func(n *html.Node) {
		if found != nil || n.Type != html.ElementNode || n.Data != "form" {
			return
		}
		action, err := p.url.Parse(attr(n, "action"))
		if err != nil || !strings.HasSuffix(action.Path, suffix) && !strings.HasSuffix(action.String(), suffix) {
			return
		}
		f := &form{p, action.String(), url.Values{}}
		walkHTML(n, func(in *html.Node) {
			if in.Type != html.ElementNode || attr(in, "name") == "" {
				return
			}
			switch {
			case in.Data == "input" && slices.Contains([]string{"radio", "checkbox"}, attr(in, "type")):
				if has_(in, "checked") {
					f.values.Add(attr(in, "name"), attr(in, "value"))
				}
			case in.Data == "input":
				f.values.Add(attr(in, "name"), attr(in, "value"))
			}
		})
		found = f
	})
	if found == nil {
		p.Fatalf("%s (%d) has no form to …%s:\n%s", p.url, p.status, suffix, p.text())
	}
	return found
}

// send posts the form with the given names and values over what it carries.
func (f *form) send(pairs ...string) *shown {
	f.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		f.values.Set(pairs[i], pairs[i+1])
	}
	return f.post(f.action, f.values)
}

func (b *browser) post(address string, v url.Values) *shown {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address, strings.NewReader(v.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// text is what stands on the page, without markup.
func (p *shown) text() string {
	var b strings.Builder
	walkHTML(p.doc, func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(strings.TrimSpace(n.Data))
			b.WriteByte('\n')
		}
	})
	return regexp.MustCompile(`\n+`).ReplaceAllString(b.String(), "\n")
}

// at fails the test unless the page stands at path and shows every text.
func (p *shown) at(path string, texts ...string) *shown {
	p.Helper()
	if p.left != nil || !strings.HasSuffix(p.url.Path, path) {
		p.Fatalf("stands at %s (%d), left for %v; want %s\n%s", p.url, p.status, p.left, path, p.text())
	}
	for _, t := range texts {
		if !strings.Contains(p.text(), t) {
			p.Fatalf("%s (%d) does not say %q:\n%s", p.url.Path, p.status, t, p.text())
		}
	}
	return p
}

func walkHTML(n *html.Node, f func(*html.Node)) {
	f(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walkHTML(c, f)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has_(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// A site is a brand's site: an OpenID client written by others.
type site struct {
	*lab
	oauth    oauth2.Config
	provider *oidc.Provider
	ctx      context.Context
	verifier string // of the sign-in under way
	nonce    string
}

func (l *lab) site(client string) *site {
	l.Helper()
	ctx := context.WithValue(l.Context(), oauth2.HTTPClient, l.http.Client())
	p, err := oidc.NewProvider(ctx, l.issuer())
	if err != nil {
		l.Fatal(err)
	}
	k, _ := l.cfg.Client(client)
	return &site{lab: l, ctx: ctx, provider: p, oauth: oauth2.Config{
		ClientID: client, ClientSecret: string(k.Secrets[0]), Endpoint: p.Endpoint(), RedirectURL: k.RedirectURIs[0], Scopes: k.Scopes,
	}}
}

// authorize is where the site sends a customer.
func (s *site) authorize(opts ...oauth2.AuthCodeOption) string {
	s.verifier, s.nonce = oauth2.GenerateVerifier(), rand.Text()
	opts = append(opts, oauth2.S256ChallengeOption(s.verifier), oidc.Nonce(s.nonce))
	return s.oauth.AuthCodeURL("af0ifjsldkj", opts...)
}

// tokens are what a site holds after an exchange or a refresh.
type tokens struct {
	*oauth2.Token
	raw    string         // ID token
	claims map[string]any // of the verified ID token
	info   map[string]any // UserInfo
}

// redeem exchanges the code in the address the browser left for, and checks what
// came of it.
func (s *site) redeem(left *url.URL) *tokens {
	s.Helper()
	return s.verify(s.exchange(left).Token, s.nonce)
}

// exchange is redeem, unchecked.
func (s *site) exchange(left *url.URL) *tokens {
	s.Helper()
	if left == nil || !strings.HasPrefix(left.String(), s.oauth.RedirectURL) {
		s.Fatalf("browser went to %v, not back to the site", left)
	}
	q := left.Query()
	if q.Get("error") != "" || q.Get("state") != "af0ifjsldkj" || q.Get("iss") != s.issuer() {
		s.Fatalf("back with %v", q)
	}
	tok, err := s.oauth.Exchange(s.ctx, q.Get("code"), oauth2.VerifierOption(s.verifier))
	if err != nil {
		s.Fatal(err)
	}
	return &tokens{Token: tok}
}

// refresh gets new tokens for the refresh token alone.
func (s *site) refresh(t *tokens) *tokens {
	s.Helper()
	tok, err := s.tryRefresh(t)
	if err != nil {
		s.Fatal(err)
	}
	return s.verify(tok, "")
}

func (s *site) tryRefresh(t *tokens) (*oauth2.Token, error) {
	return s.oauth.TokenSource(s.ctx, &oauth2.Token{RefreshToken: t.RefreshToken}).Token()
}

func (s *site) verify(tok *oauth2.Token, nonce string) *tokens {
	s.Helper()
	t := &tokens{Token: tok}
	t.raw, _ = tok.Extra("id_token").(string)
	id, err := s.provider.Verifier(&oidc.Config{ClientID: s.oauth.ClientID, Now: s.clock.Now}).Verify(s.ctx, t.raw)
	if err != nil {
		s.Fatal(err)
	}
	if id.Nonce != nonce {
		s.Fatalf("nonce %q", id.Nonce)
	}
	if err := id.VerifyAccessToken(tok.AccessToken); err != nil {
		s.Fatal(err)
	}
	if err := id.Claims(&t.claims); err != nil {
		s.Fatal(err)
	}
	t.info = s.userinfo(tok)
	return t
}

func (s *site) userinfo(tok *oauth2.Token) map[string]any {
	s.Helper()
	info, err := s.provider.UserInfo(s.ctx, oauth2.StaticTokenSource(tok))
	if err != nil {
		s.Fatal(err)
	}
	var out map[string]any
	if err := info.Claims(&out); err != nil {
		s.Fatal(err)
	}
	return out
}

// zp is the answers in a set of claims; nil if there are none.
func zp(claims map[string]any) map[string]any {
	m, _ := claims["zp"].(map[string]any)
	return m
}

func wantZP(t *testing.T, where string, claims map[string]any, want map[string]any) {
	t.Helper()
	if got := zp(claims); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: zp is %v, want %v", where, got, want)
	}
}

// create is what a site adds to send a customer to the registration page.
var create = oauth2.SetAuthURLParam("prompt", "create")

// register takes a new customer from the brand's site to the first question.
func (b *browser) register(s *site, email, password string, opts ...oauth2.AuthCodeOption) *shown {
	b.Helper()
	return b.join(b.open(s.authorize(append(opts, create)...)), email, password)
}

// join takes a new customer from the registration page on.
func (b *browser) join(p *shown, email, password string) *shown {
	b.Helper()
	p = p.at("/register", "Create your account").form("/register").send("email", email, "password", password).at("/verify", "Check your email")
	return p.form("/verify").send("code", b.code(email, 1))
}

// count is how many elements of a kind have an attribute with the value.
func (p *shown) count(element, name, value string) int {
	n := 0
	walkHTML(p.doc, func(x *html.Node) {
		if x.Type == html.ElementNode && x.Data == element && has_(x, name) && attr(x, name) == value {
			n++
		}
	})
	return n
}

// signIn takes a known customer through /login.
func (b *browser) signIn(s *site, email, password string, opts ...oauth2.AuthCodeOption) *shown {
	b.Helper()
	p := b.open(s.authorize(opts...)).at("/login", "Sign in")
	return p.form("/login").send("email", email, "password", password)
}
