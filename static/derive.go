package static

// deriveLight fills what a theme leaves open in light. The grounds take a breath
// of the accent's hue; everything that stands on them is then moved in lightness
// until it holds. The brand's own accent is left as it is given: if it does not
// hold, the check says so.
func deriveLight(accent, brand string, set Tokens) Tokens {
	a := must(accent).shade()
	tone := func(l, c float64) string { return shade{l, min(c, a.c), a.h}.colour().String() }
	t := Proffer().Light.over(Tokens{
		Page: tone(0.985, 0.003), Surface: "#FFFFFF", Sunk: tone(0.955, 0.008),
		Ink: tone(0.215, 0.025), Ink2: tone(0.44, 0.03), Line: tone(0.885, 0.015), Edge: tone(0.55, 0.03),
		Accent: accent, AccentHover: shade{a.l - 0.08, a.c, a.h}.colour().String(),
		Tint: tone(0.945, 0.03), Link: accent, Focus: tone(0.215, 0.025), Brand: brand, Chart: accent,
	})
	t = t.over(set)
	t.settle(set, "#FFFFFF", t.Ink)
	return t
}

// deriveDark does the same in dark, where accent and panel are not the brand's
// own colours but their counterparts: the accent lighter, the panel deeper.
func deriveDark(accent, brand string, set Tokens) Tokens {
	a, b := must(accent).shade(), must(brand).shade()
	tone := func(l, c float64) string { return shade{l, min(c, a.c), a.h}.colour().String() }
	bright := shade{0.81, min(a.c, 0.11), a.h}.colour().String()
	t := Proffer().Dark.over(Tokens{
		Page: tone(0.18, 0.012), Surface: tone(0.22, 0.016), Sunk: tone(0.255, 0.02),
		Ink: tone(0.96, 0.008), Ink2: tone(0.79, 0.02), Line: tone(0.34, 0.02), Edge: tone(0.63, 0.03),
		Accent: bright, AccentHover: shade{0.87, min(a.c, 0.08), a.h}.colour().String(),
		OnAccent: tone(0.2, 0.03), Tint: tone(0.29, 0.045), Link: bright, Halo: tone(0.18, 0.012),
		Brand: shade{min(b.l, 0.3), min(b.c, 0.09), b.h}.colour().String(), Chart: bright,
	})
	t = t.over(set)
	t.settle(set, "#FFFFFF", t.Page)
	return t
}

// settle chooses the inks on accent and brand among light and dark, and then
// moves every colour that was not set until it holds against the rest.
func (t *Tokens) settle(set Tokens, light, dark string) {
	if set.OnAccent == "" {
		t.OnAccent = better(t.Accent, light, dark)
	}
	if set.OnBrand == "" {
		t.OnBrand = better(t.Brand, light, dark)
	}
	for _, role := range []string{"ink", "ink2", "edge", "accenthover", "onaccent", "onbrand", "link", "focus", "bad", "good", "chart", "chart2"} {
		if set.Get(role) != "" {
			continue
		}
		if c, ok := nearest(must(t.Get(role)), t.demands(role)); ok {
			*t.at(role) = c.String()
		}
	}
}

// better returns the one of two inks that stands out more from a ground.
func better(ground, a, b string) string {
	g := must(ground)
	if contrast(must(a), g) >= contrast(must(b), g) {
		return a
	}
	return b
}

// must reads a colour that was checked before.
func must(s string) colour {
	c, err := parse(s)
	if err != nil {
		panic("static: " + err.Error())
	}
	return c
}
