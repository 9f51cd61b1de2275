package proffer

import (
	"io/fs"
	"net/netip"
)

// Config is the whole configuration: what an operator writes in config.yaml, or
// an embedder in Go. Load reads the file; the comments here are its manual, and
// config.example.yaml shows every key.
//
// Paths are meant from the folder of the file. Every key can also be set by an
// environment variable: PROFFER_, then the keys in capitals joined by two
// underscores, with _ for -, as in PROFFER_SESSIONS__IDLE=7d. With _FILE at its
// end the variable names a file that holds the value.
type Config struct {
	// Issuer is the address customers and clients know the provider by, such as
	// https://id.example.com, or https://shop.example.com/id where it is mounted
	// below a path. It stands in every token, so it does not change. http is for
	// localhost only.
	Issuer string `yaml:"issuer"`

	// Listen is the address and port that the binary listens on; default
	// 127.0.0.1:8080.
	Listen string `yaml:"listen"`

	// TLS names the certificate and its key. Leave it out behind a proxy that
	// ends TLS, and name the proxy in TrustedProxies.
	TLS TLS `yaml:"tls"`

	// TrustedProxies are the networks (10.0.0.0/8) whose X-Forwarded-For is
	// believed when tries are counted by address. Default: none, and the header
	// is ignored.
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies"`

	// Store is where everything is kept: bolt: and the path of a file, which one
	// process at a time uses, or a PostgreSQL database, which any number share:
	// postgres://proffer@db.example.com:5432/proffer?sslmode=verify-full. Its
	// parameters are those of every PostgreSQL client, with search_path for the
	// schema (default proffer) and pool_max_conns for the most connections of one
	// process (default 16). A password does not stand in the file: the variable
	// PROFFER_STORE or a file that PROFFER_STORE_FILE names has the whole address,
	// or PGPASSWORD or ~/.pgpass the password. Default: bolt:data/proffer.db.
	Store StoreAddress `yaml:"store" env:"store"`

	// Keys are the files of the keys that seal what is kept.
	Keys KeyFiles `yaml:"keys"`

	// Mail is how mail leaves. It is needed, but by an embedder who hands New a
	// Mailer.
	Mail Mail `yaml:"mail"`

	// Languages are those that pages are shown in, as BCP 47 tags; every text
	// must be there in each of them. The first is the fallback. Default: en.
	Languages []string `yaml:"languages"`

	// Sessions says how long a customer stays signed in.
	Sessions Sessions `yaml:"sessions"`

	// Passwords says how passwords are chosen and hashed.
	Passwords Passwords `yaml:"passwords"`

	// Guessing bounds what may be tried from one address on the network.
	Guessing Guessing `yaml:"guessing"`

	// Attention bounds how much one customer is asked, by all brands together.
	Attention Attention `yaml:"attention"`

	// Brands are the parties that ask and receive, by their ids: short, lower
	// case, never changed, such as kopi.
	Brands map[string]*Brand `yaml:"brands"`

	// Accounts are made when the provider starts, their addresses taken as
	// proven. For development and tests: refused unless the issuer is on
	// localhost.
	Accounts []Account `yaml:"accounts"`

	// Files is where the files that the configuration names are read from. Load
	// sets it to the folder of the configuration; an embedder may give an
	// embed.FS. Nil: the working folder.
	Files fs.FS `yaml:"-"`

	// Dir is the folder that the paths of what is written (store, keys, secrets)
	// are meant from. Load sets it to the folder of the configuration.
	Dir string `yaml:"-"`

	source string    // the file it was read from; "" for one made in Go
	ready  *prepared // what Check read
}

// TLS names the files of a certificate chain and its private key, both PEM. They
// are read again when they change.
type TLS struct {
	Cert string `yaml:"cert"` // the certificate, then those that signed it
	Key  string `yaml:"key"`  // its private key; readable by the owner alone
}

// KeyFiles names the files of the keys that seal customers' records. Both are
// made at the first start, readable by their owner alone (0600). Whoever has
// them and the store reads everything; whoever loses them reads nothing. Back
// them up apart from the store. With PostgreSQL the bucket keys are a table and
// all replicas need the same master key.
type KeyFiles struct {
	Master  string `yaml:"master"`  // seals the bucket keys, signing keys and secrets; default data/master.key
	Buckets string `yaml:"buckets"` // 4,096 keys, each sealing some customers' keys; replaced when one is erased; keep only the newest; default data/buckets.key, with PostgreSQL not used
}

// Mail is the mail server that mail is handed to.
type Mail struct {
	SMTP         string `yaml:"smtp"`          // smtp://mail.example.com:587 (STARTTLS is required but on localhost) or smtps://mail.example.com:465
	From         string `yaml:"from"`          // who it comes from: "Proffer <no-reply@id.example.com>"
	Username     string `yaml:"username"`      // for the mail server; left out: it asks for none
	PasswordFile string `yaml:"password_file"` // file of mode 0600 that holds the password alone
	Password     Secret `yaml:"-" env:"password"`
}

// Sessions says how long a customer stays signed in at the provider.
type Sessions struct {
	Idle  Duration `yaml:"idle"`  // signed out after this long unused; 5m to 90d, default 14d
	Total Duration `yaml:"total"` // signed out after this long in any case; at least idle, default 30d
}

// Passwords says how passwords are chosen and hashed.
type Passwords struct {
	Min      int    `yaml:"min"`      // fewest characters; 8 to 64, default 8
	Argon2id Argon2 `yaml:"argon2id"` // what one hash costs
	AtOnce   int    `yaml:"at_once"`  // hashes computed at once, each on one core; default 2
	Queue    int    `yaml:"queue"`    // sign-ins that may wait for their turn before others are asked to come back; default 64
}

// Argon2 is what one password hash costs (RFC 9106). A stored hash keeps what it
// was made with, and is made anew at the next sign-in when these change.
type Argon2 struct {
	Memory  Size `yaml:"memory"`  // 19MiB to 256MiB, default 19MiB
	Time    int  `yaml:"time"`    // passes; 1 to 10, default 2
	Threads int  `yaml:"threads"` // 1 to 4, default 1
}

// Guessing bounds what may be tried from one address on the network (of IPv6, one
// /64). An office or a mobile carrier may stand behind a single one. What is
// tried against one account, and the codes mailed to one mailbox, have bounds of
// their own, which nothing here changes. -1 is no bound: for tests and
// benchmarks, and refused unless the issuer is on localhost.
type Guessing struct {
	Client   int `yaml:"client"`   // wrong passwords from one address in an hour; 10 to 100000, default 300
	Requests int `yaml:"requests"` // codes asked for from one address in an hour, registrations included; 10 to 100000, default 120
}

// Attention bounds how much one customer is asked.
type Attention struct {
	PerCustomer AttentionLimit `yaml:"per_customer"`
}

// AttentionLimit is a number of screens within a time, across all brands.
type AttentionLimit struct {
	Screens int      `yaml:"screens"` // 1 to 100, default 6
	Every   Duration `yaml:"every"`   // 1d to 365d, default 30d
}

// Account is a customer made at the start, for development and tests.
type Account struct {
	Email    string `yaml:"email"`
	Password Secret `yaml:"password"`
}
