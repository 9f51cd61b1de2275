package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Look says in which window a page is looked at. The zero value is 1280 px wide,
// light, English, with scripts.
type Look struct {
	Width    int // 0: 1280
	Dark     bool
	Lang     string // "" is "en"
	NoScript bool
}

// String names the look in a test or a file.
func (l Look) String() string {
	name := fmt.Sprintf("%s-%d", l.lang(), l.width())
	if l.Dark {
		name += "-dark"
	}
	if l.NoScript {
		name += "-noscript"
	}
	return name
}

func (l Look) lang() string {
	if l.Lang == "" {
		return "en"
	}
	return l.Lang
}

func (l Look) width() int {
	if l.Width == 0 {
		return 1280
	}
	return l.Width
}

// patience is how long a page may take, on a machine that does other things too.
const patience = 60 * time.Second

// A Page is one window with its own cookies.
type Page struct {
	t    testing.TB
	b    *Browser
	ctx  context.Context
	look Look
}

// Page opens a window, which closes when the test ends.
func (b *Browser) Page(t testing.TB, look Look) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &Page{t: t, b: b, ctx: ctx, look: look}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	p.size(p.height(), 1)
	p.scheme()
	p.language()
	p.scripts()
	return p
}

// Look changes how the window is looked at. What is open stays open, but its
// language is asked for anew only with the next page.
func (p *Page) Look(look Look) {
	p.t.Helper()
	was := p.look
	p.look = look
	if was.width() != look.width() {
		p.size(p.height(), 1)
	}
	if was.Dark != look.Dark {
		p.scheme()
	}
	if was.lang() != look.lang() {
		p.language()
	}
	if was.NoScript != look.NoScript {
		p.scripts()
	}
}

func (p *Page) scheme() {
	p.t.Helper()
	scheme := "light"
	if p.look.Dark {
		scheme = "dark"
	}
	run(p, "look", call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	}))
}

func (p *Page) language() {
	p.t.Helper()
	run(p, "look", call(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
		Headers: network.Headers{"Accept-Language": p.look.lang()},
	}))
}

func (p *Page) scripts() {
	p.t.Helper()
	run(p, "look", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: p.look.NoScript}))
}

// height is that of a window of the look's width.
func (p *Page) height() int64 {
	if p.look.width() < 600 {
		return 812
	}
	return 900
}

func (p *Page) size(height int64, scale float64) {
	p.t.Helper()
	run(p, "size", call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(p.look.width()), Height: height, DeviceScaleFactor: scale,
	}))
}

// run does one thing and ends the test if it cannot be done.
func run[T any](p *Page, what string, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", what, err, p.where())
	}
	return v
}

// Open goes to an address.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.load("open "+url, chromedp.Navigate(url))
}

// Reload asks for the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.load("reload", chromedp.Reload())
}

// Draw puts another page into the window in place of the one that is open, whose
// address it has from there on, and waits until it has its style and its pictures. It
// takes a third of the time of opening it, and keeps what was brought along to check it.
func (p *Page) Draw(html string) {
	p.t.Helper()
	frame := run(p, "draw", call(page.GetFrameTree, cdp.Empty{})).FrameTree.Frame.ID
	run(p, "draw", call(page.SetDocumentContent, page.SetDocumentContentParams{FrameID: frame, HTML: html}))
	if sheets := run(p, "draw", chromedp.Evaluate[int](`new Promise(done => document.readyState === "complete" ? done() : addEventListener("load", done, {once: true})).then(() => document.styleSheets.length)`, chromedp.EvalAwaitPromise)); sheets == 0 {
		p.t.Fatalf("draw: the page has no style\n%s", p.where())
	}
}

// Resize makes the window as wide as said, and leaves all else of the look.
func (p *Page) Resize(width int) {
	p.t.Helper()
	p.look.Width = width
	p.size(p.height(), 1)
}

// load does what makes a page load, and waits for it. A page that is our own
// fault ends the test.
func (p *Page) load(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", what, err, p.where())
	}
	if response != nil && response.Status >= 500 {
		p.t.Fatalf("%s: %s answers %d\n%s", what, response.URL, response.Status, p.where())
	}
}

// Press presses the button or link with these words, and waits for the page it
// leads to. The words may be its whole name for a screen reader ("Change
// Coffee"), or its label alone if only one has it.
func (p *Page) Press(words string) {
	p.t.Helper()
	p.pick("press "+words, `name(e) === words`, `a[href], button, [role=button], input[type=submit], summary`, words)
	p.load("press "+words, chromedp.Click(chromedp.CSS("[data-picked]")))
}

// PressThe presses the first visible element of a selector, for tests that do
// not know the words of the page's language.
func (p *Page) PressThe(selector string) {
	p.t.Helper()
	what := "press the " + selector
	p.pick(what, `e === [...document.querySelectorAll(words)].find(visible)`, selector, selector)
	p.load(what, chromedp.Click(chromedp.CSS("[data-picked]")))
}

// Pull opens whatever is folded away on the page.
func (p *Page) Pull() {
	p.t.Helper()
	p.js("unfold", `document.querySelectorAll("details").forEach(d => d.open = true), ""`)
}

