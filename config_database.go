package proffer

import (
	"errors"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A database is a postgres address in its parts, as far as we look at them. What
// is left out comes from PGHOST and its like, as with every client of PostgreSQL.
type database struct {
	user, password string
	hosts          []string // with their ports; "" and folders are sockets of this machine
	name           string
	params         url.Values // sslmode, search_path, …
}

var (
	databaseHost = regexp.MustCompile(`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$`)
	schemaName   = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)
)

// readDatabase reads the address behind postgres:. Its errors quote nothing of
// it: where one part ends is not sure if something is wrong, and one of them is a
// password.
func readDatabase(address string) (*database, error) {
	rest, found := strings.CutPrefix(address, "//")
	switch {
	case !found:
		return nil, errors.New("has no //; write postgres://proffer@db.example.com/proffer")
	case strings.ContainsFunc(rest, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return nil, errors.New("has a space or control character; in a password write %20 and the like")
	case strings.Contains(rest, "#"):
		return nil, errors.New("has a #; in a password write %23")
	}
	d := &database{}
	rest, query, _ := strings.Cut(rest, "?")
	authority, name, _ := strings.Cut(rest, "/")
	if strings.ContainsAny(name, "/@") || strings.Count(authority, "@") > 1 {
		return nil, errors.New("has an @ or / too many; in a password write %40 and %2F")
	}
	if who, where, found := strings.Cut(authority, "@"); found {
		d.user, d.password, _ = strings.Cut(who, ":")
		authority = where
	}
	for _, part := range []*string{&d.user, &d.password, &authority, &name} {
		text, err := url.PathUnescape(*part)
		if err != nil {
			return nil, errors.New("has a % that begins no code such as %2F; in a password write %25")
		}
		*part = text
	}
	d.name = name
	d.hosts = strings.Split(authority, ",")
	for _, h := range d.hosts {
		if err := checkDatabaseHost(h); err != nil {
			return nil, err
		}
	}
	params, err := url.ParseQuery(query)
	if err != nil {
		return nil, errors.New("has parameters behind ? that cannot be read; they are written ?name=value&name=value")
	}
	d.params = params
	return d, nil
}

// checkDatabaseHost checks a host with or without its port.
func checkDatabaseHost(h string) error {
	if h == "" || strings.HasPrefix(h, "/") {
		return nil
	}
	host := h
	if i := strings.LastIndexByte(h, ':'); i >= 0 && !strings.HasSuffix(h, "]") {
		if n, err := strconv.Atoi(h[i+1:]); err != nil || n < 1 || n > 65535 {
			return errors.New("has a port that is no number from 1 to 65535")
		}
		host = h[:i]
	}
	if host != "" && !databaseHost.MatchString(host) {
		return errors.New("has a host that cannot be read; write db.example.com:5432, and [::1]:5432 where it is an IPv6 address")
	}
	return nil
}

// hasPassword says whether the address holds one.
func (d *database) hasPassword() bool {
	return d.password != "" || slices.ContainsFunc(slices.Collect(maps.Keys(d.params)), secretParam)
}

// secretParam says whether a parameter is a password.
func secretParam(name string) bool { return name == "password" || name == "sslpassword" }

// far says whether the way to the server leaves this machine.
func (d *database) far() bool {
	hosts := d.hosts
	if h := d.params.Get("host"); h != "" {
		hosts = strings.Split(h, ",")
	}
	return slices.ContainsFunc(hosts, func(h string) bool {
		if host, _, err := net.SplitHostPort(h); err == nil {
			h = host
		}
		return h != "" && !strings.HasPrefix(h, "/") && !loopback(strings.Trim(h, "[]"))
	})
}

// String is the address without passwords.
func (d *database) String() string {
	var b strings.Builder
	b.WriteString("postgres://")
	if d.user != "" {
		b.WriteString(url.PathEscape(d.user) + "@")
	}
	b.WriteString(strings.Join(d.hosts, ",") + "/" + url.PathEscape(d.name))
	sep := "?"
	for _, name := range slices.Sorted(maps.Keys(d.params)) {
		if !secretParam(name) {
			b.WriteString(sep + name + "=" + d.params.Get(name))
			sep = "&"
		}
	}
	return b.String()
}
