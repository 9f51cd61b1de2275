package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/admin"
	"github.com/proffer-id/proffer/internal/diag"
)

// checkCommand is `proffer check`: it reads a configuration as serve would and
// says everything that is wrong with it, without opening anything.
type checkCommand struct {
	File   string `arg:"" help:"The configuration, such as config.yaml."`
	Strict bool   `help:"Look closer: unfair choices, tiring campaigns, texts that are too long or not translated, special data, large tokens; and take warnings as problems."`
	JSON   bool   `name:"json" help:"Print the findings as JSON."`
}

// Run prints the findings; it fails if something would stop a start.
func (c *checkCommand) Run(s streams) error {
	cfg, found := proffer.Inspect(c.File)
	problems := found.Errors()
	if c.Strict && problems == 0 {
		cfg.Lint(found)
	}
	warnings := len(found.All()) - problems
	if c.JSON {
		if err := printJSON(s.out, found, problems, warnings); err != nil {
			return err
		}
	} else {
		printFindings(s.out, found, cfg.Store)
		if problems+warnings > 0 {
			fmt.Fprintln(s.out, tally(problems, warnings))
		}
		if problems == 0 {
			fmt.Fprintln(s.out, summary(cfg))
			fmt.Fprintln(s.out, places(cfg))
		}
	}
	if problems > 0 || c.Strict && warnings > 0 {
		return errSaid
	}
	return nil
}

// printFindings prints each finding with the lines it is about, but where a
// password of the store might stand in them.
func printFindings(w io.Writer, found *diag.Findings, store proffer.StoreAddress) {
	secret := store.Kind() != "bolt" && store.Reveal() != store.String()
	for _, f := range found.All() {
		fmt.Fprintln(w, f)
		if excerpt := found.Excerpt(f); excerpt != "" && !secret {
			for line := range strings.Lines(excerpt) {
				fmt.Fprint(w, "    ", line)
			}
			fmt.Fprintln(w)
		}
	}
}

func printJSON(w io.Writer, found *diag.Findings, problems, warnings int) error {
	return writeJSON(w, struct {
		Problems int             `json:"problems"`
		Warnings int             `json:"warnings"`
		Findings []admin.Finding `json:"findings"`
	}{problems, warnings, admin.Findings(found.All())})
}

func tally(problems, warnings int) string {
	var parts []string
	if problems > 0 {
		parts = append(parts, count(problems, "problem"))
	}
	if warnings > 0 {
		parts = append(parts, count(warnings, "warning"))
	}
	return strings.Join(parts, ", ")
}

// summary is what a configuration without problems comes to.
func summary(cfg *proffer.Config) string {
	clients, questions, screens, campaigns := 0, 0, 0, 0
	for _, b := range cfg.Brands {
		clients += len(b.Clients)
	}
	def := cfg.Catalogue()
	for _, id := range def.Brands() {
		set := def.Set(id)
		for _, q := range set.Questions {
			if !q.Shared { // it stands in another brand's set
				questions++
			}
		}
		screens += len(set.Screens)
		campaigns += len(set.Campaigns)
	}
	return fmt.Sprintf("no problems: %s, %s, %s, %s, %s", count(len(cfg.Brands), "brand"), count(clients, "client"),
		count(questions, "question"), count(screens, "screen"), count(campaigns, "campaign"))
}

// places says where a provider with this configuration keeps things.
func places(cfg *proffer.Config) string {
	if cfg.Store.Kind() == "postgres" {
		return fmt.Sprintf("everything is kept in %s, schema %s, with the bucket keys; the master key in %s, for all replicas",
			cfg.Store, cfg.Store.Schema(), cfg.Path(cfg.Keys.Master))
	}
	return fmt.Sprintf("everything is kept in %s; the keys in %s and %s", cfg.Path(cfg.Store.File()), cfg.Path(cfg.Keys.Master), cfg.Path(cfg.Keys.Buckets))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
