package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/templates"
)

const (
	maxForm = 64 << 10 // bytes of a posted form
	maxKeys = 200      // values in it
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
	n := 0
	for key, values := range r.PostForm {
		for _, v := range append(values, key) {
			if n++; !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, &problem.Problem{Code: "form.unreadable", Status: http.StatusBadRequest}
			}
		}
	}
	if n > 2*maxKeys {
		return nil, &problem.Problem{Code: "form.too_large", Status: http.StatusRequestEntityTooLarge}
	}
	return r.PostForm, nil
}

const tokenField = "form_token"

// FormToken returns the hidden field that says a form came from our own page:
// a MAC over what the form is bound to (the session's or the visit's id) and
// its name. It is the second wall behind http.CrossOriginProtection.
func (s *Site) FormToken(bind, form string) templates.Hidden {
	return templates.Hidden{Name: tokenField, Value: base64.RawURLEncoding.EncodeToString(s.formMAC(bind, form))}
}

// CheckToken returns a *problem.Problem, 403, unless the posted form carries
// the token for bind and name.
func (s *Site) CheckToken(form url.Values, bind, name string) error {
	got, err := base64.RawURLEncoding.DecodeString(form.Get(tokenField))
	if err != nil || !hmac.Equal(got, s.formMAC(bind, name)) {
		return &problem.Problem{Code: "form.foreign", Status: http.StatusForbidden}
	}
	return nil
}

func (s *Site) formMAC(bind, form string) []byte {
	m := hmac.New(sha256.New, s.formKey)
	m.Write([]byte(bind))
	m.Write([]byte{0})
	m.Write([]byte(form))
	return m.Sum(nil)[:16]
}
