package bundle

import (
	"time"

	"github.com/proffer-id/proffer/store"
)

// Records are this package's collections. Nothing in them is anybody's personal
// data: they stand in the clear.
var Records = []store.Table{versions, heads, sets, files}

var (
	versions = store.Plain("set_version", func(v *Version) store.Key { return store.K(v.Brand, v.Number) })
	heads    = store.Plain("set_in_force", func(h *Head) store.Key { return store.K(h.Brand) })
	sets     = store.Plain("set_bundle", func(s *set) store.Key { return store.K(s.Brand, string(s.Edition)) })
	files    = store.Plain("set_file", func(f *file) store.Key { return store.K([32]byte(f.Hash)) })
)

// A Version is one deploy: which bundle came into force, when and by whom.
// Versions are never changed; to go back is to deploy an older bundle again.
type Version struct {
	Brand   string    `json:"brand"`
	Number  int       `json:"number"` // 1, 2, … within the brand
	Hash    Hash      `json:"sha256"`
	Edition Edition   `json:"edition"`
	At      time.Time `json:"at"`                // UTC
	By      string    `json:"by"`                // name of the token
	Message string    `json:"message,omitempty"` // what who deployed said of it
	Back    int       `json:"back_to,omitzero"`  // the version whose bundle this is; 0: one of its own
}

// A Head says which version of a brand is in force: small, for replicas look at
// all of them every second.
type Head struct {
	Brand  string `json:"brand"`
	Number int    `json:"number"`
}

// set is the bundle of one or more versions. It is kept for good, since answers
// were given to it.
type set struct {
	Brand   string          `json:"brand"`
	Edition Edition         `json:"edition"`
	Hash    Hash            `json:"sha256"`
	Format  int             `json:"format"`
	Name    string          `json:"name"`
	Set     string          `json:"set"`
	Files   map[string]Hash `json:"files,omitempty"`
}

// file is one file of a bundle, kept once under its hash.
type file struct {
	Hash  Hash   `json:"sha256"`
	Bytes []byte `json:"bytes"`
}
