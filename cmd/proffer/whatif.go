package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/store"
)

// whatifCommand is `proffer whatif`: what a visit would be, and why. It writes
// nothing but the folder of --html.
type whatifCommand struct {
	Set      string `placeholder:"FILE" help:"A screen set, tried out alone; every answer may then leave."`
	Config   string `placeholder:"FILE" help:"A configuration, for the policies of its clients and the other brands; in place of --set."`
	Brand    string `help:"What the brand of --set is called; left out: the file's name, or its folder's for set.yaml."`
	Customer string `placeholder:"FILE" help:"The customer and what they do, as YAML or JSON; docs/whatif.md."`
	Account  string `placeholder:"ID" help:"A customer of the store of --config, which is only read; --customer then says what they do."`
	Client   string `required:"" help:"The site that sends the customer: its client_id."`
	At       string `placeholder:"TIME" help:"When: 2027-02-01, or with a time and its zone; left out: now."`
	Locale   string `help:"The language of the pages; left out: the first there is."`
	JSON     bool   `name:"json" help:"Print it as JSON."`
	HTML     string `name:"html" placeholder:"FOLDER" help:"Write the pages of the visit to this folder, with an index."`
}

// Run prints what would be; it fails if that cannot be said.
func (c *whatifCommand) Run(s streams) error {
	if (c.Set == "") == (c.Config == "") {
		return errors.New("write --set for a screen set alone, or --config for a whole configuration")
	}
	if c.Account != "" && c.Config == "" {
		return errors.New("--account needs --config: the store that the customer is in")
	}
	q := proffer.WhatIf{Client: c.Client, At: time.Now(), Locale: c.Locale, File: c.Customer, Pages: c.HTML != ""}
	var err error
	if c.At != "" {
		if q.At, err = proffer.ParseMoment(c.At); err != nil {
			return fmt.Errorf("--at: %w", err)
		}
	}
	cfg, err := c.read(s)
	if err != nil {
		return err
	}
	if c.Customer != "" {
		if q.Text, err = os.ReadFile(c.Customer); err != nil {
			return err
		}
	} else if c.Account == "" {
		q.File, q.Text = "nobody.json", []byte("{}")
	}
	seen, err := c.foresee(cfg, q)
	if err != nil {
		return err
	}
	if c.HTML != "" {
		if err := writePages(c.HTML, seen); err != nil {
			return err
		}
	}
	if c.JSON {
		return writeJSON(s.out, seen)
	}
	printForeseen(s.out, seen)
	if c.HTML != "" {
		fmt.Fprintln(s.out, "\nthe pages are in", filepath.Join(c.HTML, "index.html"))
	}
	return nil
}

// read reads the set or the configuration, and says what is wrong with it.
func (c *whatifCommand) read(s streams) (*proffer.Config, error) {
	if c.Config != "" {
		cfg, found := proffer.Inspect(c.Config)
		fmt.Fprint(s.err, found)
		if n := found.Errors(); n > 0 {
			return nil, fmt.Errorf("%s in %s", count(n, "problem"), c.Config)
		}
		return cfg, nil
	}
	cfg, found := proffer.SetAlone(c.Set, c.Brand, c.Client)
	fmt.Fprint(s.err, found)
	if n := found.Errors(); n > 0 {
		return nil, fmt.Errorf("%s in %s", count(n, "problem"), c.Set)
	}
	return cfg, nil
}

// foresee asks, with the store open for reading alone where the customer is in it.
func (c *whatifCommand) foresee(cfg *proffer.Config, q proffer.WhatIf) (*proffer.Foreseen, error) {
	ctx := context.Background()
	if c.Account == "" {
		return cfg.Foresee(ctx, q)
	}
	if err := q.Account.UnmarshalText([]byte(c.Account)); err != nil {
		return nil, fmt.Errorf("--account: %w", err)
	}
	db, err := openToRead(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	q.DB = db
	return cfg.Foresee(ctx, q)
}

// openToRead opens the store that cfg names, which must be there, for reading.
func openToRead(ctx context.Context, cfg *proffer.Config) (*store.DB, error) {
	if cfg.Store.Kind() == "bolt" { // else it would be made
		for _, file := range []string{cfg.Store.File(), cfg.Keys.Master, cfg.Keys.Buckets} {
			if _, err := os.Stat(cfg.Path(file)); err != nil {
				return nil, fmt.Errorf("the store is not there: %w", err)
			}
		}
	} else if _, err := os.Stat(cfg.Path(cfg.Keys.Master)); err != nil {
		return nil, fmt.Errorf("the store's key is not there: %w", err)
	}
	driver, keys, err := openDriver(ctx, cfg, nil)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, readOnly{driver}, proffer.Tables(), store.Options{Now: time.Now, Keys: keys})
	if err != nil {
		return nil, errors.Join(err, driver.Close())
	}
	return db, nil
}

// readOnly is a driver through which nothing is written.
type readOnly struct{ store.Driver }

var errReadOnly = errors.New("the store is open for reading alone")

// Update refuses to run anything.
func (readOnly) Update(context.Context, func(store.Reader) (*store.Writes, error)) error {
	return errReadOnly
}

// Sweep refuses too.
func (readOnly) Sweep(context.Context, time.Time, int) (int, error) { return 0, errReadOnly }

// writePages writes the pages, what they load, and an index to a folder.
func writePages(folder string, seen *proffer.Foreseen) error {
	files := seen.Files
	index, err := indexPage(seen)
	if err != nil {
		return err
	}
	files["index.html"] = index
	for name, b := range files {
		to := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}
