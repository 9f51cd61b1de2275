package proffer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("no: yaml, 'as it stands'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	from := filepath.Join(dir, "from")
	if err := os.WriteFile(from, []byte("Proffer <no-reply@id.example.com>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := "0123456789abcdef0123456789abcdef: #{"
	c, found := inspect(write(t, nil), []string{
		"HOME=/root",
		"PROFFER_TEST_POSTGRES=postgres://localhost",
		"PROFFER_SESSIONS__IDLE=2d",
		"PROFFER_LANGUAGES=[en, th]",
		"PROFFER_PASSWORDS__ARGON2ID__MEMORY=64MiB",
		"PROFFER_TRUSTED_PROXIES=[10.0.0.0/8]",
		"PROFFER_BRANDS__KOPI__NAME={en: Kopi, th: โกปี้}",
		"PROFFER_BRANDS__KOPI__CLIENTS__KOPI_WEB__REDIRECT_URIS=[http://localhost:1/a, http://localhost:1/b]",
		"PROFFER_BRANDS__KOPI__CLIENTS__KOPI_WEB__SECRET=" + secret,
		"PROFFER_MAIL__SMTP=smtp://localhost:25",
		"PROFFER_MAIL__FROM_FILE=" + from,
		"PROFFER_MAIL__USERNAME=proffer",
		"PROFFER_MAIL__PASSWORD_FILE=" + password,
	})
	if all := found.All(); len(all) > 0 {
		t.Fatalf("%s", found)
	}
	k := c.Brands["kopi"].Clients["kopi-web"]
	if c.Sessions.Idle.D() != 48*time.Hour || len(c.Languages) != 2 || c.Passwords.Argon2id.Memory != 64<<20 ||
		len(c.TrustedProxies) != 1 || c.Brands["kopi"].Name["th"] != "โกปี้" || len(k.RedirectURIs) != 2 ||
		c.Mail.From != "Proffer <no-reply@id.example.com>" {
		t.Errorf("got %+v", c)
	}
	if len(k.Secrets) != 1 || k.Secrets[0].Reveal() != secret {
		t.Error("the client's secret is not as it stands in the environment")
	}
	if c.Mail.Password.Reveal() != "no: yaml, 'as it stands'" {
		t.Error("the password is not as it stands in its file")
	}
	if made, err := c.MakeSecrets(); err != nil || len(made) > 0 || k.Secrets[0].Reveal() != secret {
		t.Errorf("made %v, err %v: the environment stands over files", made, err)
	}
}

// A mistake in a variable is reported with its name, and what was meant.
func TestEnvironment_Mistakes(t *testing.T) {
	for pair, want := range map[string]string{
		"PROFFER_SESSIONS__IDEL=2d":         `PROFFER_SESSIONS__IDEL: sets no key of the configuration; did you mean "PROFFER_SESSIONS__IDLE"?`,
		"PROFFER_SESIONS__IDLE=2d":          `did you mean "PROFFER_SESSIONS__IDLE"?`,
		"PROFFER_SESSIONS__IDLE=long":       `PROFFER_SESSIONS__IDLE:1:1: `,
		"PROFFER_BRANDS__KOPY__SITE=x":      `did you mean "PROFFER_BRANDS__KOPI__SITE"?`,
		"PROFFER_MAIL__FROM_FILE=/nowhere":  "PROFFER_MAIL__FROM_FILE: there is no file /nowhere",
		"PROFFER_BRANDS__KOPI__CLIENTS=bad": `PROFFER_BRANDS__KOPI__CLIENTS:1:1: `,
		"PROFFER_=1":                        "PROFFER_: sets no key",
		"PROFFER_ISSUER__X=1":               "PROFFER_ISSUER__X: sets no key",
	} {
		_, found := inspect(write(t, nil), []string{pair})
		if !strings.Contains(found.String(), want) {
			t.Errorf("%s: want %q, got:\n%s", pair, want, found)
		}
	}
}

// A file that a variable names is as private as any other secret's, if it holds
// one: a password, or the address of a store, which may have one.
func TestEnvironment_SecretFileOfOthers(t *testing.T) {
	for variable, secret := range map[string]string{
		"PROFFER_MAIL__PASSWORD_FILE":                          "a pass word",
		"PROFFER_STORE_FILE":                                   "postgres://proffer:pass-word@localhost/proffer",
		"PROFFER_BRANDS__KOPI__CLIENTS__KOPI_WEB__SECRET_FILE": strings.Repeat("pass", 11),
	} {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		const why = "can be read by others"
		if _, found := inspect(write(t, nil), []string{variable + "=" + file}); strings.Contains(found.String(), why) {
			t.Errorf("%s, mode 0600:\n%s", variable, found)
		}
		if err := os.Chmod(file, 0o640); err != nil {
			t.Fatal(err)
		}
		_, found := inspect(write(t, nil), []string{variable + "=" + file})
		if want := ": " + file + " can be read by others (mode 0640); run chmod 600 on it"; !strings.Contains(found.String(), want) || strings.Contains(found.String(), secret) {
			t.Errorf("%s: want %q, got:\n%s", variable, want, found)
		}
	}
}
