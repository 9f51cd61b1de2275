package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
)

// maxCondition is how many parts a condition may have, named ones written out.
const maxCondition = 500

// A rawCondition is kept as its place until questions and purposes are known.
type rawCondition struct{ at diag.Node }

// DecodeNode keeps the place.
func (c *rawCondition) DecodeNode(at diag.Node) { c.at = at }

// condition compiles and checks what is written at a place; nil if it was
// reported or is not there.
func (l *loading) condition(at diag.Node) *Condition {
	if !at.Set() {
		return nil
	}
	var c *Condition
	if name, ok := at.Scalar(); ok {
		c = l.named(name, at)
	} else {
		c = l.tree(at)
	}
	if c != nil && c.size > maxCondition {
		at.Errorf("has more than %d parts with named conditions written out; divide it", maxCondition)
		return nil
	}
	return c
}

// named compiles the condition of a name, once.
func (l *loading) named(name string, at diag.Node) *Condition {
	if c, ok := l.compiled[name]; ok {
		return c
	}
	raw, ok := l.raw.Conditions.Get(name)
	if !ok {
		at.Errorf("unknown condition %q%s", clip(name), diag.DidYouMean(name, l.raw.Conditions.Keys, l.at("conditions")))
		return nil
	}
	if slices.Contains(l.open, name) {
		at.Errorf("%s contains itself: %s", name, strings.Join(append(l.open[slices.Index(l.open, name):], name), " → "))
		return nil
	}
	l.open = append(l.open, name)
	c := l.condition(raw.at)
	l.open = l.open[:len(l.open)-1]
	l.compiled[name] = c
	return c
}

// conditionKeys are what a condition may be: exactly one of these.
func conditionKeys() []string {
	return []string{"all", "any", "not", "answer", "consent", "client", "locale", "moment", "answers", "between"}
}

// answerKeys are what may be said of an answer: exactly one of these beside "answer".
func answerKeys() []string {
	return append([]string{"is", "any_of", "answered", "declined", "older_than"}, rangeKeys()...)
}

// sayable are those that may be said of an answer to q.
func sayable(q *Question) string {
	keys := answerKeys()
	if _, _, ok := q.numbers(); q.Kind != nil && !ok {
		keys = slices.DeleteFunc(keys, func(k string) bool { return slices.Contains(rangeKeys(), k) })
	}
	return strings.Join(keys, ", ")
}

func (l *loading) tree(at diag.Node) *Condition {
	if !at.IsMap() {
		at.Errorf("write a condition here: the name of one, or one of %s", strings.Join(conditionKeys(), ", "))
		return nil
	}
	keys := at.Keys()
	key := ""
	for _, k := range keys {
		if k == "between" && slices.Contains(keys, "answer") { // of numbers, not of days
			continue
		}
		if slices.Contains(conditionKeys(), k) {
			if key != "" {
				at.Key(k).Errorf("a condition is one thing; put %s and %s under all or any", key, k)
				return nil
			}
			key = k
		}
	}
	for _, k := range keys {
		if k == key || key == "answer" && slices.Contains(answerKeys(), k) {
			continue
		}
		known := conditionKeys()
		if key == "answer" {
			known = answerKeys()
		}
		if near := diag.DidYouMean(k, known, nil); near != "" || key == "answer" {
			at.Key(k).Errorf("unknown key %q%s", clip(k), near)
		} else {
			at.Key(k).Errorf("unknown key %q; a condition is one of %s", clip(k), strings.Join(known, ", "))
		}
		return nil
	}
	if len(keys) == 0 {
		at.Errorf("is empty; a condition is one of %s", strings.Join(conditionKeys(), ", "))
		return nil
	}
	in := at.Field(key)
	switch key {
	case "all", "any":
		return l.several(key, in)
	case "not":
		if c := l.condition(in); c != nil {
			return &Condition{op: opNot, parts: []*Condition{c}, reads: c.reads, size: c.size + 1, consents: c.consents}
		}
		if !in.Set() {
			in.Errorf("write a condition here")
		}
		return nil
	case "answer":
		return l.answerCondition(at)
	case "consent":
		id, _ := in.Scalar()
		if _, ok := l.raw.Purposes.Get(id); !ok {
			in.Errorf("unknown purpose %q%s", clip(id), diag.DidYouMean(id, l.raw.Purposes.Keys, l.at("purposes")))
			return nil
		}
		return &Condition{op: opConsent, purpose: id, size: 1, consents: true}
	case "client", "locale", "moment":
		return l.membership(key, in)
	case "answers":
		return countCondition(in)
	}
	return betweenCondition(in)
}

