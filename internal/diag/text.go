package diag

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Text is words in several languages: {en: Coffee, th: กาแฟ}. A plain string
// will do where only one language is configured.
type Text map[string]string

// In returns the words in a language: the very tag, else its base language,
// else English, else the first by name. "" only if the text is empty.
func (t Text) In(lang string) string {
	for {
		if s, ok := t[lang]; ok {
			return s
		}
		if lang = Parent(lang); lang == "" {
			break
		}
	}
	if s, ok := t["en"]; ok {
		return s
	}
	first := ""
	for tag := range t {
		if first == "" || tag < first {
			first = tag
		}
	}
	return t[first]
}

// IsZero says whether nothing is written.
func (t Text) IsZero() bool { return len(t) == 0 }

// DecodeNode reads the words by language, or a plain string.
func (t *Text) DecodeNode(at Node) {
	*t = Text{}
	if s, ok := at.Scalar(); ok {
		(*t)[""] = s
		return
	}
	if !at.IsMap() {
		at.Errorf("write the words by language, such as {en: …}, not %s", at.what())
		return
	}
	var words map[string]string
	at.Decode(&words)
	*t = words
}

// maxText is how many characters a text may have: a page is no book.
const maxText = 2000

// looksLikeHTML finds tags, comments and entities: texts are shown as they are
// written, so they would stand on the page. "I <3 coffee" and "Q&A" are none.
var looksLikeHTML = regexp.MustCompile(`<[a-zA-Z/!?]|&(#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]+);`)

// Check reports missing and unknown languages, empty words, HTML, line breaks and
// control characters. A text that is not written at all is reported only if it is
// required. A plain string becomes the words of the one language there is.
func (t *Text) Check(at Node, languages []string, required bool) {
	if len(*t) == 0 {
		if required && (!at.Set() || at.IsMap() && len(at.Keys()) == 0) {
			at.Errorf("is missing; write it in %s", strings.Join(languages, ", "))
		}
		return
	}
	if s, ok := (*t)[""]; ok && len(*t) == 1 && !at.IsMap() {
		if len(languages) != 1 {
			at.Errorf("write it in each language: {%s: …}", strings.Join(languages, ": …, "))
			return
		}
		*t = Text{languages[0]: s}
		checkWords(at, s)
		return
	}
	for _, lang := range at.sorted(*t) {
		if !slices.Contains(languages, lang) {
			at.Key(lang).Errorf("language %q is not configured%s", cut(lang, 40), DidYouMean(lang, languages, nil))
			continue
		}
		checkWords(at.Field(lang), (*t)[lang])
	}
	for _, lang := range languages {
		if _, ok := (*t)[lang]; !ok && !FallsBack(lang, languages) {
			at.Errorf("has no %s; every text stands in %s", lang, strings.Join(languages, ", "))
		}
	}
}

// FallsBack says whether the words of a language may be left out, because those of
// the language that it is a variety of are there: en-GB falls back to en.
func FallsBack(lang string, languages []string) bool {
	for lang = Parent(lang); lang != ""; lang = Parent(lang) {
		if slices.Contains(languages, lang) {
			return true
		}
	}
	return false
}

// Parent is the language that a tag is a variety of: "en" of "en-GB"; "" of none.
func Parent(tag string) string {
	i := strings.LastIndexByte(tag, '-')
	return tag[:max(i, 0)]
}

// sorted are the languages of a text, so that findings come in one order.
func (n Node) sorted(t Text) []string {
	var tags []string
	for tag := range t {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags
}

func checkWords(at Node, s string) {
	switch {
	case strings.TrimSpace(s) == "":
		at.Errorf("has no words")
	case utf8.RuneCountInString(s) > maxText:
		at.Errorf("has %d characters; %d are the most", utf8.RuneCountInString(s), maxText)
	case strings.IndexFunc(s, unprintable) >= 0:
		at.Errorf("has a line break or a control character; write plain words on one line")
	case looksLikeHTML.MatchString(s):
		at.Errorf("has HTML in it (%s); texts are shown as they are written, so write plain words", looksLikeHTML.FindString(s))
	}
}

// unprintable are control characters, and the two that turn the direction of
// what follows, with which a text can be made to look like another.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r == '\u202D' || r == '\u202E' || r == '\u2028' || r == '\u2029'
}
