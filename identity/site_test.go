package identity

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/store/storetest"
	"github.com/proffer-id/proffer/templates"
)

const (
	nok       = "nok@example.com"
	goodWords = "plum anchor violin"
)

// A house is this room behind a small provider: a mux with its pages, a
// stand-in for visits, and a walk that says who is in.
type house struct {
	*People
	t       *testing.T
	clock   *storetest.Clock
	count   *storetest.Counter
	server  *httptest.Server
	logs    *syncBuffer
	terms   Terms
	subject string
	began   *web.Visit // for who comes without one

	mu        sync.Mutex
	visits    map[string]*web.Visit
	signedOut []store.ID
	revoked   []store.ID
}

// syncBuffer is a log that many write to.
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

var words = sync.OnceValues(func() (*templates.Set, error) { return templates.New(templates.Options{}) })

func open(t *testing.T, change ...func(*Config)) *house {
	t.Helper()
	set, err := words()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, clock: storetest.NewClock(), count: storetest.Count(storetest.Driver(t)), logs: &syncBuffer{}, visits: map[string]*web.Visit{}}
	db := storetest.OpenOn(t, h.count, h.clock, Records, outbox.Records)
	log := slog.New(slog.NewJSONHandler(h.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.server = httptest.NewUnstartedServer(nil)
	site, err := web.New(web.Config{
		Issuer: "https://" + h.server.Listener.Addr().String(), Languages: []string{"en", "th"}, Secret: db.Secret, Pages: set, Log: log,
		Brand:   h.brandOf,
		CSS:     func(string, string) string { return "/static/x.css" },
		Account: func(*http.Request) string { return "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Argon2: Argon2{Memory: 64, Time: 1, Threads: 1}}
	for _, c := range change {
		c(&cfg)
	}
	h.People, err = New(cfg, Deps{
		DB: db, Now: h.clock.Now, Log: log, Site: site, Mails: set, Visit: h.visit, Brand: h.brandOf,
		Begin: func(http.ResponseWriter, *http.Request, string) (*web.Visit, error) { return h.began, nil },
		Refuse: func(w http.ResponseWriter, r *http.Request, _ *web.Visit, code, _ string) error {
			site.Redirect(w, r, "https://kopi.example/callback?error="+code)
			return nil
		},
		Terms: func(string, string) Terms { return h.terms },
		IsSubject: func(_ *store.Tx, v *web.Visit, _ store.ID) (bool, error) {
			return v.Subject == "" || v.Subject == h.subject, nil
		},
		SignedOut: func(_ *store.Tx, s store.ID) error { h.note(&h.signedOut, s); return nil },
		Revoke:    func(_ *store.Tx, a store.ID) error { h.note(&h.revoked, a); return nil },
		Forget: func(tx *store.Tx, a store.ID) error {
			if err := outbox.Forget(tx, a); err != nil {
				return err
			}
			return h.Forget(tx, a)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, f := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /login": h.GetLogin, "POST /login": h.PostLogin, "POST /login/code": h.PostLoginCode,
		"GET /register": h.GetRegister, "POST /register": h.PostRegister,
		"GET /recover": h.GetRecover, "POST /recover": h.PostRecover,
		"GET /new-password": h.GetNewPassword, "POST /new-password": h.PostNewPassword,
		"GET /verify": h.GetVerify, "POST /verify": h.PostVerify, "POST /verify/resend": h.PostResend,
		"GET /confirm": h.GetConfirm, "POST /confirm": h.PostConfirm,
		"GET /terms": h.GetTerms, "POST /terms": h.PostTerms,
		"GET /signout": h.GetSignOut, "POST /signout": h.PostSignOut,
		"GET /preferences/delete": h.GetDelete, "POST /preferences/delete": h.PostDelete,
		"GET /authorize": h.walk,
	} {
		mux.Handle(pattern, site.Handler(f))
	}
	h.server.Config.Handler = mux
	h.server.StartTLS()
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) note(list *[]store.ID, id store.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(*list, id) { // an Update runs twice
		*list = append(*list, id)
	}
}

func (h *house) brandOf(id, _ string) templates.Brand {
	if id == "" {
		return templates.Brand{}
	}
	return templates.Brand{ID: id, Name: "Kopi Club"}
}

// visit stands in for the protocol: what is sealed is a name, and the flow
// cookie has the visit's id.
func (h *house) visit(r *http.Request) (*web.Visit, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.visits[r.FormValue("visit")]
	if v == nil {
		return nil, &problem.Problem{Code: "visit.broken", Status: http.StatusBadRequest}
	}
	if c, err := r.Cookie("flow-" + v.Sealed); err != nil || c.Value != v.ID.String() {
		return nil, &problem.Problem{Code: "visit.other_browser", Status: http.StatusBadRequest}
	}
	return v, nil
}

// walk is the first gates, in their order.
func (h *house) walk(w http.ResponseWriter, r *http.Request) error {
	v, err := h.visit(r)
	if err != nil {
		return err
	}
	var page, who string
	err = h.deps.DB.View(r.Context(), func(tx *store.Tx) error {
		s, a, err := h.SignedIn(tx, r)
		if err != nil {
			return err
		}
		if page, err = h.Authenticate(tx, s, v); page != "" || err != nil {
			return err
		}
		who = s.Account.String()
		page = cmp.Or(h.StrongEnough(s, v), h.Verified(a), h.TermsAgreed(a, v))
		return nil
	})
	if err != nil {
		return err
	}
	if page != "" {
		h.deps.Site.Redirect(w, r, h.deps.Site.In(page, v))
		return nil
	}
	_, err = fmt.Fprintf(w, "in: %s", who)
	return err
}

// A browser keeps cookies and goes where it is sent, one step at a time.
type browser struct {
	h      *house
	client *http.Client
	agent  string
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	c := *h.server.Client()
	c.Jar = jar
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{h: h, client: &c}
}

// begin starts a visit in this browser.
func (b *browser) begin(change ...func(*web.Visit)) *web.Visit {
	id := store.NewID()
	v := &web.Visit{ID: id, Sealed: "v-" + id.String(), Began: b.h.clock.Now(), Client: "kopi-web", Brand: "kopi"}
	for _, c := range change {
		c(v)
	}
	b.h.mu.Lock()
	b.h.visits[v.Sealed] = v
	b.h.mu.Unlock()
	u, _ := url.Parse(b.h.server.URL)
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: "flow-" + v.Sealed, Value: id.String(), Path: "/", Secure: true}})
	return v
}

// A page is one answer.
type page struct {
	status int
	header http.Header
	body   string
	path   string // of the request
}

func (p *page) to() string {
	u, err := url.Parse(p.header.Get("Location"))
	if err != nil {
		return ""
	}
	return u.Path
}

func (b *browser) do(r *http.Request) *page {
	b.h.t.Helper()
	if b.agent != "" {
		r.Header.Set("User-Agent", b.agent)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	if resp.StatusCode >= 500 && resp.StatusCode != http.StatusServiceUnavailable {
		b.h.t.Fatalf("%s %s: %d\n%s", r.Method, r.URL.Path, resp.StatusCode, b.h.logs.String())
	}
	return &page{status: resp.StatusCode, header: resp.Header, body: string(body), path: r.URL.Path}
}

func (b *browser) get(path string) *page {
	b.h.t.Helper()
	if !strings.HasPrefix(path, "https://") {
		path = b.h.server.URL + path
	}
	r, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodGet, path, nil)
	if err != nil {
		b.h.t.Fatal(err)
	}
	return b.do(r)
}

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	sixDigits   = regexp.MustCompile(`(?m)^\s*(\d{6})\s*$`)
	linkIn      = regexp.MustCompile(`https://\S+/confirm\?token=[\w-]+`)
)

// post sends the form of page to path, with fields as name and value in turn.
func (b *browser) post(from *page, path string, fields ...string) *page {
	b.h.t.Helper()
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(from.body, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.send(path, form)
}

func (b *browser) send(path string, form url.Values) *page {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodPost, b.h.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// at opens a page of the visit.
func (b *browser) at(path string, v *web.Visit) *page {
	b.h.t.Helper()
	return b.get(path + "?visit=" + v.Sealed)
}

// follow goes where the walk leads and returns that page.
func (b *browser) follow(v *web.Visit) *page {
	b.h.t.Helper()
	p := b.at("/authorize", v)
	if p.status == http.StatusSeeOther {
		return b.get(p.header.Get("Location"))
	}
	return p
}

// mails are those that wait, in the order they were queued.
func (h *house) mails() []*outbox.Mail {
	h.t.Helper()
	var list []*outbox.Mail
	err := h.deps.DB.Update(h.t.Context(), func(tx *store.Tx) (err error) {
		list, err = outbox.Due(tx, h.clock.Now(), 1000)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// lastMail takes the one mail that waits.
func (h *house) lastMail() *outbox.Mail {
	h.t.Helper()
	list := h.mails()
	if len(list) != 1 {
		h.t.Fatalf("%d mails wait, want 1", len(list))
	}
	err := h.deps.DB.Update(h.t.Context(), func(tx *store.Tx) error { outbox.Done(tx, list[0]); return nil })
	if err != nil {
		h.t.Fatal(err)
	}
	return list[0]
}

func codeIn(t *testing.T, m *outbox.Mail) string {
	t.Helper()
	found := sixDigits.FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatalf("no code in mail %q:\n%s", m.Subject, m.Text)
	}
	return found[1]
}

// account looks an address up.
func (h *house) account(email string) *Account {
	h.t.Helper()
	addr, err := parseAddress(email)
	if err != nil {
		h.t.Fatal(err)
	}
	var a *Account
	if err := h.deps.DB.View(h.t.Context(), func(tx *store.Tx) (err error) {
		a, err = byAddress(tx, h.addressKey(addr))
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return a
}

// seedOne makes an account without a visit.
func (h *house) seedOne(email, password string) *Account {
	h.t.Helper()
	if err := h.Seed(context.Background(), []DevAccount{{email, password}}); err != nil {
		h.t.Fatal(err)
	}
	return h.account(email)
}

// signIn signs in with a password, in a new visit.
func (b *browser) signIn(email, password string) *web.Visit {
	b.h.t.Helper()
	v := b.begin()
	p := b.post(b.at("/login", v), "/login", "email", email, "password", password)
	if p.status != http.StatusSeeOther {
		b.h.t.Fatalf("sign in: %d\n%s", p.status, p.body)
	}
	return v
}

// in says whether the walk of v ends with somebody signed in, and who.
func (b *browser) in(v *web.Visit) string {
	b.h.t.Helper()
	who, ok := strings.CutPrefix(b.follow(v).body, "in: ")
	if !ok {
		return ""
	}
	return who
}

// sessionCookie is what the browser would send.
func (b *browser) sessionCookie() string {
	u, _ := url.Parse(b.h.server.URL)
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == b.h.deps.Site.CookieName("s") {
			return c.Value
		}
	}
	return ""
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
