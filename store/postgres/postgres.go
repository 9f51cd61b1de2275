// Package postgres keeps a store in PostgreSQL (15 or newer), for what
// outgrows one process: any number of replicas share it. Start at Open; how
// Updates are kept apart stands at locks, how logs get their positions at
// number, what the database looks like in schema and at table.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/proffer-id/proffer/store"
)

// Options of Open. The zero value works.
type Options struct {
	Log *slog.Logger // nil: nothing is logged

	// Patience is how long an Update is tried again for others that were in its
	// way, or for a lost connection; 0: five seconds. Then it is
	// store.ErrUnavailable.
	Patience time.Duration

	// Conns is how many connections Views and Updates have at most, beside two for
	// the driver's own work; 0: as many as pool_max_conns in the URL says, else 16.
	Conns int
}

// A Driver is a pool of connections to one schema of a database. It is a
// store.Driver and safe for concurrent use.
type Driver struct {
	o      Options
	pool   *pgxpool.Pool
	own    *pgxpool.Pool // for the driver's own work, which goes on while all others are taken
	schema string
	salt   uint64 // of the locks: those of a database are shared by its schemas

	tables   atomic.Pointer[map[string]*table] // by name; set by Prepare
	layout   atomic.Int64                      // of _schema; set by Prepare
	appended chan struct{}                     // something was put in the inbox of logs
	closed   sync.Once
	stop     chan struct{} // closed by Close

	generation atomic.Uint64 // of connections

	updates, commits, retries, givenUp, trips atomic.Uint64
}

// Open connects to the database of a URL such as
// postgres://proffer@db.example.com/proffer?sslmode=verify-full, with
// everything libpq knows (https://www.postgresql.org/docs/current/libpq-connect.html),
// PGPASSWORD, passfile and pool_max_conns among it. Everything is kept in the
// schema named by the parameter search_path, else in "proffer". A database that
// cannot be used is refused with an error that says what to do. No error tells
// the password.
func Open(ctx context.Context, url string, o Options) (*Driver, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	c, err := pgxpool.ParseConfig(url)
	if scheme, _, ok := strings.Cut(url, "://"); err != nil || !ok || scheme != "postgres" && scheme != "postgresql" {
		// What is wrong is not told: it is a piece of the URL, perhaps of the password.
		return nil, errors.New("opening store: not a URL of PostgreSQL; write it like postgres://user@host:5432/database?sslmode=verify-full, with %-escapes for special characters of a password")
	}
	d := &Driver{o: o, appended: make(chan struct{}, 1), stop: make(chan struct{})}
	set := c.ConnConfig.RuntimeParams
	d.schema = strings.Trim(set["search_path"], `"`)
	if d.schema == "" {
		d.schema = "proffer"
	}
	// PostgreSQL takes $user for somebody's name, quoted or not.
	if strings.ContainsAny(d.schema, `",`+"\x00") || d.schema == "$user" || len(d.schema) > longest || strings.HasPrefix(d.schema, "pg_") {
		return nil, fmt.Errorf("opening store: search_path %q: name one schema", d.schema)
	}
	d.salt = addText(14695981039346656037, d.schema)
	for name, value := range map[string]string{
		"search_path":      quote(d.schema),
		"application_name": "proffer",
		"timezone":         "UTC",
		// Every statement is looked for by an index, also while a table is small:
		// there is one plan for it, made once.
		"plan_cache_mode":   "force_generic_plan",
		"enable_seqscan":    "off",
		"enable_bitmapscan": "off",
		"jit":               "off",
		// Nobody waits longer for a lock than an Update is tried again, and nobody
		// who went silent holds one.
		"lock_timeout":                        fmt.Sprint(o.Patience.Milliseconds()),
		"idle_in_transaction_session_timeout": "10000",
	} {
		if set[name] == "" || name == "search_path" {
			set[name] = value
		}
	}
	switch {
	case o.Conns > 0:
		c.MaxConns = int32(o.Conns)
	case !namesConns(url):
		c.MaxConns = 16
	}
	// A connection that broke while it was idle shows at its first use, and that
	// is tried again; asking first would be a round trip.
	c.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	c.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.PgConn().CustomData()[generation] = d.generation.Load()
		return nil
	}
	if c.ConnConfig.ConnectTimeout == 0 { // neither in the URL nor PGCONNECT_TIMEOUT
		c.ConnConfig.ConnectTimeout = max(o.Patience, 3*time.Second)
	}
	if d.pool, err = pgxpool.NewWithConfig(ctx, c); err != nil {
		return nil, fmt.Errorf("opening store: %w", opening(err, &c.ConnConfig.Config))
	}
	own := c.Copy()
	own.MaxConns, own.MinConns, own.MinIdleConns = 2, 0, 0
	if d.own, err = pgxpool.NewWithConfig(ctx, own); err != nil {
		d.pool.Close()
		return nil, fmt.Errorf("opening store: %w", opening(err, &c.ConnConfig.Config))
	}
	if err := d.check(ctx); err != nil {
		d.pool.Close()
		d.own.Close()
		return nil, fmt.Errorf("opening store: %w", opening(err, &c.ConnConfig.Config))
	}
	return d, nil
}

