// Package mailbox catches the mail that the demo sends and shows it in the
// browser. It is a deliver.Mailer and an http.Handler; nothing leaves the
// machine, and nothing is kept after the demo ends. Start at New.
package mailbox

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/proffer-id/proffer/internal/deliver"
)

//go:embed pages/mailbox.html assets
var files embed.FS

const most = 500 // messages; then the oldest go

// A Mailbox holds what was sent. It may be used by many at once.
type Mailbox struct {
	page *template.Template
	mux  http.Handler
	log  *slog.Logger

	mu   sync.Mutex
	last int
	held []message // oldest first
}

// A message is one mail as it was handed over.
type message struct {
	Number  int       `json:"number"` // 1, 2, … in the order they came
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Date    time.Time `json:"date"`

	handed string // the sender's own id, the same when it tries again
}

// New makes an empty mailbox.
func New(log *slog.Logger) (*Mailbox, error) {
	m := &Mailbox{log: log}
	var err error
	if m.page, err = template.New("").Funcs(template.FuncMap{"links": links}).ParseFS(files, "pages/mailbox.html"); err != nil {
		return nil, fmt.Errorf("page of the mailbox: %w", err)
	}
	assets, err := fs.Sub(files, "assets")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", m.getPage)
	mux.HandleFunc("GET /messages/{number}", m.getPage)
	mux.HandleFunc("GET /messages/{number}/html", m.getHTML)
	mux.HandleFunc("GET /messages.json", m.getJSON)
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	m.mux = headers(mux)
	return m, nil
}

// Send takes a message. It is a deliver.Mailer, and refuses nothing.
func (m *Mailbox) Send(_ context.Context, d deliver.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if d.ID != "" && slices.ContainsFunc(m.held, func(h message) bool { return h.handed == d.ID }) {
		return nil // sent twice: whoever sends was not sure the first time
	}
	m.last++
	m.held = append(m.held, message{
		Number: m.last, To: d.To, Subject: d.Subject, Text: d.Text, HTML: d.HTML, Date: d.Date.UTC(), handed: d.ID,
	})
	if len(m.held) > most {
		m.held = slices.Delete(m.held, 0, len(m.held)-most)
	}
	return nil
}

// newestFirst is a copy of what is held.
func (m *Mailbox) newestFirst() []message {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.held)
	slices.Reverse(all)
	return all
}

func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.mux.ServeHTTP(w, r) }

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// view is what mailbox.html shows.
type view struct {
	All  []message // newest first
	Open *message  // nil: none has come yet
}

// getPage shows the newest message, or the one asked for, beside the list.
func (m *Mailbox) getPage(w http.ResponseWriter, r *http.Request) {
	v := view{All: m.newestFirst()}
	if text := r.PathValue("number"); text != "" {
		if v.Open = find(v.All, text); v.Open == nil {
			http.NotFound(w, r)
			return
		}
	} else if len(v.All) > 0 {
		v.Open = &v.All[0]
	}
	var page bytes.Buffer
	if err := m.page.ExecuteTemplate(&page, "mailbox.html", v); err != nil {
		m.log.Error("page failed", "err", err)
		http.Error(w, "This page is broken.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page.Bytes())
}

// getHTML is a message's HTML part for its frame, with no rights but to be seen
// and to be followed out of by a click.
func (m *Mailbox) getHTML(w http.ResponseWriter, r *http.Request) {
	found := find(m.newestFirst(), r.PathValue("number"))
	if found == nil || found.HTML == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// A mail opens its links in the window it stands in.
	w.Write([]byte(strings.Replace(found.HTML, "<head>", `<head><base target="_top">`, 1)))
}

// getJSON is everything, newest first.
func (m *Mailbox) getJSON(w http.ResponseWriter, r *http.Request) {
	all := m.newestFirst()
	if all == nil {
		all = []message{}
	}
	body, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(body, '\n'))
}

func find(all []message, number string) *message {
	n, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(all, func(m message) bool { return m.Number == n })
	if i < 0 {
		return nil
	}
	return &all[i]
}

var address = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)]`)

// A span is a piece of plain text; Link marks an address in it.
type span struct {
	Text string
	Link bool
}

// links cuts plain text into spans, so that addresses can be followed.
func links(text string) []span {
	var out []span
	at := 0
	for _, m := range address.FindAllStringIndex(text, -1) {
		out = append(out, span{Text: text[at:m[0]]}, span{Text: text[m[0]:m[1]], Link: true})
		at = m[1]
	}
	return append(out, span{Text: text[at:]})
}
