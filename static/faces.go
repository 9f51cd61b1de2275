package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
)

// A Logo is the name as a picture, wide rather than square. It stands on the
// panel in place of the mark and the words, and is read out as the brand's name.
type Logo struct {
	Light string `yaml:"light"` // SVG, PNG or WebP file
	Dark  string `yaml:"dark"`  // the same for dark; default: light
}

// Fonts are faces of the brand's own. They stand before ours, which have the
// letters that the files lack.
type Fonts struct {
	Text    Faces `yaml:"text"`
	Heading Faces `yaml:"heading"` // default: heading
}

// Faces are the files of one face, WOFF2. One file with variable weight may be
// named twice.
type Faces struct {
	Regular string `yaml:"regular"` // weight 400
	Bold    string `yaml:"bold"`    // weight 700
}

// Named are the files that the theme names, with the key that names each.
func (t Theme) Named() []Named {
	var out []Named
	add := func(name string, keys ...string) {
		if name != "" {
			out = append(out, Named{name, keys})
		}
	}
	add(t.Logo.Light, "logo", "light")
	add(t.Logo.Dark, "logo", "dark")
	add(t.Fonts.Text.Regular, "fonts", "text", "regular")
	add(t.Fonts.Text.Bold, "fonts", "text", "bold")
	add(t.Fonts.Heading.Regular, "fonts", "heading", "regular")
	add(t.Fonts.Heading.Bold, "fonts", "heading", "bold")
	return out
}

// A Named file stands in a theme.
type Named struct {
	File string
	Keys []string // that lead to it: "fonts", "text", "bold"
}

// IsFont says whether the file is a font, or else a picture.
func (n Named) IsFont() bool { return n.Keys[0] == "fonts" }

// Kind says what a file is by its first bytes: ".woff2", ".png", ".webp", ".svg"
// for what begins as XML, or "" for anything else.
func Kind(b []byte) string {
	switch head := strings.TrimSpace(string(b[:min(len(b), 64)])); {
	case bytes.HasPrefix(b, []byte("wOF2")):
		return ".woff2"
	case strings.HasPrefix(head, "<svg") || strings.HasPrefix(head, "<?xml"):
		return ".svg"
	}
	switch http.DetectContentType(b) {
	case "image/png":
		return ".png"
	case "image/webp":
		return ".webp"
	}
	return ""
}

// addNamed serves a theme's file under a name made of its bytes, and returns that
// name.
func (f *Files) addNamed(n Named, files map[string][]byte) (string, error) {
	b, ok := files[n.File]
	if !ok {
		return "", fmt.Errorf("%s: %s was not read", strings.Join(n.Keys, "."), n.File)
	}
	kind := Kind(b)
	if kind == "" || n.IsFont() != (kind == ".woff2") {
		return "", fmt.Errorf("%s: %s is no file for this", strings.Join(n.Keys, "."), path.Base(n.File))
	}
	sum := sha256.Sum256(b)
	name := n.Keys[0] + "-" + hex.EncodeToString(sum[:8]) + kind
	f.add(name, b)
	return name, nil
}

// faces is the CSS of a theme's own fonts, and the families that begin with them.
func (t Theme) faces(served map[string]string) string {
	var b strings.Builder
	rule := func(family, file string, weight int) {
		if file != "" {
			fmt.Fprintf(&b, "@font-face { font-family: %q; font-weight: %d; font-display: swap; src: url(%s) format(\"woff2\"); }\n", family, weight, served[file])
		}
	}
	rule("Brand Text", t.Fonts.Text.Regular, 400)
	rule("Brand Text", t.Fonts.Text.Bold, 700)
	rule("Brand Heading", t.Fonts.Heading.Regular, 400)
	rule("Brand Heading", t.Fonts.Heading.Bold, 700)
	return b.String()
}

// families are the font families of text and headings, by language: "" for all
// that have no letters of their own.
func (t Theme) families() (text, heading map[string]string) {
	own := map[string]string{"": "", "th": `, "Noto Sans Thai"`, "ar": `, "Noto Sans Arabic"`}
	serifs := map[string]string{"": "", "th": `, "Noto Serif Thai"`, "ar": `, "Noto Naskh Arabic"`}
	text, heading = map[string]string{}, map[string]string{}
	for lang := range own {
		text[lang] = `-apple-system, "Segoe UI", Roboto, "Noto Sans"` + own[lang] + ", sans-serif"
		if t.Fonts.Text != (Faces{}) {
			text[lang] = `"Brand Text", ` + text[lang]
		}
		heading[lang] = text[lang]
		if t.Heading == Serif {
			heading[lang] = `Georgia, "Noto Serif"` + serifs[lang] + ", serif"
		}
		if t.Fonts.Heading != (Faces{}) {
			heading[lang] = `"Brand Heading", ` + heading[lang]
		}
	}
	return text, heading
}
