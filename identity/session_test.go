package identity

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
)

func TestSessionRotatesAtSignIn(t *testing.T) {
	h := open(t)
	a := h.seedOne(nok, goodWords)
	b := h.browser()
	b.signIn(nok, goodWords)
	first, one := b.sessionCookie(), h.session(b)
	b.signIn(nok, goodWords)
	second, two := b.sessionCookie(), h.session(b)
	if first == second {
		t.Error("the cookie stayed the same")
	}
	want(t, "account", two.Account, a.ID)
	want(t, "id, to which grants refer, stays", two.ID, one.ID)
	want(t, "sessions", h.sessionCount(a.ID), 1)

	// The cookie of before opens nothing.
	thief := h.browser()
	thief.plant(first)
	want(t, "old cookie", h.session(thief) == nil, true)
	want(t, "page with the old cookie", thief.follow(thief.begin()).path, "/login")
}

// A planted cookie does not become a session (session fixation).
func TestSessionFixation(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	planted := newSecret()
	b := h.browser()
	b.plant(planted)
	b.signIn(nok, goodWords)
	if b.sessionCookie() == planted {
		t.Error("the planted cookie was kept")
	}
}

func TestSignInAsSomebodyElseEndsTheSessionBefore(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	other := h.seedOne("mali@example.com", goodWords)
	b := h.browser()
	b.signIn(nok, goodWords)
	old := h.session(b)
	b.signIn("mali@example.com", goodWords)
	want(t, "account", h.session(b).Account, other.ID)
	if len(h.signedOut) != 1 || h.signedOut[0] != old.ID {
		t.Errorf("told as over: %v, want %v", h.signedOut, old.ID)
	}
	if h.session(b).ID == old.ID {
		t.Error("another account took the id of the session before")
	}
}

