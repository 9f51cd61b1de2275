package e2e

import (
	"strings"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// Who would rather not say sees the plain shelf, and is not asked again.
func TestDeclining(t *testing.T) {
	t.Parallel()
	p := chrome.Page(t, browser.Look{Width: 375})
	email := address(t)
	register(t, p, shared, shared.Kopi, email)
	for range 3 {
		p.PressValue("do", "decline")
	}
	p.See("The kettle is on.", "On the shelf today", "What this site knows about you")
	p.DontSee("Yours first", "as you like it")
	if got := zp(t, received(t, p).UserInfo); len(got) != 0 {
		t.Errorf("of who said nothing the shop has %v", got)
	}

	p.Press("Sign out")
	if strings.HasPrefix(p.URL(), shared.Provider) {
		p.PressThe("main form .buttons button")
	}
	p = chrome.Page(t, browser.Look{Width: 375}) // another browser
	p.Open(shared.Kopi)
	p.Press("Sign in or create an account")
	p.Fill("email", email)
	p.Fill("password", password)
	p.Press("Sign in")
	p.See("The kettle is on.")
}

// Who does not agree to a shop's terms is back at the shop, which says so and
// stays usable.
func TestTurningBack(t *testing.T) {
	t.Parallel()
	p := chrome.Page(t, browser.Look{})
	register(t, p, shared, shared.Kopi, address(t))
	p.Open(shared.Sole)
	p.Press("Sign in or create an account")
	p.See("Our terms")
	p.PressValue("do", "later")
	if !strings.HasPrefix(p.URL(), shared.Sole+"/") {
		t.Errorf("at %s", p.URL())
	}
	p.See("You came back without signing in.", "Shoes for", "All shoes")
	p.DontSee("What this site knows")
}

// An answer that belongs to no sign-in of this browser signs nobody in: not a
// forged one, not one that was used, not one that was begun elsewhere.
func TestForeignCallback(t *testing.T) {
	t.Parallel()
	p := chrome.Page(t, browser.Look{})
	p.Open(shared.Kopi + "/callback?code=x&state=y&iss=" + shared.Provider)
	p.See("That sign-in did not come to an end.")
	p.DontSee("What this site knows")
	p.Open(shared.Kopi + "/sign-in")
	p.Open(shared.Kopi + "/callback?code=x&state=y&iss=" + shared.Provider)
	p.See("That sign-in did not come to an end.")
	p.DontSee("What this site knows", "<script>")
	p.Open(shared.Kopi + "/?state=%3Cscript%3Ealert(1)%3C/script%3E")
	p.DontSee("alert")
}
