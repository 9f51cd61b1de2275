package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
)

// openStore opens the store that cfg names, sealed by its keys; what is not there
// is made.
func openStore(ctx context.Context, cfg *proffer.Config, log *slog.Logger, now func() time.Time) (*store.DB, error) {
	keys, err := store.OpenKeys(cfg.Path(cfg.Keys.Master), cfg.Path(cfg.Keys.Buckets))
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	kind, file, _ := strings.Cut(cfg.Store, ":")
	if kind != "bolt" {
		return nil, fmt.Errorf("unknown store %q", kind)
	}
	driver, err := bolt.Open(cfg.Path(file), bolt.Options{Log: log})
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, driver, proffer.Tables(), store.Options{Now: now, Keys: keys, Log: log})
	if err != nil {
		driver.Close()
		return nil, err
	}
	return db, nil
}
