package proffer

import (
	"net/url"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
)

// Whatever is taken as a redirect URI is one that a browser and the client read
// as we do: https, a host, nothing hidden before or behind it.
func FuzzRedirect(f *testing.F) {
	for _, seed := range []string{
		"https://kopi.example/callback", "https://kopi.example/callback?a=b", "https://kopi.example:8443/", "http://127.0.0.1:9/cb",
		"http://evil@127.0.0.1:9/cb", "https://a@b@c/", `https://kopi.example\@evil.example/`, "https://kopi.example/..;/x", "https://kopi.example/%2e%2e/",
		"//kopi.example/", "https://kopi.example/cb#", "https://KOPI.example/cb", "https://kopi.example/\tcb", "https://kopi.example:/cb",
		"https://[::1]/cb", "https://[fe80::1%25en0]/cb", "com.example.app:/back", "javascript:alert(1)", "https:kopi.example", "https://kopi.example%00.evil.example/",
	} {
		f.Add(seed)
	}
	c := &Config{Issuer: "https://id.example.com"}
	f.Fuzz(func(t *testing.T, uri string) {
		found := new(diag.Findings)
		c.checkRedirect(diag.Root("", found), &Client{}, uri)
		if found.Err() != nil {
			return
		}
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
			t.Fatalf("%q is taken: %+v, err %v", uri, u, err)
		}
		if !strings.HasPrefix(uri, "https://"+u.Host) || strings.ContainsAny(uri, "\\#\x00\t\r\n ") || strings.ContainsAny(u.Host, "@*%") {
			t.Fatalf("%q is taken", uri)
		}
		for part := range strings.SplitSeq(u.Path, "/") {
			if part == "." || part == ".." {
				t.Fatalf("%q is taken", uri)
			}
		}
	})
}

func TestIssuer(t *testing.T) {
	for issuer, good := range map[string]bool{
		"https://id.example.com": true, "https://shop.example.com/id": true, "https://shop.example.com:8443/a/b": true,
		"http://localhost:8080": true, "http://127.0.0.1": true, "http://[::1]:8080/id": true,
		"": false, "id.example.com": false, "http://id.example.com": false, "https://id.example.com/": false, "https://id.example.com/id/": false,
		"https://id.example.com?a=b": false, "https://id.example.com?": false, "https://id.example.com#": false, "https://ID.example.com": false,
		"https://id.example.com:443": false, "http://localhost:80": false, "https://user@id.example.com": false, "https://id.example.com/a//b": false,
		"https://id.example.com/../b": false, "https://id.example.com/%41": false, "https://*.example.com": false, "ftp://id.example.com": false,
		"https://id.example.com:0": false, "https://id.example.com:": false, "http://localhost.example.com": false,
	} {
		found := new(diag.Findings)
		(&Config{Issuer: issuer}).checkIssuer(diag.Root("", found))
		if (found.Err() == nil) != good {
			t.Errorf("%q: good is %t, found %q", issuer, good, found)
		}
	}
}
