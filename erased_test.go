package proffer

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
	"github.com/proffer-id/proffer/store/storetest"
)

// account is who is signed in in the browser.
func (b *browser) account() store.ID {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.http.URL, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	session, err := b.server.now.Load().session(r)
	if err != nil || session == nil {
		b.Fatalf("nobody is signed in: %v", err)
	}
	return session.Account
}

// tell registers a customer at Kopi Club who says a word of their own there, a
// week later, and shares with Sole & Co what there is.
func (l *lab) tell(email, word string) *browser {
	l.Helper()
	kopi, sole, b := l.site("kopi-web"), l.site("sole-web"), l.browser()
	p := b.register(kopi, email, pass).at("/ask/coffee")
	p = p.form("/ask/coffee").send("q.coffee_milk", "condensed", "do", "continue").at("/ask/when")
	p = p.form("/ask/when").send("do", "skip").at("/ask/birthday")
	kopi.redeem(p.form("/ask/birthday").send("q.birthday.day", "29", "q.birthday.month", "2", "do", "continue").left)
	l.clock.Add(8 * 24 * time.Hour)
	p = b.open(kopi.authorize()).at("/ask/home")
	p = p.form("/ask/home").send("q.home_brew", "yes", "do", "continue").at("/ask/notes")
	kopi.redeem(p.form("/ask/notes").send("q.roast_notes", word, "do", "continue").left)
	p = b.open(sole.authorize()).at("/terms").form("/terms").send("do", "agree")
	for strings.HasPrefix(p.url.Path, "/ask/") {
		p = p.form(p.url.Path).send("do", "skip")
	}
	f := p.at("/share", email, "29 February").form("/share")
	f.values["claim"] = []string{"birthday", "email"}
	sole.redeem(f.send("do", "share").left)
	return b
}

// TestErased: after "delete my account" nothing the customer said, and no byte
// of their address, can be read in the file, in a copy made before with the keys
// of today, or in the mail queue. Another customer's can. It looks into the
// bytes of a bolt file.
func TestErased(t *testing.T) {
	l := onFiles(t, labOptions{})
	word, other := rand.Text(), rand.Text()
	email, sibling := "zebulon.quixote@example.com", "mint.julep@example.com"
	b, mint := l.tell(email, word), l.tell(sibling, other)
	gone, stays := b.account(), mint.account()

	// A mail of theirs waits; a copy of everything lies somewhere.
	now := l.clock.Now()
	queue := func(account store.ID, to string) {
		t.Helper()
		m := &outbox.Mail{Account: account, ID: store.NewID(), Kind: "test", To: to, Text: word, Queued: now, Next: now.Add(time.Hour)}
		if err := l.db.Update(t.Context(), func(tx *store.Tx) error { outbox.Send(tx, m); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	l.quiet()
	queue(gone, email)
	before, today := storetest.Dir(t), storetest.Dir(t)
	l.copyTo(before, "proffer.db", "master.key", "buckets.key")

	p := b.open("/preferences/delete").at("/delete").form("/delete").send("password", pass).at("/signout", "deleted")
	if strings.Contains(p.body, email) {
		t.Error("the last page still says the address")
	}
	l.copyTo(today, "proffer.db", "master.key", "buckets.key")

	for _, name := range []string{filepath.Join(l.keys, "proffer.db"), filepath.Join(before, "proffer.db"), filepath.Join(today, "proffer.db")} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{word, strings.ToLower(word), email, "zebulon", "quixote", "condensed", "--02-29", sibling, other} {
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("%s says %q", name, secret)
			}
		}
	}

	// What is in the store now: nothing of them, all of the other.
	see := func(db *store.DB, account store.ID) (ledger, profile error, words []string, mails error) {
		t.Helper()
		err := db.View(t.Context(), func(tx *store.Tx) error {
			var entries []*screens.Answer
			entries, ledger = screens.Ledger(tx, account)
			for _, a := range entries {
				if s, ok := a.Value.Any().(string); ok {
					words = append(words, s)
				}
			}
			_, profile = screens.Profile(tx, account)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(t.Context(), func(tx *store.Tx) error {
			due, err := outbox.Due(tx, now.Add(24*time.Hour), 10)
			for _, m := range due {
				if m.Account == account {
					mails = errors.New("a mail waits")
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return ledger, profile, words, mails
	}
	if ledger, profile, words, mails := see(l.db, gone); ledger != nil || profile != nil || len(words) > 0 || mails != nil {
		t.Errorf("still there: %v %v %q %v", ledger, profile, words, mails)
	}
	if _, _, words, _ := see(l.db, stays); !strings.Contains(strings.Join(words, " "), other) {
		t.Errorf("the other customer said %q", words)
	}

	// The copy from before. With its own keys it says everything, which shows that
	// there is something to keep shut; with the keys of today nothing of theirs.
	copied := func(keyDir string) *store.DB {
		t.Helper()
		dir := storetest.Dir(t)
		b, err := os.ReadFile(filepath.Join(before, "proffer.db"))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "proffer.db"), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		driver := storetest.File(filepath.Join(dir, "proffer.db")).Open(t)
		return openWith(t, driver, keyDir, l.clock)
	}
	if _, _, words, mails := see(copied(before), gone); !strings.Contains(strings.Join(words, " "), word) || mails == nil {
		t.Errorf("the copy with its own keys says %q, mail %v", words, mails)
	}
	db := copied(today)
	ledger, profile, words, mails := see(db, gone)
	if !errors.Is(ledger, store.ErrSealed) || !errors.Is(profile, store.ErrSealed) || len(words) > 0 || mails != nil {
		t.Errorf("the copy with the keys of today: %v, %v, %q, %v", ledger, profile, words, mails)
	}
	if ledger, profile, words, _ := see(db, stays); ledger != nil || profile != nil || !strings.Contains(strings.Join(words, " "), other) {
		t.Errorf("the other customer in the copy: %v %v %q", ledger, profile, words)
	}
	server, err := New(t.Context(), l.cfg, Options{DB: db, Mailer: l.mail, Now: l.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(t.Context(), func(tx *store.Tx) error {
		people := server.now.Load().people
		if a, err := people.Account(tx, gone); !errors.Is(err, store.ErrSealed) {
			t.Errorf("the copy with the keys of today knows the account %v: %v", a, err)
		}
		if a, err := people.Account(tx, stays); err != nil || a.Email != sibling {
			t.Errorf("the other customer's account is %v: %v", a, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(l.logs.String(), word) || strings.Contains(l.logs.String(), "zebulon") {
		t.Error("the log says it")
	}
}
