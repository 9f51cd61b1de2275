package oauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/store"
)

// atGate begins a visit that stands before a closed gate, and opens the gate.
func (w *world) atGate(b *http.Client, pairs ...string) (sealed string) {
	w.t.Helper()
	w.set(func() { w.gate = "/login" })
	defer w.set(func() { w.gate = "" })
	to := w.ask(b, request(pairs...)).location(w.t)
	if to.Path != "/id/login" || to.Query().Get("visit") == "" {
		w.t.Fatalf("not before the gate: %s", to)
	}
	return to.Query().Get("visit")
}

func (w *world) walk(b *http.Client, sealed string) answer {
	w.t.Helper()
	return w.get(b, w.issuer+"/authorize?visit="+url.QueryEscape(sealed))
}

func TestVisitTampered(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	sealed := w.atGate(b)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range sealed {
		other := letters[(strings.IndexByte(letters, sealed[i])+1+i%60)%64]
		if a := w.walk(b, sealed[:i]+string(other)+sealed[i+1:]); a.status != 400 || !strings.Contains(a.body, "visit.broken") || a.header.Get("Location") != "" {
			t.Errorf("letter %d of %d: %d %s", i, len(sealed), a.status, a.body)
		}
	}
	for _, s := range []string{"x", sealed[:len(sealed)-1], sealed + "A", sealed + "=", sealed[:40], " " + sealed, strings.Repeat("A", 5000), "AQ"} {
		if a := w.walk(b, s); a.status != 400 || !strings.Contains(a.body, "visit.broken") {
			t.Errorf("%.50q: %d %s", s, a.status, a.body)
		}
	}
	if q := w.walk(b, sealed).location(t).Query(); !q.Has("code") {
		t.Errorf("the visit itself: %v", q)
	}
	// Of a provider of the same store but another issuer.
	if a := w.beside("/id").walk(b, sealed); a.status != 400 || !strings.Contains(a.body, "visit.broken") {
		t.Errorf("at another issuer: %d %s", a.status, a.body)
	}
}

func TestVisitOfAnotherBrowser(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	sealed := w.atGate(b)
	stranger := w.browser()
	for range 2 { // without a cookie, then with one of its own
		if a := w.walk(stranger, sealed); a.status != 403 || !strings.Contains(a.body, "visit.other_browser") || a.header.Get("Location") != "" {
			t.Errorf("another browser: %d %s", a.status, a.body)
		}
		w.ask(stranger, request())
	}
	// A second tab of the same browser keeps the first one's visit good.
	w.ask(b, request("state", "second tab"))
	if q := w.walk(b, sealed).location(t).Query(); q.Get("state") != "st" || !q.Has("code") {
		t.Errorf("the first tab: %v", q)
	}
}

