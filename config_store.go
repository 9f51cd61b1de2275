package proffer

import (
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// A StoreAddress says where everything is kept: bolt: and the path of a file, or
// the address of a PostgreSQL database,
// postgres://proffer@db.example.com:5432/proffer?sslmode=verify-full. The latter
// may hold a password, so printed it shows none; Reveal has it.
type StoreAddress string

// split returns "bolt" or "postgres" and what stands behind the colon; "" for
// what is neither.
func (s StoreAddress) split() (kind, rest string) {
	kind, rest, _ = strings.Cut(string(s), ":")
	switch {
	case kind == string(s):
		return "", ""
	case kind == "postgresql": // the same to every client of PostgreSQL
		return "postgres", rest
	case kind == "bolt", kind == "postgres":
		return kind, rest
	}
	return "", ""
}

// Kind is "bolt" or "postgres"; "" if it is neither.
func (s StoreAddress) Kind() string {
	kind, _ := s.split()
	return kind
}

// File is the path of a bolt file; "" for another store.
func (s StoreAddress) File() string {
	if kind, rest := s.split(); kind == "bolt" {
		return rest
	}
	return ""
}

// Schema is the schema of a PostgreSQL database that everything stands in; ""
// for another store.
func (s StoreAddress) Schema() string {
	kind, rest := s.split()
	if kind != "postgres" {
		return ""
	}
	if d, err := readDatabase(rest); err == nil && d.params.Get("search_path") != "" {
		return d.params.Get("search_path")
	}
	return "proffer"
}

// Reveal returns the address as it was given, with a password that stands in it.
func (s StoreAddress) Reveal() string { return string(s) }

// String is the address without a password.
func (s StoreAddress) String() string {
	kind, rest := s.split()
	if s == "" || kind == "bolt" {
		return string(s)
	}
	if d, err := readDatabase(rest); kind == "postgres" && err == nil {
		return d.String()
	}
	return "(an address that cannot be read)"
}

// GoString hides a password from %#v.
func (s StoreAddress) GoString() string {
	return "proffer.StoreAddress(" + strconv.Quote(s.String()) + ")"
}

// LogValue hides a password from logs.
func (s StoreAddress) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides a password from JSON and YAML.
func (s StoreAddress) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the address as it stands.
func (s *StoreAddress) UnmarshalText(text []byte) error {
	*s = StoreAddress(text)
	return nil
}

var scheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]{0,15}$`)

// checkStore checks where everything is kept, and with which keys. What the
// environment says of it is reported there.
func (c *Config) checkStore(at diag.Node, out *diag.Findings) {
	here := at.Field("store")
	written, inFile := here.Scalar()
	if at.IsMap() && c.Store != "bolt:data/proffer.db" && written != string(c.Store) {
		here, inFile = diag.Root("PROFFER_STORE", out), false
	}
	keys := at.Field("keys")
	c.checkKeyFile(keys.Field("master"), c.Keys.Master)
	switch kind, rest := c.Store.split(); kind {
	case "bolt":
		if rest == "" {
			here.Errorf("names no file; write bolt:data/proffer.db")
		}
		if c.Keys.Master == c.Keys.Buckets || c.Keys.Master == rest || c.Keys.Buckets == rest {
			keys.Errorf("master, buckets and the store are three files")
		}
		c.checkKeyFile(keys.Field("buckets"), c.Keys.Buckets)
	case "postgres":
		checkDatabase(here, rest, inFile)
		if inFile && c.Keys.Buckets != "" { // else the file may well be one for bolt
			keys.Field("buckets").Warnf("is not used: in PostgreSQL the bucket keys are a table, which all replicas share; leave it out")
		}
	default:
		what, near := "this", ""
		if word, _, found := strings.Cut(string(c.Store), ":"); found && scheme.MatchString(word) { // else it may be a password
			what, near = strconv.Quote(word), diag.DidYouMean(word, []string{"bolt", "postgres"}, nil)
		}
		here.Errorf("unknown store %s; it is bolt: and the path of a file (bolt:data/proffer.db), or a PostgreSQL database (postgres://proffer@db.example.com/proffer)%s", what, near)
	}
}

// checkDatabase checks the address of a database.
func checkDatabase(at diag.Node, address string, inFile bool) {
	d, err := readDatabase(address)
	if err != nil {
		at.Errorf("%s", err)
		return
	}
	if d.name == "" {
		at.Errorf("names no database; write postgres://proffer@db.example.com/proffer")
	}
	if inFile && d.hasPassword() {
		at.Warnf("a password stands in this file; put the address into the variable PROFFER_STORE, or into a file that PROFFER_STORE_FILE names, or the password alone into PGPASSWORD or ~/.pgpass")
	}
	modes := []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
	switch mode := d.params.Get("sslmode"); {
	case mode != "" && !slices.Contains(modes, mode):
		at.Errorf("unknown sslmode %q; it may be %s%s", mode, list(modes), diag.DidYouMean(mode, modes, nil))
	case d.far() && mode != "verify-full" && mode != "verify-ca":
		at.Warnf("nobody makes sure that it is your server that answers; write sslmode=verify-full, and sslrootcert=FILE if its certificate is signed by an authority of your own")
	}
	if schema := d.params.Get("search_path"); d.params.Has("search_path") && (!schemaName.MatchString(schema) || strings.HasPrefix(schema, "pg_")) {
		at.Errorf("search_path is not the name of one schema, such as proffer: small letters, digits and _")
	}
	if n, err := strconv.Atoi(d.params.Get("pool_max_conns")); d.params.Has("pool_max_conns") && (err != nil || n < 2 || n > 1000) {
		at.Errorf("pool_max_conns is not a number from 2 to 1000")
	}
	known := []string{"sslmode", "sslrootcert", "sslcert", "sslkey", "search_path", "pool_max_conns", "connect_timeout", "target_session_attrs", "application_name", "passfile"}
	for name := range d.params {
		if near := diag.Suggest(name, known); near != "" && !slices.Contains(known, name) && !secretParam(name) {
			at.Errorf("unknown parameter %q; did you mean %q?", name, near)
		}
	}
}
