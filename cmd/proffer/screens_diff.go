package main

import (
	"fmt"
	"io"
	"os"

	"github.com/proffer-id/proffer/internal/admin"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/compare"
)

// screensDiffCommand is `proffer screens diff`: what changes for customers.
type screensDiffCommand struct {
	Files    []string `arg:"" help:"The new set; or the old one, then the new one. One alone is compared with what is in force."`
	JSON     bool     `name:"json" help:"Print it as JSON."`
	ExitCode bool     `name:"exit-code" help:"Exit with 1 if anything changes."`
	remote
}

// Help has examples.
func (c *screensDiffCommand) Help() string {
	return `Examples:
  proffer screens diff old.yaml new.yaml       compare two files, without a provider
  proffer screens diff set.yaml --url https://id.example.com --brand kopi --token-file kopi.token
                                               compare a file with what is in force`
}

// Run prints the changes.
func (c *screensDiffCommand) Run(s streams) error {
	if len(c.Files) > 2 {
		return fmt.Errorf("write one file, or two to compare: %d are too many", len(c.Files))
	}
	brand := c.Brand
	if brand == "" {
		brand = "brand"
	}
	changes, err := c.changes(s, brand)
	if err != nil {
		return err
	}
	if c.JSON {
		if changes == nil {
			changes = []compare.Change{}
		}
		err = writeJSON(s.out, changes)
	} else {
		printChanges(s.out, changes)
	}
	if err == nil && c.ExitCode && len(changes) > 0 {
		return errSaid
	}
	return err
}

func (c *screensDiffCommand) changes(s streams, brand string) ([]compare.Change, error) {
	if len(c.Files) == 1 {
		after, _, err := whole(s, c.Files[0], c.Brand)
		if err != nil {
			return nil, err
		}
		return c.against(after)
	}
	before, _, err := whole(s, c.Files[0], brand)
	if err != nil {
		return nil, err
	}
	after, _, err := whole(s, c.Files[1], brand)
	if err != nil {
		return nil, err
	}
	return compare.Sets(before, after), nil
}

// against compares a set with what is in force at the provider.
func (c *remote) against(after *catalogue.Set) ([]compare.Change, error) {
	shown := &admin.Shown{}
	if err := c.call("GET", "/in-force", "", nil, shown); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "proffer-set-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	old, err := unpack(shown.Bundle, folder)
	if err != nil {
		return nil, err
	}
	before, _, err := whole(streams{io.Discard, io.Discard}, old, c.Brand)
	if err != nil {
		return nil, fmt.Errorf("what is in force cannot be read by this proffer: %w", err)
	}
	return compare.Sets(before, after), nil
}

// printChanges prints changes by part; ! marks what customers will be asked.
func printChanges(w io.Writer, changes []compare.Change) {
	if len(changes) == 0 {
		fmt.Fprintln(w, "nothing changes for customers")
		return
	}
	for _, p := range compare.Parts() {
		begun := false
		for _, c := range changes {
			if c.Part != p {
				continue
			}
			if !begun {
				fmt.Fprintln(w, p.Heading())
			}
			begun = true
			mark := " "
			if c.Asks {
				mark = "!"
			}
			fmt.Fprintf(w, "  %s %s: %s\n", mark, c.About, c.Text)
		}
	}
}
