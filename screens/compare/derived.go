package compare

import (
	"slices"
	"strings"

	"github.com/proffer-id/proffer/screens/catalogue"
)

// derived compares what is worked out from answers. Nobody is asked anything for it;
// what changes is what customers find on their pages, and what the sites get.
func (d *differ) derived(before, after *catalogue.Set) {
	for _, x := range after.Derived {
		was := before.DerivedBy(x.ID)
		if was == nil {
			d.say(Meaning, x.ID, false, "is new, and worked out from answers: %s. Whoever gave them all finds it on their page of answers as %s", x.How(), first(x.Name, after))
			d.say(Claims, x.ID, false, "can be given as the claim %s, to clients whose policy names it, while each answer behind it may be", x.Claim)
			continue
		}
		d.worked(was, x, before, after)
	}
	for _, was := range before.Derived {
		if after.DerivedBy(was.ID) == nil {
			d.say(Meaning, was.ID, false, "is no longer worked out from answers, which stay; customers no longer find it on their pages")
			d.say(Claims, was.ID, false, "the claim %s is no longer given", was.Claim)
		}
	}
}

// worked compares two definitions of one value.
func (d *differ) worked(was, now *catalogue.Derived, before, after *catalogue.Set) {
	id := now.ID
	if was.How() != now.How() {
		d.say(Meaning, id, false, "is worked out anew, at once and for everybody: %s in place of %s%s", now.How(), was.How(), reads(was, now))
		d.say(Claims, id, false, "the claim %s is worked out the new way from then on, whatever a site got before", now.Claim)
	}
	if was.Claim != now.Claim {
		d.say(Claims, id, false, "is given as the claim %s in place of %s", now.Claim, was.Claim)
	}
	if was.Purpose != now.Purpose {
		d.say(Purposes, id, false, "is used for %s in place of %s: a site gets it from customers who agreed to that", now.Purpose, was.Purpose)
	}
	if was.Special != now.Special {
		d.say(Purposes, id, false, "%s", map[bool]string{
			true: "is special data: a site gets it from customers who agreed to its purpose explicitly", false: "is no longer special data: the agreement to its purpose need not be explicit",
		}[now.Special])
	}
	d.text(id, "name", was.Name, now.Name)
	old, _ := by(was.Outcomes(), func(o *catalogue.Option) string { return o.ID })
	for _, o := range now.Outcomes() {
		if o2 := old[o.ID]; o2 != nil {
			d.text(id, "value "+o.ID, o2.Label, o.Label)
		}
	}
	if list := depend(id, before, after); was.How() != now.How() && len(list) > 0 {
		d.say(Campaigns, id, false, "decides who sees %s, and is worked out anew", strings.Join(list, ", "))
	}
}

// reads says whose value appears or goes with the answers behind it.
func reads(was, now *catalogue.Derived) string {
	a, b := was.Reads(), now.Reads()
	more := slices.DeleteFunc(slices.Clone(b), func(id string) bool { return slices.Contains(a, id) })
	less := slices.DeleteFunc(slices.Clone(a), func(id string) bool { return slices.Contains(b, id) })
	out := ""
	if len(more) > 0 {
		out = ". Whoever has not answered " + strings.Join(more, ", ") + " has none any more"
	}
	if len(less) > 0 {
		out += ". It no longer takes an answer to " + strings.Join(less, ", ")
	}
	return out
}

// depend are the campaigns and screens that only some customers see, by a value that
// is worked out, before and after.
func depend(id string, before, after *catalogue.Set) []string {
	var out []string
	for _, c := range after.Campaigns {
		if was := before.Campaign(c.ID); was != nil && c.Who.Uses(id) && was.Who.Uses(id) {
			out = append(out, "campaign "+c.ID)
		}
	}
	for _, s := range after.Screens {
		if was := before.Screen(s.ID); was != nil && s.ShowIf.Uses(id) && was.ShowIf.Uses(id) {
			out = append(out, "screen "+s.ID)
		}
	}
	return out
}
