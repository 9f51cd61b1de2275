package consent

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/proffer-id/proffer/store"
)

// Records are this room's collections.
var Records = []store.Table{consents, events, releases, wordings, handed}

var (
	consents = store.Sealed("consent", func(c *Consent) store.Key { return store.K(c.Account, c.Brand, c.Purpose) })
	events   = store.Sealed("consent_event", func(e *Event) store.Key { return store.K(e.Account, e.Brand, e.Purpose, e.Seq) })
	releases = store.Sealed("release", func(r *Release) store.Key { return store.K(r.Account, r.Brand, r.Claim) })
	wordings = store.Sealed("share_wording", func(w *wording) store.Key { return store.K(w.Account, [32]byte(w.Hash)) })
	handed   = store.SealedLog("release_log", func(h *Handed) store.ID { return h.Account })
)

// A Hash is the SHA-256 of the words a customer had before their eyes. Its
// text is hexadecimal.
type Hash [32]byte

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero says whether there is no hash.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) != 2*len(h) {
		return fmt.Errorf("hash of %d characters", len(b))
	}
	_, err := hex.Decode(h[:], b)
	return err
}

// A State is what a customer decided, in the words of the Data Privacy
// Vocabulary. Only given and renewed allow anything.
type State string

const (
	Requested State = "requested"
	Given     State = "given"
	Renewed   State = "renewed"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
)

// Allows says whether data may be used while a consent stands so.
func (s State) Allows() bool { return s == Given || s == Renewed }

// A Controller is who a consent is given to, as it was called then (GDPR, 13(1)(a);
// pii_controllers of ISO/IEC TS 27560).
type Controller struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Contact string `json:"contact"`
}

// A Consent is how one customer's decision on one purpose of one brand stands:
// the sum of its events.
type Consent struct {
	ID         store.ID   `json:"id"` // record_id of ISO/IEC TS 27560
	Account    store.ID   `json:"account"`
	Brand      string     `json:"brand"`
	Purpose    string     `json:"purpose"`
	Basis      string     `json:"basis"`
	State      State      `json:"state"`
	At         time.Time  `json:"at"`                  // of the event that made it so
	Explicit   bool       `json:"explicit,omitzero"`   // given by a statement of its own, and not taken back since
	Controller Controller `json:"controller,omitzero"` // as last named
	Data       []string   `json:"data"`                // claims it was ever given for
	Events     uint32     `json:"events"`              // how many there are: the last one's Seq
}

// An Event is one link of a consent's chain. Events are never changed.
type Event struct {
	Account    store.ID   `json:"account"`
	Brand      string     `json:"brand"`
	Purpose    string     `json:"purpose"`
	Seq        uint32     `json:"seq"` // 1, 2, …
	State      State      `json:"state"`
	Part       bool       `json:"part,omitzero"` // about Claims alone; the purpose stands as it was
	Claims     []string   `json:"claims,omitzero"`
	At         time.Time  `json:"at"`
	By         string     `json:"by"`                // "self"
	How        string     `json:"how"`               // what the customer did: "chose an answer and pressed Continue"
	Explicit   bool       `json:"explicit,omitzero"` // by a statement of its own
	Controller Controller `json:"controller,omitzero"`
	Locale     string     `json:"locale"`
	Screen     Hash       `json:"screen,omitzero"` // of the words as shown
	Visit      store.ID   `json:"visit,omitzero"`
	Session    store.ID   `json:"session,omitzero"`
	Client     string     `json:"client,omitzero"`
}

// A Release is a customer's decision that one brand gets one claim. There is
// none while they were never asked.
type Release struct {
	Account store.ID  `json:"account"`
	Brand   string    `json:"brand"`
	Claim   string    `json:"claim"`
	Purpose string    `json:"purpose,omitzero"`
	State   State     `json:"state"` // given, refused or withdrawn
	At      time.Time `json:"at"`
	Since   time.Time `json:"since,omitzero"` // of the first of an unbroken row of given
	Visit   store.ID  `json:"visit,omitzero"`
	Screen  Hash      `json:"screen,omitzero"` // of the words as shown
	Consent store.ID  `json:"consent,omitzero"`
}

// wording is what stood on a share page before anything personal was filled
// in: a hash alone proves nothing. It is kept with the account, so that no two
// customers share a record.
type wording struct {
	Account store.ID  `json:"account"`
	Hash    Hash      `json:"hash"`
	Bytes   []byte    `json:"bytes"`
	At      time.Time `json:"at"`
}

// Handed is one entry of the release log: from now on a client gets this set.
type Handed struct {
	Account store.ID  `json:"account"`
	Brand   string    `json:"brand"`
	Client  string    `json:"client"`
	Grant   store.ID  `json:"grant"`
	Before  []string  `json:"before"` // ids of what the client got until now
	Now     []string  `json:"now"`
	Why     string    `json:"why"` // "code", "refresh" or "userinfo"
	At      time.Time `json:"at"`
}

// LogRelease writes an entry of the release log.
func LogRelease(tx *store.Tx, h *Handed) { handed.Append(tx, h) }

// ReleaseLog reads at most limit entries of the release log after pos.
func ReleaseLog(tx *store.Tx, pos uint64, limit int) ([]store.Entry[Handed], error) {
	return handed.After(tx, pos, limit)
}
