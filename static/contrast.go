package static

import (
	"fmt"
	"math"
)

// A rule is one contrast every theme holds, in light and in dark: each of inks
// on each of grounds.
type rule struct {
	ink     string
	grounds []string
	needs   float64 // WCAG 2 contrast ratio
}

// rules are the pairs that stand on one another in common.css. 4.5 is for text
// (WCAG 2.2, 1.4.3), 3 for what one must see to operate (1.4.11), and 7 for
// running text, which is more than anyone asks of us.
func rules() []rule {
	return []rule{
		{"ink", []string{"page", "surface", "sunk", "tint", "badtint", "goodtint"}, 7},
		{"ink2", []string{"page", "surface", "sunk", "tint"}, 4.5},
		{"edge", []string{"page", "surface", "sunk"}, 3},
		{"onaccent", []string{"accent", "accenthover"}, 4.5},
		{"accent", []string{"surface", "tint"}, 3},
		{"link", []string{"page", "surface", "sunk", "tint"}, 4.5},
		{"focus", []string{"page", "surface", "halo"}, 3},
		{"onbrand", []string{"brand"}, 4.5},
		{"bad", []string{"page", "surface", "badtint"}, 4.5},
		{"good", []string{"surface", "goodtint"}, 4.5},
		{"chart", []string{"surface"}, 3},
		{"chart2", []string{"surface"}, 3},
	}
}

// A Miss is one pair of a theme that cannot be told apart well enough.
type Miss struct {
	Scheme  string  // "light" or "dark"
	Ink     string  // role of what stands on the ground
	Ground  string  // role of the ground
	Has     float64 // contrast ratio
	Needs   float64
	Colour  string // of Ink
	Nearest string // of the same hue, and good on every ground of Ink; "" if there is none
}

// String says the pair, what it has, what it needs and what would do.
func (m Miss) String() string {
	s := fmt.Sprintf("%s on %s has contrast %s, needs %g", m.Ink, m.Ground, figure(m.Has), m.Needs)
	if m.Nearest == "" {
		return s + fmt.Sprintf("; no shade of %s does, change %s", m.Colour, m.Ground)
	}
	return s + fmt.Sprintf("; %s is the nearest that does", m.Nearest)
}

// figure rounds down, so that 4.497 is not said to be the 4.5 it misses.
func figure(x float64) string { return fmt.Sprintf("%.2f", math.Floor(x*100)/100) }

// Misses lists what a full theme does not hold, in the order of the rules, light first.
func (t Theme) Misses() []Miss {
	var out []Miss
	for _, s := range []struct {
		name string
		k    Tokens
	}{{"light", t.Light}, {"dark", t.Dark}} {
		out = append(out, s.k.misses(s.name)...)
	}
	return out
}

func (t *Tokens) misses(scheme string) []Miss {
	var out []Miss
	for _, r := range rules() {
		ink, err := parse(t.Get(r.ink))
		if err != nil {
			continue // said by unreadable
		}
		for _, name := range r.grounds {
			ground, err := parse(t.Get(name))
			if err != nil {
				continue
			}
			if has := contrast(ink, ground); has < r.needs {
				m := Miss{Scheme: scheme, Ink: r.ink, Ground: name, Has: has, Needs: r.needs, Colour: ink.String()}
				if c, ok := nearest(ink, t.demands(r.ink)); ok {
					m.Nearest = c.String()
				}
				out = append(out, m)
			}
		}
	}
	return out
}

// A demand is a colour that another has to keep a contrast to.
type demand struct {
	to    colour
	needs float64
}

// demands are all contrasts a role takes part in, as ink or as ground.
func (t *Tokens) demands(role string) []demand {
	var out []demand
	add := func(other string, needs float64) {
		if c, err := parse(t.Get(other)); err == nil {
			out = append(out, demand{c, needs})
		}
	}
	for _, r := range rules() {
		for _, g := range r.grounds {
			switch role {
			case r.ink:
				add(g, r.needs)
			case g:
				add(r.ink, r.needs)
			}
		}
	}
	return out
}

// nearest finds the shade of c's hue that meets all demands and is closest to c
// in lightness.
func nearest(c colour, all []demand) (colour, bool) {
	const steps = 1000
	s := c.shade()
	for i := range steps {
		for _, l := range [2]float64{s.l - float64(i)/steps, s.l + float64(i)/steps} {
			if l < 0 || l > 1 {
				continue
			}
			try := shade{l, s.c, s.h}.colour()
			if i == 0 {
				try = c
			}
			if meets(try, all) {
				return try, true
			}
		}
	}
	return c, false
}

func meets(c colour, all []demand) bool {
	for _, d := range all {
		if contrast(c, d.to) < d.needs {
			return false
		}
	}
	return true
}
