package static

import (
	"regexp"
	"strings"
	"testing"
)

// TestOver: a client's accent changes what comes of an accent, in light and in
// dark, and nothing else of its brand's theme.
func TestOver(t *testing.T) {
	kopi := read(t, "kopi")
	seven := 7
	full, err := kopi.Over(Theme{Accent: "#7A1F5C", Radius: &seven, Dark: Tokens{Ink2: "#DDCCBB"}}).Full()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range full.Misses() {
		t.Errorf("%s: %s", m.Scheme, m)
	}
	if full.Light.Accent != "#7A1F5C" || full.Light.Link == kopi.Light.Link || full.Dark.Accent == kopi.Dark.Accent {
		t.Errorf("the accent is not the client's: %+v", full.Light)
	}
	if full.Light.Page != kopi.Light.Page || full.Light.Brand != kopi.Light.Brand || full.Dark.Brand != kopi.Dark.Brand || full.Heading != kopi.Heading {
		t.Errorf("the rest is not the brand's: %+v", full.Light)
	}
	if full.Dark.Ink2 != "#DDCCBB" || full.Light.Ink2 != kopi.Light.Ink2 || *full.Radius != 7 || *full.Round != 12 {
		t.Errorf("what was set is not there: %+v, %d, %d", full.Dark, *full.Radius, *full.Round)
	}
	if same := kopi.Over(Theme{}); same != kopi {
		t.Errorf("nothing set over changed %+v", same)
	}
}

// TestLooks: a brand's own fonts and logo are served under their hashes, a client
// has a style sheet of its own, and one that sets nothing has its brand's.
func TestLooks(t *testing.T) {
	kopi := read(t, "kopi")
	kopi.Fonts.Text = Faces{Regular: "fonts/a.woff2", Bold: "fonts/a.woff2"}
	kopi.Fonts.Heading.Bold = "fonts/b.woff2"
	kopi.Logo = Logo{Light: "logo.svg"}
	files := map[string][]byte{
		"fonts/a.woff2": []byte("wOF2 a"), "fonts/b.woff2": []byte("wOF2 b"),
		"logo.svg": []byte("<svg/>"), "night.png": []byte("\x89PNG\r\n\x1a\n"),
	}
	f, err := New(map[string]Brand{"kopi": {Theme: kopi, Files: files, Clients: map[string]Theme{
		"kopi-app": {Accent: "#7A1F5C", Logo: Logo{Light: "logo.svg", Dark: "night.png"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if f.CSS("kopi", "kopi-app") == f.CSS("kopi", "") || f.CSS("kopi", "kopi-web") != f.CSS("kopi", "") || f.CSS("sole", "kopi-app") != f.CSS("", "") {
		t.Errorf("style sheets: %s, %s, %s", f.CSS("kopi", "kopi-app"), f.CSS("kopi", "kopi-web"), f.CSS("sole", "kopi-app"))
	}
	for _, client := range []string{"", "kopi-app"} {
		css := string(f.files[strings.TrimPrefix(f.CSS("kopi", client), f.Root()+"/")].plain)
		if n := strings.Count(css, `font-family: "Brand Text"; font-weight: 400; font-display: swap; src: url(fonts-`); n != 1 {
			t.Errorf("%q: the brand's face stands %d times", client, n)
		}
		if !strings.Contains(css, `--text-th: "Brand Text", -apple-system`) || !strings.Contains(css, `--heading-ar: "Brand Heading", Georgia`) {
			t.Errorf("%q: the brand's faces are not used", client)
		}
		for _, m := range regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(css, -1) {
			if r := get(t, f, "GET", f.Path(m[1]), ""); r.StatusCode != 200 || r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
				t.Errorf("%q: %s is not served: %d", client, m[1], r.StatusCode)
			}
		}
	}
	light, dark := f.Logo("kopi", "kopi-app")
	if r := get(t, f, "GET", light, ""); r.StatusCode != 200 || r.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("logo %s: %d %s", light, r.StatusCode, r.Header.Get("Content-Type"))
	}
	if r := get(t, f, "GET", dark, ""); r.StatusCode != 200 || r.Header.Get("Content-Type") != "image/png" {
		t.Errorf("dark logo %s: %d %s", dark, r.StatusCode, r.Header.Get("Content-Type"))
	}
	if light, dark := f.Logo("kopi", ""); light == "" || dark != "" {
		t.Errorf("the brand's logo: %q, %q", light, dark)
	}
	for name, b := range map[string]Theme{
		"fonts.text.regular: fonts/c.woff2 was not read": {Fonts: Fonts{Text: Faces{Regular: "fonts/c.woff2"}}},
		"fonts.text.regular: logo.svg is no file":        {Fonts: Fonts{Text: Faces{Regular: "logo.svg"}}},
		"logo.light: a.woff2 is no file":                 {Logo: Logo{Light: "fonts/a.woff2"}},
	} {
		if _, err := New(map[string]Brand{"kopi": {Theme: b, Files: files}}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q", err, name)
		}
	}
}
