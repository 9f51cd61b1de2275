package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// readmePicture puts three of the pictures side by side, light and dark, as the
// README shows them: a question, the shop that knows the answer, another shop
// that has to ask.
func readmePicture(t *testing.T, shots string) {
	t.Helper()
	for _, dark := range []bool{false, true} {
		name, suffix := "readme-light.png", ".png"
		if dark {
			name, suffix = "readme-dark.png", "-dark.png"
		}
		mux := http.NewServeMux()
		mux.Handle("GET /shots/", http.StripPrefix("/shots/", http.FileServer(http.Dir(shots))))
		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, `<!doctype html><html lang="en"><title>Proffer</title><style>
:root { color-scheme: light dark; background: light-dark(#f6efe1, #2c2016); }
body { margin: 0; block-size: 560px; overflow: hidden; display: flex; gap: 26px; padding: 40px 32px 0; box-sizing: border-box; }
figure { margin: 0; flex: none; overflow: hidden; block-size: 540px; border: 1px solid light-dark(#ddd0ba, #453527); border-radius: 18px; }
img { display: block; inline-size: 100%; }
</style>
<figure style="inline-size:271px"><img src="/shots/ask-coffee-chosen-en-375`+suffix+`" alt=""></figure>
<figure style="inline-size:620px"><img src="/shots/shop-kopi-en-1280`+suffix+`" alt=""></figure>
<figure style="inline-size:271px"><img src="/shots/share-sole-en-375`+suffix+`" alt=""></figure>`)
		})
		server := httptest.NewServer(mux)
		p := chrome.Page(t, browser.Look{Dark: dark})
		p.Open(server.URL + "/")
		p.ShotOf(filepath.Join(shots, name), 560, 2)
		server.Close()
	}
}
