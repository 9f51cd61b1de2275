package static

import (
	"fmt"
	"math"
	"strconv"
)

// A colour is sRGB, each channel 0 to 1.
type colour struct{ r, g, b float64 }

func parse(s string) (colour, error) {
	n, err := strconv.ParseUint(trimHash(s), 16, 32)
	if err != nil || len(s) != 7 || s[0] != '#' {
		return colour{}, fmt.Errorf("%q is not a colour like #17593F", s)
	}
	return colour{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, nil
}

func trimHash(s string) string {
	if s != "" && s[0] == '#' {
		return s[1:]
	}
	return s
}

func (c colour) String() string {
	ch := func(x float64) int { return int(math.Round(min(max(x, 0), 1) * 255)) }
	return fmt.Sprintf("#%02X%02X%02X", ch(c.r), ch(c.g), ch(c.b))
}

func linear(x float64) float64 {
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

func gamma(x float64) float64 {
	if x <= 0.0031308 {
		return x * 12.92
	}
	return 1.055*math.Pow(x, 1/2.4) - 0.055
}

// luminance is WCAG 2's relative luminance.
func (c colour) luminance() float64 {
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is WCAG 2's contrast ratio of two colours, 1 to 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// A shade is a colour in OKLCH: lightness as people see it, colourfulness, hue.
// Changing its lightness keeps its hue, which HSL does not.
type shade struct{ l, c, h float64 }

func (c colour) shade() shade {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return shade{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(x, y), math.Atan2(y, x)}
}

// colour returns the shade in sRGB, rounded to what can be written; where sRGB
// has no colour so strong, the strongest it has of this lightness and hue.
func (s shade) colour() colour {
	s.l = min(max(s.l, 0), 1)
	lo, hi := 0.0, s.c
	if c, ok := s.try(hi); ok {
		return c
	}
	for range 20 {
		mid := (lo + hi) / 2
		if _, ok := s.try(mid); ok {
			lo = mid
		} else {
			hi = mid
		}
	}
	c, _ := s.try(lo)
	return c
}

func (s shade) try(chroma float64) (colour, bool) {
	x, y := chroma*math.Cos(s.h), chroma*math.Sin(s.h)
	l := cube(s.l + 0.3963377774*x + 0.2158037573*y)
	m := cube(s.l - 0.1055613458*x - 0.0638541728*y)
	z := cube(s.l - 0.0894841775*x - 1.2914855480*y)
	out := [3]float64{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*z,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*z,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*z,
	}
	in := true
	for i, v := range out {
		in = in && v >= -1e-4 && v <= 1+1e-4
		out[i] = math.Round(gamma(min(max(v, 0), 1))*255) / 255
	}
	return colour{out[0], out[1], out[2]}, in
}

func cube(x float64) float64 { return x * x * x }
