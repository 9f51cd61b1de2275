package catalogue

import (
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// match reads the cases of a derived value, and the words for what it can be.
func (l *loading) match(d *Derived, raw *rawDerived) bool {
	in := raw.At.Field("match")
	if len(raw.Match) == 0 {
		if in.IsList() {
			in.Errorf("write a case at least: {if: <condition>, is: <value>}")
		}
		return false
	}
	whole := true
	var can []Value
	var places []diag.Node
	for i, c := range raw.Match {
		at := in.Index(i)
		when := l.condition(c.If.at)
		if !c.If.at.Set() {
			at.Errorf("write if: <condition>")
		}
		is, ok := l.outcome(c.Is.at, at, "is")
		if when == nil || !ok {
			whole = false
			continue
		}
		if why := when.beyondAnswers(); why != "" {
			c.If.at.Errorf("%s", why)
			whole = false
			continue
		}
		d.cases = append(d.cases, derivedCase{when, is})
		d.size = min(d.size+when.size, 2*maxCondition)
		for _, id := range when.reads {
			d.sources = append(d.sources, l.set.Question(id))
		}
		can, places = append(can, is), append(places, c.Is.at)
	}
	if raw.Else.at.Set() {
		v, ok := l.outcome(raw.Else.at, raw.At, "else")
		whole = whole && ok
		d.other, can, places = v, append(can, v), append(places, raw.Else.at)
	}
	if !whole {
		return false
	}
	if len(d.sources) == 0 {
		in.Errorf("reads no answer, so there is nothing to work out")
		return false
	}
	return l.outcomes(d, raw, can, places)
}

// outcome reads a text, or true or false.
func (l *loading) outcome(in, at diag.Node, key string) (Value, bool) {
	s, ok := in.Scalar()
	switch {
	case !in.Set():
		at.Errorf("write %s: a name such as calm, or true or false", key)
		return Value{}, false
	case s == "true" || s == "false":
		return YesNo(s == "true"), true
	case !ok || !isOption(s):
		in.Errorf("write a name of small letters, digits, _, - and ., or true or false: it is what the brand's site gets%s", meantOption(s))
		return Value{}, false
	}
	return Word(s), true
}

// outcomes makes the question that the value would answer: a boolean, or one choice
// of the texts, each with words for customers.
func (l *loading) outcomes(d *Derived, raw *rawDerived, can []Value, places []diag.Node) bool {
	words := raw.At.Field("words")
	d.like = &Question{ID: d.ID, Kind: single{}, at: d.at}
	if can[0].form == formBool {
		d.like.Kind = boolean{}
		for _, id := range []string{"yes", "no"} {
			d.like.Options = append(d.like.Options, &Option{ID: id, Label: l.builtin(d.at, id)})
		}
		if words.Set() {
			words.Errorf("true and false are Yes and No to customers; leave this out")
		}
	}
	for i, v := range can {
		if v.form != can[0].form {
			places[i].Errorf("is true or false in one case and a text in another; write all of them one way")
			return false
		}
		if v.form == formText && d.like.Option(v.text) == nil {
			label := raw.Words.Of[v.text]
			l.text(&label, words, v.text, true)
			d.like.Options = append(d.like.Options, &Option{ID: v.text, Label: label, pos: places[i].Pos()})
		}
	}
	for _, name := range raw.Words.Keys {
		if can[0].form == formText && d.like.Option(name) == nil {
			words.Key(name).Errorf("no case is %q%s", clip(name), diag.DidYouMean(name, ids(d.like.Options), nil))
		}
	}
	return true
}

// beyondAnswers says why nothing can be worked out with a condition; "" if it can.
// It would depend on more than answers, or on whether there are any: there is a value
// only where all are there.
func (c *Condition) beyondAnswers() string {
	switch c.op {
	case opAll, opAny, opNot:
		for _, p := range c.parts {
			if why := p.beyondAnswers(); why != "" {
				return why
			}
		}
	case opClient, opLocale, opMoment, opCount, opConsent:
		return "depends on more than answers (" + c.String() + "); what is worked out depends on what the customer said, and on the day"
	case opAnswered, opDeclined:
		return "says nothing here (" + c.String() + "): there is a value only where every answer behind it is there; compare the answer"
	}
	return ""
}

// sourcesOf checks what a value is worked out from: each source may be used so, and
// the purpose is one that its customers were asked for.
func (l *loading) sourcesOf(d *Derived, raw *rawDerived, at diag.Node) {
	special, purposes := "", []string{}
	for _, q := range d.sources {
		l.known(q, at, func(in diag.Node) {
			if q.IsConsent() {
				in.Errorf("reads %s, which asks for a consent: that is given for what it says, and nothing is worked out from it", q.ID)
			}
		})
		if q.Special && special == "" {
			special, purposes = q.ID, nil
		}
		if (special == "") != q.Special && !slices.Contains(purposes, q.Purpose) {
			purposes = append(purposes, q.Purpose)
		}
	}
	if special != "" && !d.Special {
		at.Errorf("is worked out from %s, which is special data, and so is what comes of it; write sensitivity: special", special)
	}
	if special == "" && d.Special {
		raw.At.Field("sensitivity").Errorf("none of the questions behind it is special data; leave this out")
	}
	in := at.Field("purpose")
	switch _, ok := l.raw.Purposes.Get(d.Purpose); {
	case d.Purpose == "":
		if !in.IsMap() && !in.IsList() {
			in.Errorf("is missing; write one for which the answers behind it were asked: %s", strings.Join(purposes, ", "))
		}
	case !ok:
		in.Errorf("unknown purpose %q%s", clip(d.Purpose), diag.DidYouMean(d.Purpose, l.raw.Purposes.Keys, l.at("purposes")))
	case !slices.Contains(purposes, d.Purpose):
		in.Errorf("the answers behind it were not asked for %s; write one of theirs: %s", d.Purpose, strings.Join(purposes, ", "))
	}
}
