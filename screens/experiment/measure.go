package experiment

import "fmt"

// A Measure is one thing that a share of the customers did.
type Measure int

// The measures, in the order in which they are told.
const (
	Finished  Measure = iota // decided all that the arm asks everybody: answered, skipped or declined
	Answered                 // answered a question at least
	Skipped                  // skipped one at least
	Declined                 // would rather not say, once at least
	Changed                  // of those who answered, and had the time of the window to: changed it
	Confirmed                // of those whose answer ran out and was asked for again: said the same
	measures
)

// Measures are all of them.
func Measures() []Measure {
	return []Measure{Finished, Answered, Skipped, Declined, Changed, Confirmed}
}

// String is the measure in JSON.
func (m Measure) String() string {
	return [measures]string{"finished", "answered", "skipped", "declined", "changed", "confirmed"}[m]
}

// MarshalText writes String.
func (m Measure) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Measure) UnmarshalText(b []byte) error {
	for _, is := range Measures() {
		if is.String() == string(b) {
			*m = is
			return nil
		}
	}
	return fmt.Errorf("no measure is called %q", b)
}

// Words say the measure to a marketer, after "customers who"; window is how long
// changes count, in words.
func (m Measure) Words(window string) string {
	switch m {
	case Finished:
		return "went through all of it"
	case Answered:
		return "answered a question"
	case Skipped:
		return "skipped a question"
	case Declined:
		return "would rather not say"
	case Changed:
		return fmt.Sprintf("changed an answer within %s", window)
	}
	return "confirmed their answer unchanged"
}

// Fewest is how many customers a cell has at least that is shown: of fewer, somebody
// might be known by it.
const Fewest = 10

// A Hidden says why a number is not shown.
type Hidden string

const (
	FewOf     Hidden = "few_of"      // fewer than Fewest customers it could be true of
	FewEither Hidden = "few_either"  // fewer than Fewest did, or did not
	FewDid    Hidden = "few_did"     // fewer than Fewest did; they are one in High at most
	FewDidNot Hidden = "few_did_not" // fewer than Fewest did not; the others are one in Low at least
)

// A Share is what part of some customers did something.
type Share struct {
	Of    int     `json:"of,omitzero"` // customers; 0 where FewOf
	Count int     `json:"count,omitzero"`
	Rate  float64 `json:"rate,omitzero"` // Count of Of, 0 to 1
	Interval
	Hidden Hidden `json:"hidden,omitzero"` // then Count and Rate are 0, and Interval no narrower than it would be for any count that it hides
}

// share hides k of n as far as needed.
func share(k, n int) Share {
	switch {
	case n < Fewest:
		return Share{Interval: Interval{0, 1}, Hidden: FewOf}
	case n < 2*Fewest: // whatever k is, one of the two is small
		return Share{Of: n, Interval: Interval{0, 1}, Hidden: FewEither}
	case k < Fewest:
		return Share{Of: n, Interval: Interval{0, Wilson(Fewest-1, n, Level).High}, Hidden: FewDid}
	case n-k < Fewest:
		return Share{Of: n, Interval: Interval{Wilson(n-Fewest+1, n, Level).Low, 1}, Hidden: FewDidNot}
	}
	return Share{Of: n, Count: k, Rate: float64(k) / float64(n), Interval: Wilson(k, n, Level)}
}
