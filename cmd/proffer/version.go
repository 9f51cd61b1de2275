package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCommand is `proffer version`.
type versionCommand struct {
	JSON bool `name:"json" help:"Print it as JSON."`
}

// build is which source the binary was built from.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified"` // the source had changes that no revision has
	Go       string `json:"go"`
	System   string `json:"system"`
}

// Run prints which build this is.
func (c *versionCommand) Run(s streams) error {
	b := build{Version: "unknown", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Version = info.Main.Version
		for _, setting := range info.Settings {
			switch setting.Key {
			case "vcs.revision":
				b.Revision = setting.Value
			case "vcs.modified":
				b.Modified = setting.Value == "true"
			}
		}
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(b)
	}
	line := "proffer " + b.Version
	if b.Revision != "" {
		line += " " + b.Revision
	}
	if b.Modified {
		line += " (modified)"
	}
	_, err := fmt.Fprintf(s.out, "%s, %s, %s\n", line, b.Go, b.System)
	return err
}
