package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// TestPages goes to every page, in two languages, and at each looks twice: wide and
// light, narrow and dark. axe-core must find nothing, nothing may be cut off, and no
// page may scroll sideways. With PROFFER_TEST_SHOTS set to a folder it also takes
// pictures of each.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "th"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			tour := &tour{t: t, lang: lang, shots: os.Getenv("PROFFER_TEST_SHOTS"), p: chrome.Page(t, browser.Look{Lang: lang})}
			tour.shops()
			tour.registration()
			tour.questions()
			tour.otherBrand()
			tour.preferences()
			tour.signIn()
			tour.notices()
			tour.goodbye()
			if lang == "en" && tour.shots != "" {
				readmePicture(t, tour.shots)
			}
			t.Logf("%d pages", tour.stops)
		})
	}
}

// A tour is one customer who sees everything.
type tour struct {
	t     *testing.T
	p     *browser.Page
	lang  string
	shots string
	stops int

	visited string // the address of a question of a visit that is over
}

func (o *tour) email() string { return "tour-" + o.lang + "@example.com" }

// stop looks at the page that is open.
func (o *tour) stop(name string) { o.t.Helper(); o.look(name, true) }

// stopAt looks at a mail, whose frame lets nothing run, so that axe-core cannot
// judge it.
func (o *tour) stopAt(name string) { o.t.Helper(); o.look(name, false) }

func (o *tour) look(name string, axe bool) {
	o.t.Helper()
	o.stops++
	for _, look := range []browser.Look{{}, {Width: 320, Dark: true}} {
		look.Lang = o.lang
		o.p.Look(look)
		o.p.Fits(name)
		switch {
		case axe && look.Dark:
			o.p.Axe(name)
		case axe: // in a wide window and in light, only the colours are another's
			o.p.Contrast(name)
		}
	}
	o.shoot(name)
	o.p.Look(browser.Look{Lang: o.lang})
}

// shoot takes pictures of the page, if there is a folder for them.
func (o *tour) shoot(name string) {
	o.t.Helper()
	for _, look := range []browser.Look{{}, {Width: 375, Dark: true}, {Width: 375}, {Dark: true}} {
		if o.shots != "" {
			look.Lang = o.lang
			o.p.Look(look)
			o.p.Shot(filepath.Join(o.shots, fmt.Sprintf("%s-%s.png", name, look)))
		}
	}
}

// send presses the page's main button.
func (o *tour) send() {
	o.t.Helper()
	o.p.PressThe("main form button.primary")
}

func (o *tour) do(what string) {
	o.t.Helper()
	o.p.PressValue("do", what)
}

func (o *tour) shops() {
	o.p.Open(shared.Kopi)
	o.stop("shop-kopi-signed-out")
	o.p.Open(shared.Kopi + "/?state=turned-back")
	o.stop("shop-kopi-turned-back")
	o.p.Open(shared.Sole)
	o.stop("shop-sole-signed-out")
	o.p.Open(shared.Sole + "/privacy")
	o.stop("shop-sole-privacy")
}

func (o *tour) registration() {
	p := o.p
	p.Open(shared.Kopi + "/sign-in")
	o.stop("login-kopi")
	o.send()
	o.stop("login-kopi-empty")
	p.Fill("email", o.email())
	p.Fill("password", "not this one")
	o.send()
	o.stop("login-kopi-mismatch")
	p.PressThe(`main a[href*="/register"]`)
	o.stop("register-kopi")
	p.Fill("email", "nok at example")
	p.Fill("password", "short")
	o.send()
	o.stop("register-kopi-errors")
	p.Fill("email", o.email())
	p.Fill("password", password)
	o.send()
	o.stop("verify-kopi")
	here := p.URL()
	p.Fill("code", "000000")
	o.send()
	o.stop("verify-kopi-wrong")

	// The mail, here and in somebody else's browser.
	m := shared.waitMail(o.t, o.email(), 1)
	link := regexp.MustCompile(regexp.QuoteMeta(shared.Provider) + `/\S+`).FindString(m.Text)
	if link == "" {
		o.t.Fatalf("no link in the mail:\n%s", m.Text)
	}
	p.Open(link)
	o.stop("confirm-kopi")
	elsewhere := chrome.Page(o.t, browser.Look{Lang: o.lang})
	elsewhere.Open(link)
	o.p = elsewhere
	o.stop("confirm-kopi-elsewhere")
	elsewhere.Open(fmt.Sprintf("%s/messages/%d", shared.Mail, m.Number))
	if o.lang == "en" { // the catcher speaks English only
		o.stop("mailbox")
	}
	elsewhere.Open(fmt.Sprintf("%s/messages/%d/html", shared.Mail, m.Number))
	o.stopAt("mail-code-kopi")
	elsewhere.Open(here)
	o.stop("notice-other-browser")
	o.p = p
	p.Open(here)
	p.Fill("code", m.code(o.t))
	o.send()
}

