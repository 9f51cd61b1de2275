package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A house is a folder with a configuration and a database to keep things in.
type house struct {
	testing.TB
	dir, config string
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{TB: t, dir: t.TempDir()}
	h.config = filepath.Join(h.dir, "config.yaml")
	text := fmt.Sprintf(smallConfig, "http://localhost:1", "127.0.0.1:"+freePort(t), "http://localhost:8081/callback")
	if err := os.WriteFile(h.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// command is one that reads the configuration, with another store.
func (h *house) command(ctx context.Context, store string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		h.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Args = append([]string{"proffer"}, args...)
	cmd.Env = append(os.Environ(), "PROFFER_STORE="+store)
	return cmd
}

// serves starts a provider, ends it when it is ready, and returns what it said.
func (h *house) serves(store string) string {
	h.Helper()
	said, err := h.serve(store)
	if err != nil || !strings.Contains(said, "msg=ready") {
		h.Fatalf("it does not serve: %v\n%s", err, said)
	}
	return said
}

func (h *house) serve(store string) (said string, err error) {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	file := filepath.Join(h.dir, "said")
	log, err := os.Create(file)
	if err != nil {
		h.Fatal(err)
	}
	defer log.Close()
	cmd := h.command(ctx, store, "serve", "--config", h.config)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		h.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		text, e := os.ReadFile(file)
		if e != nil {
			h.Fatal(e)
		}
		if strings.Contains(string(text), "msg=ready") {
			cmd.Process.Signal(syscall.SIGTERM)
			err = <-ended
			text, _ = os.ReadFile(file)
			return string(text), err
		}
		select {
		case err := <-ended:
			text, _ = os.ReadFile(file)
			return string(text), err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestServe_Postgres has everything that may be wrong with a database when a
// provider starts. Each is said in words that help, the password is not, and
// nothing is served.
func TestServe_Postgres(t *testing.T) {
	if os.Getenv("PROFFER_TEST_POSTGRES") == "" {
		t.Skip("PROFFER_TEST_POSTGRES is not set: it is part of the tests on PostgreSQL")
	}
	s := newPGServer(t)
	shop := s.database("shop")
	refused := func(name, store string, want ...string) {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.refused(s, store, want...)
		})
	}
	nowhere := strings.Replace(shop, s.port, freePort(t), 1)
	refused("Unreachable", nowhere, "PostgreSQL at 127.0.0.1:", "cannot be reached; is it running")
	password := regexp.MustCompile(`:[A-Z2-7]+@`)
	s.secrets = append(s.secrets, "not-the-password")
	refused("WrongPassword", password.ReplaceAllString(shop, ":not-the-password@"), `refused user "shop"; is the password right`)
	refused("NoPassword", password.ReplaceAllString(shop, "@"), "shop")
	refused("NoSuchRole", strings.Replace(shop, "//shop:", "//nobody:", 1), `refused user "nobody"`)
	refused("NoSuchDatabase", strings.TrimSuffix(shop, "shop")+"shoop", `has no database "shoop"`, "createdb shoop")
	refused("NoTLS", shop+"?sslmode=require", "does not speak TLS", "sslmode=disable")

	stranger := s.role("stranger", "")
	s.exec("postgres", "REVOKE CREATE ON DATABASE shop FROM PUBLIC")
	refused("MissingRights", s.url("stranger", stranger, "shop"), `user "stranger" lacks a right`, "docs/operations.md")

	reader := s.role("reader", "")
	s.exec("postgres", "ALTER ROLE reader SET default_transaction_read_only = on")
	refused("OnlyReads", s.url("reader", reader, "shop"), "only reads", "target_session_attrs=read-write")

	s.exec("shop", "CREATE SCHEMA blog AUTHORIZATION shop", "CREATE TABLE blog.posts (id int)")
	refused("SomebodyElses", shop+"?search_path=blog", `schema "blog"`, "belongs to another program", `"posts"`)

	t.Run("Newer", func(t *testing.T) {
		h := newHouse(t)
		url := shop + "?search_path=newer"
		h.serves(url)
		s.exec("shop", "UPDATE newer._schema SET number = number + 1")
		h.refused(s, url, `schema "newer"`, "newer version")
		s.exec("shop", "UPDATE newer._schema SET number = number - 1, store = store + 1")
		h.refused(s, url, `schema "newer"`, "newer version")
	})
	t.Run("Keys", func(t *testing.T) {
		h, other := newHouse(t), newHouse(t)
		url := shop + "?search_path=keys"
		h.serves(url)
		h.serves(url) // once more, with what is there
		if _, err := os.Stat(filepath.Join(h.dir, "data/buckets.key")); err == nil {
			t.Error("there is a file of bucket keys")
		}
		other.refused(s, url, "master", "put it back") // another machine, without the key
		if _, err := os.Stat(filepath.Join(other.dir, "data/master.key")); err == nil {
			t.Error("a new master key was made for a store that has one")
		}
		if err := os.MkdirAll(filepath.Join(other.dir, "data"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(other.dir, "data/master.key"), []byte("another key, made by chance 0123456789 xyz"), 0o600); err != nil {
			t.Fatal(err)
		}
		other.refused(s, url, "master.key")
		key, err := os.ReadFile(filepath.Join(h.dir, "data/master.key"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(other.dir, "data/master.key"), key, 0o600); err != nil {
			t.Fatal(err)
		}
		other.serves(url)
	})
	t.Run("LeastPrivilege", func(t *testing.T) { leastPrivilege(t, s) })
	t.Run("Unsynced", func(t *testing.T) {
		lazy := s.role("lazy", "")
		s.exec("postgres", "CREATE DATABASE lazy OWNER lazy", "ALTER ROLE lazy SET synchronous_commit = off")
		if said := newHouse(t).serves(s.url("lazy", lazy, "lazy")); !strings.Contains(said, "may lose what was acknowledged") {
			t.Errorf("nothing is said of synchronous_commit=off:\n%s", said)
		}
	})
}

// refused says what is missing of words that a provider is to say when it does
// not start.
func (h *house) refused(s *pgServer, store string, want ...string) {
	h.Helper()
	for _, args := range [][]string{{"serve"}, {"prepare"}} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		out, err := h.command(ctx, store, args[0], "--config", h.config).CombinedOutput()
		cancel()
		said := string(out)
		if err == nil || ctx.Err() != nil && ctx.Err() != context.Canceled {
			h.Errorf("%s: %v, said\n%s", args[0], err, said)
		}
		last := said[strings.LastIndex(strings.TrimSpace(said), "\n")+1:]
		for _, w := range want {
			if !strings.Contains(last, w) {
				h.Errorf("%s: want %q in: %s", args[0], w, said)
			}
		}
		if !strings.HasPrefix(last, "proffer: ") || strings.Contains(said, "msg=ready") || strings.Contains(said, "the store\" schema") {
			h.Errorf("%s: said\n%s", args[0], said)
		}
		for _, secret := range s.secrets {
			if strings.Contains(said, secret) {
				h.Errorf("%s: the password is said: %s", args[0], said)
			}
		}
	}
}

// leastPrivilege does what docs/operations.md says, word for word: one role owns
// the tables, another one serves and cannot change them.
func leastPrivilege(t *testing.T, s *pgServer) {
	manual, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(manual), -1)
	if len(blocks) < 2 {
		t.Fatal("docs/operations.md has no SQL for roles")
	}
	run := func(database, sql string) {
		for _, one := range strings.Split(sql, ";\n") {
			if strings.TrimSpace(one) != "" {
				s.exec(database, one)
			}
		}
	}
	s.secrets = append(s.secrets, "a-long-password", "another-long-password")
	run("postgres", blocks[0][1])
	run("proffer", blocks[1][1])
	owner := s.url("proffer_owner", "a-long-password", "proffer")
	serving := s.url("proffer_serve", "another-long-password", "proffer")

	h := newHouse(t)
	h.refused(s, serving, `user "proffer_serve" lacks a right`)
	out, err := h.command(t.Context(), owner, "prepare", "--config", h.config).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "the store is ready: postgres://proffer_owner@") || strings.Contains(string(out), "a-long-password") {
		t.Fatalf("prepare: %v\n%s", err, out)
	}
	h.serves(serving)
	for _, sql := range []string{
		"CREATE TABLE proffer.more (id int)", "DROP TABLE proffer.account", "ALTER TABLE proffer.account ADD COLUMN more int",
		"TRUNCATE proffer.account", "CREATE SCHEMA more",
	} {
		if err := s.tryAs(serving, sql); err == nil {
			t.Errorf("the role that serves may %s", sql)
		}
	}

	// A dump is a backup, and fits another database.
	programs, err := tool("find")
	if err != nil {
		t.Fatal(programs, err)
	}
	dump, restored := filepath.Join(h.dir, "proffer.dump"), s.url("proffer_owner", "a-long-password", "restored")
	s.exec("postgres", "CREATE DATABASE restored OWNER proffer_owner")
	for _, args := range [][]string{
		{"pg_dump", "--format=custom", "--schema=proffer", "--file=" + dump, owner},
		{"pg_restore", "--exit-on-error", "--dbname=" + restored, dump},
	} {
		if out, err := exec.Command(filepath.Join(strings.TrimSpace(programs), args[0]), args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
	}
	for _, sql := range []string{"DELETE FROM proffer.session", `DELETE FROM proffer."grant"`} {
		if err := s.tryAs(restored, sql); err != nil || !strings.Contains(string(manual), sql+";") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	h.serves(s.url("proffer_serve", "another-long-password", "restored"))
}
