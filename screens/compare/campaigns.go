package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
)

func (d *differ) campaigns(before, after *catalogue.Set) {
	id := func(c *catalogue.Campaign) string { return c.ID }
	old, _ := by(before.Campaigns, id)
	now, _ := by(after.Campaigns, id)
	for _, c := range after.Campaigns {
		was := old[c.ID]
		if was == nil {
			d.say(Campaigns, c.ID, true, "is new: %s, for %s, shows %s", triggers(c), audience(c), strings.Join(c.Show, ", "))
			continue
		}
		for _, b := range []struct {
			name, was, now string
		}{
			{"when", triggers(was), triggers(c)}, {"who", audience(was), audience(c)},
			{"shows", strings.Join(was.Show, ", "), strings.Join(c.Show, ", ")},
			{"questions in a visit", fmt.Sprint(was.AtMost), fmt.Sprint(c.AtMost)},
			{"offered in all", fmt.Sprint(was.Lifetime), fmt.Sprint(c.Lifetime)},
			{"cooldown", orNever(was.Cooldown.String()), orNever(c.Cooldown.String())},
			{"snooze", orNothing(was.Snooze.String()), orNothing(c.Snooze.String())},
			{"stops after a decline", yes(was.StopAfterDecline), yes(c.StopAfterDecline)},
			{"blocking", yes(was.Blocking), yes(c.Blocking)},
			{"priority", fmt.Sprint(was.Priority), fmt.Sprint(c.Priority)},
			{"answers shown together at the end", yes(was.Check), yes(c.Check)},
			{"offer", orNothing(was.Offer), orNothing(c.Offer)},
		} {
			if b.was != b.now {
				d.say(Campaigns, c.ID, more(before, after, was, c, b.name), "%s: %s in place of %s", b.name, b.now, b.was)
			}
		}
		d.arms(was, c)
	}
	for _, c := range before.Campaigns {
		if now[c.ID] == nil {
			d.say(Campaigns, c.ID, false, "is gone")
		}
	}
	_, was := by(before.Order, id)
	_, is := by(after.Order, id)
	d.order(Campaigns, after.Brand, "of campaigns that are due at once, the first of these is shown", was, is)
}

// more says whether what changed of a campaign has somebody asked who was not, or more
// often.
func more(before, after *catalogue.Set, was, now *catalogue.Campaign, what string) bool {
	switch what {
	case "when":
		return slices.ContainsFunc(now.When, func(t catalogue.Trigger) bool { return !slices.Contains(was.When, t) })
	case "who":
		return true
	case "shows":
		had := asks(before, was)
		return slices.ContainsFunc(asks(after, now), func(id string) bool { return !slices.Contains(had, id) })
	case "questions in a visit":
		return now.AtMost > was.AtMost
	case "offered in all":
		return now.Lifetime > was.Lifetime
	case "cooldown":
		return sooner(now.Cooldown, was.Cooldown)
	case "stops after a decline":
		return !now.StopAfterDecline
	case "blocking":
		return now.Blocking
	}
	return false
}

// sooner says whether one period is over before another.
func sooner(a, b diag.Period) bool {
	if a.Never || b.Never {
		return b.Never && !a.Never
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return a.After(at).Before(b.After(at))
}

// arms compares the ways in which an experiment shows a campaign.
func (d *differ) arms(was, now *catalogue.Campaign) {
	id := func(a *catalogue.Arm) string { return a.ID }
	old, gone := by(was.Arms, id)
	new, _ := by(now.Arms, id)
	for _, a := range now.Arms {
		b := old[a.ID]
		if b == nil {
			d.say(Campaigns, now.ID, false, "the arm %s is new: it gets %d of 100 customers who are not in an arm yet, and shows %s%s", a.ID, a.Share, screensOf(a), offerOf(a))
			continue
		}
		if a.Share != b.Share {
			d.say(Campaigns, now.ID, false, "the arm %s gets %d of 100 customers in place of %d; who is in an arm stays in it", a.ID, a.Share, b.Share)
		}
		if x, y := screensOf(b), screensOf(a); x != y {
			d.say(Campaigns, now.ID, slices.ContainsFunc(a.Show, func(s string) bool { return !slices.Contains(b.Show, s) }), "the arm %s shows %s in place of %s: what it was measured by before is of another campaign", a.ID, y, x)
		}
		if a.Offer != b.Offer {
			d.say(Campaigns, now.ID, false, "the arm %s has the offer %s in place of %s", a.ID, orCampaign(a.Offer), orCampaign(b.Offer))
		}
	}
	for _, a := range gone {
		if new[a] == nil {
			d.say(Campaigns, now.ID, false, "the arm %s is gone: who was in it falls into another, or into none", a)
		}
	}
}

func screensOf(a *catalogue.Arm) string {
	if a.Show == nil {
		return "what the campaign shows"
	}
	return strings.Join(a.Show, ", ")
}

func offerOf(a *catalogue.Arm) string {
	if a.Offer == "" {
		return ""
	}
	return ", with the offer " + a.Offer
}

func orCampaign(offer string) string {
	if offer == "" {
		return "of the campaign"
	}
	return offer
}

// screens compares single pages.
func (d *differ) screens(before, after *catalogue.Set) {
	old, _ := by(before.Screens, func(s *catalogue.Screen) string { return s.ID })
	for _, s := range after.Screens {
		was := old[s.ID]
		if was == nil {
			continue
		}
		if a, b := strings.Join(was.Ask, ", "), strings.Join(s.Ask, ", "); a != b {
			new := slices.ContainsFunc(s.Ask, func(id string) bool { return !slices.Contains(was.Ask, id) })
			d.say(Campaigns, s.ID, new, "the screen asks %s in place of %s", b, a)
		}
		if a, b := condition(was.ShowIf), condition(s.ShowIf); a != b {
			d.say(Campaigns, s.ID, true, "the screen is shown to %s in place of %s", b, a)
		}
		for _, id := range slices.Sorted(maps.Keys(union(was.Texts, s.Texts))) {
			a, b := was.Texts[id], s.Texts[id]
			d.text(id, "ask on the screen "+s.ID, a.Ask, b.Ask)
			d.text(id, "hint on the screen "+s.ID, a.Hint, b.Hint)
			d.text(id, "why on the screen "+s.ID, a.Why, b.Why)
		}
	}
}

// offers compares what is given for taking part.
func (d *differ) offers(before, after *catalogue.Set) {
	for _, o := range after.Offers {
		if was := before.Offer(o.ID); was != nil {
			d.text(o.ID, "offer", was.Text, o.Text)
		}
	}
}
