package proffer

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestMakeSecrets(t *testing.T) {
	path := write(t, func(s string) string {
		return strings.Replace(s, "data/kopi-web.secret", "[data/a.secret, data/b.secret]", 1)
	})
	c, found := inspect(path, nil)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	made, err := c.MakeSecrets()
	if err != nil || len(made) != 2 {
		t.Fatalf("made %v, err %v", made, err)
	}
	secrets := c.Brands["kopi"].Clients["kopi-web"].Secrets
	if len(secrets) != 2 || secrets[0] == secrets[1] || len(secrets[0]) != 43 {
		t.Fatalf("%d secrets", len(secrets))
	}
	for _, f := range made {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, err %v", f, info.Mode(), err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "data", ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, err %v", left, err)
	}

	again, found := inspect(path, nil)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	made, err = again.MakeSecrets()
	if err != nil || len(made) != 0 {
		t.Fatalf("made again: %v, err %v", made, err)
	}
	if now := again.Brands["kopi"].Clients["kopi-web"].Secrets; now[0] != secrets[0] || now[1] != secrets[1] {
		t.Error("the secrets changed")
	}
}

// Two processes that start together agree on one secret.
func TestMakeSecrets_AtOnce(t *testing.T) {
	path := write(t, nil)
	got := make([]Secret, 8)
	var wait sync.WaitGroup
	for i := range got {
		wait.Go(func() {
			c, found := inspect(path, nil)
			if err := found.Err(); err != nil {
				t.Error(err)
				return
			}
			if _, err := c.MakeSecrets(); err != nil {
				t.Error(err)
				return
			}
			got[i] = c.Brands["kopi"].Clients["kopi-web"].Secrets[0]
		})
	}
	wait.Wait()
	for _, s := range got {
		if s != got[0] {
			t.Fatal("two secrets for one client")
		}
	}
}

// A secret that others may read, or that could be guessed, stops the start.
func TestSecretFile_Refused(t *testing.T) {
	long := strings.Repeat("x", 43)
	for name, f := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"readable by others": {long, 0o644, "can be read by others (mode 0644); run chmod 600 on it"},
		"by the group":       {long, 0o640, "can be read by others (mode 0640)"},
		"short":              {"password", 0o600, "holds 8 characters; a secret has at least 32"},
		"empty":              {"", 0o600, "holds 0 characters"},
		"two lines":          {long + "\n" + long, 0o600, "more than one line"},
		"a whole file":       {strings.Repeat("x", 5000), 0o600, "more than one line"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, nil)
			file := filepath.Join(filepath.Dir(path), "data", "kopi-web.secret")
			if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(f.text), f.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, f.mode); err != nil { // past the umask
				t.Fatal(err)
			}
			c, found := inspect(path, nil)
			if !strings.Contains(found.String(), "config.yaml:10:") || !strings.Contains(found.String(), f.want) {
				t.Errorf("want %q, got:\n%s", f.want, found)
			}
			if _, err := c.MakeSecrets(); err == nil || !strings.Contains(err.Error(), f.want) {
				t.Errorf("MakeSecrets: want %q, got %v", f.want, err)
			}
			if strings.Contains(found.String(), "xxx") || strings.Contains(found.String(), "password ") {
				t.Errorf("the secret is shown: %s", found)
			}
		})
	}
}
