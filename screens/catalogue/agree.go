package catalogue

import (
	"net/url"
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
)

// A question that asks for an agreement has two buttons of one size: a consent,
// and one whose answer is special data (GDPR, art. 9), for which its page also has
// an unticked box with a statement.

// IsConsent says whether the question asks for a consent and nothing else.
func (q *Question) IsConsent() bool { return q.Kind != nil && q.Kind.Name() == "consent" }

// Agrees says whether the page of the question asks for an agreement.
func (q *Question) Agrees() bool { return q.Special || q.IsConsent() }

// BoxField is the box of a question for special data; it sends "yes".
func (q *Question) BoxField() string { return q.Field() + ".agree" }

// Agree reads the form of a question that asks for an agreement, whose button
// said so: the channels of a consent, or an answer with the box ticked. The error is a
// *problem.Problem or a problem.List: what Parse has, or answer.consent.channel,
// answer.explicit.
func (q *Question) Agree(form url.Values, now time.Time) (Value, error) {
	if q.IsConsent() {
		return consenting{}.agreed(q, form, q.Field())
	}
	v, err := q.ParseOn(form, now)
	if !q.Special || slices.Equal(form[q.BoxField()], []string{"yes"}) {
		return v, err
	}
	bad := problem.List{}
	switch one := err.(type) {
	case *problem.Problem:
		bad = append(bad, one)
	case problem.List:
		bad = append(bad, one...)
	}
	return Value{}, append(bad, problem.At(q.BoxField(), "answer.explicit"))
}

// Refusal is the value of a refused consent.
func (q *Question) Refusal() Value {
	if len(q.Options) == 0 {
		return YesNo(false)
	}
	return Words(nil)
}

// Refuses says whether a value is a refused consent. It does not run out: who said
// no is not asked again.
func (q *Question) Refuses(v Value) bool { return q.IsConsent() && v.Equal(q.Refusal()) }

// Asked are the words of an agreement on a page.
type Asked struct {
	Agree, Refuse string // buttons
	Box           string // what the box says; "" where there is none
	Hint          string // over the channels; "" where there are none
}

// Asks are the words with which a question asks for its agreement; ok is false
// if it asks for none.
func (s *Set) Asks(q *Question, lang string, say Say) (a Asked, ok bool) {
	switch {
	case q.Special:
		a.Agree, a.Refuse = say(lang, "continue"), say(lang, "special.refuse")
		purpose := ""
		if p := s.Purpose(q.Purpose); p != nil {
			purpose = p.Text.In(lang)
		}
		a.Box = say(lang, "special.box", "brand", s.Name.In(lang), "purpose", purpose)
	case q.IsConsent() && len(q.Options) > 0:
		a.Agree, a.Refuse, a.Hint = say(lang, "consent.agree_ticked"), say(lang, "consent.refuse"), say(lang, "consent.channels")
	case q.IsConsent():
		a.Agree, a.Refuse = say(lang, "consent.agree"), say(lang, "consent.refuse")
	default:
		return a, false
	}
	return a, true
}

// asShown is what of it is part of the page's version.
func (a Asked) asShown() map[string]any {
	m := map[string]any{"agree": a.Agree, "refuse": a.Refuse}
	if a.Box != "" {
		m["box"] = a.Box
	}
	if a.Hint != "" {
		m["hint"] = a.Hint
	}
	return m
}

// AskedAlone is the consent question of the brand that asks for a purpose; nil if
// answers and shared claims may give their consent to it.
func (s *Set) AskedAlone(purpose string) *Question {
	return find(s.Questions, func(q *Question) bool { return q.IsConsent() && q.Purpose == purpose })
}

// special reads what a question for special data may have.
func (l *loading) special(q *Question, raw *rawQuestion) {
	q.Special = true
	at := raw.At
	if q.Scope == ScopePerson {
		at.Field("scope").Errorf("special data stays with the brand that asked; leave this out")
	}
	if raw.Decline != nil {
		at.Field("decline").Errorf("who does not agree declines by that; leave this out")
	}
	q.Decline = false
	if raw.Kind == "consent" {
		at.Field("sensitivity").Errorf("a consent is no data; leave this out")
		q.Special = false
	}
}

// agreements checks the purposes that are agreed to: by consent alone, and the one
// of a consent question by nothing else.
func (l *loading) agreements() {
	for _, q := range l.set.Questions {
		p := l.set.Purpose(q.Purpose)
		if p == nil {
			continue
		}
		in := q.at.Field("purpose")
		if q.Kind != nil && q.Agrees() && p.Basis != "consent" {
			in.Errorf("%s has the basis %s, and this question asks for a consent; write a purpose with basis: consent", p.ID, p.Basis)
		}
		if c := l.set.AskedAlone(p.ID); c != nil && c != q {
			in.Errorf("%s is agreed to on its own, by %s (%s): an answer to another question must not agree to it along the way; write a purpose of its own", p.ID, c.ID, c.at.Pos())
		}
	}
	for _, c := range l.set.Campaigns {
		at := l.root.Field("campaigns").Field(c.ID)
		for i, id := range c.Show {
			s := l.set.Screen(id)
			if s == nil {
				continue
			}
			for _, name := range s.Ask {
				q := l.set.Question(name)
				switch {
				case q == nil:
				case q.Special && slices.ContainsFunc(c.When, atRegistration):
					at.Field("show").Index(i).Errorf("%s is special data, which is not asked for at registration; show it in a campaign with when: [sign_in]", name)
				}
			}
		}
	}
}

func atRegistration(t Trigger) bool { return t.On == OnRegistration }

// alone says why a question cannot stand beside others; "" if it can.
func (q *Question) alone() string {
	switch {
	case q.Plan != nil:
		return "is a plan: several questions in one"
	case q.IsConsent():
		return "is a consent, and nothing else is agreed to by its button"
	case q.Special:
		return "is special data, and is agreed to on its own"
	}
	return ""
}
