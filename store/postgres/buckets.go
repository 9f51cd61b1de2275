package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/proffer-id/proffer/store"
)

// Buckets keeps the bucket keys beside the store, so that all replicas share
// them. They are wrapped by the master key, which the database never sees. A
// backup of the database has them too: docs/operations.md says when an erasure
// is complete.
//
// It may be used before the store is opened; it makes room for itself.
func (d *Driver) Buckets() store.Buckets { return buckets{d} }

type buckets struct{ d *Driver }

// All implements store.Buckets.
func (b buckets) All(ctx context.Context) (set store.BucketSet, err error) {
	err = b.try(ctx, func() error {
		if there, err := b.there(ctx); err != nil || !there {
			return err
		}
		var id []byte
		// One statement, so one snapshot.
		rows, err := b.d.pool.Query(ctx, `SELECT bucket, version, wrapped, (SELECT id FROM _bucket_set) FROM _bucket ORDER BY bucket, version`)
		if err != nil {
			return err
		}
		set.Keys, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (k store.BucketKey, err error) {
			return k, row.Scan(&k.Bucket, &k.Version, &k.Wrapped, &id)
		})
		if err == nil && len(set.Keys) > 0 && len(id) != len(set.ID) {
			return errors.New("bucket keys are there, but not the id of their set; restore the table _bucket_set")
		}
		copy(set.ID[:], id)
		return err
	})
	return set, err
}

// Begin implements store.Buckets.
func (b buckets) Begin(ctx context.Context, first store.BucketSet) error {
	return b.try(ctx, func() error {
		if err := b.prepare(ctx); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, b.d.pool, func(tx pgx.Tx) error {
			// Who comes second waits here for the first one's commit.
			done, err := tx.Exec(ctx, `INSERT INTO _bucket_set (id) VALUES ($1) ON CONFLICT DO NOTHING`, first.ID[:])
			if err != nil || done.RowsAffected() == 0 {
				return err
			}
			var numbers, versions []int64
			var wrapped [][]byte
			for _, k := range first.Keys {
				numbers, versions, wrapped = append(numbers, int64(k.Bucket)), append(versions, int64(k.Version)), append(wrapped, k.Wrapped)
			}
			_, err = tx.Exec(ctx, `INSERT INTO _bucket (bucket, version, wrapped) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])`, numbers, versions, wrapped)
			return err
		})
	})
}

// prepare makes the driver's own tables if they are not there.
func (b buckets) prepare(ctx context.Context) error {
	if there, err := b.there(ctx); err != nil || there {
		return err
	}
	p, err := b.d.preparation(store.Schema{})
	if err != nil {
		return err
	}
	if err := p.make(ctx); err != nil {
		// Another process may have been faster and opened its store since.
		if there, e := b.there(ctx); e == nil && there {
			return nil
		}
		var e *pgconn.PgError
		if errors.As(err, &e) && (again(e) || passing(e)) {
			return err
		}
		return fmt.Errorf("schema %q: %w", b.d.schema, opening(err, &b.d.pool.Config().ConnConfig.Config))
	}
	return nil
}

func (b buckets) there(ctx context.Context) (there bool, err error) {
	err = b.d.pool.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, quote(b.d.schema)+"._bucket_set").Scan(&there)
	return there, err
}

// Load implements store.Buckets. It takes a connection of the driver's own: it is
// called by transactions that hold all the others, perhaps.
func (b buckets) Load(ctx context.Context, bucket uint16) (keys []store.BucketKey, err error) {
	err = b.try(ctx, func() error {
		within, cancel := context.WithTimeout(ctx, b.d.o.Patience)
		defer cancel()
		rows, err := b.d.own.Query(within, `SELECT bucket, version, wrapped FROM _bucket WHERE bucket = $1 ORDER BY version`, int64(bucket))
		if err != nil {
			return err
		}
		keys, err = pgx.CollectRows(rows, pgx.RowToStructByPos[store.BucketKey])
		return err
	})
	return keys, err
}

// Add implements store.Buckets.
func (b buckets) Add(ctx context.Context, key store.BucketKey) error {
	return b.change(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `INSERT INTO _bucket (bucket, version, wrapped) SELECT $1, $2, $3
			WHERE NOT EXISTS (SELECT FROM _bucket WHERE bucket = $1 AND version >= $2)`, int64(key.Bucket), int64(key.Version), key.Wrapped)
		if err == nil && done.RowsAffected() == 0 {
			return fmt.Errorf("bucket %d version %d: %w", key.Bucket, key.Version, store.ErrNotUnique)
		}
		return err
	})
}

// Drop implements store.Buckets. What it deletes is in the files of the table
// until they are vacuumed and written over, and in the write-ahead log.
func (b buckets) Drop(ctx context.Context, bucket uint16, older uint32) error {
	return b.change(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM _bucket WHERE bucket = $1 AND version < $2`, int64(bucket), int64(older))
		return err
	})
}

// change runs fn while nobody else changes the table. Readers do not wait.
func (b buckets) change(ctx context.Context, fn func(pgx.Tx) error) error {
	return b.try(ctx, func() error {
		return pgx.BeginFunc(ctx, b.d.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `LOCK TABLE _bucket IN SHARE ROW EXCLUSIVE MODE`); err != nil {
				return err
			}
			return fn(tx)
		})
	})
}

// try runs fn again, within the driver's patience, while the server cannot be
// reached or others are in the way.
func (b buckets) try(ctx context.Context, fn func() error) error {
	began := time.Now()
	for attempt := 0; ; attempt++ {
		err := fn()
		if err == nil || errors.Is(err, store.ErrNotUnique) {
			return err
		}
		err = b.d.readError(ctx, err)
		if !retryable(err) {
			return err
		}
		if b.d.wait(ctx, began, attempt) != nil {
			return unavailable(err)
		}
	}
}
