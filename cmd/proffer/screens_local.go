package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/proffer-id/proffer/internal/admin"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// screensCheckCommand is `proffer screens check`: a set by itself, without a
// configuration or a provider.
type screensCheckCommand struct {
	File   string `arg:"" help:"The set."`
	Brand  string `help:"What the brand is called; left out: the file's name, or its folder's for set.yaml."`
	Strict bool   `help:"Look closer: unfair choices, tiring campaigns, texts that are too long or not translated, special data; and take warnings as problems."`
	JSON   bool   `name:"json" help:"Print the findings as JSON."`
}

// Help has an example.
func (c *screensCheckCommand) Help() string {
	return `Example:
  proffer screens check set.yaml
  proffer screens check set.yaml --strict

proffer check checks a whole configuration, with the sets of all brands.`
}

// Run prints the findings; it fails if the set could not be deployed.
func (c *screensCheckCommand) Run(s streams) error {
	set, _, found := alone(c.File, c.Brand)
	problems := found.Errors()
	if c.Strict && problems == 0 && set != nil {
		closer(set, c.File, found)
	}
	warnings := len(found.All()) - problems
	if c.JSON {
		if err := printJSON(s.out, found, problems, warnings); err != nil {
			return err
		}
	} else {
		fmt.Fprint(s.out, found)
		if problems+warnings > 0 {
			fmt.Fprintln(s.out, tally(problems, warnings))
		}
		if problems == 0 && set != nil {
			fmt.Fprintf(s.out, "no problems: %s, %s, %s\n", count(len(set.Questions), "question"), count(len(set.Screens), "screen"), count(len(set.Campaigns), "campaign"))
		}
	}
	if problems > 0 || c.Strict && warnings > 0 {
		return errSaid
	}
	return nil
}

//go:embed starter.yaml
var starter []byte

// screensInitCommand is `proffer screens init`: a set to begin with.
type screensInitCommand struct {
	File string `arg:"" default:"set.yaml" help:"The file to write, which must not be there."`
}

// Run writes the starter, and beside it the schema that its first line names.
func (c *screensInitCommand) Run(s streams) error {
	schema := strings.TrimSuffix(c.File, filepath.Ext(c.File)) + ".schema.json"
	first := fmt.Sprintf("# yaml-language-server: $schema=%s\n", filepath.Base(schema))
	if err := writeNew(c.File, append([]byte(first), starter...), 0o644); err != nil {
		return err
	}
	wrote := c.File
	switch err := writeNew(schema, catalogue.Schema(), 0o644); {
	case err == nil:
		wrote += ", and " + schema + " for editors"
	case !errors.Is(err, fs.ErrExist): // one that is there may stay
		return err
	}
	fmt.Fprintf(s.out, "wrote %s; look at it with: proffer screens preview --set %s --out preview\n", wrote, c.File)
	return nil
}

// screensSchemaCommand is `proffer screens schema`.
type screensSchemaCommand struct{}

// Help has an example.
func (c *screensSchemaCommand) Help() string {
	return `Example:
  proffer screens schema > set.schema.json

An editor with a YAML language server completes and checks a set whose first line is
  # yaml-language-server: $schema=set.schema.json`
}

// Run prints the schema.
func (c *screensSchemaCommand) Run(s streams) error {
	_, err := s.out.Write(catalogue.Schema())
	return err
}

// screensTokenCommand is `proffer screens token`: a token goes into a file, and
// what the configuration needs of it is printed.
type screensTokenCommand struct {
	File string `arg:"" help:"The file for the token, which must not be there. Its owner alone can read it."`
	Name string `default:"ci" help:"Who has it: stands in the list of versions."`
}

// Run makes a token.
func (c *screensTokenCommand) Run(s streams) error {
	token := admin.NewToken()
	if err := writeNew(c.File, []byte(token+"\n"), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "# the token stands in %s; under the brand in the configuration:\ndeploy_tokens:\n  - {name: %s, sha256: %s}\n",
		c.File, c.Name, bundle.Hash(admin.Sum(token)))
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(name string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
