package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A running serve is the real binary, started as an operator would.
type running struct {
	t      *testing.T
	cmd    *exec.Cmd
	dir    string
	issuer string
	also   string         // more lines of the configuration
	roots  *x509.CertPool // who may have signed its certificate; nil: no TLS

	mu  sync.Mutex
	log bytes.Buffer
	new chan struct{} // something was logged
}

// start writes a configuration and starts the provider with it.
func start(t *testing.T) *running { return (&running{t: t, dir: t.TempDir()}).start() }

func (r *running) start() *running {
	t := r.t
	t.Helper()
	address := "127.0.0.1:" + freePort(t)
	r.issuer, r.new = "http://"+address, make(chan struct{}, 1)
	if r.roots != nil {
		r.issuer = "https://" + address
	}
	r.write("https://kopi.example/callback")
	r.cmd = r.command()
	stderr, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.cmd.Process.Kill() })
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			r.mu.Lock()
			fmt.Fprintln(&r.log, lines.Text())
			r.mu.Unlock()
			select {
			case r.new <- struct{}{}:
			default:
			}
		}
	}()
	r.wait("msg=ready")
	return r
}

func (r *running) command() *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = []string{"proffer", "serve", "--config", filepath.Join(r.dir, "config.yaml")}
	return cmd
}

// smallConfig is for an issuer, an address to listen at and a redirect URI.
const smallConfig = `issuer: %s
listen: %s
mail: {smtp: "smtp://localhost:1", from: no-reply@localhost}
brands:
  kopi:
    name: {en: Kopi Club}
    controller: {name: Kopi Club Co., contact: privacy@kopi.example}
    site: http://localhost:8081/
    clients:
      kopi-web:
        secret_file: data/kopi-web.secret
        redirect_uris: ["%s"]
`

// write replaces the configuration as an editor would.
func (r *running) write(redirect string) {
	r.t.Helper()
	text := fmt.Sprintf(smallConfig, r.issuer, r.issuer[strings.LastIndex(r.issuer, "/")+1:], redirect) + r.also
	next := filepath.Join(r.dir, "config.next")
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(r.dir, "config.yaml")); err != nil {
		r.t.Fatal(err)
	}
}

// wait waits until the log has the words once more than it was asked before.
func (r *running) wait(words string) {
	r.t.Helper()
	end := time.After(30 * time.Second)
	for {
		r.mu.Lock()
		before, after, found := strings.Cut(r.log.String(), words)
		if found {
			r.log.Reset()
			r.log.WriteString(after)
		}
		r.mu.Unlock()
		if found {
			return
		}
		select {
		case <-r.new:
		case <-end:
			r.t.Fatalf("the log does not say %q:\n%s%s", words, before, after)
		}
	}
}

func (r *running) get(path string) (status int, body string) {
	r.t.Helper()
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: r.roots}, DisableKeepAlives: true}}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Get(r.issuer + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// mayReturn says whether a redirect URI is in force: a request with another one
// is answered with a page of our own and goes nowhere.
func (r *running) mayReturn(uri string) bool {
	r.t.Helper()
	status, _ := r.get("/authorize?client_id=kopi-web&response_type=code&scope=openid&state=12345678&nonce=12345678" +
		"&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&redirect_uri=" + uri)
	return status < 400
}

func TestServe(t *testing.T) {
	r := start(t)
	status, body := r.get("/.well-known/openid-configuration")
	var discovery struct{ Issuer string }
	if err := json.Unmarshal([]byte(body), &discovery); err != nil || status != 200 || discovery.Issuer != r.issuer {
		t.Fatalf("discovery: %d %s, err %v", status, body, err)
	}
	for _, name := range []string{"data/proffer.db", "data/master.key", "data/buckets.key", "data/kopi-web.secret"} {
		info, err := os.Stat(filepath.Join(r.dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, err %v", name, info.Mode(), err)
		}
	}

	// Who looks after it need not know its name, and learns nothing.
	for _, path := range []string{"/healthz", "/readyz"} {
		request, err := http.NewRequest("GET", r.issuer+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "10.1.2.3"
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK || string(text) != "ok\n" || response.Header.Get("Cache-Control") != "no-store" || err != nil {
			t.Errorf("%s: %d %q %v", path, response.StatusCode, text, err)
		}
	}
	if response, err := http.Post(r.issuer+"/readyz", "text/plain", nil); err != nil || response.StatusCode < 400 {
		t.Errorf("POST /readyz: %v, err %v", response, err)
	}

	// One process at a time.
	second := r.command()
	if said, err := second.CombinedOutput(); err == nil || !strings.Contains(string(said), "proffer.db") {
		t.Errorf("a second process: err %v, said\n%s", err, said)
	}

	// What is too large is not read.
	response, err := http.Post(r.issuer+"/token", "application/x-www-form-urlencoded", strings.NewReader("code="+strings.Repeat("x", 70<<10)))
	if err != nil || response.StatusCode < 400 {
		t.Errorf("a large form: %v, err %v", response, err)
	}
	request, err := http.NewRequest("GET", r.issuer+"/login", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Long", strings.Repeat("x", 40<<10))
	if response, err := http.DefaultClient.Do(request); err != nil || response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a large header: %v, err %v", response, err)
	}

	// The end: what is open is finished, and it was no failure.
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log.String())
	}
}

// A changed file is taken over by itself, a broken one is reported and changes
// nothing, and SIGHUP does not wait.
func TestServe_Reload(t *testing.T) {
	r := start(t)
	if !r.mayReturn("https://kopi.example/callback") || r.mayReturn("https://kopi.example/next") {
		t.Fatal("at the start")
	}
	r.write("https://kopi.example/next")
	r.wait("new configuration taken")
	if r.mayReturn("https://kopi.example/callback") || !r.mayReturn("https://kopi.example/next") {
		t.Error("the new redirect URI is not in force")
	}
	r.write("javascript:alert(1)")
	r.wait("config.yaml:12:25: ")
	r.wait("new configuration not taken, the old one stays in force")
	if !r.mayReturn("https://kopi.example/next") {
		t.Error("a broken file changed what is in force")
	}
	r.write("https://kopi.example/third")
	if err := r.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	r.wait("new configuration taken")
	if !r.mayReturn("https://kopi.example/third") {
		t.Error("SIGHUP did not reload")
	}
}

func TestClock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	set := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set("14d\n")
	now, err := newClock(file, "http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	moved := func() time.Duration { return time.Until(now()).Round(time.Minute) }
	for text, want := range map[string]time.Duration{
		"14d": 14 * 24 * time.Hour, "-5m": -5 * time.Minute, "+1h30m": 90 * time.Minute, "0": 0, "": 0,
	} {
		if set(text); moved() != want {
			t.Errorf("%q: moved by %s", text, moved())
		}
	}
	set("2h")
	now()
	set("half writt")
	if moved() != 2*time.Hour {
		t.Errorf("while the file cannot be read: moved by %s", moved())
	}
	for _, issuer := range []string{"https://id.example.com", "http://localhost.example.com", "http://10.0.0.1", "http://localhost@example.com", ""} {
		if _, err := newClock(file, issuer); err == nil {
			t.Errorf("the clock moves for %s", issuer)
		}
	}
	if _, err := newClock(file, "http://[::1]:8080/id"); err == nil {
		t.Error("a file that says nothing is taken at the start")
	}
}
