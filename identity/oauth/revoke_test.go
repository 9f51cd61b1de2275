package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/store"
)

func (w *world) revoke(token, user, password string) answer {
	w.t.Helper()
	return w.post(w.server.Client(), w.issuer+"/revoke", url.Values{"token": {token}}, user, password)
}

func TestRFC7009_Revoke(t *testing.T) {
	w := newWorld(t)
	for _, which := range []string{"access", "refresh", "rotated"} {
		s := w.signIn()
		shown := map[string]string{"access": s.access, "refresh": s.refresh, "rotated": s.refresh}[which]
		if which == "rotated" {
			s = w.tokens(w.refresh(s.refresh))
			w.clock.Add(time.Minute)
		}
		if a := w.revoke(shown, "kopi-web", secretA); a.status != 200 || a.body != "" {
			t.Errorf("%s: %d %s", which, a.status, a.body)
		}
		if got := w.userinfo(s.access).status; got != 401 {
			t.Errorf("%s: the access token lives: %d", which, got)
		}
		w.wantError(w.refresh(s.refresh), 400, "invalid_grant")
	}
}

func TestGauntlet_P21_RevokeOfAnother(t *testing.T) {
	w := newWorld(t)
	s := w.signIn()
	w.count.Reset()
	for _, tok := range append(forgeries(s.refresh), s.access, s.refresh) {
		if tok == "" {
			continue
		}
		if a := w.revoke(tok, "sole-web", secretS); a.status != 200 {
			t.Errorf("%.80q: %d", tok, a.status)
		}
	}
	w.wantError(w.revoke(s.access, "kopi-web", "wrong"), 401, "invalid_client")
	w.wantError(w.revoke("", "kopi-web", secretA), 400, "invalid_request")
	if n := w.count.Commits(); n != 0 {
		t.Errorf("%d commits", n)
	}
	if got := w.userinfo(s.access).status; got != 200 {
		t.Errorf("the token died: %d", got)
	}
	w.fail.Updates(1)
	a := w.revoke(s.access, "kopi-web", secretA)
	w.wantError(a, 503, "temporarily_unavailable")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestRevokeFromWithin(t *testing.T) {
	w := newWorld(t)
	who := w.who
	act := func(f func(tx *store.Tx) error) {
		t.Helper()
		if err := w.db.Update(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	alive := func(s tokenSet) bool { return w.userinfo(s.access).status == 200 }
	grants := func() (n int) {
		act(func(tx *store.Tx) error {
			all, err := w.GrantsOf(tx, who.Account)
			n = len(all)
			return err
		})
		return n
	}
	sole := func() tokenSet {
		code := w.code("client_id", "sole-web", "redirect_uri", callbackS)
		return w.tokens(w.post(w.server.Client(), w.issuer+"/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callbackS}, "code_verifier": {verifier}}, "sole-web", secretS))
	}
	s0, s1 := w.tokens(w.redeem(w.code("scope", "openid zp"))), w.signIn()
	w.set(func() { w.who.Session = store.NewID() })
	s2, s3 := w.signIn(), sole()
	w.code() // not redeemed: not in force
	if n := grants(); n != 4 {
		t.Errorf("%d grants", n)
	}
	act(func(tx *store.Tx) error { return w.RevokeSession(tx, who.Session) })
	if alive(s0) || !alive(s1) || !alive(s2) || !alive(s3) {
		t.Error("revoking a session: what was given offline access goes on, the rest does not")
	}
	code := w.code()
	act(func(tx *store.Tx) error { return w.RevokeAccount(tx, who.Account) })
	if alive(s1) || alive(s2) || alive(s3) || grants() != 0 {
		t.Error("revoking an account")
	}
	w.wantError(w.redeem(code), 400, "invalid_grant") // what was under way too

	// Forget leaves nothing, and the customer who comes again is a new one.
	before := payload(t, w.signIn().id)["sub"]
	act(func(tx *store.Tx) error { return w.Forget(tx, who.Account) })
	if n := grants(); n != 0 {
		t.Errorf("%d grants after forgetting", n)
	}
	act(func(tx *store.Tx) error {
		if _, err := w.Subject(tx, who.Account, "kopi"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the subject is remembered: %v", err)
		}
		return nil
	})
	if after := payload(t, w.signIn().id)["sub"]; after == before {
		t.Error("the same subject after forgetting")
	}
}

// What cannot be unsealed any more is nobody's, and can still be forgotten.
func TestForgetUnreadable(t *testing.T) {
	w := newWorld(t)
	s := w.signIn()
	if err := w.db.Update(t.Context(), func(tx *store.Tx) error { tx.DestroyKey(w.who.Account); return nil }); err != nil {
		t.Fatal(err)
	}
	if got := w.userinfo(s.access).status; got != 401 {
		t.Errorf("UserInfo: %d", got)
	}
	w.wantError(w.refresh(s.refresh), 400, "invalid_grant")
	if err := w.db.Update(t.Context(), func(tx *store.Tx) error { return w.Forget(tx, w.who.Account) }); err != nil {
		t.Fatal(err)
	}
}

func TestSubjects(t *testing.T) {
	w := newWorld(t)
	kopi := payload(t, w.signIn().id)["sub"].(string)
	again := payload(t, w.signIn().id)["sub"].(string)
	redeem := func(client, uri, user, password string) string {
		code := w.code("client_id", client, "redirect_uri", uri)
		f := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {uri}, "code_verifier": {verifier}}
		if user == "" {
			f.Set("client_id", client)
		}
		return payload(t, w.tokens(w.post(w.server.Client(), w.issuer+"/token", f, user, password)).id)["sub"].(string)
	}
	app := redeem("kopi-app", callbackP, "", "")
	sole := redeem("sole-web", callbackS, "sole-web", secretS)
	if kopi != again || kopi != app {
		t.Errorf("one brand, several subjects: %s %s %s", kopi, again, app)
	}
	if kopi == sole || len(kopi) < 22 || kopi == w.who.Account.String() {
		t.Errorf("subjects %s and %s", kopi, sole)
	}
	public := clients()
	public[0].PublicSubject, public[2].PublicSubject = true, true
	if err := w.reload(public); err != nil {
		t.Fatal(err)
	}
	if a, b := payload(t, w.signIn().id)["sub"], redeem("sole-web", callbackS, "sole-web", secretS); a != b || a == kopi || a == sole {
		t.Errorf("public subjects %v and %v", a, b)
	}
	err := w.db.View(t.Context(), func(tx *store.Tx) error {
		for brand, want := range map[string]string{"kopi": kopi, "sole": sole} {
			if got, err := w.Subject(tx, w.who.Account, brand); err != nil || got != want {
				t.Errorf("subject at %s: %s, %v, want %s", brand, got, err, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.reload([]oauth.Client{{ID: "x", Brand: "x"}, {ID: "x", Brand: "x"}}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Error("a client is there twice")
	}
}
