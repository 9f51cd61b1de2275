package experiment

import (
	"fmt"
	"math"

	"github.com/proffer-id/proffer/screens/catalogue"
)

// A Report is what an experiment came to so far.
type Report struct {
	Brand    string `json:"brand"`
	Campaign string `json:"campaign"`
	Planned  int    `json:"planned,omitzero"` // customers, fixed beforehand (arms_until); 0: not said
	Offered  int    `json:"offered,omitzero"` // customers, in all arms; 0 while those of one are hidden
	Early    bool   `json:"early"`            // it is too early to tell, whatever the numbers say
	Window   string `json:"window"`           // how long after it was given an answer that is changed counts
	Arms     []Arm  `json:"arms"`
	Warnings []Note `json:"warnings"`

	// Differences of every arm to the first, which stands for how it was.
	Differences []Difference `json:"differences"`
	// Level of the intervals of differences: with more arms there are more of them, and
	// each is wider, so that all of one measure hold together (Bonferroni).
	Level float64 `json:"level"`
}

// An Arm is one of the ways in which the campaign is shown.
type Arm struct {
	ID      string            `json:"arm"`
	Share   int               `json:"share"`            // of 100 customers, as it is now
	Offered int               `json:"offered,omitzero"` // customers; 0 where there are fewer than Fewest
	Did     map[Measure]Share `json:"did"`
	Seconds *Time             `json:"seconds,omitzero"` // nil: too few
}

// A Time is how long customers took.
type Time struct {
	Of     int     `json:"of"`     // customers
	Median float64 `json:"median"` // seconds from when a page was shown until it was sent
	Interval
}

// A Difference is how an arm differs from the first one.
type Difference struct {
	Measure Measure `json:"measure"`
	Arm     string  `json:"arm"`
	From    string  `json:"from"`        // the first arm
	By      float64 `json:"by,omitzero"` // the share less that of the first arm, -1 to 1
	Interval
	Hidden bool   `json:"hidden,omitzero"` // one of the two is: nothing is said
	Says   string `json:"says"`            // in words
}

// A Note is something to know before the numbers are read.
type Note struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
}

// A Code names a note.
type Code string

const (
	Running  Code = "early"    // fewer were asked than planned
	NoEnd    Code = "no_end"   // no number was planned
	TooFew   Code = "few"      // an arm has fewer than Enough
	Lopsided Code = "lopsided" // the arms do not have their shares
	Moved    Code = "moved"    // customers who answered in several arms are left out
)

// Enough is how many customers an arm has at least before anything is said of it: of
// fewer, the intervals are so wide that next to nothing is left to say.
const Enough = catalogue.EnoughAnArm

// Report says what was counted.
func (t *Tally) Report() Report {
	r := Report{Brand: t.brand, Campaign: t.campaign.ID, Planned: t.campaign.ArmsUntil, Window: t.window.String(),
		Arms: []Arm{}, Warnings: []Note{}, Differences: []Difference{}, Level: 1 - (1-Level)/float64(max(1, len(t.arms)-1))}
	offered, least := 0, math.MaxInt
	for _, a := range t.arms {
		one := Arm{ID: a.ID, Share: a.Share, Did: map[Measure]Share{}}
		offered += a.offered
		if a.Share > 0 { // one that is closed gets no more
			least = min(least, a.offered)
		}
		if a.offered >= Fewest {
			one.Offered = a.offered
		}
		for _, m := range Measures() {
			one.Did[m] = share(a.did[m], a.of[m])
		}
		if n := len(a.seconds); n >= Fewest {
			middle, i := median(a.seconds, Level)
			one.Seconds = &Time{Of: n, Median: math.Round(middle), Interval: Interval{math.Round(i.Low), math.Round(i.High)}}
		}
		r.Arms = append(r.Arms, one)
	}
	if !t.anyHidden() {
		r.Offered = offered
	}
	t.warn(&r, offered, least)
	for _, a := range t.arms[min(1, len(t.arms)):] {
		for _, m := range Measures() {
			r.Differences = append(r.Differences, t.difference(m, a, t.arms[0], &r))
		}
	}
	return r
}

// anyHidden says whether an arm has so few customers that their number is hidden: then
// that of all is, too, or it could be worked out.
func (t *Tally) anyHidden() bool {
	for _, a := range t.arms {
		if a.offered < Fewest && (a.Share > 0 || a.offered > 0) {
			return true
		}
	}
	return false
}

