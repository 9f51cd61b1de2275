// Package browser drives Chromium in the words of a test: open, fill, press,
// see. Everything it does is what a person could do; what it reads is what a
// person could see. One browser serves all tests, each with a window of its own
// that shares nothing with the others. Start at Start.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// A Browser is one running Chromium.
type Browser struct {
	ctx   context.Context
	close func()
	axe   string // source of axe-core
}

// Start starts Chromium: the one PROFFER_TEST_CHROMIUM names, or the first found.
// axe is the path of axe.min.js.
func Start(axe string) (*Browser, error) {
	source, err := os.ReadFile(axe)
	if err != nil {
		return nil, fmt.Errorf("axe-core: %w; make setup fetches it", err)
	}
	path, err := find()
	if err != nil {
		return nil, err
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("lang", "en"),
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(options...))
	// No timeout on this one: the browser lives as long as the context of its
	// first run.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return &Browser{ctx: ctx, close: cancel, axe: string(source)}, nil
}

// Close ends the browser.
func (b *Browser) Close() { b.close() }

func find() (string, error) {
	if path := os.Getenv("PROFFER_TEST_CHROMIUM"); path != "" {
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no Chromium here; make setup installs it, or PROFFER_TEST_CHROMIUM names one")
}

// call makes a command of the protocol an action.
func call[P, R any](c cdp.Command[P, R], params P) chromedp.Action[R] {
	return func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, c, params) }
}
