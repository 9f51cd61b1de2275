package screens

import (
	"slices"
	"strings"

	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
	"github.com/proffer-id/proffer/templates"
)

// Preview is a screen of a set as it comes to somebody new, outside of any visit:
// to be looked at, not sent. page is what its page shares, in the language wanted.
func (a *Asking) Preview(page templates.Page, set *catalogue.Set, screen *catalogue.Screen) *templates.Ask {
	v := &templates.Ask{Page: page, First: true, AtMost: 1, Optional: true, Decline: true}
	questions := set.QuestionsOf(screen)
	var who []string
	for _, q := range questions {
		v.Questions = append(v.Questions, q.View(page.Lang, nil, ""))
		v.Decline = v.Decline && q.Decline
		if s := a.whoGets(set, q, page.Lang, consent.Release{}); !slices.Contains(who, s) {
			who = append(who, s)
		}
	}
	about := a.about(set, questions, page.Lang)
	v.Why, v.UsedFor, v.KeptUntil, v.Who = about.why, about.usedFor, about.keptUntil, strings.Join(who, " ")
	if len(questions) > 0 {
		a.asks(v, set, questions[0], page.Lang)
	}
	return v
}
