package proffer

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/templates"
)

// prepared is what was read from the files that a configuration names.
type prepared struct {
	catalogue *screens.Catalogue
	pictures  map[string][]byte // by brand and kind: "kopi/mark"
	overrides map[string]fs.FS  // template folders by brand
	read      []string          // every file that was read, for who watches them
}

// Largest files that are read.
const (
	maxPicture = 256 << 10
	maxSet     = 4 << 20
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
	sets := map[string]*screens.Set{}
	for _, id := range c.brandIDs() {
		b, here := c.Brands[id], at.Field(id)
		if b == nil {
			continue
		}
		if b.ScreenSet != "" {
			if text, ok := c.readFile(here.Field("screen_set"), b.ScreenSet, maxSet); ok {
				sets[id] = screens.Load(c.Path(b.ScreenSet), text, screens.LoadOptions{
					Brand: id, Name: b.Name, Languages: c.Languages, Clients: b.clientIDs(),
				}, out)
			}
		}
		c.readPicture(here.Field("mark"), id+"/mark", b.Mark)
		c.readPicture(here.Field("panel"), id+"/panel", b.Panel)
		c.openTemplates(here.Field("templates"), id, b.Templates)
	}
	c.ready.catalogue = screens.Join(sets, out)
	c.ready.catalogue.Attention = screens.Attention{
		Screens: c.Attention.PerCustomer.Screens,
		Every:   diag.Period{Time: c.Attention.PerCustomer.Every.D()},
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

func (c *Config) openTemplates(at diag.Node, brand, folder string) {
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
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			at.Errorf("%s", line)
		}
	}
}

// picture says what keeps an SVG file from being shown, or "". It is served from
// the provider's own origin, so it may neither run anything nor fetch anything:
// scripts, handlers, foreign content, and links to what is not in the file are
// refused, beside the sandbox it is served in.
func picture(text []byte) string {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = true
	root := true
	for {
		token, err := d.Token()
		if err == io.EOF && !root {
			return ""
		}
		if err != nil {
			return "is not a whole SVG picture"
		}
		switch t := token.(type) {
		case xml.Directive:
			return "has a <!…> declaration, which a picture does not need"
		case xml.ProcInst:
			if t.Target != "xml" {
				return "has a processing instruction <?" + t.Target + "?>, which could load a style sheet"
			}
		case xml.CharData:
			if s := string(t); strings.Contains(s, "@import") || outside(s) {
				return "has a style that loads from outside"
			}
		case xml.StartElement:
			if root && (t.Name.Local != "svg" || t.Name.Space != "http://www.w3.org/2000/svg") {
				return `is not an SVG picture: it begins with <svg xmlns="http://www.w3.org/2000/svg">`
			}
			root = false
			if why := pictureElement(t); why != "" {
				return why
			}
		}
	}
}

func pictureElement(t xml.StartElement) string {
	switch name := asciiLower(t.Name.Local); name {
	case "script", "foreignobject", "iframe", "object", "embed", "handler", "listener", "audio", "video", "a", "set", "animate":
		return "has a <" + t.Name.Local + ">, which a picture here must not have"
	}
	for _, a := range t.Attr {
		switch name := asciiLower(a.Name.Local); {
		case strings.HasPrefix(name, "on"):
			return "has the attribute " + a.Name.Local + ", which would run a script"
		case name == "href" || name == "src":
			if !strings.HasPrefix(a.Value, "#") {
				return "has a link to something outside of it (" + a.Name.Local + "); only #… within the picture is allowed"
			}
		case strings.Contains(a.Value, "@import") || outside(a.Value):
			return "loads from outside in its attribute " + a.Name.Local
		}
	}
	return ""
}

// outside says whether a style has a url(…) that is not #… within the file.
func outside(style string) bool {
	rest := asciiLower(style)
	for {
		_, after, found := strings.Cut(rest, "url(")
		if !found {
			return strings.Contains(rest, `\`) // an escape could spell url( another way
		}
		if !strings.HasPrefix(strings.TrimLeft(after, " \t\n'\""), "#") {
			return true
		}
		rest = after
	}
}
