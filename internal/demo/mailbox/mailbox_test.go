package mailbox

import (
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/deliver"
)

func get(m *Mailbox, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestMailbox(t *testing.T) {
	m, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if w := get(m, "/"); w.Code != 200 || !strings.Contains(w.Body.String(), "No mail yet") {
		t.Errorf("empty: %d\n%s", w.Code, w.Body)
	}
	if w := get(m, "/messages.json"); strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("empty JSON: %s", w.Body)
	}
	send := func(id, to, subject, text, html string) {
		if err := m.Send(t.Context(), deliver.Message{ID: id, To: to, Subject: subject, Text: text, HTML: html, Date: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	send("a", "nok@example.com", "First", "Your code: 123456. Or http://localhost:8080/confirm?token=x_y.\nBye", "<html><head></head><body>Hello</body></html>")
	send("b", "mint@example.com", "<b>Second</b>", "Hi <script>alert(1)</script>", "")
	send("a", "nok@example.com", "First", "tried again", "")

	var all []struct{ To, Subject, Text, HTML string }
	if err := json.Unmarshal(get(m, "/messages.json").Body.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].To != "mint@example.com" || all[1].HTML == "" {
		t.Errorf("newest first, once each: %+v", all)
	}
	page := get(m, "/").Body.String()
	if !strings.Contains(page, "&lt;b&gt;Second") || strings.Contains(page, "<script>alert") || strings.Contains(page, "<iframe") {
		t.Errorf("the newest is not shown as it should be:\n%s", page)
	}
	page = get(m, "/messages/1").Body.String()
	if !strings.Contains(page, `<a href="http://localhost:8080/confirm?token=x_y">`) || !strings.Contains(page, "<iframe") {
		t.Errorf("the first is not shown as it should be:\n%s", page)
	}
	w := get(m, "/messages/1/html")
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "sandbox ") || strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") {
		t.Errorf("a mail may do too much: %s", policy)
	}
	for _, path := range []string{"/messages/3", "/messages/0", "/messages/x", "/messages/2/html", "/nowhere"} {
		if w := get(m, path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestMailboxIsBounded(t *testing.T) {
	m, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for range most + 3 {
		if err := m.Send(t.Context(), deliver.Message{To: "nok@example.com"}); err != nil {
			t.Fatal(err)
		}
	}
	all := m.newestFirst()
	if len(all) != most || all[0].Number != most+3 || all[most-1].Number != 4 {
		t.Errorf("%d held, from %d to %d", len(all), all[len(all)-1].Number, all[0].Number)
	}
}
