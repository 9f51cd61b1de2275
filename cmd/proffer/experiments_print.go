package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/proffer-id/proffer/screens/experiment"
)

// few stands for every number that is hidden.
var few = fmt.Sprintf("fewer than %d", experiment.Fewest)

// listExperiments prints a line for each experiment.
func listExperiments(w io.Writer, reports []experiment.Report) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "BRAND\tCAMPAIGN\tARMS\tASKED\tPLANNED\t")
	for _, r := range reports {
		planned := "not said"
		if r.Planned > 0 {
			planned = experiment.Number(r.Planned)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Brand, r.Campaign, r.Shares(), asked(&r), planned, r.State())
	}
	t.Flush()
	fmt.Fprintln(w, "\nproffer experiments CAMPAIGN looks at one closely.")
}

// asked is how many customers were asked, in all arms.
func asked(r *experiment.Report) string {
	if r.Offered > 0 {
		return experiment.Number(r.Offered)
	}
	for _, a := range r.Arms {
		if a.Offered > 0 {
			return "some"
		}
	}
	return few
}

// printExperiment prints one experiment for people.
func printExperiment(w io.Writer, r *experiment.Report) {
	fmt.Fprintf(w, "%s of %s, an experiment with %s: %s\n", r.Campaign, r.Brand, count(len(r.Arms), "arm"), r.Shares())
	switch {
	case asked(r) == few:
		fmt.Fprintf(w, "%s customers have been asked so far; there is nothing to show before that.\n", strings.ToUpper(few[:1])+few[1:])
	case r.Planned > 0 && r.Offered > 0:
		fmt.Fprintf(w, "%s have been asked, of %s planned.\n", experiment.Customers(r.Offered), experiment.Number(r.Planned))
	case r.Offered > 0:
		fmt.Fprintf(w, "%s have been asked.\n", experiment.Customers(r.Offered))
	}
	for _, n := range r.Warnings {
		fmt.Fprintln(w)
		printWrapped(w, "! ", n.Text)
	}
	if asked(r) == few {
		return
	}
	fmt.Fprintln(w)
	printArms(w, r)
	if len(r.Arms) > 1 {
		fmt.Fprintf(w, "\ncompared with %s, of 100 customers:\n", r.Arms[0].ID)
	}
	arm := ""
	for _, d := range r.Differences {
		if d.Arm != arm {
			arm = d.Arm
			fmt.Fprintf(w, "  %s\n", arm)
		}
		fmt.Fprintf(w, "    %-*s  %s\n", widest, d.Measure.Words(window(r)), d.Says)
	}
	fmt.Fprintln(w)
	note := "In brackets: what it may well be, the 95% interval (Wilson's; of seconds, by order). Every share is one of customers."
	if len(r.Arms) > 1 {
		note += " Differences have Newcombe's interval"
		if len(r.Arms) > 2 {
			note += fmt.Sprintf(", which is wider as there are %d to look at, so that all of a line hold together", len(r.Arms)-1)
		}
		note += ". The more lines are read, the more likely one is chance: say beforehand which one decides."
	}
	printWrapped(w, "", note)
}

// widest is as wide as the words of any measure.
const widest = 33

// window is how long changes count, in words.
func window(r *experiment.Report) string {
	if n, ok := strings.CutSuffix(r.Window, "d"); ok {
		if n == "1" {
			return "1 day"
		}
		return n + " days"
	}
	return r.Window
}

// printArms prints what customers did, a column for each arm.
func printArms(w io.Writer, r *experiment.Report) {
	rows := [][]string{{""}, {"customers who were asked"}}
	for _, a := range r.Arms {
		rows[0] = append(rows[0], a.ID)
		if a.Offered > 0 {
			rows[1] = append(rows[1], experiment.Number(a.Offered))
		} else {
			rows[1] = append(rows[1], few)
		}
	}
	for _, m := range experiment.Measures() {
		row := []string{"  " + m.Words(window(r))}
		for _, a := range r.Arms {
			row = append(row, shareWords(m, a.Did[m]))
		}
		rows = append(rows, row)
	}
	row := []string{"seconds for a page, typically"}
	for _, a := range r.Arms {
		if a.Seconds == nil {
			row = append(row, few)
			continue
		}
		row = append(row, fmt.Sprintf("%g (%g–%g)", a.Seconds.Median, a.Seconds.Low, a.Seconds.High))
	}
	printColumns(w, append(rows, row))
}

// shareWords is a share with its interval: "46% (38–54%)". Of what not all customers
// can do, it says of how many.
func shareWords(m experiment.Measure, s experiment.Share) string {
	of := ""
	if (m == experiment.Changed || m == experiment.Confirmed) && s.Of > 0 {
		of = " of " + experiment.Number(s.Of)
	}
	percent := func(x float64) string {
		if p := 100 * x; p > 0 && p < 9.95 || p > 90.05 && p < 100 {
			return fmt.Sprintf("%.1f", p)
		}
		return fmt.Sprintf("%.0f", 100*x)
	}
	switch s.Hidden {
	case experiment.FewOf:
		return "of " + few
	case experiment.FewEither:
		return "too few to show" + of
	case experiment.FewDid:
		return few + of
	case experiment.FewDidNot:
		return "all but " + few + of
	}
	return fmt.Sprintf("%s%%%s (%s–%s%%)", percent(s.Rate), of, percent(s.Low), percent(s.High))
}

// printColumns prints rows with their cells below each other.
func printColumns(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// printWrapped prints a text in lines of some 100 letters.
func printWrapped(w io.Writer, mark, text string) {
	line := mark
	for i, word := range strings.Fields(text) {
		if i > 0 && utf8.RuneCountInString(line)+utf8.RuneCountInString(word) >= 100 {
			fmt.Fprintln(w, line)
			line = strings.Repeat(" ", len(mark)) + word
			continue
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(w, line)
}
