package identity

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
)

func TestRegisterVerifySession(t *testing.T) {
	h := open(t)
	h.terms = Terms{Version: 3}
	b := h.browser()
	v := b.begin(func(v *web.Visit) { v.Prompt = []string{"create"} })
	form := b.follow(v)
	want(t, "page of the walk", form.path, "/register")

	got := b.post(form, "/register", "email", " Nok@Example.COM ", "password", goodWords)
	want(t, "status", got.status, http.StatusSeeOther)
	want(t, "goes to", got.to(), "/authorize")
	if h.account(nok) != nil {
		t.Fatal("an account before its address was proven")
	}

	verify := b.follow(v)
	want(t, "page of the walk", verify.path, "/verify")
	if !strings.Contains(verify.body, "Nok@example.com") {
		t.Error("the page does not say where the code went")
	}
	mail := h.lastMail()
	want(t, "mail to", mail.To, "Nok@example.com")
	got = b.post(verify, "/verify", "code", codeIn(t, mail))
	want(t, "status", got.status, http.StatusSeeOther)

	a := h.account(nok)
	if a == nil {
		t.Fatal("no account")
	}
	want(t, "who is in", b.in(v), a.ID.String())
	want(t, "verified", a.Verified, h.clock.Now())
	want(t, "terms agreed by registering", a.Terms["kopi"].Version, 3)
	s := h.session(b)
	want(t, "registered in this visit", s.Registered && s.Visit == v.ID, true)

	// Sent twice: no message, same next page.
	got = b.post(verify, "/verify", "code", codeIn(t, mail))
	want(t, "sent twice", got.to(), "/authorize")
	want(t, "still in", b.in(v), a.ID.String())

	// And the password works.
	other := h.browser()
	want(t, "in by password", other.in(other.signIn(nok, goodWords)), a.ID.String())
}

// session is the record of the browser's session, or nil.
func (h *house) session(b *browser) *Session {
	h.t.Helper()
	r, _ := http.NewRequest(http.MethodGet, h.server.URL, nil)
	r.AddCookie(&http.Cookie{Name: h.deps.Site.CookieName("s"), Value: b.sessionCookie()})
	var s *Session
	if err := h.deps.DB.View(h.t.Context(), func(tx *store.Tx) (err error) {
		s, _, err = h.SignedIn(tx, r)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return s
}

func TestRegisterKnownAddressSignsOwnerIn(t *testing.T) {
	h := open(t)
	before := h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.begin()
	b.post(b.at("/register", v), "/register", "email", "NOK@example.com", "password", "someone else's password")
	mail := h.lastMail()
	want(t, "mail to the account's own address", mail.To, nok)
	want(t, "subject", mail.Subject, "You already have an account")
	b.post(b.follow(v), "/verify", "code", codeIn(t, mail))
	want(t, "who is in", b.in(v), before.ID.String())
	after := h.account(nok)
	want(t, "password", after.Password, before.Password)
	want(t, "registered", h.session(b).Registered, false)
}

// Two people register one address: the first to prove it has the account, the
// second to prove it is signed in to it, with nothing changed.
func TestRegisterSameAddressTwice(t *testing.T) {
	h := open(t)
	one, two := h.browser(), h.browser()
	v1, v2 := one.begin(), two.begin()
	one.post(one.at("/register", v1), "/register", "email", nok, "password", goodWords)
	first := codeIn(t, h.lastMail())
	two.post(two.at("/register", v2), "/register", "email", nok, "password", "another good one")
	second := codeIn(t, h.lastMail())

	two.post(two.follow(v2), "/verify", "code", second)
	a := h.account(nok)
	want(t, "two is in", two.in(v2), a.ID.String())
	one.post(one.follow(v1), "/verify", "code", first)
	want(t, "one is in", one.in(v1), a.ID.String())
	want(t, "password is of who proved it first", h.account(nok).Password, a.Password)
}

func TestRegisterShowsEveryProblemAndKeepsTheAddress(t *testing.T) {
	h := open(t)
	b := h.browser()
	v := b.begin()
	for _, c := range []struct{ email, password, say string }{
		{"", goodWords, "Enter your email"},
		{"nok@", goodWords, "name@example.com"},
		{nok, "", "Enter your password"},
		{nok, "short", "Use at least 8 characters"},
		{nok, "Passw0rd2024!", "Too many people use this password"},
		{nok, strings.Repeat("ab1!", 33), "Use 128 characters at most"},
	} {
		got := b.post(b.at("/register", v), "/register", "email", c.email, "password", c.password)
		want(t, c.say+": status", got.status, http.StatusUnprocessableEntity)
		if !strings.Contains(got.body, c.say) {
			t.Errorf("%q is not said", c.say)
		}
		if !strings.Contains(got.body, `value="`+c.email+`"`) {
			t.Errorf("%q: the address is gone from the form", c.email)
		}
		if c.password != "" && strings.Contains(got.body, c.password) {
			t.Errorf("the page repeats the password")
		}
	}
	want(t, "mails", len(h.mails()), 0)
}

// A code is asked for anew: after a minute, and then the old one is no good.
func TestResend(t *testing.T) {
	h := open(t)
	b := h.browser()
	v := b.begin()
	b.post(b.at("/register", v), "/register", "email", nok, "password", goodWords)
	old := codeIn(t, h.lastMail())
	b.post(b.follow(v), "/verify/resend")
	want(t, "mails within a minute", len(h.mails()), 0)
	h.clock.Add(61 * time.Second)
	got := b.post(b.follow(v), "/verify/resend")
	want(t, "goes to", got.to(), "/verify")
	next := codeIn(t, h.lastMail())
	page := b.follow(v)
	if !strings.Contains(page.body, "You can ask again in") {
		t.Error("the page does not say that it was sent")
	}
	if old != next {
		want(t, "old code", b.post(page, "/verify", "code", old).status, http.StatusUnprocessableEntity)
	}
	b.post(page, "/verify", "code", next[:3]+" "+next[3:])
	want(t, "in", b.in(v) != "", true)
}

func TestCodeRunsOut(t *testing.T) {
	h := open(t)
	b := h.browser()
	v := b.begin()
	b.post(b.at("/register", v), "/register", "email", nok, "password", goodWords)
	page, code := b.follow(v), codeIn(t, h.lastMail())
	h.clock.Add(10 * time.Minute)
	got := b.post(page, "/verify", "code", code)
	if !strings.Contains(got.body, "This code has run out") {
		t.Errorf("got %d:\n%s", got.status, got.body)
	}
	h.clock.Add(2 * time.Hour)
	want(t, "after the visit", b.follow(v).path, "/login")
}

// A registration nobody finishes leaves no key, so no mail and no address.
func TestUnfinishedRegistrationLosesItsKey(t *testing.T) {
	h := open(t)
	b := h.browser()
	v := b.begin()
	b.post(b.at("/register", v), "/register", "email", nok, "password", goodWords)
	var id store.ID
	view := func(fn func(tx *store.Tx) error) {
		t.Helper()
		if err := h.deps.DB.View(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	view(func(tx *store.Tx) error {
		q, err := pendings.Get(tx, store.K(v.ID))
		id = q.Account
		return err
	})
	h.clock.Add(2 * time.Hour)
	// Without its key nothing can be sealed for it any more.
	err := h.deps.DB.Update(t.Context(), func(tx *store.Tx) error {
		accounts.Put(tx, &Account{ID: id})
		return nil
	})
	if err == nil {
		t.Error("the key is still there")
	}
}
