package identity

import (
	"net/http"
	"strings"
	"testing"
)

func TestRecover(t *testing.T) {
	h := open(t)
	a := h.seedOne(nok, goodWords)
	thief := h.browser()
	stolen := thief.signIn(nok, goodWords)
	want(t, "thief is in", thief.in(stolen), a.ID.String())

	b := h.browser()
	b.agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	v := b.begin()
	b.post(b.at("/recover", v), "/recover", "email", nok)
	verify := b.follow(v)
	want(t, "page", verify.path, "/verify")
	want(t, "new password before the code", b.at("/new-password", v).to(), "/authorize")
	code := codeIn(t, h.lastMail())
	b.post(verify, "/verify", "code", code)
	want(t, "the code alone signs nobody in", b.sessionCookie(), "")
	form := b.follow(v)
	want(t, "page", form.path, "/new-password")

	got := b.post(form, "/new-password", "password", "short")
	want(t, "short", got.status, http.StatusUnprocessableEntity)
	b.post(form, "/new-password", "password", "quiet lamp orchard")
	want(t, "in", b.in(v), a.ID.String())
	want(t, "session of the thief", thief.in(stolen), "")
	want(t, "sessions", h.sessionCount(a.ID), 1)
	if len(h.revoked) != 1 || h.revoked[0] != a.ID {
		t.Errorf("grants revoked of %v", h.revoked)
	}
	mail := h.lastMail()
	want(t, "mail to", mail.To, nok)
	if !strings.Contains(mail.Text, "Chrome on Windows") {
		t.Errorf("the mail does not name the device:\n%s", mail.Text)
	}
	want(t, "form sent twice", b.post(form, "/new-password", "password", "third one here").to(), "/authorize")

	old := h.browser()
	v = old.begin()
	want(t, "old password", old.post(old.at("/login", v), "/login", "email", nok, "password", goodWords).status, http.StatusUnprocessableEntity)
	old.signIn(nok, "quiet lamp orchard")
}

// Whoever finds the page for a new password left open finds it closed after as
// long as a code works.
func TestRecoverLeftOpen(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.begin()
	b.post(b.at("/recover", v), "/recover", "email", nok)
	b.post(b.follow(v), "/verify", "code", codeIn(t, h.lastMail()))
	form := b.follow(v)
	want(t, "page", form.path, "/new-password")
	h.clock.Add(h.cfg.CodeLife)
	want(t, "too late", b.post(form, "/new-password", "password", "quiet lamp orchard").to(), "/authorize")
	want(t, "signed in", b.in(v), "")
	old := h.browser()
	old.signIn(nok, goodWords)
}

// What a code under way could do, it cannot after the password was reset.
func TestResetEndsCodesUnderWay(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	m, b := h.browser(), h.browser()
	vm, vb := m.begin(), b.begin()
	m.post(m.at("/login", vm), "/login/code", "email", nok)
	code := codeIn(t, h.lastMail())
	b.post(b.at("/recover", vb), "/recover", "email", nok)
	b.post(b.follow(vb), "/verify", "code", codeIn(t, h.lastMail()))
	page := m.at("/verify", vm)
	b.post(b.follow(vb), "/new-password", "password", "quiet lamp orchard")
	m.post(page, "/verify", "code", code)
	want(t, "in by the old code", m.in(vm), "")
}

func TestRecoverUnknown(t *testing.T) {
	h := open(t)
	b := h.browser()
	v := b.begin()
	b.post(b.at("/recover", v), "/recover", "email", nok)
	want(t, "page", b.follow(v).path, "/verify")
	mail := h.lastMail()
	want(t, "subject", mail.Subject, "No account with this email")
	if sixDigits.MatchString(mail.Text) || linkIn.MatchString(mail.Text) {
		t.Error("the mail has a code")
	}
}

func TestCodeInsteadOfPassword(t *testing.T) {
	h := open(t)
	a := h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.begin()
	b.post(b.at("/login", v), "/login/code", "email", nok, "password", "")
	b.post(b.follow(v), "/verify", "code", codeIn(t, h.lastMail()))
	want(t, "in", b.in(v), a.ID.String())
	want(t, "method", strings.Join(h.session(b).AMR, " "), "otp")
}
