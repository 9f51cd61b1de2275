//go:build !unix

package demo

import "os"

// lock does nothing here: the store's own lock, and the ports, keep a second
// demo away.
func lock(*os.File) error { return nil }
