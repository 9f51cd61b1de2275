package proffer

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// loopback says whether a host name or address means this machine alone.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// public says whether the issuer is on no machine of a developer: what is only for
// development and tests is refused then.
func (c *Config) public() bool {
	u, err := url.Parse(c.Issuer)
	return err == nil && u.Host != "" && !loopback(u.Hostname())
}

// plain says what of an address cannot stand in one that is compared byte by
// byte or shown as a link: "" if nothing. A browser drops tabs and line breaks
// and turns \ into /, so what it follows would not be what was read here.
func plain(address string) string {
	for _, r := range address {
		switch {
		case r <= ' ' || r == 0x7f:
			return "it has a space or control character"
		case r > 0x7f:
			return "it has letters outside ASCII; write the host as xn--… and other letters as %…"
		case r == '\\' || r == '"' || r == '<' || r == '>' || r == '`' || r == '^' || r == '{' || r == '|' || r == '}':
			return "it has the character " + string(r)
		}
	}
	return ""
}

// scriptScheme names the scheme of an address that would run or read something
// in place of opening a page (CVE-2026-9086 and its kind), or "". It looks as a
// browser does: leading blanks and control characters, tabs and line breaks
// inside, and case do not matter.
func scriptScheme(address string) string {
	var b strings.Builder
	for _, r := range address {
		if r <= ' ' || r == 0x7f {
			continue
		}
		if r == ':' {
			break
		}
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	switch scheme := b.String(); scheme {
	case "javascript", "data", "vbscript", "blob", "file", "filesystem", "about", "view-source", "intent", "jar", "ws", "wss", "chrome", "resource":
		if strings.Contains(address, ":") {
			return scheme
		}
	}
	return ""
}

// checkAddress reports what keeps address from being the absolute address of a
// web page: https, or http on this machine.
func checkAddress(at diag.Node, address string) *url.URL {
	u := checkParts(at, address, "https://…")
	if u == nil {
		return nil
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	case u.Scheme == "http":
		at.Errorf("%q is not encrypted; write https (http is for localhost only)", address)
		return nil
	default:
		at.Errorf("%q is not the address of a page; it begins with https://", address)
		return nil
	}
	if u.Host == "" || u.Hostname() == "" {
		at.Errorf("%q has no host", address)
		return nil
	}
	return u
}

// checkParts reports what no address may have, whatever its scheme; like shows how
// one begins.
func checkParts(at diag.Node, address, like string) *url.URL {
	if s := scriptScheme(address); s != "" {
		at.Errorf("%s: is not allowed in an address: it would run or read something instead of opening a page", s)
		return nil
	}
	if why := plain(address); why != "" {
		at.Errorf("%q is not a web address: %s", address, why)
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		at.Errorf("%q is not a web address", address)
		return nil
	}
	switch {
	case u.Scheme == "":
		at.Errorf("%q has no scheme; write %s", address, like)
		return nil
	case u.User != nil:
		at.Errorf("%q has a user name before @, which hides the true host", address)
		return nil
	case u.Scheme != address[:len(u.Scheme)] || u.Host != asciiLower(u.Host):
		at.Errorf("%q: write scheme and host in lower case", address)
		return nil
	case strings.Contains(u.Host, "*"):
		at.Errorf("%q: there are no wildcards; write every address out", address)
		return nil
	case strings.ContainsFunc(u.Host, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.-:[]_", r)
	}):
		at.Errorf("%q: %s is neither the name of a host nor an address", address, u.Host)
		return nil
	}
	if port := u.Port(); strings.HasSuffix(u.Host, ":") || (port != "" && !validPort(port)) {
		at.Errorf("%q has a port that is not a number from 1 to 65535", address)
		return nil
	}
	for part := range strings.SplitSeq(u.EscapedPath(), "/") {
		if p, err := url.PathUnescape(part); err != nil || p == "." || p == ".." || strings.ContainsAny(p, `/\`) {
			at.Errorf("%q has a part of its path (%s) that others read differently", address, part)
			return nil
		}
	}
	return u
}

// checkIssuer reports what keeps the issuer from being one: OpenID Connect
// Discovery 1.0, 3, and RFC 8414, 2.
func (c *Config) checkIssuer(at diag.Node) {
	if c.Issuer == "" {
		missing(at, "issuer", "the address that the provider is reached at, such as https://id.example.com")
		return
	}
	at = at.Field("issuer")
	u := checkAddress(at, c.Issuer)
	if u == nil {
		return
	}
	switch {
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(c.Issuer, "#"):
		at.Errorf("%q: an issuer has no ? and no #", c.Issuer)
	case strings.HasSuffix(c.Issuer, "/"):
		at.Errorf("%q ends in a slash; write %q", c.Issuer, strings.TrimRight(c.Issuer, "/"))
	case strings.Contains(u.Path, "//") || strings.Contains(u.EscapedPath(), "%"):
		at.Errorf("%q: the path of an issuer is plain, such as /id", c.Issuer)
	case u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		at.Errorf("%q: leave out the port, it is the usual one", c.Issuer)
	}
}

// checkRedirect reports what keeps uri from being a redirect URI of client (RFC
// 9700, 2.1 and 4.1; RFC 8252, 7).
func (c *Config) checkRedirect(at diag.Node, client *Client, uri string) {
	u := checkParts(at, uri, "https://…")
	if u == nil {
		return
	}
	switch {
	case u.Fragment != "" || strings.HasSuffix(uri, "#"):
		at.Errorf("%q has a #: a redirect URI has no fragment", uri)
	case u.Scheme == "https" && u.Host == "":
		at.Errorf("%q has no host; write https://…", uri)
	case u.Scheme == "https":
	case u.Scheme == "http" && !loopback(u.Hostname()):
		at.Errorf("%q is not encrypted, so a code sent there can be read on the way; write https", uri)
	case u.Scheme == "http" && !client.Native && c.public():
		at.Errorf("%q: localhost is for native clients, or a provider that is on localhost itself", uri)
	case u.Scheme == "http":
	case !client.Native:
		at.Errorf("%q: a scheme of its own is for native clients; write https, or native: true", uri)
	case !strings.Contains(u.Scheme, "."):
		at.Errorf("%q: write the scheme as a domain name backwards (com.example.app:/…), so that no other app has it", uri)
	}
}

// checkOrigin reports what keeps origin from being one: scheme and host alone.
func checkOrigin(at diag.Node, origin string) {
	u := checkAddress(at, origin)
	if u != nil && origin != u.Scheme+"://"+u.Host {
		at.Errorf("%q: an origin is scheme and host alone; write %q", origin, u.Scheme+"://"+u.Host)
	}
}

// checkAddresses reports what is wrong with an address in each language.
func (c *Config) checkAddresses(at diag.Node, t *Text, required bool) {
	t.Check(at, c.Languages, required)
	for lang, address := range *t {
		if address != "" {
			checkAddress(at.Field(lang), address)
		}
	}
}

func checkListen(at diag.Node, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || (port != "0" && !validPort(port)) {
		at.Errorf("%q is not an address and port, such as 127.0.0.1:8080 or :8080", address)
		return
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && host != "localhost" {
		at.Errorf("%q: write the address as a number, such as 127.0.0.1, or leave it out for all", address)
	}
}

func validPort(s string) bool {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 65535 {
			return false
		}
		n = n*10 + int(r-'0')
	}
	return n >= 1 && n <= 65535
}

// asciiLower lowers A to Z alone: other letters have no place in a host.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// missing reports a key of at that is not there, and says what it is for. One
// that is written but could not be read, or is misspelt, has been reported.
func missing(at diag.Node, key, what string) {
	if !at.Field(key).Set() && !misspelt(at, key) {
		at.Field(key).Errorf("is missing: %s", what)
	}
}

// misspelt says whether at has a key that was likely meant to be key.
func misspelt(at diag.Node, key string) bool {
	return slices.ContainsFunc(at.Keys(), func(other string) bool {
		return other != key && diag.Suggest(other, []string{key}) != ""
	})
}

// oneOf reports a value that is none of those allowed.
func oneOf(at diag.Node, value string, allowed ...string) bool {
	if slices.Contains(allowed, value) {
		return true
	}
	at.Errorf("unknown value %q; it may be %s%s", value, list(allowed), diag.DidYouMean(value, allowed, nil))
	return false
}

func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
