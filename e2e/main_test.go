// Package e2e has the tests that need a browser: they build the binary, start
// `proffer demo` and use it as a person does.
package e2e

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// What all tests share: one binary, one demo, one browser. Tests do not meet,
// since each has its own customers and its own window.
var (
	binary string
	shared *demo
	chrome *browser.Browser

	given = flag.String("binary", "", "test this binary instead of building one")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "proffer-e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if binary = *given; binary == "" {
		binary = dir + "/proffer"
		if err := build(binary); err != nil {
			return 1, err
		}
	}
	if shared, err = startDemo(binary, dir+"/data"); err != nil {
		return 1, err
	}
	defer func() {
		if e := shared.stop(); e != nil && err == nil {
			err = fmt.Errorf("the demo ended badly: %w\n%s", e, shared.said)
		}
	}()
	if chrome, err = browser.Start("node_modules/axe-core/axe.min.js"); err != nil {
		return 1, err
	}
	defer chrome.Close()
	return m.Run(), nil
}
