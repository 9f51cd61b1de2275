package postgres_test

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/postgres"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
	"github.com/proffer-id/proffer/store/storetest"
)

var makeFixture = flag.Bool("fixture", false, "make the fixture of a schema number that has none (pg_dump is needed)")

// fixtureSchema is the name of the schema in the dumps.
const fixtureSchema = "proffer_fixture"

// fixtureKeys opens the keys of the fixtures, which are in no real use.
func fixtureKeys(t *testing.T, buckets store.Buckets) *store.Keys {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "master.key") // only its owner may read it; git keeps no such thing
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := store.OpenKeysIn(t.Context(), store.MasterFile(path), buckets)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestFixtures opens the database of every schema number there ever was, as it
// was dumped then: it is brought up to date and everything in it can be read.
func TestFixtures(t *testing.T) {
	pgtest.Need(t)
	files, err := filepath.Glob(filepath.Join("schema", "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		number := strings.TrimSuffix(filepath.Base(file), ".sql")
		t.Run(number, func(t *testing.T) {
			dump := filepath.Join("testdata", "fixture-"+number+".sql")
			if _, err := os.Stat(dump); err != nil && *makeFixture {
				writeFixture(t, dump)
			}
			readFixture(t, dump)
		})
	}
}

func readFixture(t *testing.T, dump string) {
	text, err := os.ReadFile(dump)
	if err != nil {
		t.Fatalf("%v; go test ./store/postgres -fixture makes it", err)
	}
	to := pgtest.Fresh(t)
	parsed, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	name := parsed.Query().Get("search_path")
	c := other(t, to)
	exec(t, c, `DROP SCHEMA IF EXISTS "`+name+`" CASCADE`)
	if _, err := c.PgConn().Exec(t.Context(), strings.ReplaceAll(string(text), fixtureSchema, name)).ReadAll(); err != nil {
		t.Fatal(err)
	}
	d := open(t, to, postgres.Options{})
	db, err := store.Open(t.Context(), d, tables, store.Options{Now: storetest.NewClock().Now, Keys: fixtureKeys(t, d.Buckets())})
	if err != nil {
		t.Fatal(err)
	}
	defer run(t, d)()
	var people []*person
	var things []*item
	err = db.View(t.Context(), func(tx *store.Tx) (err error) {
		if people, err = persons.List(tx, store.Range{Index: "address"}); err != nil {
			return err
		}
		things, err = items.List(tx, store.Range{Index: "brand", Prefix: store.K("kopi")})
		return err
	})
	if err != nil || len(people) != 2 || people[0].Visits+people[1].Visits != 7 || len(things) != 2 {
		t.Errorf("%d people, %d things, %v", len(people), len(things), err)
	}
	await(t, db, "2:second 3:third 4:fourth ") // the last one was in the inbox
	add(t, db, "fifth")
	await(t, db, "2:second 3:third 4:fourth 5:fifth ")
	update(t, db, func(tx *store.Tx) {
		items.Put(tx, &item{Account: people[0].Account, N: 9})
		tx.DestroyKey(people[1].Account)
	})
	if err := db.Rekey(t.Context(), people[1].Account); err != nil {
		t.Error(err)
	}
}

// writeFixture fills a schema with some of everything and dumps it.
func writeFixture(t *testing.T, dump string) {
	base, err := url.Parse(os.Getenv(pgtest.Variable))
	if err != nil {
		t.Fatal(err)
	}
	q := base.Query()
	q.Set("search_path", fixtureSchema)
	base.RawQuery = q.Encode()
	exec(t, other(t, os.Getenv(pgtest.Variable)), `DROP SCHEMA IF EXISTS `+fixtureSchema+` CASCADE`)
	d := open(t, base.String(), postgres.Options{})
	db, err := store.Open(t.Context(), d, tables, store.Options{Now: storetest.NewClock().Now, Keys: fixtureKeys(t, d.Buckets())})
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, d)
	a, b, gone := store.NewID(), store.NewID(), store.NewID()
	update(t, db, func(tx *store.Tx) {
		for i, id := range []store.ID{a, b, gone} {
			tx.CreateKey(id)
			persons.Insert(tx, &person{Account: id, Address: [32]byte{byte(i)}, Visits: 3 + i})
			items.Insert(tx, &item{Account: id, N: i, Brand: "kopi"})
		}
		items.Insert(tx, &item{Account: a, N: 8, Brand: "sole"})
	})
	update(t, db, func(tx *store.Tx) {
		persons.Delete(tx, store.K(gone))
		items.Delete(tx, store.K(gone, 2))
		tx.DestroyKey(gone)
	})
	if err := db.Rekey(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"first", "second", "third"} {
		add(t, db, what)
	}
	await(t, db, "1:first 2:second 3:third ")
	update(t, db, func(tx *store.Tx) { events.Trim(tx, 1) })
	stop()
	add(t, db, "fourth")
	db.Close()
	out, err := osexec.Command("pg_dump", "--no-owner", "--no-privileges", "--rows-per-insert=200", "--schema="+fixtureSchema, "--dbname="+os.Getenv(pgtest.Variable)).Output()
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?m)^(--.*|\\.*)?\n`).ReplaceAllString(string(out), "") // remarks, psql's own commands
	if err := os.WriteFile(dump, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	fmt.Println("made", dump)
}
