package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Finding is one thing to put right, or with Warning one to look at.
type Finding struct {
	File    string
	Line    int    // from 1; 0: the place is not known (a value set in Go)
	Col     int    // from 1, in characters
	Path    string // "campaigns.welcome.show[2]"; "" is the whole file
	Message string // what is wrong and what to do
	Warning bool   // does not stop a start
}

// String is the finding on one line.
func (f Finding) String() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File)
		if f.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", f.Line, f.Col)
		}
		b.WriteString(": ")
	}
	if f.Warning {
		b.WriteString("warning: ")
	}
	if f.Path != "" {
		b.WriteString(f.Path + ": ")
	}
	b.WriteString(f.Message)
	return b.String()
}

// Findings collects what is found in any number of files. Its zero value is
// empty and ready. Not for use by several goroutines at once.
type Findings struct {
	list    []Finding
	sources map[string][]byte // for excerpts, by file
}

// Add appends a finding that belongs to no node, such as a file that cannot be read.
func (f *Findings) Add(x Finding) { f.list = append(f.list, x) }

// All returns every finding, ordered by file, line, column, path and message, each once.
func (f *Findings) All() []Finding {
	out := slices.Clone(f.list)
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(out)
}

// Errors is how many findings stop a start.
func (f *Findings) Errors() int {
	n := 0
	for _, x := range f.All() {
		if !x.Warning {
			n++
		}
	}
	return n
}

// Err returns nil if nothing stops a start, else an *Error with every finding.
func (f *Findings) Err() error {
	if f.Errors() == 0 {
		return nil
	}
	return &Error{Findings: f.All()}
}

// String is every finding on a line of its own.
func (f *Findings) String() string { return lines(f.All()) }

// An Error is what stops a start: findings, at least one of them no warning.
type Error struct{ Findings []Finding }

// Error is every finding on a line of its own.
func (e *Error) Error() string { return strings.TrimSuffix(lines(e.Findings), "\n") }

func lines(list []Finding) string {
	var b strings.Builder
	for _, x := range list {
		b.WriteString(x.String() + "\n")
	}
	return b.String()
}
