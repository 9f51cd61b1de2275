package oauth_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/identity/oauth"
	"github.com/proffer-id/proffer/store"
)

func TestGauntlet_P10_RefreshReuse(t *testing.T) {
	for _, c := range []struct {
		name  string
		grace time.Duration
		wait  time.Duration
	}{{"no grace", -1, 0}, {"after the grace", 20 * time.Second, 21 * time.Second}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, grace(c.grace))
			r1 := w.signIn()
			r2 := w.tokens(w.refresh(r1.refresh))
			w.clock.Add(c.wait)
			if w.userinfo(r2.access).status != 200 || w.userinfo(r1.access).status != 200 {
				t.Fatal("not alive before the reuse")
			}
			w.count.Reset()
			w.wantError(w.refresh(r1.refresh), 400, "invalid_grant")
			if n := w.count.Commits(); n != 1 {
				t.Errorf("%d commits for a reuse", n)
			}
			w.wantError(w.refresh(r2.refresh), 400, "invalid_grant")
			for _, s := range []tokenSet{r1, r2} {
				if got := w.userinfo(s.access).status; got != 401 {
					t.Errorf("an access token of the family lives: %d", got)
				}
			}
		})
	}
}

// Two tabs that refresh together get the same successor, and no fork.
func TestRefreshGrace(t *testing.T) {
	w := newWorld(t)
	r1 := w.signIn()
	r2 := w.tokens(w.refresh(r1.refresh))
	w.count.Reset()
	again := w.tokens(w.refresh(r1.refresh))
	if again.refresh != r2.refresh {
		t.Error("another successor within the grace")
	}
	if n := w.count.Commits(); n != 0 {
		t.Errorf("%d commits within the grace", n)
	}
	if w.userinfo(again.access).status != 200 || w.userinfo(r2.access).status != 200 {
		t.Error("an access token of the grace is not good")
	}
	w.clock.Add(-30 * time.Second) // a clock set back must not stretch the grace
	w.wantError(w.refresh(r1.refresh), 400, "invalid_grant")

	w = newWorld(t)
	r1 = w.signIn()
	r2 = w.tokens(w.refresh(r1.refresh))
	r3 := w.tokens(w.refresh(r2.refresh))
	w.wantError(w.refresh(r1.refresh), 400, "invalid_grant") // two behind is a theft, grace or not
	w.wantError(w.refresh(r3.refresh), 400, "invalid_grant")

	// At once: all get the same.
	w = newWorld(t)
	r1 = w.signIn()
	answers := make([]answer, 20)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = w.refresh(r1.refresh) })
	}
	wg.Wait()
	for _, a := range answers {
		if got := w.tokens(a).refresh; got != w.tokens(answers[0]).refresh {
			t.Errorf("a fork: %s", got)
		}
	}
}

// A store put back to an older state does not know the newest tokens; it must not
// take them for stolen ones.
func TestRefreshAfterRestore(t *testing.T) {
	w := newWorld(t)
	r1 := w.signIn()
	var old *oauth.Grant
	if err := w.db.View(t.Context(), func(tx *store.Tx) error {
		all, err := w.GrantsOf(tx, w.who.Account)
		old = all[0]
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r2 := w.tokens(w.refresh(r1.refresh))
	r3 := w.tokens(w.refresh(r2.refresh))
	if err := w.db.Update(t.Context(), func(tx *store.Tx) error { oauth.PutGrant(tx, old); return nil }); err != nil {
		t.Fatal(err)
	}
	w.count.Reset()
	w.wantError(w.refresh(r3.refresh), 400, "invalid_grant")
	w.wantError(w.refresh(r2.refresh), 400, "invalid_grant")
	if got := w.userinfo(r3.access).status; got != 401 {
		t.Errorf("an access token from the future: %d", got)
	}
	if n := w.count.Commits(); n != 0 {
		t.Errorf("%d commits", n)
	}
	w.tokens(w.refresh(r1.refresh))
}

// A successor made in the grace is the same one although the keys have changed.
func TestRefreshGraceOverKeyChange(t *testing.T) {
	w := newWorld(t, func(c *oauth.Config) {
		c.KeyLife, c.RefreshTotal, c.RefreshIdle = time.Hour, 400*time.Hour, 400*time.Hour
	})
	r1 := w.signIn()
	w.clock.Add(46 * time.Minute)
	w.rotate()
	w.clock.Add(13*time.Minute + 50*time.Second)
	r2 := w.tokens(w.refresh(r1.refresh))
	w.clock.Add(15 * time.Second) // the next key is in use
	if again := w.tokens(w.refresh(r1.refresh)); again.refresh != r2.refresh {
		t.Error("another successor after the keys changed")
	}
	w.clock.Add(time.Hour)
	if r3 := w.tokens(w.refresh(r2.refresh)); strings.Split(r3.refresh, ".")[0] == strings.Split(r1.refresh, ".")[0] {
		t.Error("the key did not change at all")
	}
}

func (w *world) rotate() {
	w.t.Helper()
	if err := w.Rotate(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func TestRefreshLifetimes(t *testing.T) {
	day := 24 * time.Hour
	w := newWorld(t)
	r := w.signIn()
	for range 6 { // used every 29 days, for 174 days
		w.clock.Add(29 * day)
		w.rotate()
		r = w.tokens(w.refresh(r.refresh))
	}
	w.clock.Add(7 * day) // 181 days
	w.wantError(w.refresh(r.refresh), 400, "invalid_grant")
	r = w.signIn()
	w.clock.Add(31 * day)
	w.wantError(w.refresh(r.refresh), 400, "invalid_grant")
	if got := w.userinfo(r.access).status; got != 401 {
		t.Errorf("an access token after a month: %d", got)
	}
}

func TestRFC6749_6_ScopeOfRefresh(t *testing.T) {
	w := newWorld(t)
	var asked []string
	w.claims = func(q oauth.ClaimsQuery) (oauth.Claims, error) { asked = q.Scopes; return oauth.Claims{}, nil }
	r1 := w.signIn()
	a := w.refresh(r1.refresh, "scope", "openid zp")
	if got := a.json(t)["scope"]; got != "openid zp" {
		t.Errorf("scope %v", got)
	}
	if !slices.Equal(asked, []string{"openid", "zp"}) {
		t.Errorf("claims were asked for %v", asked)
	}
	r2 := w.tokens(a)
	w.userinfo(r2.access)
	if !slices.Equal(asked, []string{"openid", "zp"}) {
		t.Errorf("UserInfo was asked for %v", asked)
	}
	a = w.refresh(r2.refresh, "scope", "zp")
	if _, ok := a.json(t)["id_token"]; ok || a.status != 200 {
		t.Errorf("an ID token without openid: %s", a.body)
	}
	if got := w.userinfo(w.tokens(a).access); got.status != 403 || !strings.Contains(got.header.Get("WWW-Authenticate"), "insufficient_scope") {
		t.Errorf("UserInfo without openid: %d %s", got.status, got.header.Get("WWW-Authenticate"))
	}
	// The grant has what it had, also without offline_access this once.
	a = w.refresh(w.tokens(a).refresh)
	if got := a.json(t)["scope"]; got != "openid email zp offline_access" {
		t.Errorf("scope afterwards %v", got)
	}
	w.count.Reset()
	w.wantError(w.refresh(w.tokens(a).refresh, "scope", "openid admin"), 400, "invalid_scope")
	if n := w.count.Commits(); n != 0 {
		t.Errorf("asking for more made %d commits", n)
	}
	w.tokens(w.refresh(w.tokens(a).refresh))
}
