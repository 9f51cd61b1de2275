package catalogue

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/unicode/norm"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/internal/problem"
)

// Characters of a text, and of what is typed beside "other".
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// text is words of one's own: one line, or several where it is long.
type text struct{}

func (text) Name() string { return "text" }

func (text) keys() []string { return []string{"limit", "long", "autocomplete"} }

func (text) parse(q *Question, form url.Values, field string) (Value, error) {
	typed, err := only(form, field)
	if err != nil {
		return Value{}, err
	}
	words, err := clean(typed, q.Limit, q.Long, field)
	if err != nil {
		return Value{}, err
	}
	if words == "" {
		return Value{}, problem.At(field, "answer.none")
	}
	return Word(words), nil
}

func (text) accepts(q *Question, v Value) bool {
	return v.form == formText && isClean(v.text, q.Limit, q.Long)
}

func (text) show(_ *Question, v Value, _ string, _ Dates) string { return v.text }

func (text) load(q *Question, raw *rawQuestion, l *loading) {
	l.limit(q, raw)
	q.Long = raw.Long
	if q.Long && raw.Autocomplete != "" {
		raw.At.Field("autocomplete").Errorf("nothing a browser knows has several lines; leave this or long out")
	}
	q.Autocomplete = raw.Autocomplete
	if q.Autocomplete != "" && !autofill[q.Autocomplete] {
		raw.At.Field("autocomplete").Errorf("%q is no autofill name of HTML%s", clip(q.Autocomplete), diag.DidYouMean(q.Autocomplete, keys(autofill), nil))
	}
}

func (text) want(q *Question, at diag.Node) (Value, bool) {
	at.Errorf("%s is a text of one's own words; a condition can read answered, declined or older_than of it", q.ID)
	return Value{}, false
}

// autofill are the names of HTML's autocomplete attribute that a question may
// have: what a browser knows of its user, no passwords or cards.
var autofill = map[string]bool{"name": true, "given-name": true, "additional-name": true, "family-name": true, "nickname": true,
	"honorific-prefix": true, "organization": true, "organization-title": true, "country-name": true, "country": true, "postal-code": true,
	"address-level1": true, "address-level2": true, "tel": true, "language": true, "url": true, "off": true}

// clean makes typed words fit to be kept: composed (NFC), without blanks at the
// ends, at most limit characters as people count them (grapheme clusters, UAX 29),
// no control characters but the end of a line where several may be typed, and none
// that turn the direction of the words around them.
func clean(typed string, limit int, long bool, field string) (string, error) {
	if len(typed) > 16*limit+256 { // long before it is worth the work
		return "", problem.At(field, "answer.too_long").With("count", limit)
	}
	if !utf8.ValidString(typed) {
		return "", problem.At(field, "answer.characters")
	}
	words := strings.TrimSpace(norm.NFC.String(typed))
	one := words
	if long {
		words = strings.ReplaceAll(words, "\r\n", "\n") // as forms send it
		one = strings.ReplaceAll(words, "\n", " ")
	}
	if strings.IndexFunc(one, unfit) >= 0 {
		return "", problem.At(field, "answer.characters")
	}
	if !fitsIn(words, limit) {
		return "", problem.At(field, "answer.too_long").With("count", limit)
	}
	return words, nil
}

// fitsIn says whether words have at most limit characters, as people count them.
func fitsIn(words string, limit int) bool {
	n := 0
	for g := graphemes.FromString(words); g.Next(); {
		if n++; n > limit {
			return false
		}
	}
	return true
}

func isClean(words string, limit int, long bool) bool {
	again, err := clean(words, limit, long, "")
	return err == nil && words != "" && again == words
}

func unfit(r rune) bool {
	return unicode.IsControl(r) || r == utf8.RuneError || r >= '\u202A' && r <= '\u202E' || r == '\u2028' || r == '\u2029'
}

func keys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return sorted(out)
}
