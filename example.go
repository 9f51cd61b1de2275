package proffer

import (
	"embed"
	"io/fs"
)

//go:embed config.example.yaml brands
var example embed.FS

// Example returns a complete configuration to begin with: config.example.yaml,
// and the screen sets and pictures of its two brands below brands/. It is what
// `proffer demo` runs.
func Example() fs.FS { return example }
