package proffer

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// TestPreview: every screen is there in every language, light and dark, loads
// nothing that is not beside it, and comes out the same twice.
func TestPreview(t *testing.T) {
	c, found := inspect("config.example.yaml", nil)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, brand := range []string{"kopi", "sole"} {
		p, err := c.Preview(brand, "", at, false)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.Preview(brand, "", at, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, screen := range c.Catalogue().Set(brand).Screens {
			for _, lang := range c.Languages {
				for _, theme := range PreviewThemes() {
					if name := theme + "/" + lang + "/" + screen.ID + ".html"; p.Files[name] == nil {
						t.Errorf("%s: no %s", brand, name)
					}
				}
			}
		}
		for name, b := range p.Files {
			if !bytes.Equal(b, again.Files[name]) {
				t.Errorf("%s: %s differs the second time", brand, name)
			}
			if strings.HasSuffix(name, ".html") {
				loads(t, p, name)
			}
		}
		dark, light := p.Files["dark/static/brand-"+brand+".css"], p.Files["light/static/brand-"+brand+".css"]
		if !bytes.Contains(dark, []byte("@media all {")) || !bytes.Contains(light, []byte("@media not all {")) || bytes.Contains(dark, []byte("prefers-color-scheme")) {
			t.Errorf("%s: the style sheets do not choose light and dark", brand)
		}
	}
	if p, err := c.Preview("nobody", "", at, false); err == nil {
		t.Errorf("a brand of no set: %+v", p.Screens)
	}
	if _, err := c.Preview("kopi", "sole-web", at, false); err == nil {
		t.Error("another brand's client")
	}
}

// TestPreviewPictures: the pictures of a set lie beside its pages.
func TestPreviewPictures(t *testing.T) {
	c, found := SetAlone("testdata/kinds/set.yaml", "kopi", "kopi-web")
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	p, err := c.Preview("kopi", "", time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), false)
	if err != nil {
		t.Fatal(err)
	}
	pictures := 0
	for name, b := range p.Files {
		if strings.HasSuffix(name, ".html") {
			loads(t, p, name)
			pictures += bytes.Count(b, []byte(`src="../media/`))
		}
	}
	if pictures == 0 {
		t.Error("no page shows a picture")
	}
}

// TestPreviewPages: our own pages come along, in the brand's dress.
func TestPreviewPages(t *testing.T) {
	c, found := inspect("config.example.yaml", nil)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	p, err := c.Preview("sole", "", time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"login", "share", "answers", "ask-scale"} {
		b := p.Files["dark/ar/pages/"+page+".html"]
		if !bytes.Contains(b, []byte(`href="../../static/brand-sole.css"`)) || !bytes.Contains(b, []byte(`dir="rtl"`)) {
			t.Errorf("%s:\n%.600s", page, b)
		}
	}
	if len(p.Pages) < 60 {
		t.Errorf("only %d pages", len(p.Pages))
	}
}

// loads holds a page's files and links to what stands beside it.
func loads(t *testing.T, p *Preview, name string) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(p.Files[name]))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch {
			case n.Data == "a" && !strings.HasPrefix(a.Val, "../"), a.Key != "href" && a.Key != "src" && a.Key != "srcset", strings.HasPrefix(a.Val, "data:"):
				continue
			}
			to, _, _ := strings.Cut(path.Join(path.Dir(name), a.Val), "#")
			if p.Files[to] == nil {
				t.Errorf("%s loads %s, which is not there", name, a.Val)
			}
		}
	}
	if m := regexp.MustCompile(`prefers-color-scheme|value="sealed"|/static/[0-9a-f]{16}`).Find(p.Files[name]); m != nil {
		t.Errorf("%s has %s", name, m)
	}
}
