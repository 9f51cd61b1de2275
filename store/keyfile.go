package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// readPrivate reads a file that nobody else may read.
func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read or written by others (mode %04o): chmod 600 it", path, info.Mode().Perm())
	}
	const most = 16 << 20
	if info.Size() > most {
		return nil, fmt.Errorf("%s has %d bytes, at most %d are expected", path, info.Size(), most)
	}
	b := make([]byte, info.Size())
	n, err := f.ReadAt(b, 0)
	if n < len(b) {
		return nil, err
	}
	return b, nil
}

// createFile makes a private file with all of b in it or none, and fails if
// there is one already. Missing folders are made, private too.
func createFile(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeBeside(path, b, func(tmp string) error { return os.Link(tmp, path) })
}

// replaceFile puts b where the file at path was. Afterwards the old one is
// gone, and with it whatever a crash had left beside it.
func replaceFile(path string, b []byte) error {
	if err := tidy(path); err != nil {
		return err
	}
	return writeBeside(path, b, func(tmp string) error { return os.Rename(tmp, path) })
}

// tidy removes what an interrupted writeBeside left: a temporary file of keys
// outlives them otherwise.
func tidy(path string) error {
	left, err := filepath.Glob(filepath.Join(globEscape(filepath.Dir(path)), "."+globEscape(filepath.Base(path))+"-*"))
	if err != nil {
		return err
	}
	for _, l := range left {
		if err := os.Remove(l); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

var globEscape = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace

// writeBeside writes b to a synced temporary file in the folder of path, lets
// put move it there and syncs the folder.
func writeBeside(path string, b []byte, put func(tmp string) error) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if e := os.Remove(f.Name()); e != nil && !errors.Is(e, fs.ErrNotExist) && err == nil {
			err = e
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := put(f.Name()); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
