package proffer

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a PostgreSQL address is taken for.
func TestStoreAddress(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://proffer@db.example.com:5432/proffer?sslmode=verify-full":                 "",
		"postgresql://proffer@db.example.com/proffer?sslmode=verify-full&search_path=id":     "",
		"postgres://proffer@a.example.com,b.example.com:5433/proffer?sslmode=verify-full":    "",
		"postgres://proffer@a.example.com:5432,b.example.com:5433/proffer?sslmode=verify-ca": "",
		"postgres://[2001:db8::1]:5432/proffer?sslmode=verify-full":                          "",
		"postgres://proffer:w%23%40%2F%25@localhost/proffer":                                 "",
		"postgres:///proffer":                                                                      "",
		"postgres:///proffer?host=/var/run/postgresql":                                             "",
		"postgres://%2Fvar%2Frun%2Fpostgresql/proffer":                                             "",
		"postgres://[::1]/proffer":                                                                 "",
		"postgres://db.example.com/proffer":                                                        "warning: nobody makes sure",
		"postgres://db.example.com/proffer?sslmode=require":                                        "warning: nobody makes sure",
		"postgres:///proffer?host=db.example.com":                                                  "warning: nobody makes sure",
		"postgres://localhost,db.example.com:5432/proffer":                                         "warning: nobody makes sure",
		"postgres:proffer":                                                                         "has no //",
		"postgres://proffer@localhost":                                                             "names no database",
		"postgres://proffer@localhost/":                                                            "names no database",
		"postgres://proffer:s3cret word@localhost/proffer":                                         "has a space or control character",
		"postgres://proffer:s3cret#word@localhost/proffer":                                         "has a #",
		"postgres://proffer:s3cret@word@localhost/proffer":                                         "has an @ or / too many",
		"postgres://proffer:s3cret/word@localhost/proffer":                                         "has an @ or / too many",
		"postgres://proffer:s3cret%word@localhost/proffer":                                         "has a % that begins no code",
		"postgres://proffer:s3cret?word@localhost/proffer":                                         "has a port that is no number",
		"postgres://proffer:s3cret@localhost:54321x/proffer":                                       "has a port that is no number",
		"postgres://proffer:s3cret@localhost:0/proffer":                                            "has a port that is no number",
		"postgres://proffer:s3cret@local_host!/proffer":                                            "has a host that cannot be read",
		"postgres://proffer:s3cret@2001:db8::1/proffer":                                            "has a host that cannot be read",
		"postgres://localhost/proffer?sslmode=verify":                                              `unknown sslmode "verify"`,
		"postgres://localhost/proffer?sslmod=verify-full":                                          `unknown parameter "sslmod"; did you mean "sslmode"?`,
		"postgres://localhost/proffer?search_path=a,b":                                             "search_path is not the name of one schema",
		"postgres://localhost/proffer?search_path=pg_proffer":                                      "search_path is not the name of one schema",
		"postgres://localhost/proffer?search_path=":                                                "search_path is not the name of one schema",
		"postgres://localhost/proffer?pool_max_conns=many":                                         "pool_max_conns is not a number",
		"mysql://proffer:s3cret@localhost/proffer":                                                 `unknown store "mysql"`,
		"proffer:s3cret@localhost/proffer":                                                         `unknown store "proffer"`,
		"s3cret":                                                                                   "unknown store this; it is bolt",
		"host=localhost password=s3cret":                                                           "unknown store this; it is bolt",
		"postgres://localhost/proffer?sslmode=disable&sslmode=disable&password=s3cret;x=1&user=me": "has parameters behind ? that cannot be read",
	} {
		_, found := inspect(write(t, nil), []string{"PROFFER_STORE=" + address})
		said := found.String()
		if want == "" && said != "" || !strings.Contains(said, want) || want != "" && !strings.HasPrefix(said, "PROFFER_STORE: ") {
			t.Errorf("%s: want %q, got:\n%s", address, want, said)
		}
		if strings.Contains(said, "s3cret") {
			t.Errorf("%s: the password is repeated: %s", address, said)
		}
	}
}

// However an address is printed, its password is not.
func TestStoreAddress_Password(t *testing.T) {
	for address, want := range map[StoreAddress]string{
		"postgres://proffer:s3cret@db.example.com:5432/proffer?sslmode=verify-full&password=s3cret&sslpassword=s3cret": "postgres://proffer@db.example.com:5432/proffer?sslmode=verify-full",
		"postgresql://proffer:s3%63ret@localhost/proffer":                                                              "postgres://proffer@localhost/proffer",
		"postgres://proffer:s3cret/word@localhost/proffer":                                                             "(an address that cannot be read)",
		"s3cret":               "(an address that cannot be read)",
		"bolt:data/proffer.db": "bolt:data/proffer.db",
		"":                     "",
	} {
		asJSON, err := json.Marshal(struct{ A StoreAddress }{address})
		if err != nil {
			t.Fatal(err)
		}
		all := fmt.Sprintf("%s %v %+v %#v %q %s %s", address, address, Config{Store: address}, Config{Store: address}, address, asJSON, address.LogValue())
		if strings.Contains(all, "s3cret") || strings.Contains(all, "s3%63ret") || address.String() != want {
			t.Errorf("want %q: %s", want, all)
		}
		if address.Reveal() != string(address) {
			t.Error("revealed, it is not what it was")
		}
	}
}

// A password may come from the environment or a file of its own; in the file of
// the configuration it is worth a warning.
func TestStore_WhereThePasswordStands(t *testing.T) {
	address := "postgres://proffer:s3cret@localhost/proffer"
	file := filepath.Join(t.TempDir(), "store")
	if err := os.WriteFile(file, []byte(address+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, variable := range []string{"PROFFER_STORE=" + address, "PROFFER_STORE_FILE=" + file} {
		c, found := inspect(write(t, nil), []string{variable})
		if c.Store.Reveal() != address || found.String() != "" {
			t.Errorf("%s: got %q, findings: %s", variable, c.Store.Reveal(), found)
		}
	}
	c, found := inspect(write(t, func(s string) string { return s + "store: " + address + "\n" }), nil)
	if said := found.String(); c.Store.Reveal() != address || found.Errors() != 0 || !strings.Contains(said, "warning: store: a password stands in this file") || strings.Contains(said, "s3cret") {
		t.Errorf("in the file: %s", said)
	}
	// Without one, all is well.
	if _, found := inspect(write(t, func(s string) string { return s + "store: postgres://proffer@localhost/proffer\n" }), nil); found.String() != "" {
		t.Errorf("without a password: %s", found)
	}
}

// In PostgreSQL the bucket keys are a table.
func TestStore_BucketKeys(t *testing.T) {
	with := func(more string) (*Config, string) {
		c, found := inspect(write(t, func(s string) string { return s + more }), nil)
		return c, found.String()
	}
	if c, said := with("store: postgres://localhost/proffer\n"); c.Keys.Buckets != "" || c.Keys.Master != "data/master.key" || said != "" {
		t.Errorf("keys %+v, findings: %s", c.Keys, said)
	}
	if c, said := with(""); c.Keys.Buckets != "data/buckets.key" || said != "" {
		t.Errorf("keys %+v, findings: %s", c.Keys, said)
	}
	if _, said := with("store: postgres://localhost/proffer\nkeys: {buckets: data/buckets.key}\n"); !strings.Contains(said, "warning: keys.buckets: is not used") {
		t.Errorf("findings: %s", said)
	}
}