// A form brings its visit along; that one counts, and not the one in its address.
func TestVisitOfForm(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	one, two := w.atGate(b, "state", "one"), w.atGate(b, "state", "two")
	open := func(path, body string) (string, error) {
		r := w.requestWith(b, path)
		r.Method, r.Body = "POST", io.NopCloser(strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		v, err := w.Open(r)
		if err != nil {
			return "", err
		}
		return v.Sealed, nil
	}
	for _, c := range []struct{ path, body, want string }{
		{"/login", "visit=" + one, one}, {"/login?visit=" + two, "visit=" + one, one}, {"/login?visit=" + two, "a=b", two}, {"/login?visit=" + two, "", two},
	} {
		if got, err := open(c.path, c.body); got != c.want || err != nil {
			t.Errorf("%.20s %.20s: %.20s, %v", c.path, c.body, got, err)
		}
	}
	for body, want := range map[string]string{
		"": "visit.broken", "visit=": "visit.broken", "visit=x": "visit.broken",
		"%zz": "form.unreadable", "a=" + strings.Repeat("x", 70000): "form.too_large",
	} {
		var p *problem.Problem
		if _, err := open("/login?visit="+one, body); want != "visit.broken" && (!errors.As(err, &p) || p.Code != want) {
			t.Errorf("%.20q beside a good visit: %v", body, err)
		}
		if _, err := open("/login", body); !errors.As(err, &p) || p.Code != want || p.Status < 400 || p.Status > 499 {
			t.Errorf("%.20q: %v", body, err)
		}
	}
}

func TestVisitExpires(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	sealed := w.atGate(b)
	w.clock.Add(2*time.Hour - time.Second)
	if q := w.walk(b, sealed).location(t).Query(); !q.Has("code") {
		t.Errorf("before the end: %v", q)
	}
	w.clock.Add(2 * time.Second)
	r, err := http.NewRequestWithContext(t.Context(), "GET", w.issuer+"/authorize?visit="+sealed, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	if a := w.do(b, r); a.status != 410 || !strings.Contains(a.body, "visit.expired") {
		t.Errorf("after the end: %d %s", a.status, a.body)
	}
}

// The back button gives the same code until it is redeemed; then there is a
// notice, and what came of it lives on.
func TestFinishAgain(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	sealed := w.atGate(b)
	first := w.walk(b, sealed).location(t).Query().Get("code")
	w.clock.Add(10 * time.Minute) // the code has run out
	w.set(func() { w.who.AuthTime, w.who.ACR = w.clock.Now(), "urn:again" })
	if again := w.walk(b, sealed).location(t).Query().Get("code"); again != first || first == "" {
		t.Fatalf("codes %q and %q", first, again)
	}
	tokens := w.tokens(w.redeem(first))
	id := payload(t, tokens.id)
	if int64(id["auth_time"].(float64)) != w.clock.Now().Unix() || id["acr"] != "urn:again" {
		t.Errorf("the later sign-in is not told: %v", id)
	}
	if a := w.walk(b, sealed); a.status != 409 || !strings.Contains(a.body, "visit.finished") {
		t.Errorf("finished again after all: %d %s", a.status, a.body)
	}
	if a := w.userinfo(tokens.access); a.status != 200 {
		t.Errorf("the tokens died of it: %d", a.status)
	}
	// Another account in the same visit is another grant.
	other := w.account()
	w.set(func() { w.who = other })
	code := w.walk(b, sealed).location(t).Query().Get("code")
	if code == "" || code == first {
		t.Errorf("the next customer's code %q", code)
	}
	if second := payload(t, w.tokens(w.redeem(code)).id); second["sub"] == id["sub"] {
		t.Error("two customers, one subject")
	}
}

func TestFinishWithClosedGate(t *testing.T) {
	w := newWorld(t)
	sealed := ""
	b := w.browser()
	w.set(func() { w.gate = "/terms" })
	w.count.Reset()
	to := w.ask(b, request()).location(t)
	if to.Path != "/id/terms" {
		t.Fatalf("went to %s", to)
	}
	sealed = to.Query().Get("visit")
	if n := w.count.Commits(); n != 0 {
		t.Errorf("%d commits before a closed gate", n)
	}
	w.set(func() { w.gate = "" })
	w.count.Reset()
	if q := w.walk(b, sealed).location(t).Query(); !q.Has("code") {
		t.Errorf("the gate is open: %v", q)
	}
	if n := w.count.Commits(); n != 1 {
		t.Errorf("%d commits for a code", n)
	}
}

// A visit under way meets a changed configuration.
func TestFinishAfterReload(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	sealed := w.atGate(b)
	changed := clients()
	changed[0].RedirectURIs = []string{"https://kopi.example/new"}
	if err := w.reload(changed); err != nil {
		t.Fatal(err)
	}
	if a := w.walk(b, sealed); a.status != 400 || a.header.Get("Location") != "" || !strings.Contains(a.body, "client.redirect") {
		t.Errorf("to an address that was taken away: %d %s", a.status, a.header.Get("Location"))
	}
	v, err := w.Open(w.requestWith(b, "/login?visit="+sealed))
	if err != nil {
		t.Fatal(err)
	}
	refused := httptest.NewRecorder()
	w.Refuse(refused, w.requestWith(b, "/"), v, "access_denied", "")
	if refused.Code != 400 || refused.Header().Get("Location") != "" {
		t.Errorf("an error to an address that was taken away: %d %s", refused.Code, refused.Header().Get("Location"))
	}
	if err := w.reload(clients()[1:]); err != nil {
		t.Fatal(err)
	}
	if a := w.walk(b, sealed); a.status != 400 || a.header.Get("Location") != "" {
		t.Errorf("of a client that is gone: %d", a.status)
	}
	narrowed := clients()
	narrowed[0].Scopes = []string{"openid"}
	if err := w.reload(narrowed); err != nil {
		t.Fatal(err)
	}
	code := w.walk(b, sealed).location(t).Query().Get("code")
	if got := w.redeem(code).json(t)["scope"]; got != "openid" {
		t.Errorf("scope %v", got)
	}
}

func TestOwnVisit(t *testing.T) {
	w := newWorld(t)
	rec := &recorder{header: http.Header{}}
	r, err := http.NewRequestWithContext(t.Context(), "GET", w.issuer+"/preferences", nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.BeginOwn(rec, r, "/preferences/answers", "kopi")
	if err != nil {
		t.Fatal(err)
	}
	if v.End != "/preferences/answers" || v.Brand != "kopi" || v.Client != "" || v.Return != "" {
		t.Errorf("visit %+v", v)
	}
	to, page, err := w.Finish(t.Context(), v, gate(w.who, ""))
	if err != nil || to != "/id/preferences/answers" || page != "" {
		t.Errorf("ends at %q, page %q, %v", to, page, err)
	}
	if _, page, _ = w.Finish(t.Context(), v, gate(w.who, "/login")); page != "/login" {
		t.Errorf("closed gate: page %q", page)
	}
	for _, evil := range []string{"", "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "preferences", "/a\r\nb", "/\tevil"} {
		if _, err := w.BeginOwn(rec, r, evil, ""); err == nil {
			t.Errorf("a visit may end at %q", evil)
		}
	}
}

type recorder struct{ header http.Header }

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(b []byte) (int, error) { return len(b), nil }
func (r *recorder) WriteHeader(int)             {}

// Two providers of one store, with different issuers, do not take each other's
// grants, subjects or keys. What is revoked for an account ends at both: it is
// one account, with one password.
func TestTwoIssuersOneStore(t *testing.T) {
	w := newWorld(t)
	a := w.signIn()
	second := w.beside("/second")
	b := second.signIn()
	if x, y := payload(t, a.id), payload(t, b.id); x["sub"] == y["sub"] || x["sid"] == y["sid"] || x["iss"] == y["iss"] {
		t.Errorf("one customer, two issuers: %v and %v", x, y)
	}
	for _, c := range []struct {
		w    *world
		mine tokenSet
		not  tokenSet
	}{{w, a, b}, {second, b, a}} {
		if got := c.w.userinfo(c.not.access).status; got != 401 {
			t.Errorf("%s took the other's access token: %d", c.w.issuer, got)
		}
		c.w.wantError(c.w.refresh(c.not.refresh), 400, "invalid_grant")
		if got := c.w.userinfo(c.mine.access).status; got != 200 {
			t.Errorf("%s refused its own: %d", c.w.issuer, got)
		}
		var found []*oauth.Grant
		if err := c.w.db.View(t.Context(), func(tx *store.Tx) (err error) {
			found, err = c.w.GrantsOf(tx, w.who.Account)
			return err
		}); err != nil || len(found) != 1 || found[0].Issuer != c.w.issuer {
			t.Errorf("%s sees %d grants, %v", c.w.issuer, len(found), err)
		}
	}
	if err := w.db.Update(context.WithoutCancel(t.Context()), func(tx *store.Tx) error { return w.RevokeAccount(tx, w.who.Account) }); err != nil {
		t.Fatal(err)
	}
	if w.userinfo(a.access).status != 401 || second.userinfo(b.access).status != 401 {
		t.Error("an account that is revoked at one issuer still has a grant at the other")
	}
}
