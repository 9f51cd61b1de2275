package outbox

import (
	"encoding/json"
	"time"

	"github.com/proffer-id/proffer/store"
)

// A BrandEvent says what changed at a brand, by those who work for it: nothing in
// it is about a customer, and it stands in the clear.
type BrandEvent struct {
	ID    store.ID        `json:"id"`
	Brand string          `json:"brand"`
	Type  string          `json:"type"` // "screen_set.deployed"
	At    time.Time       `json:"at"`   // UTC
	Data  json.RawMessage `json:"data,omitzero"`
}

var brandEvents = store.NewLog[BrandEvent]("brand_event")

// Tell writes an event of a brand. The log gives it its position.
func Tell(tx *store.Tx, e *BrandEvent) { brandEvents.Append(tx, e) }

// BrandAfter returns at most limit events of brands behind position pos.
func BrandAfter(tx *store.Tx, pos uint64, limit int) ([]store.Entry[BrandEvent], error) {
	return brandEvents.After(tx, pos, limit)
}
