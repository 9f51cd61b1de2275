package diag

import (
	"fmt"
	"strings"
	"unicode"
)

// Excerpt is the lines around a finding, three at most, with a caret under its
// column; "" if the place or the source is not known. For the operator's own
// terminal only: a line may hold what does not belong in a log.
func (f *Findings) Excerpt(x Finding) string {
	src, ok := f.sources[x.File]
	if !ok || x.Line < 1 {
		return ""
	}
	all := strings.Split(strings.TrimSuffix(string(src), "\n"), "\n")
	if x.Line > len(all) {
		return ""
	}
	from, to := max(x.Line-1, 1), min(x.Line+1, len(all))
	width := len(fmt.Sprint(to))
	var b strings.Builder
	for i := from; i <= to; i++ {
		line := []rune(strings.TrimSuffix(all[i-1], "\r"))
		start := 0
		if x.Col > 90 { // a long line is shown around the place
			start = min(x.Col-60, len(line))
		}
		end := min(start+120, len(line))
		fmt.Fprintf(&b, "%*d | %s\n", width, i, visible(line[start:end]))
		if i == x.Line {
			before := line[start:min(max(x.Col-1, start), len(line))]
			fmt.Fprintf(&b, "%*s | %s^\n", width, "", blank(before))
		}
	}
	return b.String()
}

// visible keeps a terminal from being told what to do by a file.
func visible(line []rune) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, string(line))
}

// blank is as wide as the text on a terminal: nothing for marks that stand on
// another letter, as Thai has them, and two cells for wide characters.
func blank(line []rune) string {
	var b strings.Builder
	for _, r := range line {
		switch {
		case r == '\t':
			b.WriteRune('\t')
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}
