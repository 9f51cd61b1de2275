package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/diag"
)

// screensPreviewCommand is `proffer screens preview`: every screen of a set in
// every language, light and dark, as files to look at.
type screensPreviewCommand struct {
	Set    string `placeholder:"FILE" help:"A screen set, shown alone in Proffer's own look."`
	Config string `placeholder:"FILE" help:"A configuration, for its brands' looks and templates; in place of --set."`
	Brand  string `help:"Whose screens; may be left out where only one brand has any. With --set: what the brand is called."`
	Client string `help:"The client whose look is wanted, where it is not its brand's."`
	At     string `placeholder:"TIME" help:"When, as 2027-02-01; left out: today. It stands in \"kept until\"."`
	Pages  bool   `help:"Our other pages too, in the brand's dress: sign-in, sharing, preferences, every kind of question."`
	Out    string `required:"" placeholder:"FOLDER" help:"The folder to write to. index.html has everything side by side."`
}

// Run writes the folder.
func (c *screensPreviewCommand) Run(s streams) error {
	if (c.Set == "") == (c.Config == "") {
		return errors.New("write --set for a screen set alone, or --config for a whole configuration")
	}
	at, err := time.Now().UTC().Truncate(24*time.Hour), error(nil)
	if c.At != "" {
		if at, err = proffer.ParseMoment(c.At); err != nil {
			return fmt.Errorf("--at: %w", err)
		}
	}
	var cfg *proffer.Config
	var found *diag.Findings
	from := c.Config
	if c.Config != "" {
		cfg, found = proffer.Inspect(c.Config)
	} else {
		from = c.Set
		cfg, found = proffer.SetAlone(c.Set, c.Brand, "preview")
	}
	fmt.Fprint(s.err, found)
	if n := found.Errors(); n > 0 {
		return fmt.Errorf("%s in %s", count(n, "problem"), from)
	}
	brand := c.Brand
	if brands := cfg.Catalogue().Brands(); c.Set != "" || brand == "" && len(brands) == 1 {
		brand = brands[0]
	} else if !slices.Contains(brands, brand) {
		return fmt.Errorf("--brand: write one of %s", strings.Join(brands, ", "))
	}
	p, err := cfg.Preview(brand, c.Client, at, c.Pages)
	if err != nil {
		return err
	}
	if p.Files["index.html"], err = previewIndex(p); err != nil {
		return err
	}
	p.Files["preview.css"] = previewCSS
	for _, name := range slices.Sorted(maps.Keys(p.Files)) {
		to := filepath.Join(c.Out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, p.Files[name], 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "%s in %s, light and dark: %s\n", count(len(p.Screens), "screen"), count(len(p.Languages), "language"), filepath.Join(c.Out, "index.html"))
	return nil
}

//go:embed preview.css
var previewCSS []byte

//go:embed preview.html
var previewHTML string

// previewIndex is the page that has every screen side by side.
func previewIndex(p *proffer.Preview) ([]byte, error) {
	t, err := template.New("preview.html").Parse(previewHTML)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		*proffer.Preview
		Themes []string
	}{p, proffer.PreviewThemes()})
	return b.Bytes(), err
}
