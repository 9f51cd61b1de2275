package demo

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/proffer-id/proffer"
)

func TestDataIsMadeAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo-data")
	d, err := openData(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proffer.Load(d.config()); err != nil {
		t.Errorf("the copied example does not load: %v", err)
	}
	if _, err := openData(dir, false); err == nil || !strings.Contains(err.Error(), "another demo is running") {
		t.Errorf("a second demo on the same folder: %v", err)
	}
	if _, err := openData(dir, true); err == nil {
		t.Error("a running demo's folder was emptied")
	}
	d.close()

	set := filepath.Join(dir, "brands", "kopi", "set.yaml")
	edited := []byte("# edited by hand\n")
	if err := os.WriteFile(set, edited, 0o644); err != nil {
		t.Fatal(err)
	}
	if d, err = openData(dir, false); err != nil {
		t.Fatal(err)
	}
	d.close()
	if text, err := os.ReadFile(set); err != nil || string(text) != string(edited) {
		t.Errorf("what was edited did not stay: %q, %v", text, err)
	}

	if d, err = openData(dir, true); err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if text, err := os.ReadFile(set); err != nil || string(text) == string(edited) {
		t.Errorf("--fresh did not start over: %q, %v", text, err)
	}
}

func TestDataLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "thesis.txt")
	if err := os.WriteFile(mine, []byte("years of work"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, fresh := range []bool{false, true} {
		if _, err := openData(dir, fresh); err == nil || !strings.Contains(err.Error(), "--data") {
			t.Errorf("fresh %v: %v", fresh, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder has %d entries now, %v", len(entries), err)
	}
	if _, err := openData(mine, true); err == nil {
		t.Error("a file was taken for a folder")
	}
}

func TestListenSaysWhichPortIsTaken(t *testing.T) {
	// A port whose neighbour is taken: nothing may stay listened on.
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	number := taken.Addr().(*net.TCPAddr).Port
	if _, err := listen(number); err == nil || !strings.Contains(err.Error(), strconv.Itoa(number)+" is in use") || !strings.Contains(err.Error(), "--port") {
		t.Errorf("%v", err)
	}
	for _, wrong := range []int{0, -1, 65533, 1 << 20} {
		if p, err := listen(wrong); err == nil {
			p.close()
			t.Errorf("port %d was taken", wrong)
		}
	}
}

func TestListenTakesFourOrNone(t *testing.T) {
	for range 20 { // until four in a row are free
		probe, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		first := probe.Addr().(*net.TCPAddr).Port - 3
		all, err := listen(first)
		if err == nil {
			all.close()
			t.Fatal("the last of the four was taken, and all were given")
		}
		probe.Close()
		if all, err = listen(first); err != nil {
			continue // somebody else's
		}
		defer all.close()
		moved := all.moved()
		if moved["http://localhost:8080"] != all.provider.origin() || moved["http://localhost:8083"] != "http://localhost:"+strconv.Itoa(first+3) {
			t.Errorf("%v", moved)
		}
		return
	}
	t.Fatal("no four free ports in a row in 20 tries")
}

// A folder may come from elsewhere, in an archive or a checkout: a link in the
// place of the marker would have another file written over.
func TestDataFollowsNoLink(t *testing.T) {
	dir, mine := t.TempDir(), filepath.Join(t.TempDir(), "thesis.txt")
	if err := os.WriteFile(mine, []byte("years of work"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(mine, filepath.Join(dir, marker)); err != nil {
		t.Skip(err)
	}
	for _, fresh := range []bool{false, true} {
		if d, err := openData(dir, fresh); err == nil {
			d.close()
			t.Errorf("fresh %v: taken", fresh)
		}
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) != "years of work" {
		t.Errorf("another file was written over: %q, %v", text, err)
	}
}

// A page of a foreign site whose name leads to this machine reads nothing here.
func TestGauntlet_S07_Rebinding(t *testing.T) {
	p := &port{number: 8083}
	h := p.only(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("123456")) }))
	for host, want := range map[string]int{
		"localhost:8083": 200, "127.0.0.1:8083": 200, "[::1]:8083": 200,
		"evil.example:8083": 421, "evil.example": 421, "localhost": 421, "localhost:8080": 421, "localhost.evil.example:8083": 421, "": 421,
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/messages.json", nil)
		r.Host = host
		if h.ServeHTTP(w, r); w.Code != want || want != 200 && strings.Contains(w.Body.String(), "123456") {
			t.Errorf("%q: %d %s", host, w.Code, w.Body)
		}
	}
}
