package postgres

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestSeverity(t *testing.T) {
	d := &Driver{}
	err := d.commitError(&pgconn.PgError{Severity: "FEHLER", SeverityUnlocalized: "ERROR", Code: "40001", Message: "x"})
	var c *changedError
	if !errors.As(err, &c) {
		t.Errorf("a server that speaks German: %v", err)
	}
}
