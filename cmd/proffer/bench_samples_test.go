//go:build linux

package main

import (
	"fmt"
	"slices"
	"strconv"
)

// samples are what one thing came to, round by round.
type samples []float64

func (s samples) sorted() samples {
	c := slices.Clone(s)
	slices.Sort(c)
	return c
}

func (s samples) median() float64 {
	c := s.sorted()
	return (c[(len(c)-1)/2] + c[len(c)/2]) / 2
}

// String is least, median, most, with three digits or so.
func (s samples) String() string {
	c := s.sorted()
	return fmt.Sprintf("%s | %s | %s", digits(c[0]), digits(s.median()), digits(c[len(c)-1]))
}

func digits(f float64) string {
	switch {
	case f >= 99.95:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case f >= 9.995:
		return strconv.FormatFloat(f, 'f', 1, 64)
	case f >= 0.9995:
		return strconv.FormatFloat(f, 'f', 2, 64)
	}
	return strconv.FormatFloat(f, 'f', 3, 64)
}

// part says how much of a whole something is: 1/27, or 1.12 of it.
func part(f float64) string {
	if f > 0.5 {
		return digits(f)
	}
	return "1/" + digits(1/f)
}
