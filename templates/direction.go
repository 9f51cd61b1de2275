package templates

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// Direction is the direction a language is written in, "ltr" or "rtl".
func Direction(lang string) string {
	switch base, _, _ := strings.Cut(lang, "-"); base {
	case "ar", "fa", "he", "ur":
		return "rtl"
	}
	return "ltr"
}

// Listed puts things in a row, with the comma of the language.
func Listed(lang string, things ...string) string {
	comma := ", "
	switch base, _, _ := strings.Cut(lang, "-"); base {
	case "ar", "fa", "ur":
		comma = "، "
	}
	return strings.Join(things, comma)
}

// isolated keeps a value in the other direction together, where there is no
// markup to do it: without it the number after "Sole & Co" in an Arabic sentence
// is drawn into the name (Unicode UAX #9, W7). What has only digits or runs with
// the sentence is left as it is.
func isolated(lang, value string) string {
	if Direction(lang) != "rtl" || strings.IndexFunc(value, leftToRight) < 0 {
		return value
	}
	return "\u2068" + value + "\u2069" // FSI and PDI
}

func leftToRight(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return unicode.IsLetter(r) && p.Class() == bidi.L
}
