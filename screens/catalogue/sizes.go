package catalogue

import (
	_ "embed"
	"slices"
	"strings"
)

// sizeTable has the systems of sizes; its head says how it is written.
//
//go:embed sizes.txt
var sizeTable string

// Sizes are what a question of kind size offers: sizes of one system, in the
// notations that customers may choose from.
type Sizes struct {
	System    string   // "shoes_women"
	Notations []string // offered, in the order of the page: "eu", "uk"

	known []string   // all notations of the system; the first is canonical
	rows  [][]string // one a size, in order: how each known notation calls it, "" where it has none
}

// sizeSystems are all systems whole, in the order of the table.
func sizeSystems() []*Sizes {
	var list []*Sizes
	for line := range strings.Lines(sizeTable) {
		line, _, _ = strings.Cut(line, "#")
		switch cells := strings.Fields(line); {
		case len(cells) == 0:
		case line[0] != ' ':
			list = append(list, &Sizes{System: cells[0], Notations: cells[1:], known: cells[1:]})
		default:
			for i, c := range cells {
				if c == "-" {
					cells[i] = ""
				}
			}
			s := list[len(list)-1]
			s.rows = append(s.rows, cells)
		}
	}
	return list
}

// sizeSystem is the system of a name; nil if there is none.
func sizeSystem(name string) *Sizes {
	return find(sizeSystems(), func(s *Sizes) bool { return s.System == name })
}

// canonical are the sizes as they are kept, in order.
func (s *Sizes) canonical() []string {
	var out []string
	for _, row := range s.rows {
		out = append(out, row[0])
	}
	return out
}

// index is where a canonical size stands among the rows; -1 if it is none of them.
func (s *Sizes) index(size string) int {
	return slices.IndexFunc(s.rows, func(row []string) bool { return row[0] == size })
}

// called is how a notation calls a canonical size: "UK 8", or "M" in letters. ""
// if it has no such size.
func (s *Sizes) called(size, notation string) string {
	row, column := s.index(size), slices.Index(s.known, notation)
	switch {
	case row < 0 || column < 0 || s.rows[row][column] == "":
		return ""
	case notation == "letters":
		return s.rows[row][column]
	}
	return strings.ToUpper(notation) + " " + s.rows[row][column]
}

// span are the least and the greatest canonical size as numbers; ok is false where
// sizes are letters.
func (s *Sizes) span() (least, greatest Decimal, ok bool) {
	first, err := ParseDecimal(s.First())
	if err != nil {
		return 0, 0, false
	}
	last, err := ParseDecimal(s.Last())
	return first, last, err == nil
}

// First and Last are the ends of what is offered: "36". "" for nil.
func (s *Sizes) First() string {
	if s == nil || len(s.rows) == 0 {
		return ""
	}
	return s.rows[0][0]
}

func (s *Sizes) Last() string {
	if s == nil || len(s.rows) == 0 {
		return ""
	}
	return s.rows[len(s.rows)-1][0]
}
