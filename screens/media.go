package screens

import (
	"net/http"
	"strconv"
)

// GetMedia answers GET /media/{file}: a picture that an option names. The name is
// the hash of its bytes, so that it may be kept for ever; what no set names any
// more is not found.
func (a *Asking) GetMedia(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	served := "/media/" + r.PathValue("file")
	f := a.force.Pictures[served]
	if f == nil && a.deps.Earlier != nil {
		f = a.deps.Earlier(served)
	}
	if f == nil {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return nil
	}
	h.Set("Content-Type", f.Type)
	h.Set("Content-Length", strconv.Itoa(len(f.Bytes)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox") // opened by itself it is a document
	w.Write(f.Bytes)                                                // an error here is a reader who left
	return nil
}