func TestSessionIdleAndTotal(t *testing.T) {
	h := open(t, func(c *Config) { c.Idle, c.Total = 24*time.Hour, 72*time.Hour })
	h.seedOne(nok, goodWords)
	b := h.browser()
	b.signIn(nok, goodWords)
	touch := func() {
		t.Helper()
		s := h.session(b)
		if err := h.deps.DB.Update(t.Context(), func(tx *store.Tx) error { h.Touch(tx, s); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	h.clock.Add(23 * time.Hour)
	touch()
	h.clock.Add(23 * time.Hour)
	want(t, "in use, within idle", h.session(b) != nil, true)
	h.clock.Add(2 * time.Hour)
	want(t, "idle", h.session(b) == nil, true)

	b.signIn(nok, goodWords)
	for range 4 {
		h.clock.Add(20 * time.Hour)
		if h.session(b) != nil {
			touch()
		}
	}
	want(t, "total, though in use", h.session(b) == nil, true)
}

// Within the hour Touch writes nothing.
func TestTouchIsCoarse(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	b := h.browser()
	b.signIn(nok, goodWords)
	for _, c := range []struct {
		later   time.Duration
		commits int
	}{{30 * time.Minute, 0}, {31 * time.Minute, 1}, {time.Minute, 0}} {
		h.clock.Add(c.later)
		s := h.session(b)
		h.count.Reset()
		if err := h.deps.DB.Update(t.Context(), func(tx *store.Tx) error { h.Touch(tx, s); return nil }); err != nil {
			t.Fatal(err)
		}
		want(t, "commits", h.count.Commits(), c.commits)
	}
}

// Two providers on one store do not take each other's sessions.
func TestSessionOfAnotherIssuer(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.signIn(nok, goodWords)
	s := h.session(b)
	s.Issuer = "https://other.example"
	if err := h.deps.DB.Update(t.Context(), func(tx *store.Tx) error { sessionsOf.Put(tx, s); return nil }); err != nil {
		t.Fatal(err)
	}
	want(t, "session", h.session(b) == nil, true)
	want(t, "page", b.follow(v).path, "/login")
}

func TestBlockedAccountIsOut(t *testing.T) {
	h := open(t)
	a := h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.signIn(nok, goodWords)
	c := *a
	c.State = Blocked
	if err := h.deps.DB.Update(t.Context(), func(tx *store.Tx) error { accounts.Put(tx, &c); return nil }); err != nil {
		t.Fatal(err)
	}
	want(t, "session", b.in(v), "")
	other := h.browser()
	v = other.begin()
	got := other.post(other.at("/login", v), "/login", "email", nok, "password", goodWords)
	want(t, "sign-in", got.status, http.StatusUnprocessableEntity)
	other.post(other.at("/login", v), "/login/code", "email", nok)
	got = other.post(other.follow(v), "/verify", "code", codeIn(t, h.lastMail()))
	if !strings.Contains(got.body, "This account is closed") || other.sessionCookie() != "" {
		t.Errorf("code: %d\n%s", got.status, got.body)
	}
}

func TestGauntlet_S04_CookieFlags(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.begin()
	set := b.post(b.at("/login", v), "/login", "email", nok, "password", goodWords).header.Values("Set-Cookie")
	set = append(set, b.post(b.get("/signout"), "/signout").header.Values("Set-Cookie")...)
	if len(set) != 2 {
		t.Fatalf("cookies: %q", set)
	}
	for _, line := range set {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(c.Name, "__Host-pf_s_") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode || len(line) > 4096 {
			t.Errorf("cookie: %s", line)
		}
		if strings.Contains(line, nok) {
			t.Error("the cookie says who it is")
		}
	}
}

func TestSignOut(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	b := h.browser()
	b.signIn(nok, goodWords)
	s, secret := h.session(b), b.sessionCookie()
	ask := b.get("/signout")
	want(t, "a GET signs nobody out", h.session(b) != nil, true)
	want(t, "without the token", b.send("/signout", nil).status, http.StatusForbidden)
	want(t, "still in", h.session(b) != nil, true)
	b.post(ask, "/signout")
	want(t, "cookie", b.sessionCookie(), "")
	if len(h.signedOut) != 1 || h.signedOut[0] != s.ID {
		t.Errorf("told as over: %v", h.signedOut)
	}
	b.plant(secret)
	want(t, "old cookie", h.session(b) == nil, true)
	if done := b.get("/signout"); !strings.Contains(done.body, "You are signed out") {
		t.Errorf("page:\n%s", done.body)
	}
}

func TestAuthenticateGate(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.signIn(nok, goodWords)
	want(t, "its own visit", b.in(v) != "", true)
	h.clock.Add(10 * time.Minute)
	for _, c := range []struct {
		name string
		v    func(*web.Visit)
		page string
	}{
		{"nothing special", func(*web.Visit) {}, "/authorize"},
		{"prompt=login", func(v *web.Visit) { v.Prompt = []string{"login"} }, "/login"},
		{"prompt=select_account", func(v *web.Visit) { v.Prompt = []string{"select_account"} }, "/login"},
		{"prompt=create", func(v *web.Visit) { v.Prompt = []string{"create"} }, "/register"},
		{"max_age=0", func(v *web.Visit) { v.MaxAge = new(int) }, "/login"},
		{"max_age long enough", func(v *web.Visit) { v.MaxAge = ptr(3600) }, "/authorize"},
		{"max_age too short", func(v *web.Visit) { v.MaxAge = ptr(60) }, "/login"},
		{"hint of this account", func(v *web.Visit) { v.Subject = "this" }, "/authorize"},
		{"hint of another account", func(v *web.Visit) { v.Subject = "other" }, "/login"},
		{"acr that it has", func(v *web.Visit) { v.ACR = []string{"1"} }, "/authorize"},
		{"acr that nobody has", func(v *web.Visit) { v.ACR = []string{"9"} }, "/authorize"},
	} {
		h.subject = "this"
		v := b.begin(c.v)
		want(t, c.name, b.follow(v).path, c.page)
		if c.page == "/login" && c.name != "hint of another account" {
			b.post(b.at("/login", v), "/login", "email", nok, "password", goodWords)
			h.clock.Add(5 * time.Minute)
			want(t, c.name+", signed in again", b.follow(v).path, "/authorize")
			h.clock.Add(5 * time.Minute)
		}
	}
}

func ptr(n int) *int { return &n }

func TestOtherAccountIsTold(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	h.subject = "this"
	b := h.browser()
	v := b.begin(func(v *web.Visit) { v.Subject = "other" })
	form := b.follow(v)
	b.post(form, "/login", "email", nok, "password", goodWords)
	if again := b.follow(v); again.path != "/login" || !strings.Contains(again.body, "account you started with") {
		t.Errorf("page %s:\n%s", again.path, again.body)
	}
}

// An account whose address was never proven is asked for it at gate 3.
func TestVerifiedGate(t *testing.T) {
	h := open(t)
	a := *h.seedOne(nok, goodWords)
	a.Verified = time.Time{}
	if err := h.deps.DB.Update(t.Context(), func(tx *store.Tx) error { accounts.Put(tx, &a); return nil }); err != nil {
		t.Fatal(err)
	}
	b := h.browser()
	v := b.signIn(nok, goodWords)
	page := b.follow(v)
	want(t, "page", page.path, "/verify")
	want(t, "page stays", page.status, http.StatusOK)
	b.post(page, "/verify/resend")
	want(t, "in", b.in(v), "")
	b.post(b.follow(v), "/verify", "code", codeIn(t, h.lastMail()))
	want(t, "in", b.in(v), a.ID.String())
	want(t, "verified", h.account(nok).Verified, h.clock.Now())
}

// A link in a mail leads to a page without a visit: it gets one.
func TestPagesWithoutVisit(t *testing.T) {
	h := open(t)
	b := h.browser()
	h.began = b.begin(func(v *web.Visit) { v.Client, v.Brand, v.End = "", "", "/preferences" })
	for _, path := range []string{"/login", "/register", "/recover"} {
		got := b.get(path)
		want(t, path, got.to(), path)
		want(t, path+" in the visit", b.get(got.header.Get("Location")).status, http.StatusOK)
	}
}

func TestTerms(t *testing.T) {
	h := open(t)
	a := h.seedOne(nok, goodWords)
	h.terms = Terms{Version: 2, Changes: []string{"You can leave at any time."}, Whole: "https://kopi.example/terms"}
	b := h.browser()
	v := b.signIn(nok, goodWords)
	page := b.follow(v)
	want(t, "page", page.path, "/terms")
	if !strings.Contains(page.body, "You can leave at any time.") {
		t.Error("the page does not say what changed")
	}
	got := b.post(page, "/terms", "do", "later")
	want(t, "not now", got.header.Get("Location"), "https://kopi.example/callback?error=access_denied")
	want(t, "not now keeps nothing", h.account(nok).Terms["kopi"].Version, 0)

	// The terms change while the page is open: what was not shown is not agreed.
	h.terms.Version = 3
	b.post(page, "/terms", "do", "agree")
	want(t, "page", b.follow(v).path, "/terms")
	b.post(b.follow(v), "/terms", "do", "agree")
	want(t, "in", b.in(v), a.ID.String())
	want(t, "agreed in", h.account(nok).Terms["kopi"].Visit, v.ID)
}

// plant puts a session cookie into the browser.
func (b *browser) plant(secret string) {
	r, _ := http.NewRequest(http.MethodGet, b.h.server.URL, nil)
	b.client.Jar.SetCookies(r.URL, []*http.Cookie{{Name: b.h.deps.Site.CookieName("s"), Value: secret, Path: "/", Secure: true}})
}

func (h *house) sessionCount(account store.ID) (n int) {
	h.t.Helper()
	if err := h.deps.DB.View(h.t.Context(), func(tx *store.Tx) error {
		list, err := sessionsOf.List(tx, store.Range{Index: "account", Prefix: store.K(account)})
		n = len(list)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// login_hint is a stranger's word: an address is filled in, anything else is not.
func TestLoginHint(t *testing.T) {
	h := open(t)
	b := h.browser()
	for hint, shown := range map[string]string{
		nok:                     `value="` + nok + `"`,
		`"><script>x</script>`:  `value=""`,
		"nok\u202e@example.com": `value=""`,
		strings.Repeat("a", 9999) + "@example.com": `value=""`,
	} {
		for _, path := range []string{"/login", "/register", "/recover"} {
			v := b.begin(func(v *web.Visit) { v.LoginHint = hint })
			page := b.at(path, v)
			if field := regexp.MustCompile(`<input id="email"[^>]*>`).FindString(page.body); !strings.Contains(field, shown) {
				t.Errorf("%s: %s", path, field)
			}
		}
	}
}
