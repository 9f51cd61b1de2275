//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

var earlier = flag.String("before", "", "file of an earlier binary, which BenchmarkBefore measures beside this one")

// BenchmarkBefore has customers come back to an earlier binary and to this one,
// in turns, on bolt files and then on PostgreSQL: what was taken out of a visit in
// between. It prints the table that stands in testdata/benchmarks-before.md.
func BenchmarkBefore(b *testing.B) {
	if *earlier == "" {
		b.Skip("-before names no binary")
	}
	m := newMeasured(b)
	binary := release(b)
	var p page
	p.put("| operation | at once | store | CPU ms before, least | median | most | of a hash | CPU ms after, least | median | most | of a hash | after / before |")
	p.put("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for b.Loop() {
		for i, server := range []*server{nil, m.server} {
			m.rows = nil
			m.compare(b, []*side{newSide(b, 0, "before", server, *earlier, benchAccounts()), newSide(b, 1, "after", server, binary, benchAccounts())})
			for _, r := range m.rows {
				before, after := &r.on[0], &r.on[1]
				var left samples // of each round
				for i, ms := range after.server {
					left = append(left, ms/before.server[i])
				}
				p.put("| %s | %d | %s | %s | %s | %s | %s | %.2f |", r.what, r.atOnce, benchStores[i],
					before.server, part(before.part().median()), after.server, part(after.part().median()), left.median())
			}
		}
	}
	p.put("")
	p.put("(Argon2id, ms of CPU, least, median, most: %s; load average %s when it began.)", m.argon2id, m.busy)
	fmt.Fprintln(os.Stdout, p.String())
}

// compare has the customers of all sides do the same.
func (m *measured) compare(b *testing.B, sides []*side) {
	for _, s := range sides {
		s.start(b)
		s.settle(b)
	}
	for _, atOnce := range []int{1, 8, 32} {
		m.visits(b, sides, "ES256", atOnce)
	}
	m.requests(b, sides, "ES256", 32)
	for _, s := range sides {
		s.end(b)
	}
}
