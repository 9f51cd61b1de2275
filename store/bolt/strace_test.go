package bolt_test

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/storetest"
)

// underStrace runs a process that writes while strace makes a system call of
// it fail, or kills it there. It sees that nothing acknowledged is lost and
// returns what else the process said.
func underStrace(t *testing.T, inject string) (said []string) {
	t.Helper()
	dir := storetest.Dir(t)
	path := filepath.Join(dir, "p.db")
	keys, err := store.OpenKeys(filepath.Join(dir, "master"), filepath.Join(dir, "buckets"))
	if err != nil {
		t.Fatal(err)
	}
	_, d := openAt(t, path, keys, bolt.Options{})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := child(t, "write", dir)
	cmd.Args = append([]string{"strace", "-f", "-qq", "-o", filepath.Join(dir, "trace"), "-e", "trace=pwrite64,fdatasync", "-e", "inject=" + inject}, cmd.Path)
	if cmd.Path, err = exec.LookPath("strace"); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if id, ok := strings.CutPrefix(lines.Text(), "ok "); ok {
			acknowledged = append(acknowledged, id)
		} else {
			said = append(said, lines.Text())
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended well")
	}
	db, _ := openAt(t, path, keys, bolt.Options{})
	after := whole(t, db)
	for _, id := range acknowledged {
		if !after[id] {
			t.Errorf("%s: %s was acknowledged and is lost", inject, id)
		}
	}
	t.Logf("%s: %d acknowledged, %d there, said %q", inject, len(acknowledged), len(after), said)
	return said
}

// needStrace skips a test where there is no strace, or where it may not trace.
func needStrace(t *testing.T) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "strace", "-f", "-qq", "-e", "trace=none", "true").CombinedOutput(); err != nil {
		t.Skipf("no strace: %v %s", err, out)
	}
}

func TestGauntlet_L02_TornWrite(t *testing.T) {
	needStrace(t)
	for _, at := range []string{"pwrite64", "fdatasync"} {
		for _, n := range []int{1, 2, 3, 5, 8, 13} {
			underStrace(t, fmt.Sprintf("%s:signal=KILL:when=%d", at, n))
		}
	}
}

func TestGauntlet_L04_FailedSync(t *testing.T) {
	needStrace(t)
	for _, inject := range []string{"fdatasync:error=EIO:when=1", "fdatasync:error=EIO:when=6", "fdatasync:error=EIO:when=7", "pwrite64:error=EIO:when=9", "pwrite64:error=ENOSPC:when=9"} {
		said := underStrace(t, inject)
		if len(said) == 0 || !strings.Contains(said[0], store.ErrUnavailable.Error()) {
			t.Errorf("%s: the writer was told %q, want that the store is unavailable", inject, said)
		}
	}
}
