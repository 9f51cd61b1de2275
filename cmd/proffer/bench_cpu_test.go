//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// ran is how long all threads of a process have run, to the nanosecond, in the
// system too and those that ended included: the clock that
// clock_getcpuclockid(3) names.
func ran(pid int) (time.Duration, error) {
	var now syscall.Timespec
	if _, _, e := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(^pid<<3|2), uintptr(unsafe.Pointer(&now)), 0); e != 0 {
		return 0, e
	}
	return time.Duration(now.Nano()), nil
}

// cpu is ran of a process that is there.
func cpu(b *testing.B, pid int) time.Duration {
	b.Helper()
	d, err := ran(pid)
	if err != nil {
		b.Fatalf("the CPU time of process %d: %v", pid, err)
	}
	return d
}

// A status is what /proc/<pid>/stat says of a process.
type status struct {
	parent int
	ended  time.Duration // of the CPU, of children that ended
}

func statusOf(pid int) (s status, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s, err
	}
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')'):]), " ") // the name may have any letter in it
	fields := strings.Fields(rest)
	if len(fields) < 15 {
		return s, fmt.Errorf("/proc/%d/stat is too short", pid)
	}
	if s.parent, err = strconv.Atoi(fields[1]); err != nil {
		return s, err
	}
	for _, f := range fields[13:15] {
		ticks, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return s, err
		}
		s.ended += time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100 on Linux
	}
	return s, nil
}

// family is how long a process and its children have run, those that ended
// included.
func family(b *testing.B, pid int) time.Duration {
	b.Helper()
	for range 100 {
		before, err := statusOf(pid)
		if err != nil {
			b.Fatal(err)
		}
		sum := cpu(b, pid) + before.ended
		all, err := filepath.Glob("/proc/[0-9]*")
		if err != nil {
			b.Fatal(err)
		}
		for _, dir := range all {
			child, _ := strconv.Atoi(filepath.Base(dir))
			s, err := statusOf(child)
			if err != nil || s.parent != pid {
				continue // or it has ended meanwhile
			}
			if d, err := ran(child); err == nil {
				sum += d
			}
		}
		after, err := statusOf(pid)
		if err != nil {
			b.Fatal(err)
		}
		if after == before { // else one ended, and counted twice or not at all
			return sum
		}
	}
	b.Fatalf("the children of process %d come and go", pid)
	return 0
}

// anonymous is the memory of a process that no file stands behind, in MiB.
func anonymous(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	b.Fatal("no RssAnon in /proc")
	return 0
}
