package proffer

import (
	"slices"
	"time"

	"github.com/proffer-id/proffer/screens"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/due"
)

// A filling is one screen while it is found out what the customer does with it. Its
// buttons are for all of it; with the one that goes on, each question has an answer of
// its own, or is left out where it may be.
type filling struct {
	f         *rehearsal
	d         due.Decision
	questions []*catalogue.Question
}

// lines are what the customer does with a screen, question by question: what the
// file says, or an assumption. left says why they do not go on.
func (f *rehearsal) lines(d due.Decision, step *Step) (lines map[string]screens.Line, left string) {
	p := filling{f: f, d: d}
	for _, id := range d.Questions {
		p.questions = append(p.questions, f.set.Question(id))
		if one := f.p.says[id]; one != nil && one.leaves {
			left = "the customer closes the tab at " + d.Screen
		}
	}
	if left == "" {
		lines, left = p.filled()
	}
	for _, q := range p.questions {
		line, one := lines[q.ID], f.p.says[q.ID]
		a := Asked{Question: q.ID, Ask: q.Ask.In(f.ask.Locale), Does: "left"}
		if left == "" {
			a.Does, a.Assumed = string(line.Outcome), one == nil || one.Outcome != line.Outcome
			if line.Outcome == catalogue.Answered {
				a.Value, a.Shown = line.Value.Any(), q.Show(line.Value, f.ask.Locale, f.pages)
			}
		}
		step.Questions = append(step.Questions, a)
	}
	return lines, left
}

// filled is the page as it is sent.
func (p *filling) filled() (lines map[string]screens.Line, left string) {
	lines = map[string]screens.Line{}
	button := p.button()
	if button != catalogue.Answered {
		for _, q := range p.questions {
			lines[q.ID] = screens.Line{Outcome: button}
		}
		return lines, ""
	}
	for _, q := range p.questions {
		line := screens.Line{Outcome: catalogue.Skipped}
		if v := p.answer(q); !v.IsZero() {
			line = screens.Line{Outcome: catalogue.Answered, Value: v}
		} else if !p.d.Optional {
			return nil, "the screen " + p.d.Screen + " has to be answered, and the file does not say how"
		}
		lines[q.ID] = line
	}
	return lines, ""
}

// button is which one the customer presses: the one that goes on if the file has an
// answer, else what it says first, else what is done with all it says nothing of. One
// that the page does not have is that which skips, or goes on.
func (p *filling) button() catalogue.Outcome {
	button, said := p.f.p.otherwise, false
	for _, q := range p.questions {
		if one := p.f.p.says[q.ID]; one != nil && (!said || one.Outcome == catalogue.Answered) {
			button, said = one.Outcome, true
		}
	}
	for outcome, has := range map[catalogue.Outcome]func(*catalogue.Question) bool{
		catalogue.Declined: func(q *catalogue.Question) bool { return q.Decline },
		catalogue.Unsure:   func(q *catalogue.Question) bool { return q.Unsure },
	} {
		if button == outcome && slices.ContainsFunc(p.questions, func(q *catalogue.Question) bool { return !has(q) }) {
			button = catalogue.Skipped
		}
	}
	if button == catalogue.Skipped && !p.d.Optional {
		button = catalogue.Answered
	}
	return button
}

// answer is what the customer fills in for a question; none: it is left out.
func (p *filling) answer(q *catalogue.Question) catalogue.Value {
	one := p.f.p.says[q.ID]
	switch {
	case one != nil && one.Outcome == catalogue.Answered:
		return one.Value
	case p.d.Optional && (one != nil || p.f.p.otherwise != catalogue.Answered):
		return catalogue.Value{}
	}
	return p.f.example(q, p.d)
}

// example is an answer to a question: what was said before, where that is to be
// confirmed, else the first of a few that it takes; none if it takes none.
func (f *rehearsal) example(q *catalogue.Question, d due.Decision) catalogue.Value {
	var may []catalogue.Value
	if cur := f.r.Customer().Profile[q.ID]; d.Still && cur != nil {
		may = append(may, cur.Value)
	}
	for _, o := range q.Options {
		may = append(may, catalogue.Word(o.ID), catalogue.Words([]string{o.ID}))
	}
	all := make([]string, len(q.Options))
	for i, o := range q.Options {
		all[i] = o.ID
		may = append(may, catalogue.Words(slices.Clone(all[:i+1])))
	}
	if q.Sizes != nil {
		may = append(may, catalogue.Word(q.Sizes.First()))
	}
	may = append(may, catalogue.YesNo(true), catalogue.Amount(q.Min), catalogue.Amount(q.Max),
		catalogue.Word(f.ask.At.Format(time.DateOnly)), catalogue.Word("1990-01-01"), catalogue.Word(f.ask.At.Format("2006-01")), catalogue.Word("1990-01"),
		catalogue.Word("--01-01"), catalogue.Word("TH"), catalogue.Word("an answer"))
	for _, v := range may {
		if q.AcceptsOn(v, f.ask.At) {
			return v
		}
	}
	return catalogue.Value{}
}
