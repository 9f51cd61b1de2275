package catalogue

// Truth is a value of Kleene's three-valued logic. The zero value is Unknown.
type Truth int8

const (
	False   Truth = -1
	Unknown Truth = 0
	True    Truth = 1
)

// Not is the opposite; unknown stays so.
func (t Truth) Not() Truth { return -t }

// And is false if one is false, else unknown if one is unknown.
func (t Truth) And(u Truth) Truth { return min(t, u) }

// Or is true if one is true, else unknown if one is unknown.
func (t Truth) Or(u Truth) Truth { return max(t, u) }

func truth(b bool) Truth {
	if b {
		return True
	}
	return False
}

// String is "true", "false" or "unknown".
func (t Truth) String() string {
	switch t {
	case True:
		return "true"
	case False:
		return "false"
	}
	return "unknown"
}
