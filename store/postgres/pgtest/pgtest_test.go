package pgtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func number(t *testing.T, conn *pgx.Conn, sql string, args ...any) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestSchema(t *testing.T) {
	Need(t)
	var first string
	t.Run("lent", func(t *testing.T) {
		first = Schema(t)
		if other := Schema(t); other == first {
			t.Error("one schema was lent twice")
		}
		conn := connect(t, first)
		run(t, conn, "CREATE TABLE IF NOT EXISTS thing (n int)")
		run(t, conn, "CREATE TABLE IF NOT EXISTS large (n int)")
		run(t, conn, "CREATE TABLE IF NOT EXISTS _table (n int)")
		run(t, conn, "CREATE TABLE IF NOT EXISTS _head (log text)")
		run(t, conn, "INSERT INTO thing SELECT generate_series(1, 10)")
		run(t, conn, "INSERT INTO large SELECT generate_series(1, 100000)")
		run(t, conn, "INSERT INTO _table VALUES (1)")
		run(t, conn, "INSERT INTO _head VALUES (''), ('event')")
	})
	var again string
	for range 2 {
		if again = Schema(t); again == first {
			break
		}
	}
	if again != first {
		t.Fatal("it was not lent again")
	}
	conn := connect(t, again)
	for table, want := range map[string]int{"thing": 0, "large": 0, "_table": 1, "_head": 1} {
		if n := number(t, conn, "SELECT count(*) FROM "+table); n != want {
			t.Errorf("%s has %d rows, want %d", table, n, want)
		}
	}
}

func TestFresh(t *testing.T) {
	Need(t)
	var name string
	t.Run("lent", func(t *testing.T) {
		conn := connect(t, Fresh(t))
		if err := conn.QueryRow(t.Context(), "SELECT current_schema()").Scan(&name); err != nil || !strings.HasPrefix(name, prefix) {
			t.Fatalf("%q, %v", name, err)
		}
		run(t, conn, "CREATE TABLE IF NOT EXISTS thing (n int)")
	})
	conn := connect(t, Schema(t))
	if n := number(t, conn, "SELECT count(*) FROM pg_namespace WHERE nspname = $1", name); n != 0 {
		t.Error("it is there still")
	}
}

// What a process that is no more has left goes; what one that lives has stays.
func TestSweep(t *testing.T) {
	Need(t)
	conn := connect(t, Schema(t))
	// Other processes may sweep at any time too: each statement makes a whole.
	run(t, conn, "SELECT pg_advisory_lock(hashtextextended('proffer_test_alive', 0))")
	run(t, conn, "CREATE SCHEMA proffer_test_alive_1")
	run(t, conn, "CREATE SCHEMA proffer_test_dead_1 CREATE TABLE thing (n int)")
	run(t, conn, "CREATE SCHEMA proffer_test_dead_2")
	t.Cleanup(func() {
		if _, err := conn.Exec(context.Background(), "DROP SCHEMA proffer_test_alive_1"); err != nil {
			t.Error(err)
		}
	})
	p, err := lender()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	const there = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE $1"
	for range 600 { // another process may be at it
		if number(t, conn, there, "proffer_test_dead%") == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if n := number(t, conn, there, "proffer_test_dead%"); n != 0 {
		t.Errorf("%d of a dead process are there", n)
	}
	if n := number(t, conn, there, "proffer_test_alive%"); n != 1 {
		t.Errorf("%d of a living one are there", n)
	}
	if n := number(t, conn, there, p.name+"%"); n == 0 {
		t.Error("our own are gone")
	}
}
