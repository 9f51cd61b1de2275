package proffer

import (
	"maps"
	"net/mail"
	"regexp"
	"slices"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/static"
)

// Brand is one party that asks customers and receives their answers.
type Brand struct {
	// Name is what customers know the brand by, in each language.
	Name Text `yaml:"name"`

	// Tagline is one short sentence under the name on the brand's panel. May be
	// left out.
	Tagline Text `yaml:"tagline"`

	// Controller is who answers for the data in law; it stands in every consent.
	Controller Controller `yaml:"controller"`

	// Site is the brand's own site, where "back to the shop" leads.
	Site string `yaml:"site"`

	// ScreenSet is the file of the brand's purposes, questions, screens and
	// campaigns, as they are until others are deployed.
	ScreenSet string `yaml:"screen_set"`

	// DeployTokens let the brand's people and build servers deploy its screen set
	// over HTTP. Once something was deployed, it stands over the file of
	// screen_set. May be left out.
	DeployTokens []DeployToken `yaml:"deploy_tokens"`

	// Theme is how the brand looks. Accent and Brand are enough: the rest is
	// derived from them, and holds its contrasts.
	Theme static.Theme `yaml:"theme"`

	// Mark is a small square SVG picture shown beside the name. May be left out.
	Mark string `yaml:"mark"`

	// Panel is an SVG picture that stands at the foot of the brand's panel,
	// across its whole width. May be left out.
	Panel string `yaml:"panel"`

	// Templates is a folder of page templates that replace ours for this brand,
	// file by file. They are checked when loaded. May be left out.
	Templates string `yaml:"templates"`

	// Terms are what customers agree to. When the version grows, they are asked
	// again. May be left out.
	Terms Terms `yaml:"terms"`

	// Privacy is the address of the privacy notice, in each language.
	Privacy Text `yaml:"privacy"`

	// Help is the address of a page that helps, in each language. May be left out.
	Help Text `yaml:"help"`

	// Clients are the brand's sites and apps, by client_id.
	Clients map[string]*Client `yaml:"clients"`
}

// Controller is who decides what the data is used for, as the law calls it: who
// a consent is given to.
type Controller struct {
	Name    string `yaml:"name"`    // Kopi Club Co., Ltd.
	Address string `yaml:"address"` // where a letter reaches them
	Contact string `yaml:"contact"` // the mail address for questions about data
}

// Terms are what a customer agrees to.
type Terms struct {
	Version int  `yaml:"version"` // 1, 2, …; a greater one asks every customer again
	Changes Text `yaml:"changes"` // what the newest version changed, in one sentence and each language; shown to who agreed to an older one
	URL     Text `yaml:"url"`     // where they can be read, in each language
}

// brandID is what a brand may be called: it stands in paths, records and claims.
var brandID = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// brandIDs are the ids of all brands, sorted.
func (c *Config) brandIDs() []string { return slices.Sorted(maps.Keys(c.Brands)) }

func (c *Config) checkBrands(at diag.Node) {
	if len(c.Brands) == 0 {
		missing(at, "brands", "at least one brand is needed")
	}
	at = at.Field("brands")
	owners := map[string]string{} // of each client_id
	for _, id := range c.brandIDs() {
		if !brandID.MatchString(id) {
			at.Key(id).Errorf("%q cannot be the id of a brand: write a letter, then letters, digits, - or _, all in lower case, at most 32", id)
		}
		b := c.Brands[id]
		if b == nil {
			at.Field(id).Errorf("is empty: a brand has at least a name, a site and a client")
			continue
		}
		b.check(at.Field(id), c)
		for _, client := range b.clientIDs() {
			if other, taken := owners[client]; taken {
				at.Field(id).Field("clients").Key(client).Errorf("the client_id %q is already taken by %s", client, other)
			}
			owners[client] = id
		}
	}
}

func (b *Brand) check(at diag.Node, c *Config) {
	b.Name.Check(at.Field("name"), c.Languages, true)
	b.Tagline.Check(at.Field("tagline"), c.Languages, false)
	if b.Site == "" {
		missing(at, "site", "the address of the brand's own site")
	} else {
		checkAddress(at.Field("site"), b.Site)
	}
	b.Controller.check(at.Field("controller"))
	b.Theme.Check(at.Field("theme"))
	c.checkAddresses(at.Field("privacy"), &b.Privacy, false)
	c.checkAddresses(at.Field("help"), &b.Help, false)
	if b.ScreenSet != "" && len(b.Privacy) == 0 {
		at.Field("privacy").Warnf("is missing: who is asked something should be able to read what becomes of it")
	}
	terms := at.Field("terms")
	switch {
	case b.Terms.Version < 0:
		terms.Field("version").Errorf("%d: versions are 1, 2, …", b.Terms.Version)
	case b.Terms.Version == 0 && len(b.Terms.URL) > 0:
		missing(terms, "version", "without it nobody is asked to agree; write version: 1")
	case b.Terms.Version > 0:
		c.checkAddresses(terms.Field("url"), &b.Terms.URL, true)
		b.Terms.Changes.Check(terms.Field("changes"), c.Languages, false)
	}
	if len(b.Clients) == 0 {
		missing(at, "clients", "at least one client is needed")
	}
	for _, id := range b.clientIDs() {
		b.checkClient(at.Field("clients"), id, c)
	}
}

func (w *Controller) check(at diag.Node) {
	if w.Name == "" {
		missing(at, "name", "who answers for the data in law, such as Kopi Club Co., Ltd.")
	}
	if w.Contact == "" {
		missing(at, "contact", "the mail address for questions about data")
	} else if a, err := mail.ParseAddress(w.Contact); err != nil || a.Address != w.Contact {
		at.Field("contact").Errorf("%q is not a mail address, such as privacy@kopi.example", w.Contact)
	}
}

func (b *Brand) clientIDs() []string { return slices.Sorted(maps.Keys(b.Clients)) }
