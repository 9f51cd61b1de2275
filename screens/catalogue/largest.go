package catalogue

import "slices"

// Largest is about how many bytes of JSON an answer to the question can have at
// most: what a token must have room for.
func (q *Question) Largest() int {
	const frame = 3 // quotes and a comma
	if len(q.Options) == 0 {
		if q.Limit > 0 {
			return frame + 4*q.Limit // characters of any script
		}
		return 32 // a date, a number, a code, a size
	}
	var sizes []int
	for _, o := range q.Options {
		n := frame + len(o.ID)
		if o.Other {
			n = frame + len(otherPrefix) + 4*q.Limit
		}
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	several := 1
	if _, one := q.Kind.(single); !one {
		several = len(sizes)
		if q.AtMost > 0 {
			several = min(several, q.AtMost)
		}
	}
	total := 0
	for _, n := range sizes[len(sizes)-several:] {
		total += n
	}
	return total
}
