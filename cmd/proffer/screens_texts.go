package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/proffer-id/proffer/screens/texts"
)

// screensTextsCommand is `proffer screens texts`.
type screensTextsCommand struct {
	Export screensTextsExportCommand `cmd:"" help:"Print the texts of a set as CSV."`
	Import screensTextsImportCommand `cmd:"" help:"Put the texts of a CSV file into a set."`
}

type screensTextsExportCommand struct {
	Set  string   `required:"" placeholder:"FILE" help:"The set."`
	Lang []string `placeholder:"LANGUAGE" help:"Languages to translate to, beside the one to translate from; they may be new. Left out: all there are."`
}

// Help has an example.
func (c *screensTextsExportCommand) Help() string {
	return `Example:
  proffer screens texts export --set set.yaml --lang th > texts.csv`
}

// Run prints the table.
func (c *screensTextsExportCommand) Run(s streams) error {
	set, _, err := whole(s, c.Set, "")
	if err != nil {
		return err
	}
	_, err = s.out.Write(texts.Of(set, c.Lang...).CSV())
	return err
}

type screensTextsImportCommand struct {
	Set    string `required:"" placeholder:"FILE" help:"The set, which is changed."`
	CSV    string `name:"csv" required:"" placeholder:"FILE" help:"The table, as it was exported and translated."`
	DryRun bool   `name:"dry-run" help:"Say what would change; write nothing."`
}

// Help has an example.
func (c *screensTextsImportCommand) Help() string {
	return `Example:
  proffer screens texts import --set set.yaml --csv texts.csv --dry-run`
}

// Run writes the set anew if its new words can be loaded.
func (c *screensTextsImportCommand) Run(s streams) error {
	set, bundle, err := whole(s, c.Set, "")
	if err != nil {
		return err
	}
	b, err := os.ReadFile(c.CSV)
	if err != nil {
		return err
	}
	table, err := texts.ReadCSV(b)
	if err != nil {
		return fmt.Errorf("%s: %w", c.CSV, err)
	}
	out, changes, said, err := texts.Import(set, bundle.Set, table)
	if err != nil {
		return fmt.Errorf("%s: %w", c.CSV, err)
	}
	for _, line := range said {
		fmt.Fprintln(s.err, line)
	}
	for _, x := range changes {
		fmt.Fprintf(s.out, "%s (%s): %q in place of %q\n", x.Key, x.Lang, x.New, x.Old)
	}
	if len(changes) == 0 {
		fmt.Fprintln(s.out, "nothing changes")
		return nil
	}
	if err := replace(s, c.Set, out, c.DryRun); err != nil {
		return err
	}
	if c.DryRun {
		fmt.Fprintf(s.out, "%s would change; nothing was written\n", count(len(changes), "text"))
		return nil
	}
	fmt.Fprintf(s.out, "wrote %s: %s changed\n", c.Set, count(len(changes), "text"))
	return nil
}

// replace puts a set in the place of an older one, in one step and only if it is
// whole; dry only looks.
func replace(s streams, file string, text []byte, dry bool) error {
	was, err := os.Stat(file)
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*") // beside it: the pictures stand there
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // is gone after the rename
	_, err = next.Write(text)
	if err == nil {
		err = next.Chmod(was.Mode().Perm())
	}
	if err == nil {
		err = next.Sync()
	}
	if closed := next.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	set, _, found := alone(next.Name(), "brand")
	for _, f := range found.All() {
		f.File = file
		fmt.Fprintln(s.err, f)
	}
	if n := found.Errors(); n > 0 || set == nil {
		return fmt.Errorf("%s with these texts; nothing was written", count(max(n, 1), "problem"))
	}
	if dry {
		return nil
	}
	return os.Rename(next.Name(), file)
}