func (l *loading) several(key string, in diag.Node) *Condition {
	c := &Condition{op: opAll, size: 1}
	if key == "any" {
		c.op = opAny
	}
	if !in.IsList() || in.Len() == 0 {
		in.Errorf("write a list of conditions here")
		return nil
	}
	whole := true
	for i := range in.Len() {
		p := l.condition(in.Index(i))
		if p == nil {
			if !in.Index(i).Set() {
				in.Index(i).Errorf("write a condition here")
			}
			whole = false
			continue
		}
		c.parts = append(c.parts, p)
		c.reads = sorted(append(c.reads, p.reads...))
		c.size = min(c.size+p.size, 2*maxCondition)
		c.consents = c.consents || p.consents
	}
	if !whole {
		return nil
	}
	return c
}

func (l *loading) answerCondition(at diag.Node) *Condition {
	in := at.Field("answer")
	id, _ := in.Scalar()
	id, part := partOf(id)
	q := l.set.Question(id)
	var d *Derived
	if _, ok := l.raw.Derived.Get(id); q == nil && ok {
		if d = l.derivedOf(id, in); d == nil {
			return nil
		}
		q = d.like
	}
	if q == nil {
		if _, written := l.raw.Questions.Get(id); !written {
			known := append(slices.Clone(l.raw.Questions.Keys), l.raw.Derived.Keys...)
			in.Errorf("unknown question %q%s", clip(id), diag.DidYouMean(id, known, func(id string) string {
				if _, ok := l.raw.Derived.Get(id); ok {
					return l.at("derived")(id)
				}
				return l.at("questions")(id)
			}))
		}
		return nil
	}
	if part != "" && q.Kind != nil {
		if why := q.noPart(part); why != "" {
			in.Errorf("%s", why)
			return nil
		}
	}
	said := ""
	for _, k := range at.Keys() {
		if k == "answer" {
			continue
		}
		if said != "" {
			at.Key(k).Errorf("say one thing of an answer; put %s and %s under all", said, k)
			return nil
		}
		said = k
	}
	c := &Condition{question: id, part: part, reads: []string{id}, size: 1}
	if d != nil {
		c.derived, c.reads, c.size = d, d.Reads(), d.size
		if said == "declined" || said == "older_than" {
			at.Key(said).Errorf("%s is worked out, and said by nobody; compare it, or write answered", id)
			return nil
		}
	}
	if part != "" && said != "" && said != "is" && said != "any_of" {
		at.Key(said).Errorf("can be said of the whole answer alone: write answer: %s", id)
		return nil
	}
	in = at.Field(said)
	switch said {
	case "":
		at.Errorf("say what of %s: %s", id, sayable(q))
		return nil
	case "is", "any_of":
		return l.isCondition(c, q, said, in)
	case "at_least", "at_most", "more_than", "less_than", "between":
		return l.rangeCondition(c, q, said, in)
	case "older_than":
		c.op = opOlderThan
		if !in.Decode(&c.period) {
			return nil
		}
		if c.period.Never || c.period.IsZero() {
			in.Errorf("write a period such as 30d or 12mo")
			return nil
		}
		return c
	}
	c.op = opAnswered
	if said == "declined" {
		c.op = opDeclined
	}
	var yes bool
	if !in.Set() || !in.Decode(&yes) {
		if !in.Set() {
			in.Errorf("write true or false")
		}
		return nil
	}
	if !yes {
		return &Condition{op: opNot, parts: []*Condition{c}, reads: c.reads, size: 2}
	}
	return c
}

// isCondition compares an answer with values. Those of a shared question can be
// read only when its defining set is at hand.
func (l *loading) isCondition(c *Condition, q *Question, said string, in diag.Node) *Condition {
	c.op = opIs
	places := []diag.Node{in}
	if said == "any_of" {
		if !in.IsList() || in.Len() == 0 {
			in.Errorf("write a list of values here")
			return nil
		}
		places = nil
		for i := range in.Len() {
			places = append(places, in.Index(i))
		}
	}
	read := func(out *diag.Findings) bool {
		for _, p := range places {
			if out != nil {
				p = p.To(out)
			}
			v, ok := c.want(q, p)
			if !ok {
				return false
			}
			c.values = append(c.values, v)
		}
		return true
	}
	if q.Kind == nil {
		l.set.late = append(l.set.late, func(out *diag.Findings) {
			if q.Kind != nil {
				read(out)
			}
		})
		return c
	}
	if !read(nil) {
		return nil
	}
	return c
}

