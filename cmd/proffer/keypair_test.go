package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// writePair writes a certificate for this machine that signs itself.
func writePair(t *testing.T, dir, name string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestServe_TLS(t *testing.T) {
	r := &running{t: t, dir: t.TempDir(), roots: x509.NewCertPool(), also: "tls: {cert: cert.pem, key: key.pem}\n"}
	r.roots.AddCert(writePair(t, r.dir, "first"))
	r.start()
	if status, body := r.get("/.well-known/openid-configuration"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

// A renewed certificate is taken without a restart; one that does not fit its
// key is not.
func TestKeyPair(t *testing.T) {
	dir := t.TempDir()
	writePair(t, dir, "first")
	k, err := newKeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	name := func() string {
		k.looked = time.Time{} // as if a second had passed
		pair, err := k.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.Subject.CommonName
	}
	if got := name(); got != "first" {
		t.Errorf("at first: %s", got)
	}
	if err := os.WriteFile(k.key, []byte("half a k"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := name(); got != "first" {
		t.Errorf("with a broken key: %s", got)
	}
	writePair(t, dir, "second")
	if got := name(); got != "second" {
		t.Errorf("renewed: %s", got)
	}
	if _, err := newKeyPair(filepath.Join(dir, "none.pem"), k.key, k.log); err == nil {
		t.Error("no certificate is taken")
	}
}
