package catalogue

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/proffer-id/proffer/internal/diag"
)

// Which key may stand at which question is said once: here for every question and for
// those that are shared, and by each kind for itself (Kind.keys). What may not stand
// somewhere, its finding and the schema follow from that.

// everyKey are the keys that a question of any kind may have.
func everyKey() []string {
	return []string{"kind", "scope", "shared", "claim", "purpose", "sensitivity", "ask", "name", "hint", "why", "decline", "unsure", "fresh", "min_age"}
}

// sharedKeys are those of a shared question: it has all else from the set that
// defines it.
func sharedKeys() []string { return []string{"shared", "purpose", "why"} }

// useless are the keys that say nothing for a kind, sorted.
func useless(k Kind) []string { return allBut(everyKey(), k.keys()) }

// uselessShared are the keys that a shared question has from elsewhere, sorted.
func uselessShared() []string { return allBut(sharedKeys()) }

// allBut are the keys of a question that are in none of the lists, sorted.
func allBut(lists ...[]string) []string {
	var out []string
	for _, key := range diag.Keys(reflect.TypeFor[rawQuestion]()) {
		if !slices.ContainsFunc(lists, func(list []string) bool { return slices.Contains(list, key.Name) }) {
			out = append(out, key.Name)
		}
	}
	slices.Sort(out)
	return out
}

// refuse reports the keys of a question that say nothing where they stand.
func (l *loading) refuse(raw *rawQuestion) {
	if raw.Shared {
		for _, key := range uselessShared() {
			l.refuseOne(raw, key, "a shared question has this from the set that defines it; leave it out")
		}
		return
	}
	for _, key := range useless(kindOf(raw.Kind)) {
		l.refuseOne(raw, key, fmt.Sprintf("says nothing for kind %s; leave it out", raw.Kind))
	}
	if raw.Kind != "pictures" {
		l.unpictured(raw)
	}
}
