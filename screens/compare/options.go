package compare

import (
	"github.com/proffer-id/proffer/screens/catalogue"
)

// options compares what a question offers, or one part of it. Parts of a question of
// another kind are not compared.
func (d *differ) options(about, name string, was, now []*catalogue.Option) {
	id := func(o *catalogue.Option) string { return o.ID }
	old, gone := by(was, id)
	new, ids := by(now, id)
	for _, o := range gone {
		if new[o] == nil {
			d.say(Meaning, about, true, "the %s %s is gone: whoever chose it is asked anew, and until then it is not given to a site; retired: true would keep it", name, o)
		}
	}
	for _, o := range now {
		if b := old[o.ID]; b != nil {
			d.option(about, name+" "+o.ID, b, o)
		} else {
			d.say(Meaning, about, false, "has the new %s %s; earlier answers stay", name, o.ID)
		}
	}
	d.order(Words, about, "each "+name+" stands in another place", gone, ids)
}

// option compares two definitions of one choice.
func (d *differ) option(about, name string, was, now *catalogue.Option) {
	d.text(about, name, was.Label, now.Label)
	d.text(about, "hint of "+name, was.Hint, now.Hint)
	for _, b := range []struct {
		part     Part
		was, now bool
		yes, no  string
	}{
		{Meaning, was.Retired, now.Retired, "is offered no more; whoever chose it keeps the answer, and it is given as before", "is offered again"},
		{Meaning, was.Other, now.Other, "opens a text", "no longer opens a text"},
		{Meaning, was.NoPlan, now.NoPlan, "now means that there is no plan", "no longer means that there is no plan"},
	} {
		if b.was != b.now {
			d.say(b.part, about, false, "the %s %s", name, map[bool]string{true: b.yes, false: b.no}[b.now])
		}
	}
	a, b := was.Picture, now.Picture
	switch {
	case a == nil && b == nil:
	case a == nil:
		d.say(Words, about, false, "the %s has a picture", name)
	case b == nil:
		d.say(Words, about, false, "the %s has no picture any more", name)
	default:
		if hash(a) != hash(b) {
			d.say(Words, about, false, "the %s has another picture", name)
		}
		d.text(about, "picture of "+name+", for who cannot see it", a.Alt, b.Alt)
	}
}

// hash names the bytes of a picture.
func hash(p *catalogue.Picture) string {
	if p.File == nil {
		return ""
	}
	return p.File.Hash.String()
}
