package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proffer-id/proffer"
)

// screensTestCommand is `proffer screens test`: a folder of cases, each a customer,
// a client and a time, with what the visit comes to beside it.
type screensTestCommand struct {
	Dir    string `arg:"" help:"The folder of cases: NAME.yaml or NAME.json, and NAME.want beside it."`
	Set    string `placeholder:"FILE" help:"The screen set; left out: set.yaml in the folder above."`
	Config string `placeholder:"FILE" help:"A configuration, for the policies of its clients and the other brands; in place of --set."`
	Brand  string `help:"What the brand of --set is called; left out: the file's name, or its folder's for set.yaml."`
	Update bool   `help:"Write what the visits come to now."`
}

// Run runs all cases, says what is otherwise than it was, and fails if anything is.
func (c *screensTestCommand) Run(s streams) error {
	var files []string
	for _, kind := range []string{"*.yaml", "*.yml", "*.json"} {
		found, err := filepath.Glob(filepath.Join(c.Dir, kind))
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	if slices.Sort(files); len(files) == 0 {
		return fmt.Errorf("there is no case in %s: a case is a file NAME.yaml with a client, a time (at) and a customer", c.Dir)
	}
	red := 0
	for _, file := range files {
		good, err := c.run(s, file)
		if err != nil {
			fmt.Fprintf(s.out, "%s\n%s\n", file, indent(err.Error()))
		}
		if !good {
			red++
		}
	}
	switch {
	case red > 0:
		fmt.Fprintf(s.out, "%s, %d not as wanted; --update takes what they come to now\n", count(len(files), "case"), red)
		return errSaid
	case c.Update:
		fmt.Fprintf(s.out, "%s, written\n", count(len(files), "case"))
	default:
		fmt.Fprintf(s.out, "%s, all as wanted\n", count(len(files), "case"))
	}
	return nil
}

// run runs one case; false if it is not as it was.
func (c *screensTestCommand) run(s streams, file string) (good bool, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	q, err := proffer.ReadCase(file, text)
	if err != nil {
		return false, err
	}
	cfg, err := c.read(s, q.Client)
	if err != nil {
		return false, err
	}
	seen, err := cfg.Foresee(context.Background(), q)
	if err != nil {
		return false, err
	}
	beside := strings.TrimSuffix(file, filepath.Ext(file)) + ".want"
	if c.Update {
		return true, os.WriteFile(beside, []byte(seen.Brief()), 0o644)
	}
	want, err := os.ReadFile(beside)
	if errors.Is(err, os.ErrNotExist) {
		return false, fmt.Errorf("there is no %s yet; --update writes it. The visit comes to:\n%s", beside, indent(seen.Brief()))
	}
	if err != nil {
		return false, err
	}
	if string(want) == seen.Brief() {
		return true, nil
	}
	fmt.Fprintln(s.out, file)
	printDifference(s.out, string(want), seen.Brief())
	for _, line := range why(seen) {
		fmt.Fprintln(s.out, "   ", line)
	}
	return false, nil
}

// read reads what the cases are about, for one client.
func (c *screensTestCommand) read(s streams, client string) (*proffer.Config, error) {
	set := c.Set
	if set == "" && c.Config == "" {
		set = filepath.Join(c.Dir, "..", "set.yaml")
	}
	return (&whatifCommand{Set: set, Config: c.Config, Brand: c.Brand, Client: client}).read(s)
}

// why are the sentences about campaigns, which a reader of a difference looks for.
func why(f *proffer.Foreseen) []string {
	var out []string
	for _, c := range f.Looked {
		shown := map[bool]string{true: "shown", false: "not shown"}
		out = append(out, fmt.Sprintf("%s is %s: %s%s", c.Campaign, shown[c.Shown], c.Why, until(c.Until)))
	}
	return out
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ")
}

// printDifference prints the lines of both texts in their order: those of both
// plain, those that are gone with -, those that are new with +.
func printDifference(w io.Writer, want, got string) {
	a, b := strings.Split(strings.TrimSuffix(want, "\n"), "\n"), strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	// common[i][j] is how many lines a[i:] and b[j:] have in common, in order.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			fmt.Fprintln(w, "      "+a[i])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			fmt.Fprintln(w, "    - "+a[i])
			i++
		default:
			fmt.Fprintln(w, "    + "+b[j])
			j++
		}
	}
}
