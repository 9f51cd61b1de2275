package bundle

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/outbox"
)

// A Deploy is a bundle about to come into force. At and Event are set before the
// transaction, so that a second run of it writes the same.
type Deploy struct {
	Brand   string
	Bundle  *Bundle
	Seen    map[string]int // versions in force with which it was checked, by brand; none: 0
	By      string         // name of the token
	Message string
	Back    int // the version whose bundle it is; 0: one of its own
	At      time.Time
	Event   store.ID
}

// ErrMoved is returned by Put when another version came into force since it was
// looked at, of this brand or of another: what was checked is no longer what it
// would stand beside.
var ErrMoved = errors.New("another version is in force by now")

// Put keeps a bundle and puts it in force, with the event, all in the caller's
// transaction. The error is ErrMoved if Deploy.Seen is not what is in force now.
func Put(tx *store.Tx, d Deploy) (*Version, error) {
	now, err := InForce(tx)
	if err != nil {
		return nil, err
	}
	if !maps.Equal(now, d.Seen) {
		return nil, ErrMoved
	}
	h := d.Bundle.Hash()
	v := &Version{
		Brand: d.Brand, Number: now[d.Brand] + 1, Hash: h, Edition: editionOf(h),
		At: d.At.UTC(), By: d.By, Message: d.Message, Back: d.Back,
	}
	if err := keep(tx, d.Brand, d.Bundle); err != nil {
		return nil, err
	}
	versions.Insert(tx, v)
	heads.Put(tx, &Head{Brand: d.Brand, Number: v.Number})
	data, err := json.Marshal(struct {
		Version int    `json:"version"`
		Hash    Hash   `json:"sha256"`
		By      string `json:"by"`
		Message string `json:"message,omitempty"`
		Back    int    `json:"back_to,omitzero"`
	}{v.Number, v.Hash, v.By, v.Message, v.Back})
	if err != nil {
		return nil, fmt.Errorf("event of version %d: %w", v.Number, err)
	}
	outbox.Tell(tx, &outbox.BrandEvent{ID: d.Event, Brand: d.Brand, Type: "screen_set.deployed", At: v.At, Data: data})
	return v, nil
}

// keep writes the bundle and its files, those that are not there yet.
func keep(tx *store.Tx, brand string, b *Bundle) error {
	h := b.Hash()
	s := &set{Brand: brand, Edition: editionOf(h), Hash: h, Format: b.Format, Name: b.Name, Set: string(b.Set)}
	switch had, err := sets.Get(tx, store.K(brand, string(s.Edition))); {
	case err == nil && had.Hash == h:
		return nil
	case err == nil: // nobody comes to this by chance
		return fmt.Errorf("bundle %s: another one has the same first letters: %s", h, had.Hash)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(b.Files)) {
		f := &file{Hash: sha256.Sum256(b.Files[name]), Bytes: b.Files[name]}
		if s.Files == nil {
			s.Files = map[string]Hash{}
		}
		s.Files[name] = f.Hash
		files.Put(tx, f)
	}
	sets.Insert(tx, s)
	return nil
}
