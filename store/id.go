package store

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
)

// An ID is 128 random bits. Its text is 22 characters of base64url. The zero
// ID stands for none.
type ID [16]byte

// NewID returns a fresh random ID.
func NewID() ID {
	var id ID
	rand.Read(id[:]) // never fails: the process ends if there is no chance to be had
	return id
}

// ParseID reads what ID.String wrote. Every ID has exactly one text.
func ParseID(s string) (ID, error) {
	var id ID
	if err := id.UnmarshalText([]byte(s)); err != nil {
		return ID{}, err
	}
	return id, nil
}

var idText = base64.RawURLEncoding.Strict()

func (id ID) String() string { return idText.EncodeToString(id[:]) }

// IsZero says whether id stands for none; encoding/json's omitzero asks it.
func (id ID) IsZero() bool { return id == ID{} }

func (id ID) MarshalText() ([]byte, error) { return idText.AppendEncode(nil, id[:]), nil }

func (id *ID) UnmarshalText(b []byte) error {
	// The length is looked at first: the decoder skips line ends.
	if len(b) != idText.EncodedLen(len(id)) {
		return fmt.Errorf("id of %d characters, want %d", len(b), idText.EncodedLen(len(id)))
	}
	var got [18]byte
	n, err := idText.Decode(got[:], b)
	if err != nil {
		return fmt.Errorf("id: %w", err)
	}
	if n != len(id) {
		return fmt.Errorf("id of %d bytes, want %d", n, len(id))
	}
	copy(id[:], got[:])
	return nil
}
