package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/bolt"
	"github.com/proffer-id/proffer/store/postgres"
)

// openStore opens the store that cfg names, sealed by its keys; what is not there
// is made.
func openStore(ctx context.Context, cfg *proffer.Config, log *slog.Logger, now func() time.Time) (*store.DB, error) {
	driver, keys, err := openDriver(ctx, cfg, log)
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

func openDriver(ctx context.Context, cfg *proffer.Config, log *slog.Logger) (store.Driver, *store.Keys, error) {
	switch kind := cfg.Store.Kind(); kind {
	case "bolt":
		keys, err := store.OpenKeys(cfg.Path(cfg.Keys.Master), cfg.Path(cfg.Keys.Buckets))
		if err != nil {
			return nil, nil, fmt.Errorf("keys: %w", err)
		}
		driver, err := bolt.Open(cfg.Path(cfg.Store.File()), bolt.Options{Log: log})
		if err != nil {
			return nil, nil, err
		}
		return driver, keys, nil
	case "postgres":
		driver, err := postgres.Open(ctx, cfg.Store.Reveal(), postgres.Options{Log: log})
		if err != nil {
			return nil, nil, err
		}
		keys, err := store.OpenKeysIn(ctx, store.MasterFile(cfg.Path(cfg.Keys.Master)), driver.Buckets())
		if err != nil {
			driver.Close()
			return nil, nil, fmt.Errorf("keys: %w", err)
		}
		return driver, keys, nil
	default:
		return nil, nil, fmt.Errorf("unknown store %q", kind)
	}
}
