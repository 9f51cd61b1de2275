package proffer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/static"
	"github.com/proffer-id/proffer/templates"
)

// prepared is what was read from the files that a configuration names.
type prepared struct {
	at        diag.Node                 // the root, for checks that come later
	sets      map[string]*bundle.Bundle // by brand: what the screen sets' files hold
	catalogue *catalogue.Catalogue      // of those
	pictures  map[string][]byte         // by brand and kind: "kopi/mark"
	themed    map[string][]byte         // what themes name, by the name they have there
	overrides map[string]fs.FS          // template folders by brand
	read      []string                  // every file that was read, for who watches them
}

// Largest files that are read.
const (
	maxPicture = 256 << 10
	maxThemed  = 512 << 10 // a logo or a font
)

// open opens a file that the configuration names.
func (c *Config) open(name string) (fs.File, error) {
	if c.Files == nil {
		return os.Open(c.Path(name))
	}
	if filepath.IsAbs(name) || !fs.ValidPath(path.Clean(filepath.ToSlash(name))) {
		return os.Open(c.Path(name))
	}
	return c.Files.Open(path.Clean(filepath.ToSlash(name)))
}

// readFile reads a file that the configuration names, and reports at the node if
// that is not possible.
func (c *Config) readFile(at diag.Node, name string, most int64) ([]byte, bool) {
	c.ready.read = append(c.ready.read, c.Path(name))
	f, err := c.open(name)
	if err == nil {
		defer f.Close()
		var text []byte
		text, err = io.ReadAll(io.LimitReader(f, most+1))
		if err == nil && int64(len(text)) > most {
			err = fmt.Errorf("more than %s", diag.Size(most))
		}
		if err == nil {
			return text, true
		}
	}
	var cause *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		at.Errorf("there is no file %s", c.Path(name))
	case errors.As(err, &cause):
		at.Errorf("%s cannot be read: %s", c.Path(name), cause.Err)
	default:
		at.Errorf("%s cannot be read: %s", c.Path(name), err)
	}
	return nil, false
}

// readFiles reads what the brands name: screen sets, pictures, templates.
func (c *Config) readFiles(at diag.Node, out *diag.Findings) {
	sets, taken := map[string]source{}, map[[32]byte]string{}
	for _, id := range c.brandIDs() {
		b, here := c.Brands[id], at.Field(id)
		if b == nil {
			continue
		}
		if b.ScreenSet != "" {
			if text, ok := c.readFile(here.Field("screen_set"), b.ScreenSet, bundle.MaxSet); ok {
				sets[id] = source{c.Path(b.ScreenSet), bundle.Of(filepath.Base(b.ScreenSet), text, nil), c.beside(b.ScreenSet)}
			}
		}
		c.readThemed(here.Field("theme"), &b.Theme)
		for _, client := range b.clientIDs() {
			if k := b.Clients[client]; k != nil {
				c.readThemed(here.Field("clients").Field(client).Field("theme"), &k.Theme)
			}
		}
		c.checkDeployTokens(here.Field("deploy_tokens"), id, taken)
		c.readPicture(here.Field("mark"), id+"/mark", b.Mark)
		c.readPicture(here.Field("panel"), id+"/panel", b.Panel)
		c.openTemplates(here.Field("templates"), id, b.Templates, out)
	}
	c.ready.catalogue = c.join(sets, out)
	for id, s := range sets { // with the files that the set has turned out to name
		files := map[string][]byte{}
		if set := c.ready.catalogue.Set(id); set != nil {
			for _, f := range set.Files {
				files[f.Name] = f.Bytes
			}
		}
		c.ready.sets[id] = bundle.Of(s.bundle.Name, s.bundle.Set, files)
	}
}

// beside reads the files that stand beside a screen set. One that is not there is
// watched too: it may come.
func (c *Config) beside(set string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		whole := path.Join(path.Dir(filepath.ToSlash(set)), name)
		c.ready.read = append(c.ready.read, c.Path(whole))
		f, err := c.open(whole)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, catalogue.MaxFile+1))
	}
}

func (c *Config) readPicture(at diag.Node, key, name string) {
	if name == "" {
		return
	}
	text, ok := c.readFile(at, name, maxPicture)
	if !ok {
		return
	}
	if why := picture(text); why != "" {
		at.Errorf("%s %s", c.Path(name), why)
		return
	}
	c.ready.pictures[key] = text
}

// parts are the errors that were joined into one.
func parts(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, one := range joined.Unwrap() {
		out = append(out, parts(one)...)
	}
	return out
}

// readThemed reads the logo and the fonts that a theme names.
func (c *Config) readThemed(at diag.Node, t *static.Theme) {
	for _, n := range t.Named() {
		here := at
		for _, key := range n.Keys {
			here = here.Field(key)
		}
		b, known := c.ready.themed[n.File]
		if !known {
			var ok bool
			if b, ok = c.readFile(here, n.File, maxThemed); !ok {
				continue
			}
		}
		kind := static.Kind(b)
		switch {
		case n.IsFont() && kind != ".woff2":
			here.Errorf("%s is not a WOFF2 file; tools that make fonts for the web write it, such as woff2_compress", c.Path(n.File))
			continue
		case !n.IsFont() && kind != ".svg" && kind != ".png" && kind != ".webp":
			here.Errorf("%s is not an SVG, PNG or WebP picture", c.Path(n.File))
			continue
		}
		if kind == ".svg" {
			if why := picture(b); why != "" {
				here.Errorf("%s %s", c.Path(n.File), why)
				continue
			}
		}
		c.ready.themed[n.File] = b
	}
}

func (c *Config) openTemplates(at diag.Node, brand, folder string, out *diag.Findings) {
	if folder == "" {
		return
	}
	files := c.Files
	if files == nil || filepath.IsAbs(folder) {
		files = os.DirFS(c.Path(folder))
	} else if sub, err := fs.Sub(files, path.Clean(filepath.ToSlash(folder))); err == nil {
		files = sub
	}
	info, err := fs.Stat(files, ".")
	if err != nil || !info.IsDir() {
		at.Errorf("there is no folder %s", c.Path(folder))
		return
	}
	c.ready.overrides[brand] = files
	_ = fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, _ error) error {
		c.ready.read = append(c.ready.read, filepath.Join(c.Path(folder), filepath.FromSlash(name)))
		return nil
	})
	_, err = templates.New(templates.Options{Overrides: map[string]fs.FS{brand: files}})
	for _, one := range parts(err) {
		var own *templates.OverrideError
		if errors.As(one, &own) {
			out.Add(diag.Finding{File: filepath.Join(c.Path(folder), filepath.FromSlash(own.File)), Line: own.Line, Col: 1, Message: own.Says})
			continue
		}
		at.Errorf("%s", one)
	}
}
