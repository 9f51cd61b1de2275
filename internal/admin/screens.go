package admin

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/proffer-id/proffer/screens/bundle"
)

// A List is the versions of a brand's screen set, the newest first.
type List struct {
	Brand    string            `json:"brand"`
	InForce  int               `json:"in_force"`          // 0: the file of the configuration
	Here     int               `json:"here"`              // what the server that answers uses
	Why      string            `json:"why,omitempty"`     // that is not InForce
	File     string            `json:"file,omitempty"`    // SHA-256 of the file of the configuration; "" if there is none
	FileIs   string            `json:"file_is,omitempty"` // "in force", "the same" or "different": beside what is in force
	Versions []*bundle.Version `json:"versions"`
	More     bool              `json:"more"` // there are older ones: ask with ?before=
}

// Shown is one version with all that belongs to it.
type Shown struct {
	Brand   string          `json:"brand"`
	Number  int             `json:"number"` // 0: the file of the configuration
	Version *bundle.Version `json:"version,omitempty"`
	Bundle  *bundle.Bundle  `json:"bundle"`
}

// A Deploy is a wish to put a bundle in force: one that comes along, or that of
// an older version.
type Deploy struct {
	Brand   string         `json:"-"`
	By      string         `json:"-"` // name of the token
	Seen    int            `json:"-"` // the version that was in force when it was looked at; AnyVersion: whatever is
	Bundle  *bundle.Bundle `json:"bundle,omitempty"`
	Version int            `json:"version,omitempty"`
	Message string         `json:"message,omitempty"`
}

// AnyVersion as Deploy.Seen is If-Match: *.
const AnyVersion = -1

// Deployed is what came of it.
type Deployed struct {
	Changed  bool            `json:"changed"` // false: it was in force already
	Version  *bundle.Version `json:"version"`
	Findings []Finding       `json:"findings"` // warnings
}

// Checked is what was found in a bundle that was only looked at.
type Checked struct {
	Findings []Finding `json:"findings"`
}

const (
	pageOf     = 50
	maxMessage = 500                       // characters
	maxBody    = bundle.MaxAll*3/2 + 1<<20 // base64 and escapes make it longer
)

// GetScreens answers GET /admin/v1/brands/{brand}/screens?before=N.
func (a *Admin) GetScreens(w http.ResponseWriter, r *http.Request, _ string) error {
	before := 0
	if s := r.URL.Query().Get("before"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return &Problem{Status: http.StatusBadRequest, Code: "before", Title: "before is the number of a version"}
		}
		before = n
	}
	list, err := a.deps.List(r.Context(), r.PathValue("brand"), before, pageOf)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(list.InForce))
	return a.answer(w, r, list)
}

// GetVersion answers GET /admin/v1/brands/{brand}/screens/{version}: a number,
// "file" or "in-force".
func (a *Admin) GetVersion(w http.ResponseWriter, r *http.Request, _ string) error {
	number := 0
	switch s := r.PathValue("version"); s {
	case "file":
		number = FromFile
	case "in-force":
		number = InForce
	default:
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return &Problem{Status: http.StatusNotFound, Code: "version", Title: "there is no such version", Detail: `Write a number, "file" or "in-force".`}
		}
		number = n
	}
	v, err := a.deps.Show(r.Context(), r.PathValue("brand"), number)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(v.Number))
	return a.answer(w, r, v)
}

// PutInForce answers PUT /admin/v1/brands/{brand}/screens/in-force with
// If-Match: the version that was in force when the deployer looked.
func (a *Admin) PutInForce(w http.ResponseWriter, r *http.Request, by string) error {
	seen, err := ifMatch(r)
	if err != nil {
		return err
	}
	d := Deploy{}
	if err := body(w, r, &d); err != nil {
		return err
	}
	d.Brand, d.By, d.Seen = r.PathValue("brand"), by, seen
	switch {
	case (d.Bundle == nil) == (d.Version == 0):
		return &Problem{Status: http.StatusBadRequest, Code: "body", Title: "send a bundle, or the number of a version to go back to"}
	case d.Version < 0:
		return &Problem{Status: http.StatusBadRequest, Code: "body", Title: "versions are 1, 2, …"}
	case utf8.RuneCountInString(d.Message) > maxMessage || strings.ContainsFunc(d.Message, unicode.IsControl):
		return &Problem{Status: http.StatusBadRequest, Code: "message", Title: fmt.Sprintf("a message is one line of %d characters at most", maxMessage)}
	}
	done, err := a.deps.Deploy(r.Context(), d)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(done.Version.Number))
	return a.answer(w, r, done)
}

// PostCheck answers POST /admin/v1/brands/{brand}/screens/check: what a deploy
// of the bundle would be told. It changes nothing.
func (a *Admin) PostCheck(w http.ResponseWriter, r *http.Request, _ string) error {
	var sent struct {
		Bundle *bundle.Bundle `json:"bundle"`
	}
	if err := body(w, r, &sent); err != nil {
		return err
	}
	if sent.Bundle == nil {
		return &Problem{Status: http.StatusBadRequest, Code: "body", Title: "send a bundle"}
	}
	found, err := a.deps.Check(r.Context(), r.PathValue("brand"), sent.Bundle)
	if err != nil {
		return err
	}
	return a.answer(w, r, Checked{Findings(found)})
}

// body reads JSON of a bounded size, strictly.
func body(w http.ResponseWriter, r *http.Request, into any) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return err
	}
	if err == nil {
		err = bundle.Strict(text, into)
	}
	if err != nil {
		return &Problem{Status: http.StatusBadRequest, Code: "body", Title: "the request cannot be read", Detail: err.Error()}
	}
	return nil
}

func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// ifMatch reads the version that a deploy builds on (RFC 9110, 13.1.1).
func ifMatch(r *http.Request) (int, error) {
	s := strings.TrimSpace(r.Header.Get("If-Match"))
	if s == "*" {
		return AnyVersion, nil
	}
	if s == "" {
		return 0, &Problem{Status: http.StatusPreconditionRequired, Code: "if_match", Title: "say which version you looked at",
			Detail: `Send If-Match with the number in force, such as If-Match: "4"; "0" where nothing was deployed yet. So nobody's deploy is undone unseen.`}
	}
	quoted, ok := strings.CutPrefix(s, `"`)
	quoted, closed := strings.CutSuffix(quoted, `"`)
	n, err := strconv.Atoi(quoted)
	if !ok || !closed || err != nil || n < 0 {
		return 0, &Problem{Status: http.StatusBadRequest, Code: "if_match", Title: `If-Match is the number of a version in quotation marks, such as "4"`}
	}
	return n, nil
}
