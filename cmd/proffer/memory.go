package main

import (
	"os"
	"runtime/debug"

	"github.com/proffer-id/proffer"
)

// settle is called when the start is done. What that took goes back to the
// system. From then on memory is collected less often than Go does by itself:
// what is alive is a few MiB, and to collect whenever it has doubled costs a
// tenth of a visit. Password hashes, which are large, are kept within bounds.
// GOGC and GOMEMLIMIT of the environment stand over it.
func settle(cfg *proffer.Config) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit(cfg))
	}
	debug.FreeOSMemory()
}

// memoryLimit is from where on memory is collected whenever some is needed: room
// for twice the hashes that are computed at once, and 64 MiB for all else.
func memoryLimit(cfg *proffer.Config) int64 {
	p := cfg.Passwords
	return 64<<20 + 2*int64(p.AtOnce)*int64(p.Argon2id.Memory)
}