func (t *Tally) warn(r *Report, offered, least int) {
	say := func(c Code, format string, args ...any) {
		r.Warnings = append(r.Warnings, Note{c, fmt.Sprintf(format, args...)})
	}
	switch {
	case r.Planned == 0:
		say(NoEnd, "The end was not fixed beforehand: arms_until does not say for how many customers this is planned. "+
			"An experiment that may be stopped on any day gets stopped on the day it looks best. Take what follows as a hint, "+
			"and plan the next one with arms_until.")
	case offered < r.Planned:
		r.Early = true
		asked := fmt.Sprintf("fewer than the %s customers that were planned have been asked", Number(r.Planned))
		if r.Offered > 0 {
			asked = fmt.Sprintf("%s of the %s customers that were planned have been asked", Number(r.Offered), Number(r.Planned))
		}
		say(Running, "Do not stop early: %s. Looking is harmless, stopping "+
			"because of what one sees is not: whoever looks ten times and stops at the first difference finds one in 19 of 100 experiments "+
			"in which there is none, not in 5 (Armitage, McPherson and Rowe, 1969). Read the differences when all have been asked.", asked)
	}
	if least < Enough {
		r.Early = true
		say(TooFew, "Too few have been asked: an arm has fewer than %d customers. Whatever stands below may be chance.", Enough)
	}
	if arm := t.lopsided(offered); arm != "" {
		say(Lopsided, "The arm %s has another part of the customers than its share, by more than chance allows. If the shares were "+
			"changed on the way, that is why. If not, something else chooses who is asked, and the arms cannot be compared.", arm)
	}
	if t.moved >= Fewest {
		say(Moved, "%s answered in several arms, as one of them was taken out, and are not counted.", Customers(t.moved))
	}
}

// certain is how sure one has to be to say that chance alone did not fill the arms:
// it is said of one experiment in thousands in which it did.
const certain = 0.9999

// lopsided is an arm that has not the part of the customers that its share has; "" if
// there is none, or too few to say.
func (t *Tally) lopsided(offered int) string {
	for _, a := range t.arms {
		if i, want := Wilson(a.offered, offered, certain), float64(a.Share)/100; a.Share > 0 && offered >= Enough && (want < i.Low || want > i.High) {
			return a.ID
		}
	}
	return ""
}

// difference compares a measure of an arm with that of the first.
func (t *Tally) difference(m Measure, a, first *arm, r *Report) Difference {
	d := Difference{Measure: m, Arm: a.ID, From: first.ID}
	x, y := share(a.did[m], a.of[m]), share(first.did[m], first.of[m])
	if x.Hidden != "" || y.Hidden != "" {
		d.Interval, d.Hidden, d.Says = Interval{-1, 1}, true, "too few to tell"
		return d
	}
	d.By = x.Rate - y.Rate
	d.Interval = Newcombe(x.Count, x.Of, y.Count, y.Of, r.Level)
	d.Says = d.words(r.Early)
	return d
}

// words say a difference. As long as it is too early, they name nobody who is ahead.
func (d *Difference) words(early bool) string {
	low, high := points(d.Low), points(d.High)
	between := fmt.Sprintf("from %s to %s", side(low), side(high))
	switch {
	case early:
		return "too early to tell: anything " + between
	case d.Low > 0:
		return fmt.Sprintf("more of them, by %s to %s", number(low), Points(high))
	case d.High < 0:
		return fmt.Sprintf("fewer of them, by %s to %s", number(-high), Points(-low))
	}
	return "no difference is shown: anything " + between
}

// points are a difference in points of a hundred, with one digit below ten.
func points(x float64) float64 {
	p := x * 100
	if math.Abs(p) < 9.95 {
		return math.Round(p*10) / 10
	}
	return math.Round(p)
}

func number(p float64) string { return fmt.Sprintf("%g", p+0) }

// Points are points of a hundred in words: "1 point", "2.5 points".
func Points(p float64) string {
	if p == 1 {
		return "1 point"
	}
	return number(p) + " points"
}

// side is a difference to one side in words: "3 points fewer", "none", "1 point more".
func side(p float64) string {
	switch {
	case p < 0:
		return Points(-p) + " fewer"
	case p > 0:
		return Points(p) + " more"
	}
	return "none"
}

// Number is a count with its thousands apart: "12,345".
func Number(n int) string {
	s := fmt.Sprint(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// Customers are so many in words.
func Customers(n int) string {
	if n == 1 {
		return "1 customer"
	}
	return Number(n) + " customers"
}

// State is in a few words how far the experiment is.
func (r *Report) State() string {
	switch {
	case r.Early && r.Planned > 0:
		return "running: do not stop early"
	case r.Early:
		return "too few to tell"
	case r.Planned == 0:
		return "no end was planned"
	}
	return "as many as planned were asked"
}

// Shares are the arms with what part of the customers each gets: "plain 50, short 50".
func (r *Report) Shares() string {
	s := ""
	for i, a := range r.Arms {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%s %d", a.ID, a.Share)
	}
	return s
}
