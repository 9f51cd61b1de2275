package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A pgServer is a PostgreSQL of a test's own, which waits for the disk as one in
// production does, and which may be restarted and made to misbehave.
type pgServer struct {
	testing.TB
	folder  string
	port    string
	super   string // URL of its superuser, by a socket
	secrets []string
}

// newPGServer starts one. Without PostgreSQL on this machine the test is skipped.
func newPGServer(t testing.TB, settings ...string) *pgServer {
	t.Helper()
	if out, err := tool("find"); err != nil {
		t.Skipf("no PostgreSQL: %s", out)
	}
	below, err := os.MkdirTemp("", "proffer-pg-")
	if err == nil {
		err = os.Chmod(below, 0o711) // the server's own user has to get through
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &pgServer{TB: t, folder: filepath.Join(below, "s"), port: freePort(t)}
	t.Cleanup(func() {
		if out, err := tool("stop", s.folder); err != nil {
			t.Errorf("stopping PostgreSQL: %v %s", err, out)
		}
		if err := os.RemoveAll(below); err != nil {
			t.Error(err)
		}
	})
	args := []string{"start", "--durable", "--port", s.port}
	for _, one := range settings {
		args = append(args, "--set", one)
	}
	out, err := tool(append(args, s.folder)...)
	if err != nil {
		t.Fatalf("starting PostgreSQL: %v %s", err, out)
	}
	s.super = strings.TrimSpace(out)
	return s
}

// tool runs tools/postgres.
func tool(args ...string) (string, error) {
	out, err := exec.Command("../../tools/postgres", args...).CombinedOutput()
	return string(out), err
}

func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// address is where it listens. It stays the same across restarts.
func (s *pgServer) address() string { return "127.0.0.1:" + s.port }

// role makes a role with a password and returns that.
func (s *pgServer) role(name, rights string) (password string) {
	s.Helper()
	password = rand.Text()
	s.secrets = append(s.secrets, password)
	s.exec("postgres", fmt.Sprintf("CREATE ROLE %s LOGIN %s PASSWORD '%s'", name, rights, password))
	return password
}

// database makes a database with an owner of the same name, and returns the URL
// that its owner opens it with.
func (s *pgServer) database(name string) string {
	s.Helper()
	password := s.role(name, "")
	s.exec("postgres", fmt.Sprintf("CREATE DATABASE %s OWNER %s", name, name))
	return s.url(name, password, name)
}

// url leads a role to a database.
func (s *pgServer) url(role, password, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, password), Host: s.address(), Path: "/" + database}
	return u.String()
}

// exec runs statements as the superuser.
func (s *pgServer) exec(database string, statements ...string) {
	s.Helper()
	if err := s.try(database, statements...); err != nil {
		s.Fatal(err)
	}
}

func (s *pgServer) try(database string, statements ...string) error {
	c, err := pgx.ParseConfig(s.super)
	if err != nil {
		return err
	}
	c.Database = database
	return execute(c, statements)
}

// tryAs runs a statement as the role of a URL.
func (s *pgServer) tryAs(url, statement string) error {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	return execute(c, []string{statement})
}

func execute(c *pgx.ConnConfig, statements []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// crash ends it as a power cut would, and starts it again.
func (s *pgServer) crash() {
	s.Helper()
	s.down("immediate")
	s.up()
}

func (s *pgServer) down(mode string) {
	s.Helper()
	if out, err := tool("down", s.folder, mode); err != nil {
		s.Fatalf("stopping PostgreSQL: %v %s", err, out)
	}
}

func (s *pgServer) up() {
	s.Helper()
	if out, err := tool("up", s.folder); err != nil {
		s.Fatalf("starting PostgreSQL again: %v %s", err, out)
	}
}

// kick ends all sessions of a role.
func (s *pgServer) kick(role string) {
	s.Helper()
	s.exec("postgres", fmt.Sprintf("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'", role))
}

// noSecrets makes sure that no password was written to a file.
func (s *pgServer) noSecrets(file string) {
	s.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	for _, secret := range s.secrets {
		if strings.Contains(string(text), secret) {
			s.Errorf("%s has a password", file)
		}
	}
}
