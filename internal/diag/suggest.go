package diag

import (
	"fmt"
	"strings"
)

// Suggest returns the name among those given that was most likely meant, or "".
// Of two as near, the first.
func Suggest(name string, among []string) string {
	if len(name) > 64 || name == "" {
		return ""
	}
	best, least := "", allowed(name)+1
	for _, x := range among {
		if len(x) > 64 || x == name {
			continue
		}
		d := distance([]rune(strings.ToLower(name)), []rune(strings.ToLower(x)))
		if plainName(x) == plainName(name) {
			d = 0
		}
		if d < least {
			best, least = x, d
		}
	}
	return best
}

// DidYouMean is `; did you mean "x"?`, or "" if nothing is near: to be appended
// to a message. where gives the place of a name, as Node.Pos does; nil leaves it out.
func DidYouMean(name string, among []string, where func(name string) string) string {
	near := Suggest(name, among)
	if near == "" {
		return ""
	}
	s := fmt.Sprintf("; did you mean %q?", near)
	if where != nil {
		if pos := where(near); pos != "" {
			s += " (" + pos + ")"
		}
	}
	return s
}

// allowed is how many slips of the finger a name of this length may have.
func allowed(name string) int {
	switch n := len([]rune(name)); {
	case n <= 2:
		return 0
	case n <= 4:
		return 1
	case n <= 7:
		return 2
	}
	return 3
}

// plainName takes away what people mix up: case, hyphens, a plural.
func plainName(s string) string {
	return strings.TrimSuffix(strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(s)), "s")
}

// distance counts insertions, deletions, changes and swaps of neighbours
// (optimal string alignment).
func distance(a, b []rune) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
