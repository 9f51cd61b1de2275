package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A demo is one running `proffer demo`.
type demo struct {
	Provider string `json:"provider"`
	Kopi     string `json:"kopi"`
	Sole     string `json:"sole"`
	Mail     string `json:"mail"`
	Config   string `json:"config"`

	data    string
	said    *output
	process *exec.Cmd
	ended   chan error
}

// output is what a process wrote, while it still writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// build builds the binary as make build does.
func build(to string) error {
	cmd := exec.Command("go", "build", "-o", to, "./cmd/proffer")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOWORK=") // the tree's own go.work, not this module
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build ./cmd/proffer: %w\n%s", err, out)
	}
	return nil
}

// startDemo starts the binary on four free ports and waits for its ready line.
func startDemo(binary, data string, args ...string) (*demo, error) {
	var last error
	for i := range 5 { // a port may be taken between looking and listening
		port := freePorts(4)
		if i == 0 && os.Getenv("PROFFER_TEST_SHOTS") != "" {
			port = 8080 // the pictures show the usual addresses, if they can be had
		}
		d, err := tryDemo(binary, data, port, args...)
		if err == nil {
			return d, nil
		}
		last = err
		if !strings.Contains(err.Error(), "is in use") {
			return nil, err
		}
	}
	return nil, last
}

func tryDemo(binary, data string, port int, args ...string) (*demo, error) {
	d := &demo{data: data, said: &output{}, ended: make(chan error, 1)}
	d.process = exec.Command(binary, append([]string{"demo", "--data", data, "--port", strconv.Itoa(port)}, args...)...)
	d.process.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { // they would be its configuration
		return strings.HasPrefix(v, "PROFFER_")
	})
	if on := os.Getenv("PROFFER_TEST_POSTGRES"); on != "" {
		d.process.Env = append(d.process.Env, "PROFFER_STORE="+inSchema(on, data))
	}
	d.process.Stderr = d.said
	out, err := d.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := d.process.Start(); err != nil {
		return nil, err
	}
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(io.TeeReader(out, d.said))
		for lines.Scan() {
			if line, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				ready <- line
			}
		}
		d.ended <- d.process.Wait()
	}()
	select {
	case line := <-ready:
		if err := json.Unmarshal([]byte(line), d); err != nil {
			d.stop()
			return nil, fmt.Errorf("ready line %q: %w", line, err)
		}
		return d, nil
	case err := <-d.ended:
		d.ended <- err
		return nil, fmt.Errorf("the demo ended: %v\n%s", err, d.said)
	case <-time.After(60 * time.Second):
		d.stop()
		return nil, fmt.Errorf("the demo is not ready after a minute:\n%s", d.said)
	}
}

// inSchema names the schema of a demo's data in the database of a URL.
func inSchema(database, data string) string {
	sum := sha256.Sum256([]byte(data))
	and := "?"
	if strings.Contains(database, "?") {
		and = "&"
	}
	return fmt.Sprintf("%s%ssearch_path=proffer_e2e_%x", database, and, sum[:6])
}

// stop interrupts the demo and returns how it ended; nil: well.
func (d *demo) stop() error {
	d.process.Process.Signal(os.Interrupt)
	select {
	case err := <-d.ended:
		d.ended <- err
		return err
	case <-time.After(20 * time.Second):
		d.process.Process.Kill()
		return errors.New("did not end within 20 seconds of an interrupt")
	}
}

// freePorts finds n ports in a row that nobody listens on.
func freePorts(n int) int {
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			continue
		}
		first := l.Addr().(*net.TCPAddr).Port
		l.Close()
		free := true
		for i := range n {
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(first+i)))
			if err != nil {
				free = false
				break
			}
			l.Close()
		}
		if free {
			return first
		}
	}
}

// A mail is one message of the catcher's JSON.
type mail struct {
	Number  int    `json:"number"`
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
}

// mails are all messages to an address, newest first.
func (d *demo) mails(t testing.TB, to string) (out []mail) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Mail+"/messages.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var all []mail
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.To == to {
			out = append(out, m)
		}
	}
	return out
}

// waitMail waits for the n-th message to an address (1 is the first).
func (d *demo) waitMail(t testing.TB, to string, n int) mail {
	t.Helper()
	for range 200 {
		if all := d.mails(t, to); len(all) >= n {
			return all[len(all)-n]
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no mail number %d to %s; the demo said:\n%s", n, to, d.said)
	return mail{}
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code is the code in a message.
func (m mail) code(t testing.TB) string {
	t.Helper()
	code := sixDigits.FindString(m.Text)
	if code == "" {
		t.Fatalf("no code in the message %q:\n%s", m.Subject, m.Text)
	}
	return code
}
