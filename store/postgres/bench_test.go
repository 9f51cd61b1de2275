package postgres_test

import (
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/postgres"
	"github.com/proffer-id/proffer/store/postgres/pgtest"
	"github.com/proffer-id/proffer/store/storetest"
)

// BenchmarkServer is on the server there is: `tools/postgres run --durable` has
// one that syncs.
func BenchmarkServer(b *testing.B) {
	pgtest.Need(b)
	storetest.Bench(b, func(b *testing.B) (store.Driver, func() map[string]int64) {
		d, err := postgres.Open(b.Context(), pgtest.Fresh(b), postgres.Options{})
		if err != nil {
			b.Fatal(err)
		}
		return d, func() map[string]int64 {
			s := d.Stats()
			return map[string]int64{"commits": int64(s.Commits), "trips": int64(s.Trips), "retries": int64(s.Retries)}
		}
	})
}
