package proffer

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// minSecret is the fewest characters of a client's secret: what is kept of it is
// one SHA-256, which is only enough for what nobody can guess.
const minSecret = 32

// Path is name as the configuration means it: from the folder of the file.
func (c *Config) Path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.Dir, name)
}

// MakeSecrets makes the secret files of clients that are not there yet, each
// with 256 random bits and readable by its owner alone (0600), and reads them
// all into the clients' Secrets. It returns the files it made. It is called
// before New by who runs a provider from a file.
func (c *Config) MakeSecrets() (made []string, err error) {
	for _, id := range c.brandIDs() {
		for _, name := range c.Brands[id].clientIDs() {
			k := c.Brands[id].Clients[name]
			if len(k.Secrets) > 0 {
				continue // from the environment, or from who embeds us
			}
			var secrets []Secret
			for _, file := range k.SecretFile {
				path := c.Path(file)
				fresh, err := makeSecret(path)
				if err != nil {
					return made, fmt.Errorf("secret of client %s: %w", name, err)
				}
				if fresh {
					made = append(made, path)
				}
				s, err := readSecret(path, minSecret)
				if err != nil {
					return made, fmt.Errorf("secret of client %s: %w", name, err)
				}
				secrets = append(secrets, s)
			}
			k.Secrets = secrets
		}
	}
	return made, nil
}

// makeSecret writes a new secret to path unless there is something already. The
// file is whole or not there, whenever the machine stops.
func makeSecret(path string) (bool, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, err
	}
	var bits [32]byte
	rand.Read(bits[:])
	temp, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // mode 0600
	if err != nil {
		return false, err
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(base64.RawURLEncoding.EncodeToString(bits[:]) + "\n")
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return false, err
	}
	// Link, unlike rename, does not replace what another process has just made.
	if err := os.Link(temp.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return false, nil
		}
		return false, err
	}
	return true, nil
}

// readSecret reads a file that holds a secret alone. It refuses a file that
// others may read and a secret shorter than min.
func readSecret(path string, min int) (Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if why := loose(info); why != "" {
		return "", fmt.Errorf("%s %s", path, why)
	}
	text, err := io.ReadAll(io.LimitReader(f, 4097))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	s := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	switch {
	case len(text) > 4096 || strings.ContainsAny(s, "\r\n\x00"):
		return "", fmt.Errorf("%s holds more than one line of text; it is to hold the secret alone", path)
	case len(s) < min:
		return "", fmt.Errorf("%s holds %d characters; a secret has at least %d, made by chance. Remove the file and a good one is made", path, len(s), min)
	}
	return Secret(s), nil
}

// loose says what is wrong with a file that only its owner may read, or "".
func loose(info fs.FileInfo) string {
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return "is not a file"
	case mode.Perm()&0o077 != 0:
		return fmt.Sprintf("can be read by others (mode %04o); run chmod 600 on it", mode.Perm())
	}
	return ""
}

// checkSecretFile reports a secret's file that is there and not fit; one that is
// not there is made at the start, unless it must exist.
func (c *Config) checkSecretFile(at diag.Node, file string, min int, must bool) {
	if file == "" || c.Dir == "" && !filepath.IsAbs(file) && c.Files != nil {
		return // an embedder's files, which are no files of this machine
	}
	_, err := readSecret(c.Path(file), min)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist) && !must:
	case errors.Is(err, fs.ErrNotExist):
		at.Errorf("there is no file %s", c.Path(file))
	default:
		at.Errorf("%s", err)
	}
}

// checkKeyFile reports a key's file that others may read. What is in it is for
// the store to judge.
func (c *Config) checkKeyFile(at diag.Node, file string) {
	info, err := os.Stat(c.Path(file))
	if err != nil {
		return // made at the first start
	}
	if why := loose(info); why != "" {
		at.Errorf("%s %s", c.Path(file), why)
	}
}
