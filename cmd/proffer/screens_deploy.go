package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/proffer-id/proffer/internal/admin"
)

// screensDeployCommand is `proffer screens deploy`.
type screensDeployCommand struct {
	File    string `arg:"" help:"The set."`
	Message string `short:"m" help:"What it changes, in a line, for the list."`
	Seen    *int   `placeholder:"N" help:"The version it builds on; left out: the one that is in force when the command begins."`
	DryRun  bool   `help:"Say what would change and what would be found, and deploy nothing."`
	JSON    bool   `name:"json" help:"Print what came of it as JSON."`
	remote
}

// Help has examples and the exit codes.
func (c *screensDeployCommand) Help() string {
	return `Examples:
  export PROFFER_SCREENS_URL=https://id.example.com PROFFER_SCREENS_BRAND=kopi PROFFER_SCREENS_TOKEN_FILE=kopi.token
  proffer screens deploy set.yaml --dry-run
  proffer screens deploy set.yaml -m "asks for oat milk"

Exits with 0 if the set is in force, 1 if it was refused, 3 if another deploy came first.`
}

// Run checks, says what changes, and deploys.
func (c *screensDeployCommand) Run(s streams) error {
	set, b, err := whole(s, c.File, c.Brand)
	if err != nil {
		return err
	}
	list, err := c.list(false)
	if err != nil {
		return err
	}
	if !c.JSON {
		if changes, err := c.against(set); err == nil {
			printChanges(s.out, changes)
		} else if p, ok := errors.AsType[*admin.Problem](err); !ok || p.Status != 404 { // 404: there is nothing yet
			fmt.Fprintln(s.err, "proffer: what changes cannot be said:", err)
		}
	}
	d := admin.Deploy{Bundle: b, Message: c.Message}
	if c.DryRun {
		checked := &admin.Checked{}
		if err := c.call("POST", "/check", "", map[string]any{"bundle": b}, checked); err != nil {
			return err
		}
		problems := 0
		for _, f := range checked.Findings {
			fmt.Fprintln(s.err, named(f, d, c.File))
			if !f.Warning {
				problems++
			}
		}
		if problems > 0 {
			return fmt.Errorf("%s; it would be refused", count(problems, "problem"))
		}
		fmt.Fprintln(s.out, "it could be deployed; nothing was")
		return nil
	}
	seen := list.InForce
	if c.Seen != nil {
		seen = *c.Seen
	}
	return c.put(s, seen, d, c.File, c.JSON)
}

// screensRollbackCommand is `proffer screens rollback`.
type screensRollbackCommand struct {
	Version int    `arg:"" optional:"" help:"The version to go back to; left out: the one before that which is in force."`
	Message string `short:"m" help:"Why, in a line, for the list."`
	JSON    bool   `name:"json" help:"Print what came of it as JSON."`
	remote
}

// Help says what going back is.
func (c *screensRollbackCommand) Help() string {
	return `An older version is deployed again, as a new one. Every answer is kept, also those to questions that are gone then.

Examples:
  proffer screens rollback            back to the version before
  proffer screens rollback 3 -m "the new words confused people"`
}

// Run goes back.
func (c *screensRollbackCommand) Run(s streams) error {
	list, err := c.list(false)
	if err != nil {
		return err
	}
	to := c.Version
	if to == 0 {
		if to = list.InForce - 1; to < 1 {
			return fmt.Errorf("there is no version before %d; to go back to the file of the configuration, deploy it", list.InForce)
		}
	}
	return c.put(s, list.InForce, admin.Deploy{Version: to, Message: c.Message}, "", c.JSON)
}

// screensListCommand is `proffer screens list`.
type screensListCommand struct {
	JSON bool `name:"json" help:"Print it as JSON."`
	remote
}

// Run prints the versions, the newest first.
func (c *screensListCommand) Run(s streams) error {
	list, err := c.list(true)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(s.out, list)
	}
	switch {
	case list.InForce == 0 && list.File == "":
		fmt.Fprintf(s.out, "%s has no screen set yet\n", c.Brand)
	case list.InForce == 0:
		fmt.Fprintf(s.out, "the file of the configuration is in force; nothing was deployed yet\n")
	default:
		fmt.Fprintf(s.out, "version %d is in force", list.InForce)
		if list.FileIs == "different" {
			fmt.Fprint(s.out, ", and not the file of the configuration, which is different: deploy it to put it in force")
		}
		fmt.Fprintln(s.out)
	}
	if list.Why != "" {
		fmt.Fprintf(s.out, "warning: the server that answered uses version %d: %s\n", list.Here, list.Why)
	}
	for _, v := range list.Versions {
		mark := " "
		if v.Number == list.InForce {
			mark = "*"
		}
		said := v.Message
		if v.Back > 0 {
			said = fmt.Sprintf("back to %d. %s", v.Back, said)
		}
		fmt.Fprintf(s.out, "%s %4d  %s  %.12s  %s  %s\n", mark, v.Number, v.At.Format(time.RFC3339), v.Hash, v.By, said)
	}
	return nil
}

// screensShowCommand is `proffer screens show`.
type screensShowCommand struct {
	Version string `arg:"" default:"in-force" help:"A number, file (that of the configuration) or in-force."`
	Out     string `placeholder:"FOLDER" help:"Write the set and its files to this folder, which must not be there."`
	JSON    bool   `name:"json" help:"Print it as JSON, files and all."`
	remote
}

// Run prints the set as it was deployed.
func (c *screensShowCommand) Run(s streams) error {
	if n, err := strconv.Atoi(c.Version); c.Version != "file" && c.Version != "in-force" && (err != nil || n < 1) {
		return fmt.Errorf("%q is no version: write a number, file or in-force", c.Version)
	}
	shown := &admin.Shown{}
	if err := c.call("GET", "/"+c.Version, "", nil, shown); err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(s.out, shown)
	}
	if c.Out != "" {
		if err := os.MkdirAll(filepath.Dir(c.Out), 0o755); err != nil {
			return err
		}
		if err := os.Mkdir(c.Out, 0o755); err != nil {
			return err
		}
		file, err := unpack(shown.Bundle, c.Out)
		if err == nil {
			fmt.Fprintln(s.out, file)
		}
		return err
	}
	_, err := s.out.Write(shown.Bundle.Set)
	return err
}
