package proffer

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// maxConfig is the largest configuration file that is read.
const maxConfig = 4 << 20

// Load reads the configuration at path and the files it names, applies the
// environment, and checks everything. The error lists everything that is wrong,
// a line each: file:line:column: key: what is wrong, and what was likely meant.
func Load(path string) (*Config, error) {
	c, found := Inspect(path)
	if err := found.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Inspect does what Load does and returns the findings themselves, warnings
// too. The configuration is only whole if Findings.Err is nil.
func Inspect(path string) (*Config, *diag.Findings) { return inspect(path, os.Environ()) }

func inspect(path string, environ []string) (*Config, *diag.Findings) {
	c, found := new(Config), new(diag.Findings)
	c.source, c.Dir = path, filepath.Dir(path)
	c.Files = os.DirFS(c.Dir)
	text, err := readConfig(path)
	if err != nil {
		found.Add(diag.Finding{File: path, Message: err.Error()})
		return c, found
	}
	at := diag.Decode(path, text, c, found)
	if !at.IsMap() { // nothing could be read: what is missing helps nobody
		return c, found
	}
	c.applyEnvironment(environ, found)
	c.check(at, found)
	return c, found
}

func readConfig(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1)) // one more than Decode takes, so that it says so
	if err != nil {
		return nil, cause(err)
	}
	return text, nil
}

// Check completes c with the defaults, reads the files it names and checks
// everything, as Load does for a file; the error lists all that is wrong. New
// calls it for a Config that an embedder made in Go.
func (c *Config) Check() error {
	found := new(diag.Findings)
	c.check(diag.Root("", found), found)
	return found.Err()
}

// check completes and checks everything; at is the root.
func (c *Config) check(at diag.Node, out *diag.Findings) {
	c.ready = &prepared{at: at, sets: map[string]*bundle.Bundle{}, pictures: map[string][]byte{}, themed: map[string][]byte{}, overrides: map[string]fs.FS{}}
	c.fill()
	c.checkServer(at)
	c.checkStore(at, out)
	c.checkMail(at.Field("mail"))
	c.checkLanguages(at.Field("languages"))
	c.checkPeople(at)
	c.checkBrands(at)
	c.readFiles(at.Field("brands"), out)
	c.checkClaims(at.Field("brands"), c.ready.catalogue)
}

// Catalogue returns all questions, screens and campaigns of all brands, as the
// files of the configuration have them: what was deployed since stands in the
// store. Like Picture and Overrides, it is nil before Load or Check.
func (c *Config) Catalogue() *catalogue.Catalogue {
	if c.ready == nil {
		return nil
	}
	return c.ready.catalogue
}

// Picture returns a brand's "mark" or "panel" as SVG, or nil if it has none.
func (c *Config) Picture(brand, kind string) []byte {
	if c.ready == nil {
		return nil
	}
	return c.ready.pictures[brand+"/"+kind]
}

// Overrides returns the folders of templates that replace ours, by brand.
func (c *Config) Overrides() map[string]fs.FS {
	if c.ready == nil {
		return nil
	}
	return c.ready.overrides
}

// Read returns the paths of all files the configuration was read from, for who
// loads it again when one changes.
func (c *Config) Read() []string {
	var files []string
	if c.source != "" {
		files = append(files, c.source)
	}
	if c.ready != nil {
		files = append(files, c.ready.read...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// Client returns a client and the id of its brand; nil if there is none.
func (c *Config) Client(id string) (client *Client, brand string) {
	for brand, b := range c.Brands {
		if k := b.Clients[id]; k != nil {
			return k, brand
		}
	}
	return nil, ""
}

// Rebase moves every address of the configuration that is at one of the given
// origins (http://localhost:8080) to the origin it maps to: issuer, sites,
// redirect URIs, terms and the like. Listen moves along with the issuer's port.
func (c *Config) Rebase(origins map[string]string) {
	move := func(address string) string {
		for from, to := range origins {
			if rest, found := strings.CutPrefix(address, from); found && (rest == "" || strings.HasPrefix(rest, "/")) {
				return to + rest
			}
		}
		return address
	}
	all := func(list []string) {
		for i := range list {
			list[i] = move(list[i])
		}
	}
	text := func(t Text) {
		for lang := range t {
			t[lang] = move(t[lang])
		}
	}
	before, after := c.Issuer, move(c.Issuer)
	c.Issuer = after
	c.Listen = movePort(c.Listen, before, after)
	for _, b := range c.Brands {
		b.Site = move(b.Site)
		text(b.Terms.URL)
		text(b.Privacy)
		text(b.Help)
		for _, k := range b.Clients {
			all(k.RedirectURIs)
			all(k.PostLogoutRedirectURIs)
			all(k.Origins)
		}
	}
}