// namesConns says whether a URL, or a service it names, has a parameter
// pool_max_conns. pgxpool does not tell: it has put a number of its own there.
func namesConns(url string) bool {
	c, err := pgconn.ParseConfig(url)
	return err == nil && c.RuntimeParams["pool_max_conns"] != ""
}

// check looks whether the server is one that can be worked with.
func (d *Driver) check(ctx context.Context) error {
	var number, fsync, synchronous string
	var standby bool
	err := d.pool.QueryRow(ctx, `SELECT current_setting('server_version_num'), current_setting('fsync'), current_setting('synchronous_commit'),
		pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool`).Scan(&number, &fsync, &synchronous, &standby)
	switch {
	case err != nil:
		return err
	case len(number) < 6 || number < "150000":
		return fmt.Errorf("it has version %s, 15 is the oldest that will do", number)
	case standby:
		return errors.New("it only reads (a standby, or default_transaction_read_only is on); name the server that writes, or all of them with target_session_attrs=read-write")
	}
	if fsync == "off" || synchronous == "off" {
		d.o.Log.Warn("PostgreSQL may lose what was acknowledged if its machine crashes", "fsync", fsync, "synchronous_commit", synchronous)
	}
	return nil
}

func (d *Driver) table(name string) *table {
	if all := d.tables.Load(); all != nil {
		return (*all)[name]
	}
	return nil
}

// acquire waits for a connection, but not for ever.
func (d *Driver) acquire(ctx context.Context, from *pgxpool.Pool) (*pgxpool.Conn, error) {
	within, cancel := context.WithTimeout(ctx, d.o.Patience)
	defer cancel()
	return from.Acquire(within)
}

// lost has all connections made anew that are as old as c, which broke: what
// broke it, such as a restart of the server, mostly broke all of them.
func (d *Driver) lost(c *pgxpool.Conn) {
	was, _ := c.Conn().PgConn().CustomData()[generation].(uint64)
	if d.generation.CompareAndSwap(was, was+1) {
		d.pool.Reset()
		d.own.Reset()
	}
}

// generation is what a connection carries: how often all were made anew before.
const generation = "generation"

var errPatience = errors.New("patience is at its end")

// wait waits a little, longer from attempt to attempt and never as long as
// others, and returns an error if that is no use any more.
func (d *Driver) wait(ctx context.Context, since time.Time, attempt int) error {
	pause := time.Duration(rand.Int64N(int64(2*time.Millisecond) << min(attempt, 7)))
	if time.Since(since)+pause > d.o.Patience {
		return errPatience
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-d.stop:
		return errPatience
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends once every View and Update has.
func (d *Driver) Close() error {
	d.closed.Do(func() {
		close(d.stop)
		d.pool.Close()
		d.own.Close()
		s := d.Stats()
		d.o.Log.Info("store closed", "updates", s.Updates, "commits", s.Commits, "retries", s.Retries, "given up", s.GivenUp, "round trips", s.Trips)
	})
	return nil
}

// Stats counts since Open.
type Stats struct {
	Updates uint64 // calls of Update
	Commits uint64 // that wrote something
	Retries uint64 // times that one had to be run again
	GivenUp uint64 // Updates that ran out of patience
	Trips   uint64 // round trips to the server that somebody waited for
}

// Stats returns the counts.
func (d *Driver) Stats() Stats {
	return Stats{
		Updates: d.updates.Load(), Commits: d.commits.Load(), Retries: d.retries.Load(),
		GivenUp: d.givenUp.Load(), Trips: d.trips.Load(),
	}
}

var _ store.Driver = (*Driver)(nil)
