package proffer

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A changed mail server is in force after a reload, and one that cannot be used
// leaves the old one in force.
func TestReload_Mail(t *testing.T) {
	l := newLab(t, labOptions{})
	first, second := refuser(t), refuser(t)
	at := func(server string) *Config {
		cfg := *l.cfg
		cfg.Mail = Mail{SMTP: server, From: "no-reply@id.example.com"}
		return &cfg
	}
	s, err := New(t.Context(), at(first.url), Options{DB: l.db, Now: l.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	asked := func(want, other *refusing) {
		t.Helper()
		before := other.count()
		m := Message{ID: "1", To: "nok@example.com", Subject: "s", Text: "t", Date: l.clock.Now()}
		if err := (mailerInForce{s}).Send(t.Context(), m); err == nil {
			t.Error("a server that takes nothing took it")
		}
		if want.count() == 0 || other.count() != before {
			t.Errorf("asked %d times, the other %d times", want.count(), other.count())
		}
	}
	asked(first, second)
	for server, why := range map[string]string{"": "mail.smtp", "http://localhost": "no mail server"} {
		if err := s.Reload(t.Context(), at(server)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("mail server %q: %v", server, err)
		}
	}
	asked(first, second)
	if err := s.Reload(t.Context(), at(second.url)); err != nil {
		t.Fatal(err)
	}
	asked(second, first)
}

// A host that has the provider below a path serves its metadata at its own root
// (RFC 8414, 3.1), and nothing else of it there.
func TestMetadata(t *testing.T) {
	for prefix, want := range map[string]string{
		"":    "/.well-known/oauth-authorization-server",
		"/id": "/.well-known/oauth-authorization-server/id",
	} {
		l := newLab(t, labOptions{prefix: prefix})
		host := http.NewServeMux()
		host.Handle(l.server.Metadata())
		get := func(address string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			host.ServeHTTP(w, httptest.NewRequest("GET", address, nil))
			return w
		}
		if path, _ := l.server.Metadata(); path != want {
			t.Errorf("path %s, want %s", path, want)
		}
		below := httptest.NewRecorder()
		l.server.ServeHTTP(below, httptest.NewRequest("GET", l.issuer()+"/.well-known/openid-configuration", nil))
		if w := get(l.http.URL + want); w.Code != http.StatusOK || w.Body.String() != below.Body.String() {
			t.Errorf("%s: %d %s", want, w.Code, w.Body)
		}
		if w := get("https://evil.example" + want); w.Code != http.StatusMisdirectedRequest {
			t.Errorf("for another host: %d", w.Code)
		}
		if w := get(l.http.URL + "/.well-known/openid-configuration"); w.Code != http.StatusNotFound {
			t.Errorf("not the host's to serve: %d", w.Code)
		}
		if err := l.server.Reload(t.Context(), l.cfg); err != nil {
			t.Fatal(err)
		}
		if w := get(l.http.URL + want); w.Code != http.StatusOK {
			t.Errorf("after a reload: %d", w.Code)
		}
	}
}

// refusing is a mail server that is closing down (RFC 5321, 3.8), and counts
// who came.
type refusing struct {
	url  string
	came chan struct{}
}

func (r *refusing) count() int { return len(r.came) }

func refuser(t *testing.T) *refusing {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	r := &refusing{url: "smtp://" + listener.Addr().String(), came: make(chan struct{}, 100)}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			r.came <- struct{}{}
			c.Write([]byte("421 closing\r\n"))
			c.Close()
		}
	}()
	return r
}