func (o *tour) questions() {
	p := o.p
	o.visited = p.URL()
	o.stop("ask-coffee")
	p.Tick("q.coffee_milk", "condensed")
	o.stop("ask-coffee-chosen")
	p.Reload()
	o.do("continue")
	p.Pull()
	o.stop("ask-coffee-none")
	p.Tick("q.coffee_milk", "condensed")
	o.do("continue")
	o.stop("ask-when")
	p.Tick("q.coffee_when", "morning")
	o.do("continue")
	o.stop("ask-birthday")
	p.Fill("q.birthday.day", "31")
	p.Fill("q.birthday.month", "2")
	o.do("continue")
	o.stop("ask-birthday-wrong")
	p.Fill("q.birthday.day", "14")
	p.Fill("q.birthday.month", "3")
	o.do("continue")
	o.stop("shop-kopi")
	p.Pull()
	o.stop("shop-kopi-all")
}

func (o *tour) otherBrand() {
	p := o.p
	p.Open(shared.Sole + "/sign-in")
	o.stop("terms-sole")
	o.do("agree")
	o.stop("ask-size")
	p.Tick("q.shoe_size", "42")
	o.do("continue")
	o.stop("ask-plan")
	p.Tick("q.plan", "month")
	o.do("continue")
	o.stop("ask-sure")
	o.do("skip")
	o.stop("share-sole")
	o.do("share")
	o.stop("share-sole-none")
	p.Tick("claim", "birthday")
	o.do("share")
	o.stop("shop-sole")
}

func (o *tour) preferences() {
	p := o.p
	p.Open(shared.Provider + "/preferences?client_id=kopi-web")
	o.stop("preferences-kopi")
	p.Open(shared.Provider + "/preferences/answers")
	o.stop("answers")
	p.PressThe(`main a[href*="coffee_milk"]`)
	o.stop("answer-change")
	p.Tick("q.coffee_milk", "oat")
	o.do("continue")
	o.stop("answers-saved")
	p.PressThe("main .row form button")
	o.stop("answers-removed")
	p.PressThe("main form.notice button")
	o.stop("answers-undone")
	p.Open(shared.Provider + "/preferences/sharing")
	o.stop("sharing")
	p.PressThe("main .row form button")
	o.stop("sharing-stopped")
	p.Open(shared.Kopi)
	o.stop("shop-kopi-behind")
}

func (o *tour) signIn() {
	p := o.p
	p.Open(shared.Provider + "/signout")
	o.stop("signout")
	p.PressThe("main form .buttons button")
	o.stop("signed-out")

	p.Open(shared.Sole + "/sign-in")
	o.stop("login-sole")
	p.PressThe(`main a[href*="/recover"]`)
	o.stop("recover-sole")
	p.Fill("email", o.email())
	o.send()
	o.stop("recover-verify-sole")
	p.Fill("code", shared.waitMail(o.t, o.email(), 2).code(o.t))
	o.send()
	o.stop("new-password-sole")
	p.Fill("password", "12345678")
	o.send()
	o.stop("new-password-sole-common")
	p.Fill("password", password+" again")
	o.send()
	shared.waitMail(o.t, o.email(), 3) // that the password was changed
	p.Open(fmt.Sprintf("%s/messages/%d/html", shared.Mail, shared.waitMail(o.t, o.email(), 3).Number))
	o.stopAt("mail-password-changed")
}

func (o *tour) notices() {
	p := o.p
	p.Open(o.visited)
	o.stop("notice-finished")
	p.Open(shared.Provider + "/authorize?visit=AAAA")
	o.stop("notice-broken")
	p.Open(shared.Provider + "/authorize?client_id=kopi-web&response_type=code&redirect_uri=https://elsewhere.example/")
	o.stop("notice-not-trusted")
	p.Open(shared.Provider + "/nowhere")
	o.stop("notice-not-found")
}

func (o *tour) goodbye() {
	p := o.p
	p.Open(shared.Provider + "/preferences/delete")
	o.stop("delete")
	p.Fill("password", "not this one")
	p.PressThe("main form .buttons button")
	o.stop("delete-wrong")
	p.Fill("password", password+" again")
	p.PressThe("main form .buttons button")
	o.stop("deleted")

	// Nobody: empty pages of a new account that skipped everything.
	p = chrome.Page(o.t, browser.Look{Lang: o.lang})
	o.p = p
	p.Open(shared.Kopi + "/sign-in")
	p.PressThe(`main a[href*="/register"]`)
	empty := strings.Replace(o.email(), "tour", "empty", 1)
	p.Fill("email", empty)
	p.Fill("password", password)
	o.send()
	p.Fill("code", shared.waitMail(o.t, empty, 1).code(o.t))
	o.send()
	for range 3 {
		o.do("skip")
	}
	p.Open(shared.Provider + "/preferences/answers")
	o.stop("answers-empty")
	p.Open(shared.Provider + "/preferences/sharing")
	o.stop("sharing-empty")
}
