package main

import (
	"context"
	"log/slog"
	"os/signal"
	"syscall"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/demo"
	"github.com/proffer-id/proffer/store"
)

// demoCommand is `proffer demo`.
type demoCommand struct {
	Data      string `default:"demo-data" help:"Folder of everything it keeps."`
	Port      int    `default:"8080" help:"Port of the provider; the shops and the mail take the three after it."`
	Fresh     bool   `help:"Forget what an earlier run kept."`
	TestClock string `name:"test-clock" placeholder:"FILE" help:"File that holds how far the clock is moved, such as 14d."`
	Verbose   bool   `short:"v" help:"Show the log."`
}

// Run runs the demo until it is interrupted.
func (c *demoCommand) Run(s streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	now, err := newClock(c.TestClock, "http://localhost")
	if err != nil {
		return err
	}
	level := slog.LevelWarn
	if c.Verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: level}))
	return demo.Run(ctx, demo.Options{
		Data: c.Data, Port: c.Port, Fresh: c.Fresh, Out: s.out, Log: log, Now: now,
		Open: func(ctx context.Context, cfg *proffer.Config) (*store.DB, error) {
			return openStore(ctx, cfg, log, now)
		},
	})
}
