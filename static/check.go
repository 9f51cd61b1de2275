package static

import "github.com/proffer-id/proffer/internal/diag"

// Check reports at the theme's place what cannot be read and, for light and
// dark, every pair that cannot be told apart, with the nearest colour that does.
// A pair is reported where the brand can change it: at the role it set, or at
// the accent or brand colour that the role comes from.
func (t *Theme) Check(at diag.Node) { t.CheckOver(at, Theme{}) }

// CheckOver is Check for what a client sets over its brand's theme. What the
// brand's own lacks is not said again.
func (t *Theme) CheckOver(at diag.Node, under Theme) {
	if flaws := t.unreadable(); len(flaws) > 0 {
		for _, f := range flaws {
			field(at, f.at).Errorf("%s", f.says)
		}
		return
	}
	known := map[string]bool{}
	if full, err := under.Full(); err != nil {
		return // said at the brand
	} else if *t == (Theme{}) {
		return
	} else {
		for _, m := range full.Misses() {
			known[m.Scheme+m.String()] = true
		}
	}
	full, err := under.Over(*t).Full()
	if err != nil {
		at.Errorf("%s", err)
		return
	}
	for _, m := range full.Misses() {
		if !known[m.Scheme+m.String()] {
			t.report(at, m)
		}
	}
}

// report says one miss where the theme can put it right.
func (t *Theme) report(at diag.Node, m Miss) {
	set := &t.Light
	if m.Scheme == "dark" {
		set = &t.Dark
	}
	block := at.Field(m.Scheme)
	switch {
	case set.Get(m.Ink) != "":
		block.Field(m.Ink).Errorf("%s", m)
	case set.Get(m.Ground) != "":
		block.Field(m.Ground).Errorf("%s", m)
	case m.Ground == "brand":
		at.Field("brand").Errorf("in %s, %s", m.Scheme, m)
	default:
		at.Field("accent").Errorf("in %s, %s", m.Scheme, m)
	}
}

func field(at diag.Node, keys []string) diag.Node {
	for _, key := range keys {
		at = at.Field(key)
	}
	return at
}
