package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/proffer-id/proffer/store"
)

// A changedError says that somebody else was in the way: what an Update read
// is so no longer, or it waited for too long. It is to be run again.
type changedError struct{ err error }

func (e *changedError) Error() string { return e.err.Error() }
func (e *changedError) Unwrap() error { return e.err }

// A lostError says that the server cannot be reached, or not any more. Unknown
// says that it may have committed all the same.
type lostError struct {
	err     error
	unknown bool
}

func (e *lostError) Error() string {
	if e.unknown {
		return "the connection was lost during the commit: " + e.err.Error()
	}
	return "the database cannot be reached: " + e.err.Error()
}
func (e *lostError) Unwrap() error { return e.err }

// retryable says whether what err ended is to be run again: it did nothing, and
// may do better.
func retryable(err error) bool {
	var changed *changedError
	var lost *lostError
	return errors.As(err, &changed) || errors.As(err, &lost) && !lost.unknown
}

// unavailable makes store.ErrUnavailable of what will pass.
func unavailable(err error) error {
	var lost *lostError
	if errors.As(err, &lost) || retryable(err) {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

var errOther = fmt.Errorf("%w: another version of the program has changed the indexes of the store; stop this one and start that one", store.ErrUnavailable)

// readError says what an error before the commit means.
func (d *Driver) readError(ctx context.Context, err error) error {
	if e := ctx.Err(); e != nil {
		return e
	}
	var e *pgconn.PgError
	var refused *refusedError
	switch {
	case errors.As(err, &refused):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return &lostError{err: errors.New("it does not answer, or all connections are taken")}
	case errors.As(err, &e) && again(e):
		return &changedError{err}
	case e == nil || passing(e):
		return &lostError{err: err}
	case e.Code == "PF001" || e.Code == "42703": // undefined_column
		return errOther
	case e.Code == "42501":
		return opening(err, &d.pool.Config().ConnConfig.Config)
	}
	return fmt.Errorf("reading: %w", err)
}

// commitError says what an error of the commit means.
func (d *Driver) commitError(err error) error {
	var e *pgconn.PgError
	switch {
	case !errors.As(err, &e) || e.SeverityUnlocalized != "ERROR":
		return &lostError{err: err, unknown: true}
	case e.Code == "23505":
		table, index, _ := strings.Cut(e.ConstraintName, "/")
		if t := d.table(table); t != nil && t.id != "" {
			return &store.NotUniqueError{Collection: table, Index: index}
		}
	case e.Code == "PF001":
		return errOther
	case again(e):
		return &changedError{err}
	case passing(e):
		return &lostError{err: err}
	}
	return fmt.Errorf("committing: %w", err)
}

// again says whether the server ended a transaction for the sake of others:
// serialization_failure, deadlock_detected, lock_not_available.
func again(e *pgconn.PgError) bool {
	return e.Code == "40001" || e.Code == "40P01" || e.Code == "55P03"
}

// passing says whether an error is of the kind that will pass: the server is
// short of something (class 53), is being stopped or started (57P), lost its
// disk (58), or is, for now, one that only reads (25006, after a failover).
func passing(e *pgconn.PgError) bool {
	for _, class := range []string{"08", "53", "57", "58", "25006", "25P0"} {
		if strings.HasPrefix(e.Code, class) {
			return true
		}
	}
	return false
}

// A refusedError says why a store cannot be opened, and what to do. It is no use
// to try again.
type refusedError struct{ text string }

func (e *refusedError) Error() string { return e.text }

// opening explains why a store cannot be opened. What pgconn says names host,
// user and database, never the password.
func opening(err error, c *pgconn.Config) error {
	where := fmt.Sprintf("PostgreSQL at %s:%d", c.Host, c.Port)
	if strings.HasPrefix(c.Host, "/") {
		where = "PostgreSQL at " + c.Host
	}
	refuse := func(format string, args ...any) error {
		return &refusedError{where + fmt.Sprintf(format, args...)}
	}
	var e *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &e):
	case errors.As(err, &connect) && strings.Contains(connect.Unwrap().Error(), "server refused TLS"):
		return refuse(" does not speak TLS, which sslmode asks for; switch it on there (ssl = on), or write sslmode=disable if nobody can listen on the way (%s)", oneLine(connect.Unwrap()))
	case errors.As(err, &connect) && strings.Contains(connect.Unwrap().Error(), "tls: "): // as crypto/tls begins; pgconn has no type for it
		return refuse(" answers, but no TLS came about; does its certificate name this host, and does sslrootcert have the authority that signed it? (%s)", oneLine(connect.Unwrap()))
	case errors.As(err, &connect):
		return refuse(" cannot be reached; is it running, and are host and port right? (%s)", oneLine(connect.Unwrap()))
	default:
		return refuse(": %s", err)
	}
	switch e.Code {
	case "28P01", "28000":
		if c.Password == "" {
			return refuse(" refused user %q, for whom no password was found; give one by PROFFER_STORE, PGPASSWORD or ~/.pgpass (%s)", c.User, e.Message)
		}
		return refuse(" refused user %q; is the password right, and does pg_hba.conf let this host in? (%s)", c.User, e.Message)
	case "3D000":
		return refuse(" has no database %q; make it with: createdb %s", c.Database, c.Database)
	case "42501":
		return refuse(": user %q lacks a right: %s; run proffer prepare as the owner of the schema, and give this user its rights (docs/operations.md)", c.User, e.Message)
	case "25006":
		return refuse(" only reads (a standby, or default_transaction_read_only); name the one that writes, or add target_session_attrs=read-write with all hosts")
	case "53300":
		return refuse(" has no connection left (max_connections): %s", e.Message)
	}
	return refuse(": %s", err)
}

// oneLine is what an error of several lines says, each once.
func oneLine(err error) string {
	var said []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	return strings.Join(said, "; ")
}
