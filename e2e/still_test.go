package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// After a year and a half the shop asks whether the answer still holds; until
// the customer says so, it does not get it.
func TestStillTrue(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clock := filepath.Join(dir, "clock")
	if err := os.WriteFile(clock, []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := startDemo(binary, filepath.Join(dir, "data"), "--test-clock", clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.stop() })
	p := chrome.Page(t, browser.Look{})
	email := address(t)
	register(t, p, d, d.Kopi, email)
	p.Tick("q.coffee_milk", "oat")
	p.PressValue("do", "continue")
	p.PressValue("do", "decline")
	p.PressValue("do", "decline")
	p.See("Your coffee, with oat milk.")

	if err := os.WriteFile(clock, []byte("600d"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Open(d.Kopi)
	p.DontSee("What this site knows") // all sessions have run out
	p.Press("Sign in or create an account")
	p.Fill("email", email)
	p.Fill("password", password)
	p.Press("Sign in")
	p.See("Coffee: still Oat milk?", "You told us on")
	for _, lang := range []string{"th", "en"} {
		p.Look(browser.Look{Lang: lang})
		p.Reload()
		tour := &tour{t: t, lang: lang, shots: os.Getenv("PROFFER_TEST_SHOTS"), p: p}
		tour.stop("still-kopi")
	}
	p.PressValue("do", "yes")
	for strings.HasPrefix(p.URL(), d.Provider+"/ask/") {
		p.PressValue("do", "skip")
	}
	p.See("Your coffee, with oat milk.")
}
