package due

import (
	"time"

	"github.com/proffer-id/proffer/screens/catalogue"
)

// Traced is a condition that a decision looked at, with what it came of.
type Traced struct {
	Campaign string
	Screen   string          // whose show_if it is; "": the campaign's who
	Trace    catalogue.Trace // a campaign or a screen without a condition has one that is true
	Changes  time.Time       // when it has another value if nothing happens meanwhile; zero: never
}

// Explain is Next with the reason for everything that was considered, and what the
// conditions came of: for who looks on, not for a visit.
func Explain(def *catalogue.Catalogue, brand string, s catalogue.State, v catalogue.Facts, now time.Time) (Decision, []Traced) {
	var traces []Traced
	d := decider{def: def, set: def.Set(brand), s: s, v: v, now: now, traces: &traces}
	return d.decide(), traces
}

// eval evaluates a condition for a state, and keeps what it came of where that is
// wished for.
func (d *decider) eval(c *catalogue.Condition, s catalogue.State, campaign, screen string) catalogue.Truth {
	if d.traces == nil {
		return c.Eval(s, d.v, d.now)
	}
	t := Traced{Campaign: campaign, Screen: screen, Trace: c.Explain(s, d.v, d.now), Changes: c.Changes(s, d.v, d.now)}
	*d.traces = append(*d.traces, t)
	return t.Trace.Truth
}
