package diag

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Size is a number of bytes: "64KiB", "2KB", "19MiB", "512B".
type Size int64

var sizeUnits = [...]struct {
	name string
	of   int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}}

// String is the shortest way to write the size.
func (s Size) String() string {
	for _, u := range sizeUnits {
		if s != 0 && int64(s)%u.of == 0 {
			return fmt.Sprintf("%d%s", int64(s)/u.of, u.name)
		}
	}
	return fmt.Sprintf("%dB", int64(s))
}

// MarshalText writes what UnmarshalText reads.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a size; the error says how to write one.
func (s *Size) UnmarshalText(b []byte) error {
	for _, u := range sizeUnits {
		num, ok := strings.CutSuffix(string(b), u.name)
		if !ok || !digits(num) {
			continue
		}
		n, err := strconv.ParseInt(num, 10, 64)
		if err != nil || n > math.MaxInt64/u.of {
			return fmt.Errorf("%s is too large", cut(string(b), 40))
		}
		*s = Size(n * u.of)
		return nil
	}
	return fmt.Errorf("write a size such as 2KB, 64KiB or 19MiB, not %q", cut(string(b), 40))
}
