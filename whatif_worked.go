package proffer

// WorkedOut is a value that the brand works out from answers. Whether a site gets it stands
// with the claims; conditions read it in any case.
type WorkedOut struct {
	Derived string   `json:"derived"`
	Value   any      `json:"value,omitzero"` // none: it comes to nothing, or an answer behind it is not there
	Shown   string   `json:"shown,omitzero"` // in the language of the pages
	From    []string `json:"from"`           // questions
}

// worked is what is worked out at the end of the visit.
func (f *rehearsal) worked(k *known) []WorkedOut {
	if f.set == nil {
		return nil
	}
	var out []WorkedOut
	state := k.state(f.brand)
	for _, d := range f.set.Derived {
		one := WorkedOut{Derived: d.ID, From: d.Reads()}
		if v, ok := d.Value(state, f.ask.At); ok {
			one.Value, one.Shown = v.Any(), d.Show(v, f.ask.Locale)
		}
		out = append(out, one)
	}
	return out
}
