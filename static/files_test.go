package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func newFiles(t *testing.T) *Files {
	t.Helper()
	f, err := New(map[string]Brand{
		"kopi": {Theme: read(t, "kopi"), Panel: []byte("<svg/>"), Mark: []byte("<svg/>")},
		"sole": {Theme: read(t, "sole")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func get(t *testing.T, f *Files, method, path, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	f.Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestHandler(t *testing.T) {
	f := newFiles(t)
	for path, kind := range map[string]string{
		f.CSS("kopi", ""): "text/css; charset=utf-8", f.CSS("sole", ""): "text/css; charset=utf-8", f.CSS("", ""): "text/css; charset=utf-8",
		f.Panel("kopi"): "image/svg+xml", f.Mark("kopi"): "image/svg+xml",
		f.Path("noto-sans-thai-400.woff2"): "font/woff2", f.Path("OFL.txt"): "text/plain; charset=utf-8", f.Path("password.js"): "text/javascript; charset=utf-8",
	} {
		r := get(t, f, "GET", path, "")
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != kind {
			t.Errorf("GET %s: %d %s", path, r.StatusCode, r.Header.Get("Content-Type"))
		}
		if c := r.Header.Get("Cache-Control"); c != "public, max-age=31536000, immutable" {
			t.Errorf("GET %s: Cache-Control %q", path, c)
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("GET %s: headers %v", path, r.Header)
		}
	}
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"HEAD", f.CSS("kopi", ""), 200},
		{"POST", f.CSS("kopi", ""), 405},
		{"GET", "/static/0000000000000000/brand-kopi.css", 404},
		{"GET", f.Root(), 404},
		{"GET", f.Root() + "/", 404},
		{"GET", f.Root() + "/../files.go", 404},
		{"GET", f.Path("brand-none.css"), 404},
	} {
		r := get(t, f, c.method, c.path, "")
		if r.StatusCode != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, r.StatusCode, c.want)
		}
		if c.want == 404 && r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: a miss may be kept", c.method, c.path)
		}
	}
}

func TestHandlerGzip(t *testing.T) {
	f := newFiles(t)
	plain, err := io.ReadAll(get(t, f, "GET", f.CSS("kopi", ""), "").Body)
	if err != nil {
		t.Fatal(err)
	}
	for accept, packed := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "br": false, "": false} {
		r := get(t, f, "GET", f.CSS("kopi", ""), accept)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Header.Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("Accept-Encoding %q: packed %v, want %v", accept, got, packed)
		}
		if r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: no Vary", accept)
		}
		if packed {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(body, plain) {
			t.Errorf("Accept-Encoding %q: other bytes", accept)
		}
	}
}

// TestHash: the path changes when anything behind it does, and only then.
func TestHash(t *testing.T) {
	one, two := newFiles(t), newFiles(t)
	if one.Root() != two.Root() {
		t.Errorf("the same files under %s and %s", one.Root(), two.Root())
	}
	other, err := New(map[string]Brand{"kopi": {Theme: read(t, "kopi"), Panel: []byte("<svg />"), Mark: []byte("<svg/>")}, "sole": {Theme: read(t, "sole")}})
	if err != nil {
		t.Fatal(err)
	}
	if other.Root() == one.Root() {
		t.Error("other files under the same path")
	}
	if one.CSS("nobody", "") != one.CSS("", "") || one.Panel("sole") != "" || one.Mark("nobody") != "" {
		t.Error("a brand that is not known, or has no picture")
	}
}

// TestCSS: logical properties only, nothing from outside, every token that is
// used is there, and no more than 25 KB.
func TestCSS(t *testing.T) {
	f := newFiles(t)
	for id := range f.themes {
		css := string(f.files[cssName(id)].plain)
		if len(css) > 25<<10 {
			t.Errorf("%q: %d bytes", id, len(css))
		}
		for _, m := range regexp.MustCompile(`(?m)[;{\s](margin|padding|border)-(left|right|top|bottom)|[;{\s](left|right|top|bottom|width|height|min-width|max-width)\s*:|text-align:\s*(left|right)|float:|gradient\(|text-shadow`).FindAllString(stripMedia(css), -1) {
			t.Errorf("%q: %q", id, m)
		}
		defined := map[string]bool{}
		for _, m := range regexp.MustCompile(`(--[a-zA-Z0-9-]+)\s*:`).FindAllStringSubmatch(css, -1) {
			defined[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`var\((--[a-zA-Z0-9-]+)\)`).FindAllStringSubmatch(css, -1) {
			if !defined[m[1]] {
				t.Errorf("%q: %s is used and not set", id, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(css, -1) {
			if _, ok := f.files[m[1]]; !ok {
				t.Errorf("%q: loads %s, which is not here", id, m[1])
			}
		}
		if strings.Contains(css, "@import") || strings.Count(css, "{") != strings.Count(css, "}") {
			t.Errorf("%q: @import, or braces that do not match", id)
		}
	}
}

// stripMedia takes out the conditions of media queries, where width is a word.
func stripMedia(css string) string {
	return regexp.MustCompile(`@media[^{]*`).ReplaceAllString(css, "@media ")
}
