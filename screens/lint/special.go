package lint

import (
	_ "embed"
	"strings"
	"unicode"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// specialWords are the beginnings of words that stand for what the law calls
// special categories (GDPR Art. 9 and 10; PDPA s. 26), by what they are about and
// language.
//
//go:embed special.txt
var specialWords string

// special reports a question that seems to be about special data and does not say
// so. Whoever writes sensitivity: normal has looked at it.
func (c *check) special(q *catalogue.Question, at diag.Node) {
	if at.Field("sensitivity").Set() {
		return
	}
	texts := []catalogue.Text{q.Ask, q.Name, q.Hint}
	for _, o := range q.Options {
		texts = append(texts, o.Label)
	}
	for _, t := range texts {
		for lang, words := range t {
			if about, word := specialIn(lang, words); about != "" {
				at.Warnf("may be about %s (%q), which needs explicit consent in many countries: write sensitivity: special, or sensitivity: normal if it is not", about, word)
				return
			}
		}
	}
}

// specialIn finds what a text may be about, and the word that says so.
func specialIn(lang, text string) (about, word string) {
	base, _, _ := strings.Cut(lang, "-")
	text = strings.ToLower(text)
	for line := range strings.Lines(specialWords) {
		head, list, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.HasPrefix(head, "#") {
			continue
		}
		what, of, _ := strings.Cut(head, ", ")
		if of != base {
			continue
		}
		for w := range strings.SplitSeq(list, ",") {
			if w = strings.TrimSpace(w); w != "" && begins(text, w, base) {
				return what, w
			}
		}
	}
	return "", ""
}

// begins says whether a word of the text begins so. Thai has no blanks between
// words, and Arabic joins its articles: there it may stand anywhere.
func begins(text, word, lang string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		before := []rune(text[:from+i])
		if lang != "en" || len(before) == 0 || !unicode.IsLetter(before[len(before)-1]) {
			return true
		}
		from += i + len(word)
	}
}
