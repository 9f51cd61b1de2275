package experiment

import (
	"math"
	"slices"
)

// Level is how sure the intervals are: in 95 of 100 experiments they hold what is so.
const Level = 0.95

// An Interval is what a share, or the difference of two, may well be.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// deviates are how many standard deviations to either side hold a part of the normal
// distribution: 1.96 for 0.95.
func deviates(level float64) float64 { return math.Sqrt2 * math.Erfinv(level) }

// Wilson is the score interval of a share, k of n: E. B. Wilson, Probable inference, the
// law of succession, and statistical inference, Journal of the American Statistical
// Association 22 (1927), 209–212. It stays within 0 and 1, and holds for few and for
// rare ones too, where the plain one (k/n ± 1.96 standard errors) is far too narrow:
// R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics
// in Medicine 17 (1998), 857–872, method 3. Of nobody (n 0), anything may be.
func Wilson(k, n int, level float64) Interval {
	if n <= 0 {
		return Interval{0, 1}
	}
	z, m := deviates(level), float64(n)
	p := float64(k) / m
	middle := p + z*z/(2*m)
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	i := Interval{(middle - half) / (1 + z*z/m), (middle + half) / (1 + z*z/m)}
	if k <= 0 { // exactly, whatever rounding makes of it
		i.Low = 0
	}
	if k >= n {
		i.High = 1
	}
	return i
}

// Newcombe is the interval of the difference of two shares that have nothing to do
// with each other, k1 of n1 less k2 of n2: R. G. Newcombe, Interval estimation for the
// difference between independent proportions, Statistics in Medicine 17 (1998),
// 873–890, method 10, which is made of the two intervals of Wilson.
func Newcombe(k1, n1, k2, n2 int, level float64) Interval {
	if n1 <= 0 || n2 <= 0 {
		return Interval{-1, 1}
	}
	p1, p2 := float64(k1)/float64(n1), float64(k2)/float64(n2)
	a, b := Wilson(k1, n1, level), Wilson(k2, n2, level)
	return Interval{
		p1 - p2 - math.Hypot(p1-a.Low, b.High-p2),
		p1 - p2 + math.Hypot(a.High-p1, p2-b.Low),
	}
}

// median is the middle of some numbers, with an interval that assumes nothing of how
// they are distributed: from one of them in order to another, chosen by the binomial
// distribution (W. J. Conover, Practical Nonparametric Statistics, 3.2). It puts the
// list in order. Of an empty one, all is 0.
func median(of []float64, level float64) (middle float64, i Interval) {
	n := len(of)
	if n == 0 {
		return 0, Interval{}
	}
	slices.Sort(of)
	middle = (of[(n-1)/2] + of[n/2]) / 2
	below := int(math.Floor((float64(n) - deviates(level)*math.Sqrt(float64(n))) / 2))
	below = min(max(below, 1), (n+1)/2)
	return middle, Interval{of[below-1], of[n-below]}
}
