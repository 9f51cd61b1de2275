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
	Theme   Theme
	Panel   []byte            // SVG; stands at the bottom of the panel, as wide as the panel
	Mark    []byte            // SVG, square; stands beside the name
	Clients map[string]Theme  // what clients of the brand set over it, by client_id
	Files   map[string][]byte // what the themes name, by the name they have there
}

// Files is everything that is served below /static, in memory and under one
// hash of all of it. It does not change after New.
type Files struct {
	root   string // "/static/<hash>"
	files  map[string]file
	themes map[string]Theme
	looks  map[string]look // by brand, and by "brand client" where a client has its own
}

// A look is what the pages of a brand or client load.
type look struct{ css, logo, dark string }

type file struct {
	kind   string // Content-Type
	plain  []byte
	packed []byte // gzip; nil where it does not pay
}

// New makes the files of all brands; "" among them is Proffer's own look, and is
// added when it is missing. A theme that cannot be read or does not hold its
// contrasts is an error; the configuration has then said so before, with its place.
func New(brands map[string]Brand) (*Files, error) {
	f := &Files{files: map[string]file{}, themes: map[string]Theme{}, looks: map[string]look{}}
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
	var err error
	if f.themes[id], f.looks[id], err = f.addLook(cssName(id), b.Theme, b.Files); err != nil {
		return fmt.Errorf("theme of brand %q: %w", id, err)
	}
	for client, t := range b.Clients {
		if _, f.looks[id+" "+client], err = f.addLook("client-"+client+".css", b.Theme.Over(t), b.Files); err != nil {
			return fmt.Errorf("theme of client %q: %w", client, err)
		}
	}
	if b.Panel != nil {
		f.add(id+"-panel.svg", b.Panel)
	}
	if b.Mark != nil {
		f.add(id+"-mark.svg", b.Mark)
	}
	return nil
}

// addLook adds a theme's style sheet, under name, and the files it names.
func (f *Files) addLook(name string, t Theme, files map[string][]byte) (Theme, look, error) {
	full, err := t.Full()
	if err != nil {
		return t, look{}, err
	}
	if misses := full.Misses(); len(misses) > 0 {
		return t, look{}, fmt.Errorf("%s", misses[0])
	}
	served := map[string]string{}
	for _, n := range t.Named() {
		if served[n.File], err = f.addNamed(n, files); err != nil {
			return t, look{}, err
		}
	}
	f.add(name, []byte(full.css(served)+common))
	return full, look{css: name, logo: served[t.Logo.Light], dark: served[t.Logo.Dark]}, nil
}

func (f *Files) add(name string, b []byte) {
	fl := file{kind: kinds(path.Ext(name)), plain: b}
	if ext := path.Ext(name); ext != ".woff2" && ext != ".png" && ext != ".webp" { // already packed
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
	case ".png":
		return "image/png"
	case ".webp":
		return "image/webp"
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

// look is what a client's pages load; its brand's where it has none of its own,
// and Proffer's own for a brand that is not known.
func (f *Files) look(brand, client string) look {
	if l, ok := f.looks[brand+" "+client]; ok {
		return l
	}
	if l, ok := f.looks[brand]; ok {
		return l
	}
	return f.looks[""]
}

// CSS is the path of the style sheet of a brand, or of one of its clients,
// without the mount prefix. client may be "".
func (f *Files) CSS(brand, client string) string { return f.Path(f.look(brand, client).css) }

// Logo is the path of the picture that stands for the name, without the mount
// prefix, and of its twin for dark; each may be "".
func (f *Files) Logo(brand, client string) (light, dark string) {
	l := f.look(brand, client)
	return f.picture(l.logo), f.picture(l.dark)
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

// Themes are the themes of all brands with every token filled, for what cannot load
// a style sheet, such as mails; "" is Proffer's own.
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

// All are the files by their names below Root, for who writes them to a folder.
func (f *Files) All() map[string][]byte {
	out := make(map[string][]byte, len(f.files))
	for name, fl := range f.files {
		out[name] = bytes.Clone(fl.plain)
	}
	return out
}
