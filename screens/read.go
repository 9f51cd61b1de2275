package screens

import (
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// read makes of a form what the customer said: one outcome for each question
// of the screen. The error is a *problem.Problem or a problem.List.
func (p *askPage) read(form url.Values, now time.Time) ([]said, error) {
	var says []said
	var bad problem.List
	for _, q := range p.questions {
		outcome, value := catalogue.Answered, catalogue.Value{}
		var err error
		switch do := form.Get("do"); {
		case do == "skip" && p.open.Optional:
			outcome = catalogue.Skipped
		case do == "decline" && p.declinable():
			outcome = catalogue.Declined
		case do == "unsure" && p.unsure():
			outcome = catalogue.Unsure
		case do == "yes" && p.open.Still && !q.Special:
			value = p.profile[q.ID].Value
			if !q.AcceptsOn(value, now) {
				err = problem.At(q.Field(), "answer.not_offered")
			}
		case do == "later" && p.mayGoOnLater() && q.Agrees():
			err = problem.At(q.Field(), "answer.none")
		case q.Agrees() && (do == "agree" || do == "refuse"):
			outcome, value, err = agreement(q, form, now)
		case q.Special: // an answer without its agreement, or with another button
			err = problem.At(q.BoxField(), "answer.explicit")
		case do == "continue" || do == "" || do == "later" && p.mayGoOnLater(): // Enter is Continue
			value, err = q.ParseOn(form, now)
		default:
			return nil, problem.New("answer.not_offered")
		}
		if one, ok := errors.AsType[*problem.Problem](err); ok {
			bad = append(bad, one)
		} else if list, ok := errors.AsType[problem.List](err); ok {
			bad = append(bad, list...)
		} else if err != nil {
			return nil, err
		}
		one := say(q, p.visit.Brand, outcome, value)
		one.refused = q.Agrees() && form.Get("do") == "refuse"
		says = append(says, one)
	}
	if kept, ok := p.leftOut(form.Get("do"), says, bad); ok {
		return kept, nil
	}
	return says, bad.Err()
}

// agreement reads the button of a question that asks for one. Who does not agree
// has said nothing else: special data is declined.
func agreement(q *catalogue.Question, form url.Values, now time.Time) (catalogue.Outcome, catalogue.Value, error) {
	switch {
	case form.Get("do") == "agree":
		v, err := q.Agree(form, now)
		return catalogue.Answered, v, err
	case q.IsConsent():
		return catalogue.Answered, q.Refusal(), nil
	}
	return catalogue.Declined, catalogue.Value{}, nil
}

// agreed completes the occasion of a page that asks for an agreement: how it was
// said, and whether explicitly.
func (o *occasion) agreed(q *catalogue.Question, do string) {
	switch {
	case !q.Agrees():
	case do == "refuse":
		o.how = "pressed the button that refuses"
	case do == "agree" && q.Special:
		o.how, o.explicit = "ticked the box that agrees and pressed Continue", true
	case do == "agree":
		o.how = "pressed the button that agrees"
	}
}

// leftOut is what a form says whose fields are not all filled in; false if they have
// to be. Who goes on later has decided nothing about them yet; of several
// questions that may be skipped, those left out are skipped, if one is answered.
func (p *askPage) leftOut(do string, says []said, bad problem.List) (kept []said, ok bool) {
	empty := func(i int) bool {
		field := p.questions[i].Field()
		return slices.ContainsFunc(bad, func(x *problem.Problem) bool { return x.Field == field && x.Code == "answer.none" })
	}
	missing := 0
	for i, one := range says {
		switch {
		case !empty(i):
			kept = append(kept, one)
			continue
		case do != "later":
			kept = append(kept, say(p.questions[i], p.visit.Brand, catalogue.Skipped, catalogue.Value{}))
		}
		missing++
	}
	switch {
	case missing != len(bad): // something is filled in, and wrong
		return nil, false
	case do == "later":
		return kept, true
	case missing == 0 || missing == len(says) || !p.open.Optional || p.decided:
		return nil, false
	}
	return kept, true
}

// mayGoOnLater says whether the page offers to save and go on another time.
func (p *askPage) mayGoOnLater() bool {
	return p.open.Optional && !p.decided && (p.open.AtMost > 1 || len(p.questions) > 1)
}
