package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/store"
)

// A Problem is an answer that says what went wrong (RFC 9457).
type Problem struct {
	Type     string    `json:"type"` // always about:blank; Code tells one from another
	Status   int       `json:"status"`
	Code     string    `json:"code"`
	Title    string    `json:"title"`
	Detail   string    `json:"detail,omitempty"`
	InForce  *int      `json:"in_force,omitempty"` // the version in force, where another came first
	Findings []Finding `json:"findings,omitempty"`
}

// Error is title and detail.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.Title
	}
	return p.Title + ": " + p.Detail
}

// A Finding is one thing to put right in a set, or with Warning to look at.
type Finding struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Warning bool   `json:"warning"`
}

// Findings are those of a check as they travel.
func Findings(list []diag.Finding) []Finding {
	out := []Finding{}
	for _, f := range list {
		out = append(out, Finding{f.File, f.Line, f.Col, f.Path, f.Message, f.Warning})
	}
	return out
}

// Diag is the finding as the checks have it.
func (f Finding) Diag() diag.Finding {
	return diag.Finding{File: f.File, Line: f.Line, Col: f.Column, Path: f.Path, Message: f.Message, Warning: f.Warning}
}

// Refused is the error of a bundle that cannot come into force.
type Refused struct{ Findings []diag.Finding }

func (r *Refused) Error() string { return (&diag.Error{Findings: r.Findings}).Error() }

// Moved is the error of a deploy that did not see the version in force.
type Moved struct{ InForce int }

func (m *Moved) Error() string { return fmt.Sprintf("version %d is in force", m.InForce) }

// trouble answers an error of a route.
func (a *Admin) trouble(w http.ResponseWriter, r *http.Request, by who, err error) {
	var p *Problem
	var refused *Refused
	var moved *Moved
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &p):
	case errors.As(err, &refused):
		p = &Problem{Status: http.StatusUnprocessableEntity, Code: "findings", Title: "the set was not deployed",
			Detail: "What is in force stays in force. Put right what was found and deploy again.", Findings: Findings(refused.Findings)}
	case errors.As(err, &moved):
		p = &Problem{Status: http.StatusPreconditionFailed, Code: "moved", InForce: &moved.InForce, Title: "another version came into force first",
			Detail: fmt.Sprintf("Version %d is in force, not the one of If-Match. Look at what it changed, then deploy again on top of it.", moved.InForce)}
	case errors.As(err, &large):
		p = &Problem{Status: http.StatusRequestEntityTooLarge, Code: "size", Title: "the bundle is too large",
			Detail: fmt.Sprintf("A request has %d bytes at most.", large.Limit)}
	case errors.Is(err, store.ErrNotFound):
		p = &Problem{Status: http.StatusNotFound, Code: "version", Title: "there is no such version"}
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		w.Header().Set("Retry-After", "10")
		p = &Problem{Status: http.StatusServiceUnavailable, Code: "store", Title: "the store does not answer; try again"}
	default:
		p = &Problem{Status: http.StatusInternalServerError, Code: "fault", Title: "something went wrong on our side; it stands in the server's log"}
	}
	if p.Status >= 500 {
		a.deps.Log.ErrorContext(r.Context(), "admin request failed", "method", r.Method, "brand", by.brand, "token", by.name, "err", err)
	}
	a.write(w, r, p)
}

func (a *Admin) write(w http.ResponseWriter, r *http.Request, p *Problem) {
	p.Type = "about:blank"
	w.Header().Set("Content-Type", "application/problem+json")
	a.send(w, r, p.Status, p)
}

func (a *Admin) send(w http.ResponseWriter, r *http.Request, status int, v any) {
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		a.deps.Log.DebugContext(r.Context(), "answer not taken", "err", err)
	}
}

func (a *Admin) answer(w http.ResponseWriter, r *http.Request, v any) error {
	w.Header().Set("Content-Type", "application/json")
	a.send(w, r, http.StatusOK, v)
	return nil
}
