package proffer

import (
	"log/slog"

	"github.com/proffer-id/proffer/internal/diag"
)

// Duration is a length of time as a person writes it: "90s", "10m", "14d".
type Duration = diag.Duration

// Size is an amount of memory: "19MiB", "2KB".
type Size = diag.Size

// Text is a text or an address in each language, by BCP 47 tag. Where only one
// language is configured it may be written without the tag.
type Text = diag.Text

// Paths is one path, or a list of them.
type Paths []string

// DecodeNode reads one path or a list.
func (p *Paths) DecodeNode(at diag.Node) {
	if at.Len() > 0 {
		var list []string
		if at.Decode(&list) {
			*p = list
		}
		return
	}
	var one string
	if at.Decode(&one) && one != "" {
		*p = Paths{one}
	}
}

// A Secret is a password or key that must not reach a log, a page or a message:
// printed, it shows only that it is there.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(secret)"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return `proffer.Secret("` + s.String() + `")` }

// LogValue hides the secret from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the secret as it stands.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(text)
	return nil
}
