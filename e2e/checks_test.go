package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// The checks of TestPages find what they are for, each planted in a page that is
// otherwise clean.
func TestChecksFindFaults(t *testing.T) {
	t.Parallel()
	p := chrome.Page(t, browser.Look{Width: 375})
	page := func(style, main string) string {
		return `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A page</title><style>` + style + `</style><main><h1>A page</h1>` + main + `</main>`
	}
	for name, c := range map[string]struct{ body, axe, fits string }{
		"clean":            {page("", `<p>Text</p><label>Name <input name="a"></label>`), "", ""},
		"no label":         {page("", `<input name="a">`), "axe label:", ""},
		"too pale":         {page("p { color: #bbb; background: #fff }", `<p>Text</p>`), "axe color-contrast:", ""},
		"no landmark":      {`<!doctype html><html lang="en"><title>A page</title><style></style><h1>A page</h1><p>Text</p>`, "axe region:", ""},
		"scrolls sideways": {page("p { width: 500px }", `<p>Text</p>`), "", "scrolls sideways"},
		"hangs out":        {page("body { overflow-x: hidden } p { white-space: nowrap }", `<p>`+strings.Repeat("long ", 40)+`</p>`), "", "hangs out of the window"},
		"cut off":          {page("p { height: 1em; overflow: hidden }", `<p>`+strings.Repeat("long ", 40)+`</p>`), "", "is cut off"},
		"meant for readers": {page(".hidden { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }",
			`<p>Text <span class="hidden">and more of it</span></p>`), "", ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, c.body)
		}))
		p.Open(server.URL)
		look := func(how string) {
			for what, pair := range map[string][2]string{
				"axe-core": {strings.Join(p.AxeFaults(), "\n"), c.axe},
				"the fit":  {strings.Join(p.Misfits(), "\n"), c.fits},
			} {
				found, want := pair[0], pair[1]
				if want == "" && found != "" || !strings.Contains(found, want) {
					t.Errorf("%s, %s: %s finds %q, want %q", name, how, what, found, want)
				}
			}
		}
		look("opened")
		p.Draw(page("", `<p>Another page</p>`))
		p.Draw(c.body)
		look("drawn")
		server.Close()
	}
}

// So does what looks at each stop of a keyboard.
func TestStopsFindFaults(t *testing.T) {
	t.Parallel()
	p := chrome.Page(t, browser.Look{Width: 375})
	for name, c := range map[string]struct{ style, body, fault string }{
		"clean":   {"", `<a href="#">A link</a>`, ""},
		"no ring": {"a:focus-visible { outline: none }", `<a href="#">A link</a>`, "no ring"},
		"covered": {"p { position: fixed; inset: 0; background: #fff }", `<a href="#">A link</a><p>A bar</p>`, "is covered by <p>"},
		"outside": {"a { position: fixed; top: -80px }", `<a href="#">A link</a>`, "not within the window"},
	} {
		p.Open("about:blank")
		p.Draw(`<!doctype html><style>a:focus-visible { outline: 3px solid } ` + c.style + `</style>` + c.body)
		if s := p.Tab(); s.Kind != "a" || c.fault == "" && s.Fault != "" || !strings.Contains(s.Fault, c.fault) {
			t.Errorf("%s: %+v, want %q", name, s, c.fault)
		}
	}
}
