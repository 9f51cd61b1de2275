package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Statements are all that is ever sent to the tables, by what they are for.
func (d *Driver) Statements() map[string]string {
	all := map[string]string{
		"lock": lockAll.sql, "append": appendAll.sql, "due": d.due().sql,
		"inbox waits": inboxWaits.sql, "inbox lease": inboxLease.sql, "inbox list": inboxList.sql,
		"inbox clear": inboxClear.sql, "head set": headSet.sql,
	}
	for name, t := range *d.tables.Load() {
		for _, st := range t.statements() {
			all[name+": "+st.sql] = st.sql
		}
		if t.Log {
			all["numbered "+name] = numbered(name).sql
		}
	}
	return all
}

// Connect is a connection with the settings of the driver's own.
func (d *Driver) Connect(t testing.TB) *pgx.Conn {
	t.Helper()
	c, err := pgx.ConnectConfig(t.Context(), d.pool.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}
