package catalogue

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Show is the value in words, for pages; "" of one that it cannot have.
func (d *Derived) Show(v Value, lang string) string {
	if v.form == formNumber {
		return v.num.In(lang)
	}
	return d.like.Show(v, lang, nil)
}

// Outcomes are the values it can have as a list has them, with what customers read
// for each: the bands, or the cases of a match. nil for numbers.
func (d *Derived) Outcomes() []*Option { return slices.Clone(d.like.Options) }

// How is the way it is worked out, on one line, for comparisons.
func (d *Derived) How() string {
	var parts []string
	switch {
	case d.points != nil:
		for _, p := range d.points {
			parts = append(parts, p.String())
		}
		return "the sum of " + strings.Join(parts, "; ")
	case d.cases != nil:
		for _, c := range d.cases {
			parts = append(parts, said(c.is)+" if "+c.when.String())
		}
		if !d.other.IsZero() {
			parts = append(parts, "else "+said(d.other))
		}
		return strings.Join(parts, "; ")
	}
	of := ""
	if d.from != nil {
		of = d.from.ID
	} else {
		of = "the age by " + d.of.ID
	}
	if d.bands == nil {
		return of
	}
	for i := range d.bands {
		parts = append(parts, bandName(d.bands, i))
	}
	return "the band of " + of + ": " + strings.Join(parts, ", ")
}

// said is a case of the definition as its file writes it.
func said(v Value) string {
	if v.form == formBool {
		return strconv.FormatBool(v.yes)
	}
	return v.text
}

// String is the points as a comparison tells them: "times (morning 2, night -1)".
func (p points) String() string {
	if p.of == nil {
		return p.question.ID
	}
	var each []string
	for _, o := range slices.Sorted(maps.Keys(p.of)) {
		each = append(each, o+" "+p.of[o].String())
	}
	return p.question.ID + " (" + strings.Join(each, ", ") + ")"
}