// partOf takes the name of a part off that of a question: "shoes.when".
func partOf(s string) (id, part string) {
	if id, part, ok := strings.Cut(s, "."); ok && part != "" {
		return id, part
	}
	return s, ""
}

// want reads the value that an answer, or the part of one that is named, is compared with.
func (c *Condition) want(q *Question, at diag.Node) (Value, bool) {
	if c.part == "" {
		return q.Kind.want(q, at)
	}
	if why := q.noPart(c.part); why != "" {
		at.Errorf("%s", why)
		return Value{}, false
	}
	return q.Kind.(parted).wantPart(q, c.part, at)
}

// noPart says why a condition cannot read a part of an answer; "" if it can.
func (q *Question) noPart(part string) string {
	k, ok := q.Kind.(parted)
	if !ok {
		return fmt.Sprintf("an answer to %s has no parts; write answer: %s", q.ID, q.ID)
	}
	if names := k.partNames(q); !slices.Contains(names, part) {
		return fmt.Sprintf("an answer to %s has no part %q that can be compared; known here: %s%s", q.ID, clip(part), strings.Join(names, ", "), diag.DidYouMean(part, names, nil))
	}
	return ""
}

func (l *loading) membership(key string, in diag.Node) *Condition {
	c := &Condition{size: 1}
	var known []string
	checked := true
	switch key {
	case "client":
		c.op, known, checked = opClient, l.o.Clients, l.o.Clients != nil
	case "locale":
		c.op, known = opLocale, l.o.Languages
	case "moment":
		c.op, known = opMoment, []string{string(Registration), string(SignIn)}
	}
	var places []diag.Node
	switch {
	case in.IsList() && in.Len() > 0:
		for i := range in.Len() {
			places = append(places, in.Index(i))
		}
	default:
		places = []diag.Node{in}
	}
	for _, p := range places {
		name, ok := p.Scalar()
		if !ok || name == "" {
			p.Errorf("write a %s or a list of them", key)
			return nil
		}
		if checked && !slices.Contains(known, name) {
			p.Errorf("unknown %s %q%s", key, clip(name), diag.DidYouMean(name, known, nil))
			return nil
		}
		c.names = append(c.names, name)
	}
	return c
}

func countCondition(in diag.Node) *Condition {
	raw := struct {
		AtLeast *int `yaml:"at_least"`
		AtMost  *int `yaml:"at_most"`
	}{}
	if !in.Set() || !in.Decode(&raw) {
		if !in.Set() {
			in.Errorf("write at_least, at_most or both")
		}
		return nil
	}
	c := &Condition{op: opCount, max: -1, size: 1}
	if raw.AtLeast != nil {
		c.min = *raw.AtLeast
	}
	if raw.AtMost != nil {
		c.max = *raw.AtMost
	}
	switch {
	case raw.AtLeast == nil && raw.AtMost == nil:
		in.Errorf("write at_least, at_most or both")
		return nil
	case c.min < 0 || raw.AtMost != nil && c.max < 0:
		in.Errorf("counts begin at 0")
		return nil
	case raw.AtMost != nil && c.max < c.min:
		in.Errorf("at_most (%d) is less than at_least (%d)", c.max, c.min)
		return nil
	}
	return c
}

// betweenCondition holds on days, in UTC, both included.
func betweenCondition(in diag.Node) *Condition {
	var days []string
	if !in.Set() || !in.Decode(&days) || len(days) != 2 {
		if !in.IsList() || in.Len() != 2 {
			in.Errorf("write two days: [2026-12-01, 2026-12-31]")
		}
		return nil
	}
	c := &Condition{op: opBetween, size: 1}
	for i, s := range days {
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			in.Index(i).Errorf("write a day such as 2026-12-01, not %q", clip(s))
			return nil
		}
		if i == 0 {
			c.from = t
		} else {
			c.to = t.AddDate(0, 0, 1)
		}
	}
	if !c.from.Before(c.to) {
		in.Errorf("ends before it begins")
		return nil
	}
	return c
}
