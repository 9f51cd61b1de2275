package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/experiment"
)

// experimentsCommand is `proffer experiments`: what the arms of campaigns came to.
type experimentsCommand struct {
	Campaign string      `arg:"" optional:"" help:"The campaign to look at closely; left out: all that have arms are listed."`
	Config   string      `required:"" placeholder:"FILE" help:"The configuration, whose store is only read."`
	Brand    string      `help:"The brand; left out: all of them."`
	Window   diag.Period `placeholder:"TIME" default:"30d" help:"How long after it was given an answer that is changed counts as changed (${default})."`
	JSON     bool        `name:"json" help:"Print everything as JSON."`
}

// Help has examples.
func (c *experimentsCommand) Help() string {
	return `Examples:
  proffer experiments --config config.yaml
  proffer experiments welcome --config config.yaml
  proffer experiments welcome --config config.yaml --window 14d --json

Every share is one of customers, with its 95% interval (Wilson's score interval); arms are compared with the first one that
the set names (Newcombe's interval). Numbers below 10 are hidden. As long as fewer customers were asked than arms_until says,
it is too early to tell, and the report says so.

A file store is open to one process at a time, so stop the provider first, or look at a copy; a database can be read at any
time. docs/campaigns.md says how an experiment is written, and what each number means.`
}

// Run prints the list or the report.
func (c *experimentsCommand) Run(s streams) error {
	cfg, found := proffer.Inspect(c.Config)
	fmt.Fprint(s.err, found)
	if n := found.Errors(); n > 0 {
		return fmt.Errorf("%s in %s", count(n, "problem"), c.Config)
	}
	ctx := context.Background()
	db, err := openToRead(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	got, err := cfg.CountExperiments(ctx, db, proffer.Experiments{
		Brand: c.Brand, Campaign: c.Campaign, Window: c.Window, Now: time.Now(), Read: progress(s.err, 5*time.Second, time.Now),
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(s.out, got)
	}
	switch {
	case len(got.Reports) == 0:
		fmt.Fprintln(s.out, "There is no experiment: no campaign in force has arms. docs/campaigns.md shows how to write them.")
	case c.Campaign == "":
		listExperiments(s.out, got.Reports)
	default:
		for i, r := range got.Reports {
			if i > 0 {
				fmt.Fprintln(s.out)
			}
			printExperiment(s.out, &r)
		}
	}
	if got.Unreadable > 0 {
		fmt.Fprintf(s.out, "\nThe records of %s could not be opened; they are not counted.\n", experiment.Customers(got.Unreadable))
	}
	return nil
}

// progress says every so often how far a long reading is.
func progress(w io.Writer, every time.Duration, now func() time.Time) func(int) {
	last := now()
	return func(n int) {
		if t := now(); t.Sub(last) >= every {
			last = t
			fmt.Fprintf(w, "read what happened in %s campaigns of customers …\n", experiment.Number(n))
		}
	}
}
