package storetest

import (
	"path/filepath"
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/postgres"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
)

// A Place is where one store is kept: a bolt file, or, if PROFFER_TEST_POSTGRES
// names a server, a schema there. What it has stays from one Open to the next.
type Place struct {
	file string
	url  string
}

// NewPlace returns a place with nothing in it, until t ends.
func NewPlace(t testing.TB) *Place {
	t.Helper()
	if pgtest.Given() {
		return &Place{url: pgtest.Schema(t)}
	}
	return File(filepath.Join(Dir(t), "proffer.db"))
}

// File is a bolt file as a place, whatever store is tested: for what has to do
// with the file.
func File(path string) *Place { return &Place{file: path} }

// Shared says whether several drivers can have the place open at once, as
// replicas do. A bolt file belongs to one.
func (p *Place) Shared() bool { return p.url != "" }

// Open opens the place anew. Closing the driver, before the test that made the place
// ends, is the caller's work; a store.DB that OpenOn returns does it.
func (p *Place) Open(t testing.TB) store.Driver {
	t.Helper()
	if p.url == "" {
		d, err := bolt.Open(p.file, bolt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d, err := postgres.Open(t.Context(), p.url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
