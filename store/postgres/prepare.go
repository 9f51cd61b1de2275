package postgres

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/proffer-id/proffer/store"
)

// The files of schema are run once each, in the order of their numbers, and
// not changed any more once they were released: a new one is added.
//
//go:embed schema/*.sql
var files embed.FS

// longest is how many bytes PostgreSQL lets a name have.
const longest = 63

// Prepare implements store.Driver. If everything is there it only reads, so
// that who may not make or change tables can open the store too.
func (d *Driver) Prepare(ctx context.Context, s store.Schema) error {
	p, err := d.preparation(s)
	if err != nil {
		return err
	}
	err = pgx.BeginTxFunc(ctx, d.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error { return p.look(ctx, tx) })
	if errors.Is(err, errBehind) {
		err = p.make(ctx)
	}
	if err != nil {
		return fmt.Errorf("schema %q: %w", d.schema, opening(err, &d.pool.Config().ConnConfig.Config))
	}
	d.layout.Store(p.layout)
	d.tables.Store(&p.tables)
	return nil
}

// A preparation is one run of Prepare.
type preparation struct {
	d      *Driver
	s      store.Schema
	tables map[string]*table
	steps  []string // the files, by number - 1

	// What is there.
	number, version, layout int64
	has                     map[string]store.TableSchema
}

var errBehind = errors.New("the schema is not all there")

// preparation writes the statements of the tables and reads the files.
func (d *Driver) preparation(s store.Schema) (*preparation, error) {
	p := &preparation{d: d, s: s, tables: map[string]*table{}}
	for _, t := range s.Tables {
		for _, x := range append([]store.IndexSchema{{}}, t.Indexes...) {
			if n := len(t.Name) + 1 + len(x.Name); n > longest {
				return nil, fmt.Errorf("table %s, index %q: the names have %d bytes together, at most %d are possible", t.Name, x.Name, n, longest)
			}
		}
		p.tables[t.Name] = tableOf(t)
	}
	entries, err := files.ReadDir("schema")
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if want := fmt.Sprintf("%04d.sql", i+1); e.Name() != want {
			return nil, fmt.Errorf("file schema/%s where %s was to come", e.Name(), want)
		}
		b, err := files.ReadFile("schema/" + e.Name())
		if err != nil {
			return nil, err
		}
		p.steps = append(p.steps, string(b))
	}
	return p, nil
}

