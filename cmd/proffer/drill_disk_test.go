package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDrill_DiskFull fills the disk below a provider at work. Writing is answered
// with 503 and when to come back, what only reads goes on, and with room again so
// does everything, without a restart. It needs to be root, to mount a small disk.
func TestDrill_DiskFull(t *testing.T) {
	onBolt(t)
	p := newProvider(t, "")
	l := newLedger(t, p.path("ledger"))
	data := p.path("data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("mounting a small disk, which takes root: %v", err)
	}
	t.Run("drill", func(t *testing.T) { // it has to end before the disk goes
		fill(t, p, l, data)
		p.end(syscall.SIGTERM)
		if a := audit(t, p, l); a.accounts != 2 || a.answers < 5 {
			t.Errorf("acknowledged: %d accounts, %d answers", a.accounts, a.answers)
		}
	})
	if life, ready := p.now(); answers(ready) {
		p.cmd.Process.Kill()
		p.gone(life)
	}
	if err := syscall.Unmount(data, 0); err != nil {
		t.Errorf("unmounting: %v", err)
	}
}

func fill(t *testing.T, p *provider, l *ledger, data string) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p.start()
	c := newCustomer(p, l, "nok@example.com")
	if err := c.register(ctx); err != nil {
		t.Fatal(err)
	}
	quiet := newCustomer(p, l, "mali@example.com") // whose site has seen all there is
	for _, step := range []func(context.Context) error{quiet.register, quiet.look} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	ballast := filepath.Join(data, "ballast")
	fillUp(t, ballast)

	// The file still has free pages inside; once it has to grow, writing ends.
	var refused error
	for n := 0; refused == nil && n < 2000; n++ {
		refused = c.change(ctx)
	}
	if refused == nil || !strings.Contains(refused.Error(), ": 503 ") {
		t.Fatalf("a full disk: %v", refused)
	}
	notes := c.notes
	page, err := c.open(ctx, p.issuer+"/preferences/answers/note/change?brand=kopi")
	if err := want(page, err, http.StatusOK); err != nil {
		t.Fatal(err)
	}
	sent := func() *reply {
		r, err := c.send(ctx, page, "/change", "do", "continue", "q.note", fmt.Sprintf("%s %d", c.email, notes))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := sent()
	if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" {
		t.Errorf("writing: Retry-After %q, %s", r.header.Get("Retry-After"), r)
	}
	stranger := newCustomer(p, l, "ploy@example.com")
	for what, address := range map[string]string{
		"keys": p.issuer + "/jwks", "discovery": p.issuer + "/.well-known/openid-configuration",
		"the sign-in page": stranger.authorize(&signIn{client: "kopi-web"}),
	} {
		if r, err := stranger.open(ctx, address); err != nil || r.status != http.StatusOK {
			t.Errorf("%s: %v %v", what, err, r)
		}
	}
	for what, address := range map[string]string{"answers": "/preferences/answers", "sharing": "/preferences/sharing"} {
		if r, err := c.open(ctx, p.issuer+address); err != nil || r.status != http.StatusOK || r.url.Path != address {
			t.Errorf("%s: %v %v", what, err, r)
		}
	}
	c.notes = lastNote(l)
	if err := quiet.look(ctx); err != nil {
		t.Errorf("UserInfo with nothing new: %v", err)
	}
	// What is handed over anew is noted, and a refresh writes little: there may be
	// room for that inside the file.
	for what, step := range map[string]func(context.Context) error{"UserInfo": c.look, "a refresh": c.refresh} {
		if err := step(ctx); err != nil && !strings.Contains(err.Error(), ": 503 ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := p.lives(); n != 0 {
		t.Fatal("the provider ended")
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if r := sent(); r.status != http.StatusSeeOther {
		t.Errorf("with room again: %s", r)
	}
	l.saw(deed{What: answered, Email: c.email, Question: "note", Value: fmt.Sprintf("%s %d", c.email, notes)})
	c.notes = notes
	for _, step := range []func(context.Context) error{c.look, c.refresh, c.visit, c.change, c.look} {
		if err := step(ctx); err != nil {
			t.Errorf("with room again: %v", err)
		}
	}
}

// fillUp takes all room there is on a disk.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 4096; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// lastNote is the number of the note that was acknowledged last.
func lastNote(l *ledger) (n int) {
	for _, d := range l.read() {
		if d.Question == "note" {
			fmt.Sscanf(d.Value[strings.LastIndexByte(d.Value, ' ')+1:], "%d", &n)
		}
	}
	return n
}
