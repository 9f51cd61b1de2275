package proffer

import (
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/bundle"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/consent"
)

// A source is a screen set and where findings say that it stands.
type source struct {
	file   string
	bundle *bundle.Bundle
	open   func(name string) ([]byte, error) // a file beside the set; nil: one of the bundle
}

// join loads a set for each brand and checks them against each other, wherever
// they come from: a file of the configuration or the store. It reports what
// stands against them.
func (c *Config) join(from map[string]source, out *diag.Findings) *catalogue.Catalogue {
	sets := map[string]*catalogue.Set{}
	for id, s := range from {
		b := c.Brands[id]
		if b == nil {
			continue
		}
		open := s.open
		if open == nil {
			open = s.bundle.Open
		}
		sets[id] = catalogue.Load(s.file, s.bundle.Set, catalogue.LoadOptions{
			Brand: id, Name: b.Name, Languages: c.Languages, Clients: b.clientIDs(),
			Controller: consent.Controller(b.Controller), Open: open,
		}, out)
	}
	def := catalogue.Join(sets, out)
	def.Attention = catalogue.Attention{
		Screens: c.Attention.PerCustomer.Screens,
		Every:   diag.Period{Time: c.Attention.PerCustomer.Every.D()},
	}
	return def
}

// fits reports where what clients may receive does not fit the definitions.
func (c *Config) fits(def *catalogue.Catalogue, out *diag.Findings) {
	c.checkClaims(c.ready.at.To(out).Field("brands"), def)
}
