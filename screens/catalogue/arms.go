package catalogue

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/proffer-id/proffer/store"
)

// An Arm is one way in which an experiment shows a campaign.
type Arm struct {
	ID    string
	Share int      // of 100 customers
	Show  []string // screens in order; nil: those of the campaign
	Offer string   // id; "": that of the campaign

	campaign *Campaign // as this arm has it
}

// EnoughAnArm is how many customers each arm of an experiment has at least before
// anything is said of it.
const EnoughAnArm = 100

// In is the campaign as an arm has it; the campaign itself if it has no such arm.
func (c *Campaign) In(arm string) *Campaign {
	for _, a := range c.Arms {
		if a.ID == arm {
			return a.campaign
		}
	}
	return c
}

// Ways are the ways in which the campaign is shown: as each of its arms has it, or
// the campaign itself if it has none.
func (c *Campaign) Ways() []*Campaign {
	if len(c.Arms) == 0 {
		return []*Campaign{c}
	}
	var out []*Campaign
	for _, a := range c.Arms {
		out = append(out, a.campaign)
	}
	return out
}

// Assign says in which arm of a campaign a customer is; "" if it has none. Who is
// in one stays there for as long as the campaign has it, whatever becomes of the
// shares. Everybody else is put into one by chance that is the same each time: a
// hash of the brand, the campaign and the customer's seed.
func (c *Campaign) Assign(brand string, seed store.ID, was string) string {
	if len(c.Arms) == 0 {
		return ""
	}
	total := 0
	for _, a := range c.Arms {
		if a.ID == was {
			return was
		}
		total += a.Share
	}
	if total <= 0 {
		return c.Arms[0].ID
	}
	// Names have no zero byte in them, so that no two texts are the same.
	var room [128]byte
	text := append(append(append(append(room[:0], brand...), 0), c.ID...), 0)
	sum := sha256.Sum256(append(text, seed[:]...))
	at := int(binary.BigEndian.Uint64(sum[:]) % uint64(total)) // of 2⁶⁴: that they divide unevenly is nothing
	for _, a := range c.Arms {
		if at -= a.Share; at < 0 {
			return a.ID
		}
	}
	return c.Arms[len(c.Arms)-1].ID
}
