package postgres_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
	"github.com/proffer-id/proffer/store/storetest"
)

// TestPlans asks for the plan of every statement there is, on tables without
// statistics and again with: each finds its rows by an index, and in its order.
func TestPlans(t *testing.T) {
	url := pgtest.Schema(t)
	_, d := process(t, url, storetest.Keys(t), proffer.Tables())
	plans(t, d.Statements(), d.Connect(t))
	c := d.Connect(t)
	exec(t, c, `INSERT INTO account (key, value) SELECT decode(md5(n::text), 'hex'), 'x' FROM generate_series(1, 5000) AS n`)
	exec(t, c, `ANALYZE`)
	plans(t, d.Statements(), d.Connect(t))
}

func plans(t *testing.T, statements map[string]string, c *pgx.Conn) {
	t.Helper()
	checked := 0
	for name, sql := range statements {
		exec(t, c, `PREPARE looked AS `+sql)
		var kinds []string
		if err := c.QueryRow(t.Context(), `SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'looked'`).Scan(&kinds); err != nil {
			t.Fatal(err)
		}
		execute := `EXECUTE looked`
		if len(kinds) > 0 {
			execute += `(` + strings.Join(slices.Repeat([]string{"NULL"}, len(kinds)), ", ") + `)`
		}
		var text string
		if err := c.QueryRow(t.Context(), `EXPLAIN (FORMAT JSON) `+execute).Scan(&text); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var plan []struct{ Plan node }
		if err := json.Unmarshal([]byte(text), &plan); err != nil {
			t.Fatal(err)
		}
		plan[0].Plan.walk(func(n node) {
			if strings.Contains(n.Type, "Seq Scan") || n.Type == "Bitmap Heap Scan" {
				t.Errorf("%s: %s on %s\n%s", name, n.Type, n.Relation, sql)
			}
			// Few rows may be put in order: what is in the inbox, what is due, one UNNEST.
			if n.Type == "Sort" && strings.Contains(sql, "LIMIT $3") {
				t.Errorf("%s: sorted\n%s", name, sql)
			}
		})
		exec(t, c, `DEALLOCATE looked`)
		checked++
	}
	if checked < 200 {
		t.Errorf("%d statements only", checked)
	}
	t.Logf("%d plans", checked)
}

// A node is one of a plan, as EXPLAIN writes it.
type node struct {
	Type     string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Plans    []node
}

func (n node) walk(fn func(node)) {
	fn(n)
	for _, p := range n.Plans {
		p.walk(fn)
	}
}
