package browser

import (
	"fmt"
	"maps"
	"slices"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The keys that a test presses beside letters.
const (
	Down  = kb.ArrowDown
	Space = " "
	Enter = kb.Enter
)

// Keys are what a keyboard does at the stops of a page: by the name of a field, or of
// a box its name=value.
type Keys map[string]string

// A Stop is where the focus stands.
type Stop struct {
	Name, Value, Kind string // Kind: the type of an input, else the element's name
	Primary           bool
	Says              string
	Fault             string // why somebody who looks would not see it
}

// Type goes from stop to stop by Tab alone, from where a page begins, does at each
// what keys have for it, and presses Enter on a button: do=button, or the primary
// one if button is "". It fails if a stop cannot be seen, and ends the test if it
// does not come by all of keys or by the button.
func (p *Page) Type(keys Keys, button string) {
	p.t.Helper()
	left := maps.Clone(keys)
	for range 80 {
		s := p.Tab()
		if s.Kind == "" { // past the last stop: the browser's own
			continue
		}
		if s.Fault != "" {
			p.t.Errorf("%s, %s: at %q: %s", p.URL(), p.look, s.Says, s.Fault)
		}
		if s.Kind == "submit" && (s.Name == "do" && s.Value == button || button == "" && s.Primary) && len(left) == 0 {
			p.load("Enter on "+s.Says, chromedp.KeyEvent(Enter))
			return
		}
		at := s.Name
		if s.Kind == "checkbox" {
			at += "=" + s.Value
		}
		if what, ok := left[at]; ok {
			delete(left, at)
			p.press(what)
		}
	}
	p.t.Fatalf("Tab does not lead to %q and the button %q\n%s", slices.Sorted(maps.Keys(left)), button, p.where())
}

// Tab goes on to the next stop, and says where that is.
func (p *Page) Tab() Stop {
	p.t.Helper()
	p.press(kb.Tab)
	return run(p, "tab", chromedp.Evaluate[Stop](stopScript))
}

// press presses keys where the focus is.
func (p *Page) press(keys string) {
	p.t.Helper()
	run(p, "press keys", chromedp.KeyEvent(keys))
}

// stopScript says where the focus is, and whether it can be seen: a ring round the
// element or its card, within the window, under nothing else.
const stopScript = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement) return {Kind: ""};
	const card = e.closest("label.choice") || e;
	const ringed = [card, e].some(e => { const s = getComputedStyle(e); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2; });
	let fault = "";
	const lines = [...(card === e ? e.getClientRects() : [card.getBoundingClientRect()])].filter(r => r.width > 1 && r.height > 1);
	const b = card.getBoundingClientRect();
	if (!ringed) fault = "no ring shows the focus";
	else if (lines.length === 0) fault = "has no size";
	else if (b.height < innerHeight && (b.top < -1 || b.bottom > innerHeight + 1) || b.left < -1 || b.right > innerWidth + 1) fault = "is not within the window";
	else {
		const r = lines[0], at = document.elementFromPoint(r.left + r.width / 2, Math.min(innerHeight - 1, Math.max(1, r.top + r.height / 2)));
		if (!at || !card.contains(at) && !at.contains(card)) fault = "is covered by " + (at ? at.outerHTML.slice(0, 80) : "nothing of the page");
	}
	return {
		Name: e.name || "", Value: e.value || "", Primary: e.matches(".primary"), Fault: fault,
		Kind: e.tagName === "INPUT" || e.tagName === "BUTTON" ? e.type : e.tagName.toLowerCase(),
		Says: (e.getAttribute("aria-label") || card.innerText || e.name || e.id || "").trim().slice(0, 60),
	};
})()`

// Send fills a form in by mouse, field by field: a choice is ticked, anything else
// typed or chosen. It presses do=button, or the primary button if that is "".
func (p *Page) Send(form map[string][]string, button string) {
	p.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			if run(p, "find "+name, chromedp.Evaluate[bool](fmt.Sprintf(`[...document.getElementsByName(%q)].some(e => e.type === "radio" || e.type === "checkbox")`, name))) {
				p.Tick(name, value)
			} else {
				p.Fill(name, value)
			}
		}
	}
	if button == "" {
		p.PressThe("main form button.primary")
		return
	}
	p.PressValue("do", button)
}
