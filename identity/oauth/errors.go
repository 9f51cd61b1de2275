package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"github.com/ory/fosite"

	"github.com/proffer-id/proffer/store"
)

// A protocolError is an answer that the standards have a code for. It never
// leaves this package as anything else.
type protocolError struct {
	status            int
	code, description string
}

func badRequest(description string) *protocolError {
	return &protocolError{http.StatusBadRequest, "invalid_request", description}
}

func invalidClient(description string) *protocolError {
	if description == "" {
		description = "client authentication failed"
	}
	return &protocolError{http.StatusUnauthorized, "invalid_client", description}
}

// tokenErrors are the codes of RFC 6749, 5.2 that fosite may answer with.
// Whatever else it calls a wrong token is invalid_grant to the client.
var tokenErrors = map[string]int{
	"invalid_request":        http.StatusBadRequest,
	"invalid_client":         http.StatusUnauthorized,
	"invalid_grant":          http.StatusBadRequest,
	"unauthorized_client":    http.StatusBadRequest,
	"unsupported_grant_type": http.StatusBadRequest,
	"invalid_scope":          http.StatusBadRequest,
}

// fromEngine translates what fosite says: a protocolError for what the client
// did wrong, the error itself for what is ours.
func fromEngine(w *work, err error) (*protocolError, error) {
	if w.err != nil {
		return nil, w.err
	}
	e := fosite.ErrorToRFC6749Error(err)
	if e.CodeField >= 500 || e.CodeField == http.StatusConflict {
		return nil, err
	}
	if status, ok := tokenErrors[e.ErrorField]; ok {
		return &protocolError{status, e.ErrorField, plainASCII(e.HintField)}, nil
	}
	return &protocolError{http.StatusBadRequest, "invalid_grant", plainASCII(e.HintField)}, nil
}

// writeJSON answers a client; never to be kept (RFC 6749, 5.1).
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // values come from JSON, or are our own
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	w.WriteHeader(status)
	w.Write(body)
}

type errorBody struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// writeError answers RFC 6749, 5.2.
func (p *Provider) writeError(w http.ResponseWriter, e *protocolError) {
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="`+p.cfg.Issuer+`", charset="UTF-8"`)
	}
	writeJSON(w, e.status, errorBody{e.code, e.description})
}

// writeFault answers what is not the client's doing: it may try again.
func (p *Provider) writeFault(w http.ResponseWriter, r *http.Request, err error) {
	log := p.deps.Log
	if errors.Is(err, store.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		log.WarnContext(r.Context(), "cannot answer now", "path", r.URL.Path, "err", err)
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		writeJSON(w, http.StatusServiceUnavailable, errorBody{"temporarily_unavailable", "try again in a moment"})
		return
	}
	log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "err", err)
	writeJSON(w, http.StatusInternalServerError, errorBody{"server_error", "something went wrong here; nothing was changed"})
}

const retryAfter = 5 // seconds

const maxBody = 64 << 10 // bytes of a client's POST

// readForm reads the body of a client's POST: form-encoded, each parameter once
// (RFC 6749, 3.2). The query is not looked at.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *protocolError) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST, OPTIONS")
		return nil, &protocolError{http.StatusMethodNotAllowed, "invalid_request", "the method must be POST"}
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/x-www-form-urlencoded" {
		return nil, badRequest("the body must be application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, &protocolError{http.StatusRequestEntityTooLarge, "invalid_request", "the body is too large"}
		}
		return nil, badRequest("the body cannot be read")
	}
	if !readable(r.PostForm) {
		return nil, badRequest("the body cannot be read")
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return nil, badRequest(plainASCII(twice(name)))
		}
	}
	return r.PostForm, nil
}
