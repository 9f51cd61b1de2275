package catalogue

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	xnumber "golang.org/x/text/number"
)

// A Decimal is a number in millionths: exact where people write 0.1, and small
// enough (15 digits) that JSON readers who know only floating point get the same.
type Decimal int64

const (
	places          = 6
	one     Decimal = 1_000_000
	largest         = 1_000_000_000 * one // of what a question can ask for, either side of 0
)

// Whole is a Decimal without a fraction.
func Whole(n int) Decimal { return Decimal(n) * one }

// ParseDecimal reads "-12.5": digits, a point, six digits after it at most, no
// exponent, no blanks, within a thousand million. It is how definitions and
// records write numbers; what people type is read by the question's kind.
func ParseDecimal(s string) (Decimal, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	d, exact := decimal(whole, fraction)
	if whole == "" || point && fraction == "" || !isDigits(whole) || !isDigits(fraction) || !exact || d > largest {
		return 0, errors.New("no number of at most six decimal places")
	}
	if negative {
		d = -d
	}
	return d, nil
}

// decimal joins ASCII digits before and after the point. What is too large
// becomes the largest there is; exact is false if places beyond the sixth are lost.
func decimal(whole, fraction string) (d Decimal, exact bool) {
	const huge = Decimal(math.MaxInt64)
	rest := strings.TrimRight(fraction, "0")
	exact = len(rest) <= places
	rest = (rest + "000000")[:places]
	for _, r := range strings.TrimLeft(whole, "0") + rest {
		if d > (huge-9)/10 {
			return huge, exact
		}
		d = 10*d + Decimal(r-'0')
	}
	return d, exact
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// String is the shortest form that ParseDecimal reads: "-12.5".
func (d Decimal) String() string {
	sign, n := "", uint64(d)
	if d < 0 {
		sign, n = "-", -n
	}
	s := strconv.FormatUint(n%uint64(one)+uint64(one), 10)[1:]
	s = strings.TrimRight(s, "0")
	if s != "" {
		s = "." + s
	}
	return sign + strconv.FormatUint(n/uint64(one), 10) + s
}

// Float is the nearest floating-point number; its shortest decimal form is d.
func (d Decimal) Float() float64 { return float64(d) / float64(one) }

// IsWhole says whether there is no fraction.
func (d Decimal) IsWhole() bool { return d%one == 0 }

// In is the number as a language writes it, in Latin digits: "12,345.5" or
// "12.345,5". Four digits stand without a separator.
func (d Decimal) In(lang string) string {
	tag, err := language.Parse(lang)
	if err == nil {
		tag, err = tag.SetTypeForKey("nu", "latn")
	}
	if err != nil {
		return d.String()
	}
	options := []xnumber.Option{xnumber.MaxFractionDigits(places)}
	if d > Whole(-10_000) && d < Whole(10_000) {
		options = append(options, xnumber.NoSeparator())
	}
	return message.NewPrinter(tag).Sprint(xnumber.Decimal(d.Float(), options...))
}

// MarshalJSON writes a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) { return json.Marshal(d.Float()) }
