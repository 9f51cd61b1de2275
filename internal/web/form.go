package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

const (
	maxForm   = 64 << 10 // bytes of a posted form
	maxFields = 200      // values in it, under whatever names
)

// ParseForm reads a posted form: the body only, never the query. It refuses
// what is too large, of another type, not UTF-8 or has NUL bytes, with a
// *problem.Problem.
func (s *Site) ParseForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if ct, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || ct != "application/x-www-form-urlencoded" {
		return nil, &problem.Problem{Code: "form.type", Status: http.StatusUnsupportedMediaType}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, &problem.Problem{Code: "form.too_large", Status: http.StatusRequestEntityTooLarge, Err: err}
		}
		return nil, &problem.Problem{Code: "form.unreadable", Status: http.StatusBadRequest, Err: err}
	}
	fields := 0
	for key, values := range r.PostForm {
		for _, v := range values {
			if !readable(key) || !readable(v) {
				return nil, &problem.Problem{Code: "form.unreadable", Status: http.StatusBadRequest}
			}
		}
		fields += len(values)
	}
	if fields > maxFields {
		return nil, &problem.Problem{Code: "form.too_large", Status: http.StatusRequestEntityTooLarge}
	}
	return r.PostForm, nil
}

func readable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

const tokenField = "form_token"

// FormToken returns the hidden field that says a form came from our own page:
// a MAC over what the form is bound to (the session's or the visit's id) and
// its name. It is the second wall behind http.CrossOriginProtection.
func (s *Site) FormToken(bind, form string) templates.Hidden {
	m := hmac.New(sha256.New, s.formKey)
	m.Write([]byte(bind))
	m.Write([]byte{0})
	m.Write([]byte(form))
	return templates.Hidden{Name: tokenField, Value: base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:16])}
}

// CheckToken returns a *problem.Problem, 403, unless the posted form carries
// the token for bind and name.
func (s *Site) CheckToken(form url.Values, bind, name string) error {
	if !hmac.Equal([]byte(form.Get(tokenField)), []byte(s.FormToken(bind, name).Value)) {
		return &problem.Problem{Code: "form.foreign", Status: http.StatusForbidden}
	}
	return nil
}

// Asked is the hidden field that says when a form was shown. A page that keeps
// the time makes it part of the form's name, so that its token vouches for it.
func Asked(now time.Time) templates.Hidden {
	return templates.Hidden{Name: "asked", Value: strconv.FormatInt(now.Unix(), 10)}
}

// AskedAt reads what Asked wrote: now where it is missing, unreadable or later.
func AskedAt(form url.Values, now time.Time) time.Time {
	n, err := strconv.ParseInt(form.Get("asked"), 10, 64)
	if at := time.Unix(n, 0).UTC(); err == nil && at.Before(now) {
		return at
	}
	return now
}
