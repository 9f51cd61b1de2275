package catalogue

import (
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// A rawTriggers is kept as its place: its entries are of two shapes.
type rawTriggers struct{ at diag.Node }

// DecodeNode keeps the place.
func (w *rawTriggers) DecodeNode(at diag.Node) { w.at = at }

// plainTriggers are those that are one word, in the order of a customer's life.
func plainTriggers() []string {
	return []string{string(OnRegistration), string(OnSignIn), string(OnMissing), string(OnExpired), string(OnLink), string(OnAsk)}
}

// shapes are all that may stand in a when, as it is written.
const shapes = "registration, sign_in, {sign_in: 3}, missing_claim, expired, link, ask, {between: [2026-12-01, 2026-12-31]}"

// when reads what brings a campaign.
func (l *loading) when(c *Campaign, in diag.Node) {
	switch {
	case !in.Set(): // reported as missing
		return
	case !in.IsList():
		if s, ok := in.Scalar(); ok && slices.Contains(plainTriggers(), s) {
			in.Errorf("write a list here: [%s]", s)
			return
		}
		in.Errorf("write a list of what brings it here: %s", shapes)
		return
	case in.Len() == 0:
		in.Errorf("name what brings it: %s", shapes)
	}
	for i := range in.Len() {
		at := in.Index(i)
		t, ok := l.trigger(at)
		switch {
		case !ok:
		case slices.Contains(c.When, t):
			at.Errorf("%s stands here twice", t)
		default:
			c.When = append(c.When, t)
		}
	}
	c.narrow = len(c.When) > 0 && !slices.ContainsFunc(c.When, func(t Trigger) bool { return t.On != OnMissing && t.On != OnExpired })
	for i, t := range c.When {
		if t.Nth > 0 && slices.Contains(c.When, Trigger{On: OnSignIn}) && in.Len() == len(c.When) {
			in.Index(i).Errorf("sign_in stands here too and is any sign-in, so this says nothing; leave one of the two out")
		}
	}
}

// trigger reads one entry; false if it was reported.
func (l *loading) trigger(at diag.Node) (Trigger, bool) {
	if name, ok := at.Scalar(); ok {
		if slices.Contains(plainTriggers(), name) {
			return Trigger{On: On(name)}, true
		}
		if name == string(OnBetween) {
			at.Errorf("say between which days: {between: [2026-12-01, 2026-12-31]}")
			return Trigger{}, false
		}
		unknownMoment(at, name)
		return Trigger{}, false
	}
	keys := at.Keys()
	switch {
	case !at.IsMap() || len(keys) == 0:
		at.Errorf("write what brings it: one of %s", shapes)
		return Trigger{}, false
	case len(keys) > 1:
		at.Key(keys[1]).Errorf("an entry is one thing: give %s a line of its own, which brings it too; to narrow it down, use who", strings.Join(keys[1:], " and "))
		return Trigger{}, false
	}
	in := at.Field(keys[0])
	switch On(keys[0]) {
	case OnSignIn:
		n := 0
		switch {
		case !in.Set():
			in.Errorf("write which sign-in, 2 to %d: {sign_in: 3}", MaxSignIns)
			return Trigger{}, false
		case !in.Decode(&n):
			return Trigger{}, false
		case n == 1:
			in.Errorf("the first sign-in is the registration; write that")
			return Trigger{}, false
		case n < 1 || n > MaxSignIns:
			in.Errorf("write 2 to %d: sign-ins are not counted further", MaxSignIns)
			return Trigger{}, false
		}
		return Trigger{On: OnSignIn, Nth: n}, true
	case OnBetween:
		days := betweenCondition(in)
		if days == nil {
			return Trigger{}, false
		}
		return Trigger{On: OnBetween, From: days.from, To: days.to}, true
	}
	if slices.Contains(plainTriggers(), keys[0]) {
		at.Errorf("%s takes nothing; write the word alone", keys[0])
		return Trigger{}, false
	}
	unknownMoment(at.Key(keys[0]), keys[0])
	return Trigger{}, false
}

func unknownMoment(at diag.Node, name string) {
	if near := diag.DidYouMean(name, append(plainTriggers(), string(OnBetween)), nil); near != "" {
		at.Errorf("unknown moment %q%s", clip(name), near)
		return
	}
	at.Errorf("unknown moment %q; there are %s", clip(name), shapes)
}
