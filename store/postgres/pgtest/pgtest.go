// Package pgtest lends tests schemas of the PostgreSQL server they are given.
// It is for tests alone; storetest.NewPlace is the way to it for all but the
// tests of the driver.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Variable of the environment that has the URL of a database for tests. Its
// role must be allowed to create schemas there. tools/postgres run sets it.
const Variable = "PROFFER_TEST_POSTGRES"

// Given says whether there is a server to test on.
func Given() bool { return os.Getenv(Variable) != "" }

// Need skips the test if there is no server.
func Need(t testing.TB) {
	t.Helper()
	if !Given() {
		t.Skipf("%s names no server; tools/postgres run starts one", Variable)
	}
}

// Schema lends t a schema without a row and returns the URL that leads to it. It
// is taken back when t ends; all connections must be closed by then. It may have
// been lent before, so that the tables of a store are there already: making them
// takes longer than most tests.
func Schema(t testing.TB) string {
	t.Helper()
	return lend(t, true)
}

// Fresh is Schema, without any tables. When t ends it is dropped.
func Fresh(t testing.TB) string {
	t.Helper()
	return lend(t, false)
}

// Kept is a schema for as long as the process lives, and what takes all rows out
// of it.
func Kept() (url string, empty func() error, err error) {
	p, err := lender()
	if err != nil {
		return "", nil, err
	}
	name, err := p.take(false)
	return p.in(name), func() error { return p.empty(name) }, err
}

func lend(t testing.TB, again bool) string {
	t.Helper()
	Need(t)
	p, err := lender()
	if err != nil {
		t.Fatal(err)
	}
	name, err := p.take(again)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.giveBack(name, again); err != nil {
			t.Error(err)
		}
	})
	return p.in(name)
}

// A pool has the schemas of this process. Its session holds a lock on their
// common name until the process ends, which tells others that they are in use.
type pool struct {
	url  url.URL
	name string // of all schemas, followed by a number

	mu   sync.Mutex
	conn *pgx.Conn
	made int
	free []string
}

var lender = sync.OnceValues(func() (*pool, error) {
	u, err := url.Parse(os.Getenv(Variable))
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errors.New(Variable + " is not the URL of a database, such as postgres://user@localhost/name")
	}
	ctx := context.Background()
	p := &pool{url: *u, name: prefix + strings.ToLower(rand.Text()[:10])}
	if p.conn, err = pgx.Connect(ctx, u.String()); err != nil {
		return nil, fmt.Errorf("%s: %w", Variable, err)
	}
	for _, s := range []string{
		"SET client_min_messages = warning",
		"SET lock_timeout = '10s'",
		"SET synchronous_commit = off",
		"SELECT pg_advisory_lock(hashtextextended('" + p.name + "', 0))",
	} {
		if _, err := p.conn.Exec(ctx, s); err != nil {
			return nil, err
		}
	}
	return p, p.sweep(ctx)
})

const prefix = "proffer_test_"

// sweep drops what processes have left that are no more.
func (p *pool) sweep(ctx context.Context) error {
	rows, err := p.conn.Query(ctx, `
		SELECT left(nspname, -1 - length(substring(nspname FROM '[0-9]+$'))), array_agg(nspname::text)
		FROM pg_namespace WHERE nspname ~ $1 GROUP BY 1`, "^"+prefix+"[a-z0-9]+_[0-9]+$")
	if err != nil {
		return err
	}
	type left struct {
		Name    string
		Schemas []string
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[left])
	if err != nil {
		return err
	}
	for _, l := range all {
		if l.Name == p.name { // a session gets its own lock again
			continue
		}
		var dead bool
		const lock = "hashtextextended($1, 0)"
		if err := p.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock("+lock+")", l.Name).Scan(&dead); err != nil {
			return err
		}
		if !dead {
			continue
		}
		for _, name := range l.Schemas {
			if err := p.drop(ctx, name); err != nil {
				return err
			}
		}
		if _, err := p.conn.Exec(ctx, "SELECT pg_advisory_unlock("+lock+")", l.Name); err != nil {
			return err
		}
	}
	return nil
}

// in is the URL of a schema.
func (p *pool) in(name string) string {
	u := p.url
	q := u.Query()
	q.Set("search_path", name)
	q.Set("application_name", name)
	u.RawQuery = q.Encode()
	return u.String()
}

func (p *pool) take(again bool) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); again && n > 0 {
		name := p.free[n-1]
		p.free = p.free[:n-1]
		return name, nil
	}
	p.made++
	name := fmt.Sprintf("%s_%d", p.name, p.made)
	_, err := p.conn.Exec(context.Background(), "CREATE SCHEMA "+name)
	return name, err
}

func (p *pool) giveBack(name string, again bool) error {
	if err := p.left(name); err != nil {
		return err
	}
	if again {
		if err := p.empty(name); err != nil {
			return err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.free = append(p.free, name)
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.drop(context.Background(), name)
}

// left waits until the server has done what was asked of it by who is gone.
func (p *pool) left(name string) error {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		n, err := p.inside(name)
		if n == 0 || err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d connections to %s were not closed", n, name)
		}
	}
}

func (p *pool) inside(name string) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err = p.conn.QueryRow(context.Background(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name).Scan(&n)
	return n, err
}

func (p *pool) empty(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.conn.Exec(context.Background(), strings.ReplaceAll(empty, "SCHEMA", name)); err != nil {
		return fmt.Errorf("emptying %s (is a transaction open still?): %w", name, err)
	}
	return nil
}

func (p *pool) drop(ctx context.Context, name string) error {
	_, err := p.conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+name+" CASCADE")
	return err
}
