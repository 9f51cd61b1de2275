package diag

// A Map keeps the order in which its keys are written.
type Map[T any] struct {
	Keys []string
	Of   map[string]T
}

// Get returns the value of a key, and whether there is one.
func (m Map[T]) Get(key string) (T, bool) { v, ok := m.Of[key]; return v, ok }

// Len is how many keys there are.
func (m Map[T]) Len() int { return len(m.Keys) }

// DecodeNode reads the entries in their order.
func (m *Map[T]) DecodeNode(at Node) {
	if !at.IsMap() {
		at.Errorf("write keys and values here, not %s", at.what())
		return
	}
	*m = Map[T]{Of: map[string]T{}}
	for _, e := range at.entries() {
		var v T
		e.node.Decode(&v)
		m.Keys = append(m.Keys, e.name)
		m.Of[e.name] = v
	}
}
