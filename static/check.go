package static

import "github.com/proffer-id/proffer/internal/diag"

// Check reports at the theme's place what cannot be read and, for light and
// dark, every pair that cannot be told apart, with the nearest colour that does.
// A pair is reported where the brand can change it: at the role it set, or at
// the accent or brand colour that the role comes from.
func (t *Theme) Check(at diag.Node) {
	if flaws := t.unreadable(); len(flaws) > 0 {
		for _, f := range flaws {
			n := at
			for _, key := range f.at {
				n = n.Field(key)
			}
			n.Errorf("%s", f.says)
		}
		return
	}
	full, err := t.Full()
	if err != nil {
		at.Errorf("%s", err)
		return
	}
	for _, m := range full.Misses() {
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
}
