package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// String is the report, as docs/benchmarks.md has it.
func (m *measured) String() string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put("# Benchmarks")
	put("")
	put("Written by `make bench`; do not edit. %s, %d cores, load average %s when it began. The provider is the released binary as a", m.system, runtime.NumCPU(), m.busy)
	put("process of its own, asked over HTTP (no TLS) by clients on the same machine, which take their share of its cores; the store is a file on its")
	put("disk. Other work on the machine changes the visits in a second. What can be compared from run to run is the CPU time of the provider, system")
	put("calls included, and its ratio to what the machine can do, which is measured between its rounds. Each row has the least, the median and the")
	put("most of all rounds.")
	put("")
	put("A returning visit is `GET /authorize` with a session and nothing to ask, the exchange of the code, and `GET /userinfo`, for a customer with")
	put("three answers, two of them in the ID token.")
	put("")
	put("## A returning visit")
	put("")
	put("| ID token | at once | CPU µs, least | median | most | in ES256 signatures | visits/s, least | median | most | updates per sync | syncs a visit × fsync, of its time |")
	put("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, l := range m.loads {
		disk := 2 / l.shared * m.fsync.median() / 1000 * l.rate.median() // what part of a second the disk is busy for us
		put("| %s | %d | %s | %s | %s | %s | %.0f %% |", l.alg, l.atOnce, l.cost, digits(l.cost.median()/m.es256.median()), l.rate, digits(l.shared), 100*disk)
	}
	put("")
	put("## One request, 8 at once")
	put("")
	put("| request | CPU µs, least | median | most | in ES256 signatures |")
	put("| --- | ---: | ---: | ---: | ---: |")
	for _, name := range []string{"authorize", "exchange, ES256", "exchange, RS256", "UserInfo", "refresh, ES256", "refresh, RS256"} {
		put("| %s | %s | %s |", name, m.steps[name], digits(m.steps[name].median()/m.es256.median()))
	}
	put("")
	put("## The process")
	put("")
	put("| | least | median | most |")
	put("| --- | ---: | ---: | ---: |")
	put("| start to the first answer, store there, ms | %s |", m.start)
	put("| first start, with keys and store to be made, ms | | %s | |", digits(m.first))
	put("| idle memory (RssAnon) a second after the start, MiB | %s |", m.idle)
	put("| memory (RssAnon) at the end of a load, MiB | %s |", m.loaded)
	put("| binary, stripped, MiB | | %s | |", digits(float64(m.bytes)/(1<<20)))
	put("| modules linked into it | | %d | |", len(m.modules))
	put("")
	put("## The machine, in the same run")
	put("")
	put("| | least | median | most |")
	put("| --- | ---: | ---: | ---: |")
	put("| Argon2id, 19 MiB, 2 passes, ms of CPU | %s |", m.argon2id)
	put("| ES256 signature, µs of CPU | %s |", m.es256)
	put("| RS256 signature (2048 bits), µs of CPU | %s |", m.rs256)
	put("| write and sync of 4 KiB, ms | %s |", m.fsync)
	put("")
	put("The modules: %s.", strings.Join(slices.Sorted(slices.Values(m.modules)), ", "))
	return b.String()
}
