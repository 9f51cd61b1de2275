package browser

import "github.com/chromedp/chromedp"

// Axe reports what axe-core finds. The test goes on.
func (p *Page) Axe(page string) {
	p.t.Helper()
	for _, fault := range p.AxeFaults() {
		p.t.Errorf("%s, %s: %s", page, p.look, fault)
	}
}

// Fits reports what is cut off or hangs out of the window. The test goes on.
func (p *Page) Fits(page string) {
	p.t.Helper()
	for _, fault := range p.Misfits() {
		p.t.Errorf("%s, %s: %s", page, p.look, fault)
	}
}

// Contrast reports what axe-core finds against the colours alone. The test goes on.
func (p *Page) Contrast(page string) {
	p.t.Helper()
	for _, fault := range p.axeFaults(`{type: "rule", values: ["color-contrast"]}`) {
		p.t.Errorf("%s, %s: %s", page, p.look, fault)
	}
}

// AxeFaults runs axe-core with all its rules for WCAG 2.0 to 2.2 A and AA and its best
// practices.
func (p *Page) AxeFaults() []string {
	p.t.Helper()
	return p.axeFaults(`undefined`)
}

// axeFaults runs the rules of axe-core named, from outside, so that the page's own
// policy stays in force. A page is given axe-core once.
func (p *Page) axeFaults(only string) []string {
	p.t.Helper()
	if p.js("axe", `typeof axe`) != "object" {
		p.js("axe", p.b.axe+`;""`)
	}
	return run(p, "axe", chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ["violations"], runOnly: `+only+`}).then(r => r.violations.flatMap(v => v.nodes.map(n =>
			"axe " + v.id + ": " + v.help + ": " + n.html.slice(0, 160) + " " + n.any.concat(n.all, n.none).map(c => c.message).join("; "))))`,
		chromedp.EvalAwaitPromise))
}

// Misfits finds text that is cut off or hangs out of the window.
func (p *Page) Misfits() []string {
	p.t.Helper()
	return run(p, "fits", chromedp.Evaluate[[]string](`(() => {
		const faults = [];
		const root = document.documentElement;
		if (root.scrollWidth > innerWidth) faults.push("scrolls sideways: " + root.scrollWidth + " px in a window of " + innerWidth);
		const say = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " " + JSON.stringify(e.textContent.trim().slice(0, 60));
		// The nearest box that cuts off what hangs out of it; one that scrolls does not.
		const up = e => {
			for (; e && e !== document.body; e = e.parentElement) {
				const style = getComputedStyle(e), over = [style.overflowX, style.overflowY];
				if (over.every(o => o === "visible")) continue;
				return over.some(o => o === "hidden" || o === "clip") ? e : null;
			}
			return null;
		};
		// Meant for screen readers, or for who skips to the content.
		const aside = e => e.closest(".hidden, .skip, [hidden]") !== null;
		const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let text; (text = texts.nextNode()); ) {
			const e = text.parentElement;
			if (text.data.trim() === "" || aside(e) || !e.checkVisibility({visibilityProperty: true}) || e.closest("svg, select, script, style, details:not([open]) > :not(summary)")) continue;
			const range = document.createRange();
			range.selectNodeContents(text);
			const rects = [...range.getClientRects()].filter(r => r.width > 1);
			if (rects.some(r => r.left < -1 || r.right > innerWidth + 1)) faults.push("hangs out of the window: " + say(e));
			const clipping = up(e);
			if (clipping) {
				const b = clipping.getBoundingClientRect();
				if (rects.some(r => r.left < b.left - 1 || r.right > b.right + 1 || r.top < b.top - 1 || r.bottom > b.bottom + 1)) faults.push("is cut off: " + say(e));
			}
		}
		// What is typed into a field, and what a button says, fits into it.
		for (const e of document.querySelectorAll("button, input, select, a.button")) {
			if (!aside(e) && e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.type !== "email" && e.type !== "password" && e.type !== "text") faults.push("is too small for its words: " + say(e));
		}
		return [...new Set(faults)];
	})()`))
}
