package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
)

const formType = "application/x-www-form-urlencoded"

// fields is a form of n fields, by names of their own or all under one.
func fields(n int, apart bool) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("&a")
		if apart {
			b.WriteString(strconv.Itoa(i))
		}
		b.WriteString("=1")
	}
	return b.String()[1:]
}

func TestParseForm(t *testing.T) {
	s := site(t, bare)
	for _, c := range []struct {
		name, kind, body string
		code             string // "" is taken
		status           int
	}{
		{"a form", formType, "email=nok%40example.com&do=a&do=b", "", 0},
		{"with a character set", formType + "; charset=UTF-8", "a=%E0%B8%81", "", 0},
		{"nothing in it", formType, "", "", 0},
		{"JSON", "application/json", `{"email":"nok@example.com"}`, "form.type", 415},
		{"an upload", "multipart/form-data; boundary=x", "--x--", "form.type", 415},
		{"text, as a foreign page can post", "text/plain", "a=1", "form.type", 415},
		{"no type", "", "a=1", "form.type", 415},
		{"no readable type", "form;;", "a=1", "form.type", 415},
		{"64 KiB", formType, "a=" + strings.Repeat("x", 64<<10-2), "", 0},
		{"a byte more", formType, "a=" + strings.Repeat("x", 64<<10-1), "form.too_large", 413},
		{"200 fields", formType, fields(200, true), "", 0},
		{"201 fields", formType, fields(201, true), "form.too_large", 413},
		{"200 values of one name", formType, fields(200, false), "", 0},
		{"201 values of one name", formType, fields(201, false), "form.too_large", 413},
		{"not UTF-8", formType, "a=%ff", "form.unreadable", 400},
		{"a name that is not UTF-8", formType, "%c3=1", "form.unreadable", 400},
		{"half a surrogate pair", formType, "a=%ed%a0%80", "form.unreadable", 400},
		{"a NUL", formType, "a=x%00y", "form.unreadable", 400},
		{"a NUL in a name", formType, "a%00=1", "form.unreadable", 400},
		{"a broken escape", formType, "a=%zz", "form.unreadable", 400},
		{"semicolons", formType, "a=1;b=2", "form.unreadable", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/login?email=query", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			form, err := s.ParseForm(httptest.NewRecorder(), r)
			if c.code == "" {
				want, wantErr := url.ParseQuery(c.body)
				if err != nil || wantErr != nil || form.Encode() != want.Encode() {
					t.Fatalf("has %d bytes, %v", len(form.Encode()), err)
				}
				return
			}
			p, ok := errors.AsType[*problem.Problem](err)
			if !ok || p.Code != c.code || p.Status != c.status || form != nil {
				t.Errorf("is %v with %d fields, want %s %d", err, len(form), c.code, c.status)
			}
		})
	}
}

func TestFormToken(t *testing.T) {
	s := site(t, bare)
	hidden := s.FormToken("visit-1", "login")
	for _, c := range []struct {
		name       string
		form       url.Values
		bind, page string
		good       bool
	}{
		{"its own", url.Values{hidden.Name: {hidden.Value}}, "visit-1", "login", true},
		{"of another visit", url.Values{hidden.Name: {hidden.Value}}, "visit-2", "login", false},
		{"of another form", url.Values{hidden.Name: {hidden.Value}}, "visit-1", "delete", false},
		{"parted elsewhere", url.Values{hidden.Name: {hidden.Value}}, "visit-1l", "ogin", false},
		{"none", url.Values{}, "visit-1", "login", false},
		{"an empty one", url.Values{hidden.Name: {""}}, "visit-1", "login", false},
		{"cut", url.Values{hidden.Name: {hidden.Value[:len(hidden.Value)-4]}}, "visit-1", "login", false},
		{"longer", url.Values{hidden.Name: {hidden.Value + "AAAA"}}, "visit-1", "login", false},
		{"no base64", url.Values{hidden.Name: {"%%%"}}, "visit-1", "login", false},
		{"under another name", url.Values{"token": {hidden.Value}}, "visit-1", "login", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := s.CheckToken(c.form, c.bind, c.page)
			p, refused := errors.AsType[*problem.Problem](err)
			switch {
			case c.good && err != nil:
				t.Errorf("refused: %v", err)
			case !c.good && (!refused || p.Code != "form.foreign" || p.Status != http.StatusForbidden):
				t.Errorf("is %v, want form.foreign, 403", err)
			}
		})
	}
}

// Every bit of the token counts.
func FuzzCheckToken(f *testing.F) {
	s := site(f, bare)
	good := s.FormToken("visit-1", "login")
	f.Add(good.Value)
	f.Add("")
	f.Add(good.Value + "=")
	f.Add(good.Value + "\n")
	f.Fuzz(func(t *testing.T, sent string) {
		taken := s.CheckToken(url.Values{good.Name: {sent}}, "visit-1", "login") == nil
		if taken != (sent == good.Value) {
			t.Errorf("%q: taken is %t, the token is %q", sent, taken, good.Value)
		}
	})
}

func TestAskedAt(t *testing.T) {
	now := time.Date(2026, 5, 3, 12, 0, 0, 500, time.UTC)
	for _, c := range []struct {
		name, asked string
		want        time.Time
	}{
		{"a minute ago", web.Asked(now.Add(-time.Minute)).Value, now.Add(-time.Minute).Truncate(time.Second)},
		{"in the future", web.Asked(now.Add(time.Minute)).Value, now},
		{"missing", "", now},
		{"unreadable", "yesterday", now},
		{"too large", "99999999999999999999", now},
	} {
		if got := web.AskedAt(url.Values{web.Asked(now).Name: {c.asked}}, now); !got.Equal(c.want) || got.Location() != time.UTC {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