// PressValue presses the button that sends name=value.
func (p *Page) PressValue(name, value string) {
	p.t.Helper()
	what := fmt.Sprintf("press %s=%s", name, value)
	p.pick(what, `e.name + "=" + e.value === words`, `button`, name+"="+value)
	p.load(what, chromedp.Click(chromedp.CSS("[data-picked]")))
}

// Tick clicks the choice that sends name=value.
func (p *Page) Tick(name, value string) {
	p.t.Helper()
	what := fmt.Sprintf("tick %s=%s", name, value)
	p.pick(what, `e.name + "=" + e.value === words`, `input[type=radio], input[type=checkbox]`, name+"="+value)
	run(p, what, chromedp.Click(chromedp.CSS("[data-picked]")))
}

// Fill types into the field of this name.
func (p *Page) Fill(name, text string) {
	p.t.Helper()
	p.pick("fill "+name, `e.name === words`, `input, textarea, select`, name)
	if p.js("fill "+name, `document.querySelector("[data-picked]").tagName`) == "SELECT" {
		run(p, "fill "+name, chromedp.SetValue(chromedp.CSS("[data-picked]"), text))
		return
	}
	if p.js("fill "+name, `document.querySelector("[data-picked]").value`) != "" { // an empty text area has nothing to clear
		run(p, "fill "+name, chromedp.Clear(chromedp.CSS("[data-picked]")))
	}
	run(p, "fill "+name, chromedp.SendKeys(chromedp.CSS("[data-picked]"), text))
}

// pick marks the one visible element of the selector that the test, in
// JavaScript over e and words, is true of.
func (p *Page) pick(what, test, selector, words string) {
	p.t.Helper()
	found := run(p, what, chromedp.Evaluate[int](fmt.Sprintf(`(() => {
		const words = %q;
		const visible = e => e.checkVisibility({visibilityProperty: true}) && e.type !== "hidden";
		const name = e => (e.getAttribute("aria-label") || e.innerText || e.textContent || e.value || "").replace(/\s+/g, " ").trim();
		document.querySelectorAll("[data-picked]").forEach(e => e.removeAttribute("data-picked"));
		const found = [...document.querySelectorAll(%q)].filter(e => visible(e) && (%s));
		const same = found.length > 0 && found.every(e => e.href && e.href === found[0].href); // two links to one place
		if (found.length === 1 || same) found[0].setAttribute("data-picked", "");
		return same ? 1 : found.length;
	})()`, words, selector, test)))
	if found != 1 {
		p.t.Fatalf("%s: %d of them on the page\n%s", what, found, p.where())
	}
}

func (p *Page) js(what, expression string) string {
	p.t.Helper()
	return run(p, what, chromedp.Evaluate[string](expression))
}

// URL is the address of the page.
func (p *Page) URL() string {
	p.t.Helper()
	return run(p, "address", chromedp.Location())
}

// Text is what can be read on the page, spaces as one.
func (p *Page) Text() string {
	p.t.Helper()
	return oneSpace(p.js("read", `document.body.innerText`))
}

// Heading is the page's h1.
func (p *Page) Heading() string {
	p.t.Helper()
	return oneSpace(p.js("heading", `(document.querySelector("h1") || {textContent: ""}).textContent`))
}

// Content is the text of an element, folded away or not.
func (p *Page) Content(selector string) string {
	p.t.Helper()
	return p.js("content of "+selector, fmt.Sprintf(`(document.querySelector(%q) || {textContent: ""}).textContent`, selector))
}

// See ends the test unless each text is on the page.
func (p *Page) See(texts ...string) {
	p.t.Helper()
	all := p.Text()
	for _, text := range texts {
		if !strings.Contains(all, text) {
			p.t.Fatalf("%q is not on the page\n%s", text, p.where())
		}
	}
}

// DontSee ends the test if any of the texts is on the page.
func (p *Page) DontSee(texts ...string) {
	p.t.Helper()
	all := p.Text()
	for _, text := range texts {
		if strings.Contains(all, text) {
			p.t.Fatalf("%q is on the page\n%s", text, p.where())
		}
	}
}

// Shot writes the whole page as a PNG, a narrow one at double density. The window is as high as the page for it,
// so that what sticks to the window's edge stands where it belongs.
func (p *Page) Shot(file string) {
	p.t.Helper()
	height := run(p, "height", chromedp.Evaluate[int64](`document.documentElement.scrollHeight`))
	scale := 1.0
	if p.look.width() < 600 {
		scale = 2
	}
	p.ShotOf(file, max(height, p.height()), scale)
}

// ShotOf writes the page in a window of this height, at so many dots a pixel.
func (p *Page) ShotOf(file string, height int64, scale float64) {
	p.t.Helper()
	p.size(height, scale)
	png := run(p, "shot", call(page.CaptureScreenshot, page.CaptureScreenshotParams{})).Data
	p.size(p.height(), 1)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// where says what a person would see, for a failed test.
func (p *Page) where() string {
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.title + "\n" + (document.body ? document.body.innerText : "")`))
	if err != nil {
		return "(the page cannot be read: " + err.Error() + ")"
	}
	return "--- the page ---\n" + blankLines.ReplaceAllString(text, "\n") + "\n---"
}

var (
	blankLines = regexp.MustCompile(`\n\s*\n+`)
	spaces     = regexp.MustCompile(`\s+`)
)

func oneSpace(s string) string { return strings.TrimSpace(spaces.ReplaceAllString(s, " ")) }
