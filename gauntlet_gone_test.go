package proffer

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

// onFiles is a lab whose store and key files lie in one folder, which can be
// copied: proffer.db, master.key, buckets.key.
func onFiles(t testing.TB, o labOptions) *lab {
	t.Helper()
	dir := storetest.Dir(t)
	return openedAt(t, storetest.File(filepath.Join(dir, "proffer.db")), dir, o)
}

// openedAt is a lab whose store can be opened again.
func openedAt(t testing.TB, place *storetest.Place, keys string, o labOptions) *lab {
	t.Helper()
	shell := &lab{TB: t, clock: storetest.NewClock(), mail: new(catcher), place: place, keys: keys}
	shell.clock.Set(time.Now().UTC().Truncate(time.Second))
	shell.open()
	o.on = shell
	return newLab(t, o)
}

// open opens the store of the lab's place.
func (l *lab) open() {
	l.Helper()
	l.counts = storetest.Count(l.place.Open(l.TB))
	l.fails = storetest.Fail(l.counts)
	l.db = openWith(l.TB, l.fails, l.keys, l.clock)
}

func openWith(t testing.TB, d store.Driver, keyDir string, clock *storetest.Clock) *store.DB {
	t.Helper()
	keys, err := store.OpenKeys(filepath.Join(keyDir, "master.key"), filepath.Join(keyDir, "buckets.key"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), d, Tables(), store.Options{Now: clock.Now, Keys: keys, RunTwice: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// restart closes the store and begins a new server on what it has.
func (l *lab) restart() {
	l.Helper()
	if err := l.db.Close(); err != nil {
		l.Fatal(err)
	}
	l.open()
	log := slog.New(slog.NewJSONHandler(l.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	server, err := New(l.Context(), l.cfg, Options{DB: l.db, Mailer: l.mail, Log: log, Now: l.clock.Now})
	if err != nil {
		l.Fatal(err)
	}
	l.server = server
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	l.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			l.Errorf("run: %v", err)
		}
	})
}

// copyTo copies files of the lab's folder to another.
func (l *lab) copyTo(dir string, names ...string) {
	l.Helper()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(l.keys, name))
		if err != nil {
			l.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			l.Fatal(err)
		}
	}
}

// TestGauntlet_R11_RecycledAddress: who deletes their account and registers with
// the same address again is somebody new, and nothing of the old is good.
func TestGauntlet_R11_RecycledAddress(t *testing.T) {
	l := newLab(t, labOptions{})
	b := l.browser()
	kopi, sole, atKopi, atSole := l.both(b, "birthday", "email")
	twin := l.browser() // signed in elsewhere
	twin.signIn(kopi, "nok@example.com", pass)
	waiting := l.browser() // and about to be, by a code
	half := codeForm(waiting.open(kopi.authorize())).send("email", "nok@example.com").at("/verify")
	code := l.code("nok@example.com", 2)
	b.open("/preferences/delete").form("/delete").send("password", pass).at("/signout", "deleted")

	dead := func(when string) {
		t.Helper()
		for s, tok := range map[*site]*tokens{kopi: atKopi, sole: atSole} {
			if _, err := s.tryRefresh(tok); err == nil {
				t.Errorf("%s: a refresh token of %s is good", when, s.oauth.ClientID)
			}
			if p := l.browser().once(http.MethodGet, "/userinfo", nil, "Authorization", "Bearer "+tok.AccessToken); p.status != http.StatusUnauthorized {
				t.Errorf("%s: UserInfo of %s: %d", when, s.oauth.ClientID, p.status)
			}
		}
		twin.open("/preferences").at("/login")
	}
	dead("deleted")
	if p := half.form("/verify").send("code", code); waiting.cookie("s") != "" {
		t.Errorf("a code from before signs in: %d at %s", p.status, p.url.Path)
	}
	if p := l.browser().signIn(kopi, "nok@example.com", pass); p.status != http.StatusUnprocessableEntity {
		t.Errorf("the old password: %d", p.status)
	}
	anew := l.browser()
	p := anew.open(kopi.authorize()).at("/login")
	p = anew.open(attrOf(p, "a", "href", "/register")).form("/register").send("email", "nok@example.com", "password", pass+" anew")
	p = p.at("/verify").form("/verify").send("code", l.code("nok@example.com", 3)).at("/ask/coffee")
	dead("registered again")
	for p.left == nil {
		p = p.form(p.url.Path).send("do", "skip")
	}
	tok := kopi.redeem(p.left)
	if tok.claims["sub"] == atKopi.claims["sub"] {
		t.Error("the subject of the account before")
	}
	wantZP(t, "ID token", tok.claims, map[string]any{})
	wantZP(t, "UserInfo", tok.info, map[string]any{})
	for _, path := range []string{"/preferences/answers", "/preferences/sharing"} {
		if text := anew.open(path).at(path).text(); strings.Contains(text, "Oat") || strings.Contains(text, "March") || strings.Contains(text, "42") {
			t.Errorf("%s has what the account before said:\n%s", path, text)
		}
	}
	anew.open(sole.authorize()).at("/terms") // nothing agreed to, nothing shared
}

// TestGauntlet_P12_AfterRestart: what was revoked is revoked after a restart on
// the same store, and what was not goes on.
func TestGauntlet_P12_AfterRestart(t *testing.T) {
	l := openedAt(t, storetest.NewPlace(t), storetest.Dir(t), labOptions{})
	b := l.browser()
	kopi, sole, atKopi, atSole := l.both(b, "birthday")
	p := l.browser().once(http.MethodPost, "/revoke", map[string][]string{
		"token": {atKopi.RefreshToken}, "client_id": {"kopi-web"}, "client_secret": {kopi.oauth.ClientSecret},
	})
	if p.status != http.StatusOK {
		t.Fatalf("revoke: %d %s", p.status, p.body)
	}
	l.clock.Add(time.Minute)
	l.restart()
	if _, err := kopi.tryRefresh(atKopi); err == nil {
		t.Error("a revoked refresh token is good after a restart")
	}
	if p := b.once(http.MethodGet, "/userinfo", nil, "Authorization", "Bearer "+atKopi.AccessToken); p.status != http.StatusUnauthorized {
		t.Errorf("UserInfo of a revoked grant: %d", p.status)
	}
	next := sole.refresh(atSole)
	if next.claims["sub"] != atSole.claims["sub"] {
		t.Error("another subject after a restart")
	}
	wantZP(t, "ID token", next.claims, map[string]any{"shoe_size": "42", "birthday": "--03-14"})
	if again := b.open(kopi.authorize()); again.left == nil {
		t.Errorf("the session did not outlive the restart: %s", again.url.Path)
	}
}
