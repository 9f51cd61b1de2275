package bundle

import (
	"fmt"

	"github.com/proffer-id/proffer/store"
)

// InForce returns the number of the version in force of every brand that has
// one.
func InForce(tx *store.Tx) (map[string]int, error) {
	list, err := heads.List(tx, store.Range{})
	if err != nil {
		return nil, fmt.Errorf("versions in force: %w", err)
	}
	now := map[string]int{}
	for _, h := range list {
		now[h.Brand] = h.Number
	}
	return now, nil
}

// Get returns a version of a brand. The error is store.ErrNotFound where there
// is none of that number.
func Get(tx *store.Tx, brand string, number int) (*Version, error) {
	v, err := versions.Get(tx, store.K(brand, number))
	if err != nil {
		return nil, fmt.Errorf("version %d of %s: %w", number, brand, err)
	}
	return v, nil
}

// List returns the versions of a brand before a number, the newest first, limit
// at most. before 0: from the newest on.
func List(tx *store.Tx, brand string, before, limit int) ([]*Version, error) {
	r := store.Range{Prefix: store.K(brand), Reverse: true, Limit: limit}
	if before > 0 {
		r.To = store.K(brand, before)
	}
	list, err := versions.List(tx, r)
	if err != nil {
		return nil, fmt.Errorf("versions of %s: %w", brand, err)
	}
	return list, nil
}

// Read returns the bundle of an edition with its files. The error is
// store.ErrNotFound where the brand never deployed it.
func Read(tx *store.Tx, brand string, e Edition) (*Bundle, error) {
	s, err := sets.Get(tx, store.K(brand, string(e)))
	if err != nil {
		return nil, fmt.Errorf("bundle %s of %s: %w", e, brand, err)
	}
	b := &Bundle{Format: s.Format, Name: s.Name, Set: []byte(s.Set)}
	var batch store.Batch
	wanted := map[string]*store.Wanted[file]{}
	for name, h := range s.Files {
		wanted[name] = files.Want(&batch, store.K([32]byte(h)))
	}
	if err := tx.Read(&batch); err != nil {
		return nil, err
	}
	for name, w := range wanted {
		f, err := w.Get()
		if err != nil {
			return nil, fmt.Errorf("file %s of bundle %s: %w", name, s.Hash, err)
		}
		if b.Files == nil {
			b.Files = map[string][]byte{}
		}
		b.Files[name] = f.Bytes
	}
	return b, nil
}
