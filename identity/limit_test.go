package identity

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
)

// R03: 20 at once, 200 tries each, against one code, and against new codes.
func TestGauntlet_R03_CodeBruteForce(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.begin()
	b.post(b.at("/login", v), "/login/code", "email", nok)
	right := codeIn(t, h.lastMail())
	tries := func() (wrongs, ups int) {
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				for j := range 200 {
					code := fmt.Sprintf("%06d", 200*i+j)
					if code == right {
						continue
					}
					in := h.arriving(&http.Request{Header: http.Header{}}, v, byCode)
					got, err := h.prove(t.Context(), in, code)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					switch got.outcome {
					case wrong:
						wrongs++
					case usedUp:
						ups++
					default:
						t.Errorf("outcome %q", got.outcome)
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		return wrongs, ups
	}
	wrongs, ups := tries()
	want(t, "tries that were compared, but for the last", wrongs, codeTries-1)
	if ups < 3900 {
		t.Errorf("only %d were told that the code is used up", ups)
	}
	page := b.follow(v)
	got := b.post(page, "/verify", "code", right)
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Too many tries") {
		t.Errorf("the right code after that: %d", got.status)
	}

	// New codes, in new visits, by other clients: ten an hour for one mailbox.
	sent := 1
	for range 30 {
		v := b.begin()
		if b.post(b.at("/login", v), "/login/code", "email", "NOK@example.com").status == http.StatusSeeOther {
			sent++
		}
	}
	want(t, "codes in an hour", sent, 10)
	h.clock.Add(time.Hour)
	v = b.begin()
	want(t, "an hour later", b.post(b.at("/login", v), "/login/code", "email", nok).status, http.StatusSeeOther)
}

// A right code that many send at once begins one session.
func TestCodeIsUsedOnce(t *testing.T) {
	h := open(t)
	a := h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.begin()
	b.post(b.at("/login", v), "/login/code", "email", nok)
	code := codeIn(t, h.lastMail())
	var all sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range 20 {
		all.Go(func() {
			got, err := h.prove(t.Context(), h.arriving(&http.Request{Header: http.Header{}}, v, byCode), code)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if got.outcome == entered {
				in++
			}
		})
	}
	all.Wait()
	want(t, "sessions begun", in, 1)
	want(t, "sessions kept", h.sessionCount(a.ID), 1)
}

func TestPasswordGuessing(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.begin()
	for range freeTries {
		want(t, "free try", b.post(b.at("/login", v), "/login", "email", nok, "password", "not it").status, http.StatusUnprocessableEntity)
	}
	// The right one is refused too, without a hash, in every spelling of the address.
	before := h.hasher.made.Load()
	got := b.post(b.at("/login", v), "/login", "email", "NOK@Example.com", "password", goodWords)
	want(t, "status", got.status, http.StatusTooManyRequests)
	want(t, "Retry-After", got.header.Get("Retry-After"), "60")
	if !strings.Contains(got.body, "or get a code by email") {
		t.Error("the page does not say what helps")
	}
	want(t, "hashes", h.hasher.made.Load(), before)

	// A code by mail still works, and clears the way.
	b.post(b.at("/login", v), "/login/code", "email", nok)
	b.post(b.follow(v), "/verify", "code", codeIn(t, h.lastMail()))
	want(t, "in", b.in(v) != "", true)
	h.browser().signIn(nok, goodWords)
}

// However patient: a hundred wrong passwords in a row, then only a code helps.
func TestHundredWrongPasswords(t *testing.T) {
	h := open(t, func(c *Config) { c.Limits.Client = -1 })
	addr, err := parseAddress(nok)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for range maxTries + 30 {
		err := h.tryPassword(t.Context(), h.addressKey(addr), netip.MustParseAddr("192.0.2.1"))
		if err == nil {
			tried++
		}
		h.clock.Add(maxWait)
	}
	want(t, "tries", tried, maxTries)
}

// Many at once get no more tries than one after the other.
func TestPasswordGuessingAtOnce(t *testing.T) {
	h := open(t)
	addr, err := parseAddress(nok)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	through := 0
	for range 50 {
		all.Go(func() {
			if h.tryPassword(t.Context(), h.addressKey(addr), netip.MustParseAddr("192.0.2.1")) == nil {
				mu.Lock()
				through++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	want(t, "tries", through, freeTries)
}

// One password for many accounts, from one client.
func TestSpraying(t *testing.T) {
	h := open(t, func(c *Config) { c.Limits.Client = 20 })
	client := netip.MustParseAddr("2001:db8::")
	refused := 0
	for i := range 50 {
		addr, err := parseAddress(fmt.Sprintf("user%d@example.com", i))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.tryPassword(t.Context(), h.addressKey(addr), client); err != nil {
			refused++
			if p, ok := err.(*problem.Problem); !ok || p.Code != "rate.limited" {
				t.Fatal(err)
			}
		}
	}
	want(t, "refused", refused, 30)
	addr, _ := parseAddress("user49@example.com")
	if err := h.tryPassword(t.Context(), h.addressKey(addr), netip.MustParseAddr("192.0.2.1")); err != nil {
		t.Errorf("another client: %v", err)
	}
}
