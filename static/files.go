// Package static has what the pages load beside their HTML: one style sheet per
// brand, the fonts of scripts that systems often lack, the brands' pictures, and
// one small script that pages do without.
// It knows nothing of pages or visits. Start at New; theme.go says what a brand
// may set, contrast.go what is refused.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed fonts/*.woff2 fonts/OFL.txt password.js
var shared embed.FS

//go:embed common.css
var common string

// A Brand is what one brand adds: its colours and shapes, and its pictures as
// SVG files. The zero value is Proffer's own look, without pictures.
type Brand struct {
	Theme Theme
	Panel []byte // SVG; stands at the bottom of the panel, as wide as the panel
	Mark  []byte // SVG, square; stands beside the name
}

// Files is everything that is served below /static, in memory and under one
// hash of all of it. It does not change after New.
type Files struct {
	root   string // "/static/<hash>"
	files  map[string]file
	themes map[string]Theme
}

type file struct {
	kind   string // Content-Type
	plain  []byte
	packed []byte // gzip; nil where it does not pay
}

// New makes the files of all brands; "" among them is Proffer's own look, and is
// added when it is missing. A theme that cannot be read or does not hold its
// contrasts is an error; the configuration has then said so before, with its place.
func New(brands map[string]Brand) (*Files, error) {
	f := &Files{files: map[string]file{}, themes: map[string]Theme{}}
	if err := f.addShared(); err != nil {
		return nil, err
	}
	all := maps.Clone(brands)
	if all == nil {
		all = map[string]Brand{}
	}
	if _, ok := all[""]; !ok {
		all[""] = Brand{Theme: Proffer()}
	}
	for id, b := range all {
		if err := f.addBrand(id, b); err != nil {
			return nil, err
		}
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		fmt.Fprintf(h, "%s %d\n", name, len(f.files[name].plain))
		h.Write(f.files[name].plain)
	}
	f.root = "/static/" + hex.EncodeToString(h.Sum(nil)[:8])
	return f, nil
}

// addShared adds what all brands share: fonts, scripts.
func (f *Files) addShared() error {
	return fs.WalkDir(shared, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := shared.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		f.add(path.Base(name), b)
		return nil
	})
}

func (f *Files) addBrand(id string, b Brand) error {
	full, err := b.Theme.Full()
	if err != nil {
		return fmt.Errorf("theme of brand %q: %w", id, err)
	}
	if misses := full.Misses(); len(misses) > 0 {
		return fmt.Errorf("theme of brand %q: %s", id, misses[0])
	}
	f.themes[id] = full
	f.add(cssName(id), []byte(full.css()+common))
	if b.Panel != nil {
		f.add(id+"-panel.svg", b.Panel)
	}
	if b.Mark != nil {
		f.add(id+"-mark.svg", b.Mark)
	}
	return nil
}

func (f *Files) add(name string, b []byte) {
	fl := file{kind: kinds(path.Ext(name)), plain: b}
	if path.Ext(name) != ".woff2" { // already packed
		var buf bytes.Buffer
		z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
		if err == nil {
			_, err = z.Write(b)
		}
		if err == nil {
			err = z.Close()
		}
		if err == nil && buf.Len() < len(b) {
			fl.packed = buf.Bytes()
		}
	}
	f.files[name] = fl
}

func kinds(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	return "text/plain; charset=utf-8"
}

func cssName(brand string) string {
	if brand == "" {
		return "proffer.css"
	}
	return "brand-" + brand + ".css"
}

// Root is the path, without the mount prefix, below which all files stand:
// "/static/<hash>".
func (f *Files) Root() string { return f.root }

// Path is the path of a file, without the mount prefix.
func (f *Files) Path(name string) string { return f.root + "/" + name }

// CSS is the path of a brand's style sheet, without the mount prefix; of a brand
// that is not known, Proffer's own.
func (f *Files) CSS(brand string) string {
	if _, ok := f.themes[brand]; !ok {
		brand = ""
	}
	return f.Path(cssName(brand))
}

// Panel is the path of a brand's panel picture, without the mount prefix, or "".
func (f *Files) Panel(brand string) string { return f.picture(brand + "-panel.svg") }

// Mark is the path of a brand's mark, without the mount prefix, or "".
func (f *Files) Mark(brand string) string { return f.picture(brand + "-mark.svg") }

func (f *Files) picture(name string) string {
	if _, ok := f.files[name]; !ok {
		return ""
	}
	return f.Path(name)
}

// Theme is a brand's theme with every token filled, for what cannot load a style
// sheet, such as mails; of a brand that is not known, Proffer's own.
func (f *Files) Theme(brand string) Theme {
	if t, ok := f.themes[brand]; ok {
		return t
	}
	return f.themes[""]
}

// Themes are the filled themes of all brands.
func (f *Files) Themes() map[string]Theme { return maps.Clone(f.themes) }

// Handler answers GET and HEAD of the paths above, with the mount prefix already
// taken off. An answer never changes under its path, so it may be kept for ever;
// a path of an older hash is not found.
func (f *Files) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, f.root+"/")
		fl, known := f.files[name]
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		case !ok || !known:
			h.Set("Cache-Control", "no-store")
			http.Error(w, "not found", http.StatusNotFound)
			return
		}
		h.Set("Content-Type", fl.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		// A picture opened by itself is a document: it may style itself and no more.
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
		body := fl.plain
		if fl.packed != nil {
			h.Set("Vary", "Accept-Encoding")
			if acceptsGzip(r) {
				h.Set("Content-Encoding", "gzip")
				body = fl.packed
			}
		}
		h.Set("Content-Length", fmt.Sprint(len(body)))
		if r.Method == http.MethodGet {
			w.Write(body) // an error here is a reader who left
		}
	})
}

// acceptsGzip reads Accept-Encoding as far as we need it: RFC 9110, 12.5.3.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
