package postgres

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestSeverity(t *testing.T) {
	d := &Driver{}
	err := d.commitError(&pgconn.PgError{Severity: "FEHLER", SeverityUnlocalized: "ERROR", Code: "40001", Message: "x"})
	var c *changedError
	if !errors.As(err, &c) {
		t.Errorf("a server that speaks German: %v", err)
	}
}

// A server that does not speak TLS, or not with a certificate that can be
// trusted, is not one that cannot be reached.
func TestOpening_TLS(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct {
		answer byte // to the question for TLS
		want   string
	}{
		{'N', "does not speak TLS, which sslmode asks for; "},
		{'S', "answers, but no TLS came about; does its certificate name this host, "},
	} {
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			if _, err := io.ReadFull(conn, make([]byte, 8)); err != nil {
				return
			}
			conn.Write([]byte{c.answer})
			if c.answer == 'S' {
				tls.Server(conn, &tls.Config{Certificates: web.TLS.Certificates}).Handshake()
			}
		}()
		_, err := Open(t.Context(), "postgres://u:hidden@"+l.Addr().String()+"/d?sslmode=verify-full", Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "reached") || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%c: %v, want %q", c.answer, err, c.want)
		}
	}
}

// Only a parameter is one, wherever else the word stands.
func TestNamesConns(t *testing.T) {
	for url, want := range map[string]bool{
		"postgres://u@h/d": false,
		"postgres://u:pool_max_conns@h/pool_max_conns":              false,
		"postgres://u@h/d?application_name=pool_max_conns%3D4":      false,
		"postgres://u@h/d?pool_max_conns=4":                         true,
		"postgres://u@h:1,i:2/d?sslmode=disable&pool%5Fmax_conns=4": true,
	} {
		if got := namesConns(url); got != want {
			t.Errorf("%s: %v, want %v", url, got, want)
		}
	}
}
