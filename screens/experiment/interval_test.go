package experiment

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The examples of the papers the intervals come from, to the four digits they print.
func TestIntervalsOfTheLiterature(t *testing.T) {
	near := func(what string, got, want Interval) {
		t.Helper()
		if math.Abs(got.Low-want.Low) > 0.00005001 || math.Abs(got.High-want.High) > 0.00005001 {
			t.Errorf("%s: %.5f to %.5f, want %v to %v", what, got.Low, got.High, want.Low, want.High)
		}
	}
	// Newcombe, Statistics in Medicine 17 (1998), 857–872, table I, method 3.
	for _, x := range []struct {
		k, n int
		want Interval
	}{
		{81, 263, Interval{0.2553, 0.3662}}, {15, 148, Interval{0.0624, 0.1605}},
		{0, 20, Interval{0, 0.1611}}, {1, 29, Interval{0.0061, 0.1718}},
	} {
		near("one share", Wilson(x.k, x.n, 0.95), x.want)
		near("its other side", Wilson(x.n-x.k, x.n, 0.95), Interval{1 - x.want.High, 1 - x.want.Low})
	}
	// Newcombe, Statistics in Medicine 17 (1998), 873–890, table II, method 10.
	for _, x := range []struct {
		k1, n1, k2, n2 int
		want           Interval
	}{
		{56, 70, 48, 80, Interval{0.0524, 0.3339}}, {9, 10, 3, 10, Interval{0.1705, 0.8090}},
		{6, 7, 2, 7, Interval{0.0582, 0.8062}}, {5, 56, 0, 29, Interval{-0.0381, 0.1926}},
		{0, 10, 0, 20, Interval{-0.1611, 0.2775}}, {0, 10, 0, 10, Interval{-0.2775, 0.2775}},
		{10, 10, 0, 20, Interval{0.6791, 1}}, {10, 10, 0, 10, Interval{0.6075, 1}},
	} {
		near("two shares", Newcombe(x.k1, x.n1, x.k2, x.n2, 0.95), x.want)
		near("the other way round", Newcombe(x.k2, x.n2, x.k1, x.n1, 0.95), Interval{-x.want.High, -x.want.Low})
	}
	if z := deviates(0.95); math.Abs(z-1.959964) > 1e-6 {
		t.Errorf("1.96 is %v", z)
	}
}

// chances is the binomial distribution: how likely 0, 1, … of n are.
func chances(n int, p float64) []float64 {
	out := make([]float64, n+1)
	for k := range out {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(k + 1))
		c, _ := math.Lgamma(float64(n - k + 1))
		out[k] = math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
	}
	return out
}

// Intervals hold what is so as often as they say: not on each share alone, as counts
// are whole numbers, but over all of them, and nowhere much less often. It is summed up,
// not tried out: there is no chance in it.
func TestCoverage(t *testing.T) {
	for _, n := range []int{10, 30, 100, 400} {
		sum, least, of := 0.0, 1.0, 0
		for i := 1; i < 200; i++ {
			p, held := float64(i)/200, 0.0
			for k, chance := range chances(n, p) {
				if in := Wilson(k, n, 0.95); in.Low <= p && p <= in.High {
					held += chance
				}
			}
			sum, of = sum+held, of+1
			if p*float64(n) >= 5 && (1-p)*float64(n) >= 5 {
				least = min(least, held)
			}
		}
		if mean := sum / float64(of); mean < 0.945 || mean > 0.965 || least < 0.92 {
			t.Errorf("a share of %d: held in %.4f of experiments, at least %.4f", n, mean, least)
		}
	}
	for _, n := range [][2]int{{30, 30}, {20, 60}} {
		sum, least, of := 0.0, 1.0, 0
		for i := 1; i < 20; i += 2 {
			for j := 1; j < 20; j += 2 {
				p, q, held := float64(i)/20, float64(j)/20, 0.0
				first, second := chances(n[0], p), chances(n[1], q)
				for a := range first {
					for b := range second {
						if in := Newcombe(a, n[0], b, n[1], 0.95); in.Low <= p-q && p-q <= in.High {
							held += first[a] * second[b]
						}
					}
				}
				sum, of, least = sum+held, of+1, min(least, held)
			}
		}
		if mean := sum / float64(of); mean < 0.945 || mean > 0.97 || least < 0.92 {
			t.Errorf("a difference of %v: held in %.4f of experiments, at least %.4f", n, mean, least)
		}
	}
}

// Whatever is counted, an interval is one: it holds the share, stays within what a share
// can be, gets narrower with more customers and wider the surer it is to be.
func TestIntervalsHold(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		n, m := 1+r.IntN(300), 1+r.IntN(300)
		k, l := r.IntN(n+1), r.IntN(m+1)
		p, q := float64(k)/float64(n), float64(l)/float64(m)
		w := Wilson(k, n, 0.95)
		if !(0 <= w.Low && w.Low <= p && p <= w.High && w.High <= 1) {
			t.Fatalf("%d of %d: %v", k, n, w)
		}
		if ten := Wilson(10*k, 10*n, 0.95); ten.High-ten.Low >= w.High-w.Low {
			t.Fatalf("%d of %d: ten times as many tell less: %v", k, n, ten)
		}
		if sure := Wilson(k, n, 0.99); sure.Low > w.Low || sure.High < w.High {
			t.Fatalf("%d of %d: surer and narrower: %v", k, n, sure)
		}
		d := Newcombe(k, n, l, m, 0.95)
		if !(-1-1e-9 <= d.Low && d.Low <= p-q+1e-9 && p-q <= d.High+1e-9 && d.High <= 1+1e-9) {
			t.Fatalf("%d of %d, %d of %d: %v", k, n, l, m, d)
		}
	}
	if Wilson(0, 0, 0.95) != (Interval{0, 1}) || Newcombe(1, 2, 0, 0, 0.95) != (Interval{-1, 1}) {
		t.Error("of nobody something is known")
	}
}

// The interval of the middle holds it as often as it says, however skewed the times are.
func TestMedian(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	held := 0
	const times = 4000
	for range times {
		list := make([]float64, 10+r.IntN(90))
		for i := range list {
			list[i] = math.Exp(2 * r.NormFloat64()) // its middle is 1
		}
		middle, in := median(list, 0.95)
		if in.Low > middle || middle > in.High {
			t.Fatalf("%v is not in %v", middle, in)
		}
		if in.Low <= 1 && 1 <= in.High {
			held++
		}
	}
	if part := float64(held) / times; part < 0.945 || part > 0.985 {
		t.Errorf("held in %.3f", part)
	}
	if m, in := median([]float64{3}, 0.95); m != 3 || in != (Interval{3, 3}) {
		t.Error(m, in)
	}
	if m, _ := median([]float64{4, 1}, 0.95); m != 2.5 {
		t.Error(m)
	}
}
