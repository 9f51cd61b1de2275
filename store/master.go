package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
)

// A Master has the master key: MasterFile, or what asks a key management
// service to unwrap it. It is asked once, when keys are opened.
type Master interface {
	// Key returns the master key, at least 32 bytes with chance in them and the
	// same every time. If first is true nothing is wrapped by it yet, so it may
	// be made; otherwise one that is missing is an error.
	Key(ctx context.Context, first bool) ([]byte, error)

	// String says where the key is, for errors.
	String() string
}

// A MasterFile is the path of a file whose content, but for one line end at its
// end, is the master key. It is made at the first start; one that others may
// read is refused. `head -c 32 /dev/urandom | base64` makes a good one.
type MasterFile string

// Key implements Master.
func (f MasterFile) Key(_ context.Context, first bool) ([]byte, error) {
	path := string(f)
	b, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !first {
			return nil, fmt.Errorf("%w; it wraps the bucket keys there are, so put it back", err)
		}
		raw := make([]byte, 32)
		rand.Read(raw)
		b = append(base64.StdEncoding.AppendEncode(nil, raw), '\n')
		if err = createFile(path, b); errors.Is(err, fs.ErrExist) {
			b, err = readPrivate(path) // another process was faster
		}
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r")), nil
}

func (f MasterFile) String() string { return string(f) }

// checkMaster refuses what cannot be a random key.
func checkMaster(key []byte, where string) error {
	if len(key) < 32 {
		return fmt.Errorf("%s has %d bytes, at least 32 are needed", where, len(key))
	}
	var seen [256]bool
	distinct := 0
	for _, c := range key {
		if !seen[c] {
			seen[c], distinct = true, distinct+1
		}
	}
	if distinct < 8 {
		return fmt.Errorf("%s is no random key: it has %d different bytes only", where, distinct)
	}
	return nil
}
