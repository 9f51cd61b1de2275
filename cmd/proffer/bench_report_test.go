//go:build linux

package main

import (
	_ "embed"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// before is what a visit cost before it was looked into, and what was taken out
// of it. It is written by hand.
//
//go:embed testdata/benchmarks-before.md
var before string

// A page is a report on its way.
type page struct{ strings.Builder }

func (p *page) put(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// String is the report, as docs/benchmarks.md has it.
func (m *measured) String() string {
	var p page
	p.put("# Benchmarks")
	p.put("")
	p.put("Written by `make bench`; do not edit. To repeat it, on Linux with PostgreSQL 15 or newer installed (`make setup` does):")
	p.put("")
	p.put("    make bench")
	p.put("")
	p.put("or this page alone, on a PostgreSQL that lives as long as the command, with its files in $TMPDIR:")
	p.put("")
	p.put("    tools/postgres run --durable -- \\")
	p.put("      go test -count=1 -timeout 20m -run '^$' -bench '^BenchmarkProvider$' -benchtime 1x ./cmd/proffer -args -report \"$PWD/docs/benchmarks.md\"")
	p.put("")
	p.put("With PROFFER_TEST_POSTGRES set to the URL of a database on the same machine, whose role may create schemas, both take that one. The drivers")
	p.put("alone, an Update of one record by 1, 8 and 32 accounts at once:")
	p.put("")
	p.put("    tools/postgres run --durable -- go test -run '^$' -bench . ./store/bolt ./store/postgres")
	p.put("")
	p.put("An earlier binary beside this one, in turns:")
	p.put("")
	p.put("    tools/postgres run --durable -- \\")
	p.put("      go test -count=1 -timeout 20m -run '^$' -bench '^BenchmarkBefore$' -benchtime 1x ./cmd/proffer -args -before \"$PWD/bin/earlier\"")
	p.put("")
	p.put("## How it is measured")
	p.put("")
	p.put("%s, %d cores, load average %s when it began; %s; %.0f s in all.", m.system, runtime.NumCPU(), m.busy, m.server.about, m.took.Seconds())
	p.put("The provider is the released binary as a process of its own, asked over HTTP (no TLS) by clients on the same machine, which take their share")
	p.put("of its cores, as PostgreSQL does. There are two of it, one on a bolt file and one on PostgreSQL, with the same %d customers; they take", benchPeople)
	p.put("turns, %d rounds each of %.0f s or of %d requests, after one to warm up. Between the rounds stands what the machine can do at most.", benchRounds, benchRound.Seconds(), benchRequests)
	p.put("")
	p.put("CPU is the operating system's account of all threads of the process, system calls included; PostgreSQL's is the sum over its processes, in a")
	p.put("column of its own. What can be compared from run to run and from machine to machine is the part of a hash: one Argon2id hash with 19 MiB and")
	p.put("2 passes, by one thread, measured before and after each round and set against that round. Operations in a second depend on what else the")
	p.put("machine does. Each row has the least, the median and the most of all rounds; none is left out, and an operation that fails fails the run.")
	p.put("The spread of the hash, at the end of this page, tells how quiet the machine was: what else works on it makes everything dearer, and a hash,")
	p.put("which lives on memory, more than the rest.")
	p.put("")
	m.targets(&p)
	m.visitTable(&p)
	m.requestTable(&p)
	p.put("%s", strings.TrimSpace(before))
	p.put("")
	m.processTable(&p)
	m.machineTable(&p)
	p.put("The modules: %s.", strings.Join(slices.Sorted(slices.Values(m.modules)), ", "))
	return p.String()
}

// find returns a row, which is there.
func (m *measured) find(what, alg string, atOnce int) *row {
	i := slices.IndexFunc(m.rows, func(r *row) bool { return r.what == what && r.alg == alg && r.atOnce == atOnce })
	return m.rows[i]
}

// targets says what was aimed at and what it came to.
func (m *measured) targets(p *page) {
	p.put("## What was aimed at")
	p.put("")
	p.put("Medians of the provider's CPU for one operation, ID tokens signed with ES256.")
	p.put("")
	p.put("| operation | at once | aim on bolt | bolt | | aim on PostgreSQL | PostgreSQL | |")
	p.put("| --- | ---: | ---: | ---: | --- | ---: | ---: | --- |")
	verdict := func(met bool) string {
		if met {
			return "met"
		}
		return "**not met**"
	}
	for _, aim := range []struct {
		what, alg  string
		atOnce     []int
		bolt, post float64 // one of so many
	}{
		{"returning visit", "ES256", []int{1, 8, 32}, 30, 20},
		{"refresh", "ES256", []int{8, 32}, 50, 50},
		{"UserInfo", "ES256", []int{8, 32}, 250, 250},
	} {
		for _, n := range aim.atOnce {
			r := m.find(aim.what, aim.alg, n)
			bolt, post := r.on[0].part().median(), r.on[1].part().median()
			p.put("| %s | %d | 1/%.0f of a hash | %s | %s | 1/%.0f | %s | %s |", aim.what, n, aim.bolt, part(bolt), verdict(bolt <= 1/aim.bolt), aim.post, part(post), verdict(post <= 1/aim.post))
		}
	}
	for _, n := range []int{1, 8, 32} {
		const aim = 4 // ms
		r := m.find("password sign-in", "", n)
		bolt, post := r.on[0].beyond().median(), r.on[1].beyond().median()
		p.put("| password sign-in | %d | a hash and %d ms | %+.1f ms | %s | a hash and %d ms | %+.1f ms | %s |", n, aim, bolt, verdict(bolt <= aim), aim, post, verdict(post <= aim))
	}
	var done, failed [len(benchStores)]int
	for _, r := range m.rows {
		for i, t := range r.on {
			if r.atOnce == 32 {
				done[i] += t.done
				failed[i] += t.failed
			}
		}
	}
	p.put("| errors of any kind | 32 | 0 | %d of %d | %s | 0 | %d of %d | %s |", failed[0], done[0], verdict(failed[0] == 0), failed[1], done[1], verdict(failed[1] == 0))
	p.put("")
	if least := m.argon2id.sorted()[0]; m.argon2id.median() > 1.25*least {
		p.put("**The machine was not quiet**: a hash took %s ms of CPU at its median and %s at its least. Then a hash is dearer than it should be, and what", digits(m.argon2id.median()), digits(least))
		p.put("is met here need not be on a quiet machine.")
		p.put("")
	}
}

func (m *measured) visitTable(p *page) {
	p.put("## A returning visit")
	p.put("")
	p.put("`GET /authorize` with a session and nothing to ask, the exchange of the code, and `GET /userinfo`, for a customer with three answers, two of")
	p.put("them in the ID token. The commits are of the whole process, so what it does behind the visits is among them.")
	p.put("")
	p.put("| ID token | at once | store | CPU ms, least | median | most | of a hash | PostgreSQL's CPU ms | visits/s, least | median | most | the store, for one visit |")
	p.put("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
	for _, r := range m.rows {
		if r.what != "returning visit" {
			continue
		}
		for i, t := range r.on {
			p.put("| %s | %d | %s | %s | %s | %s | %s | %s |", r.alg, r.atOnce, benchStores[i], t.server, part(t.part().median()), t.others(), t.rate, t.said())
		}
	}
	p.put("")
}

// others is the median of the CPU of the database's processes.
func (t *outcome) others() string {
	if m := t.database.median(); m > 0 {
		return digits(m)
	}
	return "–"
}

// said is what the store did for one.
func (t *outcome) said() string {
	if syncs, ok := t.counts["syncs"]; ok {
		return fmt.Sprintf("%.2f commits in %.2f syncs", t.counts["updates"], syncs)
	}
	return fmt.Sprintf("%.2f commits, %.4f retries", t.counts["commits"], t.counts["retries"])
}

func (m *measured) requestTable(p *page) {
	p.put("## One request, a sign-in, a registration")
	p.put("")
	p.put("The sign-in is by password in a browser that knows nothing: authorize, the page with the form, the form with its hash, and authorize again to")
	p.put("the code. The registration begins and ends at the brand's site: form, hash, code in the mail, three answers, first tokens.")
	p.put("")
	p.put("| operation | ID token | at once | store | CPU ms, least | median | most | of a hash | PostgreSQL's CPU ms | in a second, least | median | most |")
	p.put("| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, r := range m.rows {
		if r.what == "returning visit" {
			continue
		}
		for i, t := range r.on {
			p.put("| %s | %s | %d | %s | %s | %s | %s | %s |", r.what, r.alg, r.atOnce, benchStores[i], t.server, part(t.part().median()), t.others(), t.rate)
		}
	}
	p.put("")
}

func (m *measured) processTable(p *page) {
	p.put("## The process")
	p.put("")
	p.put("| | store | least | median | most |")
	p.put("| --- | --- | ---: | ---: | ---: |")
	put := func(what string, of func(l *life) samples) {
		for i := range m.life {
			p.put("| %s | %s | %s |", what, benchStores[i], of(&m.life[i]))
		}
	}
	put("start to the first answer, store there, ms", func(l *life) samples { return l.start })
	for i, l := range m.life {
		p.put("| first start, with keys and store to be made, ms | %s | | %s | |", benchStores[i], digits(l.first))
	}
	put("nothing to do, ms of CPU in a second", func(l *life) samples { return l.rest })
	p.put("| of PostgreSQL's processes meanwhile | PostgreSQL | %s |", m.life[1].restDatabase)
	put("memory (RssAnon) 1.5 s after the start, MiB", func(l *life) samples { return l.idle })
	put("memory (RssAnon) at the end of a load, MiB", func(l *life) samples { return l.loaded })
	p.put("| binary, stripped, MiB | | | %s | |", digits(float64(m.bytes)/(1<<20)))
	p.put("| modules linked into it | | | %d | |", len(m.modules))
	p.put("")
}

func (m *measured) machineTable(p *page) {
	p.put("## The machine, in the same run")
	p.put("")
	p.put("| | least | median | most |")
	p.put("| --- | ---: | ---: | ---: |")
	p.put("| Argon2id, 19 MiB, 2 passes, ms of CPU | %s |", m.argon2id)
	p.put("| ES256 signature, µs of CPU | %s |", m.es256)
	p.put("| RS256 signature (2048 bits), µs of CPU | %s |", m.rs256)
	p.put("| write and sync of 4 KiB, ms | %s |", m.fsync)
	p.put("| PostgreSQL: INSERT of one row, committed, ms | %s |", m.commit)
	p.put("| of it PostgreSQL's CPU, µs | %s |", m.commitCPU)
	p.put("| PostgreSQL: SELECT 1, ms | %s |", m.trip)
	p.put("| of it PostgreSQL's CPU, µs | %s |", m.tripCPU)
	p.put("| of it the CPU of who asks, µs | %s |", m.tripClient)
	p.put("")
}
