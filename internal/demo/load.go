package demo

import (
	"context"
	"fmt"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/demo/shop"
	"github.com/proffer-id/proffer/relying"
)

// clients are the shops' client ids in the configuration.
const (
	kopiClient = "kopi-web"
	soleClient = "sole-web"
)

// load reads the configuration and moves it to the ports taken. The error lists
// everything that is wrong with it.
func load(path string, ports *ports) (*proffer.Config, error) {
	cfg, err := proffer.Load(path)
	if err != nil {
		return nil, fmt.Errorf("%w\nThis is the demo's own copy of the configuration. Put it right, or start over with --fresh", err)
	}
	if err := complete(cfg, ports); err != nil {
		return nil, err
	}
	return cfg, nil
}

// complete makes a configuration that was read the demo's own: at the ports
// taken, with secrets for its clients, and with both shops in it.
func complete(cfg *proffer.Config, ports *ports) error {
	cfg.Rebase(ports.moved())
	if cfg.Issuer != ports.provider.origin() {
		return fmt.Errorf("issuer: the demo needs http://localhost:8080, which it moves to --port, not %s", cfg.Issuer)
	}
	if _, err := cfg.MakeSecrets(); err != nil {
		return err
	}
	for _, id := range []string{kopiClient, soleClient} {
		if client, _ := cfg.Client(id); client == nil || len(client.Secrets) == 0 {
			return fmt.Errorf("clients: the demo's shops are the clients %s and %s, and there is no %s with a secret", kopiClient, soleClient, id)
		}
	}
	return nil
}

// openShops connects both shops to the provider, which answers already, and
// opens their doors.
func openShops(ctx context.Context, o Options, cfg *proffer.Config, ports *ports, servers *servers) error {
	for _, one := range []struct {
		brand shop.Brand
		id    string
		port  *port
	}{
		{shop.Kopi(), kopiClient, ports.kopi},
		{shop.Sole(), soleClient, ports.sole},
	} {
		settings, _ := cfg.Client(one.id)
		client, err := relying.New(ctx, relying.Config{
			Issuer: cfg.Issuer, ClientID: one.id, ClientSecret: settings.Secrets[0].Reveal(),
			RedirectURL: one.port.origin() + "/callback", Scopes: settings.Scopes, Now: o.Now,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", one.brand.Name, err)
		}
		site, err := shop.New(shop.Options{
			Brand: one.brand, Client: client, ID: one.id, Issuer: cfg.Issuer, Origin: one.port.origin(), Now: o.Now, Log: o.Log,
		})
		if err != nil {
			return err
		}
		servers.serve(one.port, site)
	}
	return nil
}
