package browser

import "github.com/chromedp/chromedp"

// Axe reports what axe-core finds. The test goes on.
func (p *Page) Axe(page string) {
	p.t.Helper()
	for _, fault := range p.axe() {
		p.t.Errorf("%s, %s: %s", page, p.look, fault)
	}
}

// Fits reports what is cut off or hangs out of the window. The test goes on.
func (p *Page) Fits(page string) {
	p.t.Helper()
	for _, fault := range p.misfits() {
		p.t.Errorf("%s, %s: %s", page, p.look, fault)
	}
}

// axe runs axe-core with all its rules for WCAG 2.0 to 2.2 A and AA and its best
// practices. It is run from outside, so the page's own policy stays in force.
func (p *Page) axe() []string {
	p.t.Helper()
	return run(p, "axe", chromedp.Evaluate[[]string](p.b.axe+`;
		axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.flatMap(v => v.nodes.map(n =>
			"axe " + v.id + ": " + v.help + ": " + n.html.slice(0, 160) + " " + n.any.concat(n.all, n.none).map(c => c.message).join("; "))))`,
		chromedp.EvalAwaitPromise))
}

// misfits finds text that is cut off or hangs out of the window.
func (p *Page) misfits() []string {
	p.t.Helper()
	return run(p, "fits", chromedp.Evaluate[[]string](`(() => {
		const faults = [];
		const root = document.documentElement;
		if (root.scrollWidth > innerWidth) faults.push("scrolls sideways: " + root.scrollWidth + " px in a window of " + innerWidth);
		const say = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " " + JSON.stringify(e.textContent.trim().slice(0, 60));
		// Meant for screen readers, or for who skips to the content.
		const aside = e => e.closest(".hidden, .skip, [hidden]") !== null;
		for (const e of document.body.querySelectorAll("*")) {
			if (aside(e) || !e.checkVisibility({visibilityProperty: true}) || e.closest("svg, select, details:not([open]) > :not(summary)")) continue;
			const text = [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim() !== "");
			if (!text) continue;
			const range = document.createRange();
			range.selectNodeContents(e);
			for (const r of range.getClientRects()) {
				if (r.width > 1 && (r.left < -1 || r.right > innerWidth + 1)) { faults.push("hangs out of the window: " + say(e)); break; }
			}
			for (let box = e; box && box !== document.body; box = box.parentElement) {
				const style = getComputedStyle(box);
				if (style.overflowX === "visible" && style.overflowY === "visible") continue;
				const clips = style.overflowX === "hidden" || style.overflowX === "clip" || style.overflowY === "hidden" || style.overflowY === "clip";
				if (!clips) break;
				const b = box.getBoundingClientRect();
				for (const r of range.getClientRects()) {
					if (r.width > 1 && (r.left < b.left - 1 || r.right > b.right + 1 || r.top < b.top - 1 || r.bottom > b.bottom + 1)) { faults.push("is cut off: " + say(e)); break; }
				}
				break;
			}
		}
		// What is typed into a field, and what a button says, fits into it.
		for (const e of document.querySelectorAll("button, input, select, a.button")) {
			if (!aside(e) && e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.type !== "email" && e.type !== "password" && e.type !== "text") faults.push("is too small for its words: " + say(e));
		}
		return [...new Set(faults)];
	})()`))
}
