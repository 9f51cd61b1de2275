package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proffer-id/proffer/e2e/browser"
)

// waitSaid waits until the demo has said something n times.
func (d *demo) waitSaid(t *testing.T, text string, n int) {
	t.Helper()
	for range 400 {
		if strings.Count(d.said.String(), text) >= n {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the demo did not say %q %d times:\n%s", text, n, d.said)
}

// A newcomer edits a question and sees it asked that way; a broken file changes
// nothing and says why; nothing is lost when the demo is stopped and started.
func TestEditingAQuestion(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	d, err := startDemo(binary, data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.stop() })
	file := filepath.Join(data, "brands", "kopi", "set.yaml")
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write := func(from, to string) {
		t.Helper()
		text := strings.Replace(string(was), from, to, 1)
		if text == string(was) {
			t.Fatalf("%s has no %q", file, from)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	write("How do you take your coffee?", "Which kopi is yours?")
	d.waitSaid(t, "Your change is in force.", 1)
	p := chrome.Page(t, browser.Look{})
	email := address(t)
	register(t, p, d, d.Kopi, email)
	p.See("Which kopi is yours?")

	write("    kind: single", "    kind: sinlge")
	d.waitSaid(t, "Not taken, what was in force stays in force:", 1)
	if said := d.said.String(); !strings.Contains(said, "set.yaml:") || !strings.Contains(said, `"single"`) {
		t.Errorf("the broken file is not explained:\n%s", said)
	}
	p.Reload()
	p.See("Which kopi is yours?")

	// The same by SIGHUP.
	if err := d.process.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	d.waitSaid(t, "Not taken, what was in force stays in force:", 2)
	if err := os.WriteFile(file, was, 0o644); err != nil {
		t.Fatal(err)
	}
	d.waitSaid(t, "Your change is in force.", 2)
	p.Reload()
	p.Tick("q.coffee_milk", "oat")
	p.PressValue("do", "continue")

	// Stopped and started again on the same folder, the account and the answer
	// are there.
	if err := d.stop(); err != nil {
		t.Fatalf("stop: %v\n%s", err, d.said)
	}
	again, err := startDemo(binary, data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.stop() })
	p = chrome.Page(t, browser.Look{})
	p.Open(again.Kopi)
	p.Press("Sign in or create an account")
	p.Fill("email", email)
	p.Fill("password", password)
	p.Press("Sign in")
	for strings.HasPrefix(p.URL(), again.Provider+"/ask/") {
		p.PressValue("do", "skip")
	}
	p.See("Your coffee, with oat milk.")
}