// look finds out what is there, and returns errBehind if that is not all.
func (p *preparation) look(ctx context.Context, tx pgx.Tx) error {
	p.number, p.version, p.layout, p.has = 0, 0, 0, map[string]store.TableSchema{}
	var ours bool
	var foreign *string
	err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL, (SELECT min(relname) FROM pg_class WHERE relnamespace = to_regnamespace($2))`,
		quote(p.d.schema)+"._schema", quote(p.d.schema)).Scan(&ours, &foreign)
	switch {
	case err != nil:
		return err
	case !ours && foreign != nil:
		return fmt.Errorf("it belongs to another program (it has %q); name one of its own, such as search_path=proffer", *foreign)
	case !ours:
		return errBehind
	}
	if err := tx.QueryRow(ctx, `SELECT number, store, layout FROM _schema`).Scan(&p.number, &p.version, &p.layout); errors.Is(err, pgx.ErrNoRows) {
		return errBehind // it came to be after this snapshot began
	} else if err != nil {
		return err
	}
	if p.number > int64(len(p.steps)) || p.version > int64(p.s.Version) {
		return fmt.Errorf("it was written by a newer version (schema %d.%d, this one knows %d.%d); start that one",
			p.version, p.number, p.s.Version, len(p.steps))
	}
	rows, err := tx.Query(ctx, `SELECT name, described FROM _table`)
	if err != nil {
		return err
	}
	var name, described string
	_, err = pgx.ForEachRow(rows, []any{&name, &described}, func() error {
		var t store.TableSchema
		if err := json.Unmarshal([]byte(described), &t); err != nil {
			return fmt.Errorf("description of table %s: %w", name, err)
		}
		p.has[name] = t
		return nil
	})
	if err != nil {
		return err
	}
	if p.number < int64(len(p.steps)) || p.version < int64(p.s.Version) {
		return errBehind
	}
	for _, t := range p.s.Tables {
		if has, ok := p.has[t.Name]; !ok || !same(has, t) {
			return errBehind
		}
	}
	return nil
}

func same(a, b store.TableSchema) bool {
	return a.Log == b.Log && a.Expires == b.Expires && slices.Equal(a.Indexes, b.Indexes)
}

// make makes what is not there, in one transaction and one process at a time.
func (p *preparation) make(ctx context.Context) error {
	err := pgx.BeginTxFunc(ctx, p.d.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error { return p.change(ctx, tx) })
	if number := int64(len(p.steps)); err == nil && p.number < number {
		p.d.o.Log.Info("prepared the store", "schema", p.d.schema, "from", p.number, "number", number)
	}
	return err
}

func (p *preparation) change(ctx context.Context, tx pgx.Tx) error {
	for _, sql := range []string{
		`SET LOCAL lock_timeout = '60s'`,
		fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, int64(p.d.salt>>1)),
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := p.look(ctx, tx); err == nil || !errors.Is(err, errBehind) {
		return err
	}
	if p.number == 0 {
		// Not "if not exists" alone: that asks for a right even if it is there.
		var there bool
		if err := tx.QueryRow(ctx, `SELECT to_regnamespace($1) IS NOT NULL`, quote(p.d.schema)).Scan(&there); err != nil {
			return err
		}
		if !there {
			if _, err := tx.Exec(ctx, `CREATE SCHEMA `+quote(p.d.schema)); err != nil {
				return err
			}
		}
	}
	for i, sql := range p.steps {
		if n := int64(i + 1); n > p.number {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("schema/%04d.sql: %w", n, err)
			}
		}
	}
	if p.layout == 0 {
		p.layout = 1
	}
	for _, s := range p.s.Tables {
		if err := p.table(ctx, tx, s); err != nil {
			return fmt.Errorf("table %s: %w", s.Name, err)
		}
	}
	_, err := tx.Exec(ctx, `UPDATE _schema SET number = $1, store = $2, layout = $3`, len(p.steps), int64(p.s.Version), p.layout)
	return err
}

// table makes a table, or gives it the indexes it has by now.
func (p *preparation) table(ctx context.Context, tx pgx.Tx, s store.TableSchema) error {
	t := p.tables[s.Name]
	old, there := p.has[s.Name]
	if there && same(old, s) {
		return nil
	}
	var todo []string
	switch {
	case !there:
		todo = append(todo,
			`CREATE TABLE `+t.id+` (key bytea CONSTRAINT `+quote(s.Name+"/")+` PRIMARY KEY, value bytea NOT NULL)`,
			// Sealed values do not get smaller.
			`ALTER TABLE `+t.id+` ALTER COLUMN value SET STORAGE EXTERNAL`)
		old = store.TableSchema{}
	case old.Log != s.Log:
		return errors.New("a log cannot become a collection or the other way round")
	}
	for _, x := range old.Indexes {
		todo = append(todo, `ALTER TABLE `+t.id+` DROP COLUMN `+column(x.Name))
	}
	for _, x := range s.Indexes {
		todo = append(todo, `ALTER TABLE `+t.id+` ADD COLUMN `+column(x.Name)+` bytea`)
	}
	switch {
	case s.Expires && !old.Expires:
		todo = append(todo, `ALTER TABLE `+t.id+` ADD COLUMN expires bigint`,
			`CREATE INDEX `+quote(s.Name+"/-expires")+` ON `+t.id+` (expires) WHERE expires IS NOT NULL`)
	case old.Expires && !s.Expires:
		todo = append(todo, `ALTER TABLE `+t.id+` DROP COLUMN expires`)
	}
	if there {
		// An Update that has looked at the layout already may write after this has
		// committed, as if nothing had changed. So none is that far.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, everything(p.d.salt)); err != nil {
			return err
		}
	}
	for _, sql := range todo {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if there {
		p.layout++
		p.d.o.Log.Info("indexing anew", "collection", s.Name)
		if err := p.reindex(ctx, tx, t); err != nil {
			return err
		}
	}
	for _, x := range s.Indexes {
		sql := `CREATE INDEX ` + quote(s.Name+"/"+x.Name) + ` ON ` + t.id + ` (` + column(x.Name) + `)`
		if x.Unique {
			// Checked when a statement has ended, so that rows may change places.
			sql = `ALTER TABLE ` + t.id + ` ADD CONSTRAINT ` + quote(s.Name+"/"+x.Name) + ` UNIQUE (` + column(x.Name) + `) DEFERRABLE`
		}
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("index %s: %w", x.Name, err)
		}
	}
	described, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO _table VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET described = excluded.described`, s.Name, string(described))
	return err
}

// reindex finds the keys of all records anew. Those that have expired are left
// to be swept.
func (p *preparation) reindex(ctx context.Context, tx pgx.Tx, t *table) error {
	const atOnce = 500
	r := inside{p: p, tx: tx}
	for from := (store.Key)(nil); ; {
		found, err := r.Read(ctx, []store.Request{{Table: t.Name, Range: store.Range{From: from, Limit: atOnce}, Now: p.s.Now}}, false)
		if err != nil || len(found[0]) == 0 {
			return err
		}
		rows := found[0]
		from = rows[len(rows)-1].Key.After()
		puts, err := p.s.Reindex(ctx, r, t.Name, rows)
		if err != nil {
			return err
		}
		if _, err := tx.Conn().PgConn().ExecParams(ctx, t.put.sql, t.rows(t.put, puts).args, nil, inBinary, inBinary).Close(); err != nil {
			return err
		}
	}
}

// inside reads in the transaction of a preparation.
type inside struct {
	p  *preparation
	tx pgx.Tx
}

// Read implements store.Reader.
func (r inside) Read(ctx context.Context, requests []store.Request, _ bool) ([][]store.Row, error) {
	found := make([][]store.Row, len(requests))
	for i, q := range requests {
		t, way, err := find(r.p.tables[q.Table], q)
		if err != nil {
			return nil, err
		}
		st, args := t.ask(way, q)
		rows := r.tx.Conn().PgConn().ExecParams(ctx, st.sql, args, nil, inBinary, inBinary)
		for rows.NextRow() {
			row, err := t.row(way, rows.Values())
			if err != nil {
				rows.Close()
				return nil, err
			}
			found[i] = append(found[i], row)
		}
		if _, err := rows.Close(); err != nil {
			return nil, err
		}
	}
	return found, nil
}
