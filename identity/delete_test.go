package identity

import (
	"net/http"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

func TestDeleteAccount(t *testing.T) {
	h := open(t)
	a := h.seedOne(nok, goodWords)
	b := h.browser()
	b.signIn(nok, goodWords)
	secret := b.sessionCookie()
	// Something waits for the account: a code in another window, and its mail.
	other := h.browser()
	vo := other.begin()
	other.post(other.at("/login", vo), "/login/code", "email", nok)
	want(t, "mails", len(h.mails()), 1)

	form := b.get("/preferences/delete")
	want(t, "wrong password", b.post(form, "/preferences/delete", "password", "not it at all").status, http.StatusUnprocessableEntity)
	want(t, "no password", b.post(form, "/preferences/delete").status, http.StatusUnprocessableEntity)
	want(t, "no token", b.send("/preferences/delete", map[string][]string{"password": {goodWords}}).status, http.StatusForbidden)
	want(t, "still there", h.account(nok).ID, a.ID)

	got := b.post(form, "/preferences/delete", "password", goodWords)
	want(t, "goes to", got.to(), "/signout")
	want(t, "cookie", b.sessionCookie(), "")
	if done := b.get(got.header.Get("Location")); !strings.Contains(done.body, "Your account is deleted") {
		t.Errorf("page:\n%s", done.body)
	}
	want(t, "account", h.account(nok) == nil, true)
	want(t, "mails", len(h.mails()), 0)
	b.plant(secret)
	want(t, "old cookie", h.session(b) == nil, true)
	want(t, "other window", other.follow(vo).path, "/login")
	err := h.deps.DB.Update(t.Context(), func(tx *store.Tx) error {
		outbox.Send(tx, &outbox.Mail{Account: a.ID, ID: store.NewID()})
		return nil
	})
	if err == nil {
		t.Error("the key of the account is still there")
	}

	// The address is free, and what comes is another account.
	v := b.begin()
	b.post(b.at("/register", v), "/register", "email", nok, "password", goodWords)
	b.post(b.follow(v), "/verify", "code", codeIn(t, h.lastMail()))
	if who := b.in(v); who == "" || who == a.ID.String() {
		t.Errorf("in: %q", who)
	}
}

// Who is not signed in, or no longer, signs in first; the walk ends here.
func TestDelete_NobodySignedIn(t *testing.T) {
	h := open(t)
	b := h.browser()
	h.began = b.begin()
	got := b.get("/preferences/delete")
	want(t, "goes to", got.to(), "/authorize")
	if !strings.Contains(got.header.Get("Location"), "visit=") {
		t.Errorf("Location: %s", got.header.Get("Location"))
	}
}
