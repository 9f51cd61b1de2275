package lint

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// day is one to count periods from.
var day = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// unfinished are words that nobody means to publish.
var unfinished = regexp.MustCompile(`(?i)\b(todo|tbd|fixme|xxx|lorem ipsum)\b|\?\?\?|\[\[`)

// text looks at one text in all its languages.
func (c *check) text(at diag.Node, t catalogue.Text, most int) {
	langs := slices.Sorted(maps.Keys(t))
	for _, lang := range langs {
		c.words(at.Field(lang), lang, t[lang], most)
		if strings.ContainsAny(t[lang], "{}") {
			at.Field(lang).Warnf("has braces, which are shown as they are written; only a unit has plurals")
		}
	}
	for i, a := range langs {
		for _, b := range langs[i+1:] {
			c.pair(at, t, a, b)
		}
	}
}

// words looks at a text in one language.
func (c *check) words(at diag.Node, lang, words string, most int) {
	if n := length(words); n > most {
		at.Warnf("has %d characters; more than %d do not fit on a small screen", n, most)
	}
	if unfinished.MatchString(words) {
		at.Warnf("looks unfinished: %q", unfinished.FindString(words))
	}
	if strings.Contains(words, "  ") || strings.TrimSpace(words) != words {
		at.Warnf("has blanks at its ends, or two in a row")
	}
	c.script(at, lang, words)
}

// pair compares a text in two languages.
func (c *check) pair(at diag.Node, t catalogue.Text, a, b string) {
	x, y := t[a], t[b]
	here := at.Field(b)
	switch nx, ny := length(x), length(y); {
	case x == y && strings.ContainsRune(x, ' ') && letters(x) >= 10:
		here.Warnf("is the same as in %s; is it translated?", a)
	case max(nx, ny) > 3*min(nx, ny)+24:
		here.Warnf("is %d characters long, and %d in %s; does it say the same?", ny, nx, a)
	case numbers(x) != numbers(y):
		here.Warnf("has other numbers than in %s; does it say the same?", a)
	}
}

// scripts are what languages that do not use Latin letters are written in.
var scripts = map[string]*unicode.RangeTable{
	"th": unicode.Thai, "ar": unicode.Arabic, "fa": unicode.Arabic, "he": unicode.Hebrew, "ru": unicode.Cyrillic, "uk": unicode.Cyrillic,
	"el": unicode.Greek, "lo": unicode.Lao, "km": unicode.Khmer, "my": unicode.Myanmar, "hi": unicode.Devanagari, "ko": unicode.Hangul,
}

// script reports a text that is written in the letters of another language. Names
// of things are short, and stay as they are everywhere.
func (c *check) script(at diag.Node, lang, words string) {
	base, _, _ := strings.Cut(lang, "-")
	own := scripts[base]
	in := func(table *unicode.RangeTable) bool {
		return strings.ContainsFunc(words, func(r rune) bool { return unicode.Is(table, r) })
	}
	if own != nil && !in(own) && letters(words) >= 12 {
		at.Warnf("has no letter of the language; is it translated?")
		return
	}
	if own != nil {
		return
	}
	for _, other := range slices.Sorted(maps.Keys(scripts)) {
		if in(scripts[other]) {
			at.Warnf("has letters of another language (%s) in it", other)
			return
		}
	}
}

// length is how many characters people count in a text.
func length(s string) int {
	n := 0
	for g := graphemes.FromString(s); g.Next(); {
		n++
	}
	return n
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// numbers are the digits of a text in order, whatever script they are written in,
// and set apart by one blank.
func numbers(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '๐' && r <= '๙':
			b.WriteRune('0' + r - '๐')
		case r >= '٠' && r <= '٩':
			b.WriteRune('0' + r - '٠')
		case b.Len() > 0 && !strings.HasSuffix(b.String(), " "):
			b.WriteByte(' ')
		}
	}
	list := strings.Fields(b.String())
	slices.Sort(list)
	return strings.Join(list, " ")
}
