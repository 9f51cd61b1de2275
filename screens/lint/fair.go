package lint

import (
	"regexp"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// shaming are words that make somebody feel bad about an answer.
var shaming = regexp.MustCompile(`(?i)\b(no,? thanks,? i|i (do not|don't|dont) (want|like|care|need)|i hate|i'd rather (pay|miss)|miss(ing)? out)\b|พลาดโอกาส|ไม่สนใจ(ส่วนลด|ของฟรี)|أفوّ?ت|لا أريد التوفير`)

// fair reports choices that are not as easy one way as the other.
func (c *check) fair(q *catalogue.Question, at diag.Node) {
	options := at.Field("options")
	for i, o := range q.Options {
		for lang, words := range o.Label {
			if shaming.MatchString(words) {
				options.Index(i).Field("label").Field(lang).Warnf("makes whoever chooses it feel bad; say it as plainly as the others")
			}
		}
	}
	if len(q.Options) == 2 {
		c.twins(q, options)
	}
	if p := c.set.Purpose(q.Purpose); !q.Decline && p != nil && p.Basis != "contract" {
		at.Field("decline").Warnf("nobody can say \"I'd rather not say\", though nothing needs the answer; leave this out")
	}
}

// twins compares the two options of a question that has two.
func (c *check) twins(q *catalogue.Question, at diag.Node) {
	a, b := q.Options[0], q.Options[1]
	for _, lang := range c.set.Languages {
		x, y := a.Label.In(lang), b.Label.In(lang)
		long, short := max(length(x), length(y)), min(length(x), length(y))
		switch {
		case strings.Contains(x, "!") != strings.Contains(y, "!"):
			at.Warnf("one option is louder than the other (%s): take the exclamation mark out", lang)
		case long > 24 && long > 3*short:
			at.Warnf("one option says much more than the other (%s, %d characters and %d); say both alike", lang, long, short)
		default:
			continue
		}
		return
	}
	if (len(a.Hint) > 0) != (len(b.Hint) > 0) {
		at.Warnf("one option explains itself and the other does not; write a hint for both or for none")
	}
}
