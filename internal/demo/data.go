package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/proffer-id/proffer"
)

// data is the folder of everything the demo keeps:
//
//	config.yaml, brands/   the example configuration, a copy to try things in
//	data/                  the store, its keys, the clients' secrets
//	.proffer-demo          says that the folder is ours to empty
type data struct {
	dir    string
	marker *os.File // locked while a demo runs
}

const marker = ".proffer-demo"

const markerText = "This folder belongs to `proffer demo`, which empties it when started with --fresh.\n"

// openData makes the folder, or opens what an earlier run left. A folder that is
// not the demo's is never touched.
func openData(dir string, fresh bool) (*data, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("data of the demo: %w", err)
	}
	if len(entries) > 0 {
		if info, err := os.Lstat(filepath.Join(dir, marker)); err != nil || !info.Mode().IsRegular() { // a link would have us write elsewhere
			return nil, fmt.Errorf("%s is not empty and not a folder of the demo, so it stays as it is; name another with --data", dir)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data of the demo: %w", err)
	}
	d := &data{dir: dir}
	if d.marker, err = os.OpenFile(filepath.Join(dir, marker), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("data of the demo: %w", err)
	}
	if err := lock(d.marker); err != nil {
		d.close()
		return nil, fmt.Errorf("another demo is running on %s; stop it, or name another folder with --data", dir)
	}
	if err := d.prepare(fresh); err != nil {
		d.close()
		return nil, fmt.Errorf("data of the demo: %w", err)
	}
	return d, nil
}

// prepare empties the folder if it is to be fresh, and copies the example where
// there is none.
func (d *data) prepare(fresh bool) error {
	if _, err := d.marker.WriteAt([]byte(markerText), 0); err != nil {
		return err
	}
	if fresh {
		entries, err := os.ReadDir(d.dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Name() == marker {
				continue
			}
			if err := os.RemoveAll(filepath.Join(d.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if _, err := os.Stat(d.config()); err == nil {
		return nil
	}
	return d.copyExample()
}

// copyExample writes the configuration last: a copy that was interrupted is
// made again.
func (d *data) copyExample() error {
	example := proffer.Example()
	err := fs.WalkDir(example, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == "." || name == exampleConfig {
			return err
		}
		to := filepath.Join(d.dir, filepath.FromSlash(name))
		if e.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		text, err := fs.ReadFile(example, name)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
	if err != nil {
		return err
	}
	text, err := fs.ReadFile(example, exampleConfig)
	if err != nil {
		return err
	}
	return os.WriteFile(d.config(), text, 0o644)
}

const exampleConfig = "config.example.yaml"

func (d *data) config() string { return filepath.Join(d.dir, "config.yaml") }

func (d *data) close() { d.marker.Close() }
