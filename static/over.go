package static

// Over returns the theme with what another sets over it: a client's over its
// brand's. Where the other gives a new accent or brand colour, the tokens that
// come of it are derived anew instead of kept, or the new accent would stand
// beside the old links.
func (t Theme) Over(o Theme) Theme {
	if o.Accent != "" {
		t.Accent = o.Accent
		t.Light.clear("accent", "onaccent", "accenthover", "tint", "link", "chart")
		t.Dark.clear("accent", "onaccent", "accenthover", "tint", "link", "chart")
	}
	if o.Brand != "" {
		t.Brand = o.Brand
		t.Light.clear("brand", "onbrand")
		t.Dark.clear("brand", "onbrand")
	}
	if o.Radius != nil {
		t.Radius = o.Radius
		t.Round = nil // it comes of the radius, unless it is given too
	}
	if o.Round != nil {
		t.Round = o.Round
	}
	if o.Heading != "" {
		t.Heading = o.Heading
	}
	if o.Logo != (Logo{}) {
		t.Logo = o.Logo
	}
	if o.Fonts.Text != (Faces{}) {
		t.Fonts.Text = o.Fonts.Text
	}
	if o.Fonts.Heading != (Faces{}) {
		t.Fonts.Heading = o.Fonts.Heading
	}
	t.Light, t.Dark = t.Light.over(o.Light), t.Dark.over(o.Dark)
	return t
}

func (t *Tokens) clear(roles ...string) {
	for _, role := range roles {
		*t.at(role) = ""
	}
}
