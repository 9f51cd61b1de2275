package oauth

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/proffer-id/proffer/internal/problem"
	"github.com/proffer-id/proffer/internal/web"
	"github.com/proffer-id/proffer/store"
)

// A request is what a brand's site asked for, checked. It travels sealed in the
// URL: between two pages nothing of it is kept here.
type request struct {
	ID    store.ID `json:"i"`
	Began int64    `json:"b"` // Unix milliseconds
	Flow  []byte   `json:"f"` // hash of the browser's cookie

	Client    string          `json:"c,omitempty"`
	Brand     string          `json:"br,omitempty"`
	End       string          `json:"e,omitempty"` // a page of our own, below the prefix
	Redirect  string          `json:"r,omitempty"`
	State     string          `json:"s,omitempty"`
	Nonce     string          `json:"n,omitempty"`
	Challenge string          `json:"ch,omitempty"`
	Scopes    []string        `json:"sc,omitempty"`
	Prompt    []string        `json:"p,omitempty"`
	MaxAge    *int            `json:"m,omitempty"`
	ACR       []string        `json:"a,omitempty"`
	LoginHint string          `json:"l,omitempty"`
	Locales   []string        `json:"u,omitempty"`
	Claims    ClaimsParameter `json:"cl,omitzero"`
	Subject   string          `json:"su,omitempty"` // of a verified id_token_hint
	Ask       string          `json:"k,omitempty"`  // campaign that the client asks for, or a link led to
	Carry     string          `json:"ca,omitempty"` // handle of answers carried in
	Edition   string          `json:"ed,omitempty"` // of the brand's screen set
}

func (q *request) began() time.Time { return time.UnixMilli(q.Began).UTC() }

// visit is what the rooms may know of q.
func (q *request) visit(sealed string) *web.Visit {
	return &web.Visit{
		ID: q.ID, Sealed: sealed, Began: q.began(), Client: q.Client, Brand: q.Brand, Edition: q.Edition, End: q.End,
		LoginHint: q.LoginHint, Locales: q.Locales, Prompt: q.Prompt, MaxAge: q.MaxAge, ACR: q.ACR,
		Scopes: q.Scopes, Claims: q.Claims.names(), Subject: q.Subject, Ask: q.Ask, Carry: q.Carry, Return: web.Target(q.Redirect), Request: q,
	}
}

// A sealer encrypts requests: AES-256-GCM over what a preset dictionary has
// made short.
type sealer struct {
	aead   cipher.AEAD
	issuer string
	limit  int // characters of sealed text

	// Making one of these costs more than all the rest.
	writers sync.Pool // *flate.Writer
	readers sync.Pool // flate.Resetter
}

// What a sealed text is for; one is never taken for the other.
const (
	sealedVisit  = "visit"
	sealedPosted = "posted" // a request that came by POST, on its way to its GET
)

func newSealer(key []byte, issuer string) (*sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key of visits: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("key of visits: %w", err)
	}
	return &sealer{aead: aead, issuer: issuer, limit: 4096}, nil
}

var errTooLarge = errors.New("request too large to seal")

// dictionary has what most requests have in common, the commonest last. It is
// part of the format: a change breaks the visits that are under way.
const dictionary = `"userinfo":{"id_token":{"essential":true},"value":"","values":["select_account","create","consent","none","login"],"m":0,"a":["urn:` +
	`"u":["th","en"],"l":"@example.com","su":"http://127.0.0.1:http://localhost:/api/auth/callback/auth/callback/oauth2/oidc.com/` +
	`"e":"/preferences/answers/sharing","n":"","ch":"","sc":["openid","profile","email","address","phone","zp","zp.","offline_access"],"p":["` +
	`{"i":"","b":17","f":"","c":"","br":"","r":"https://www./callback","s":"`

// seal returns q as text that only this provider can read.
func (s *sealer) seal(use string, q *request) (string, error) {
	plain, err := json.Marshal(q)
	if err != nil {
		return "", fmt.Errorf("seal visit: %w", err)
	}
	var small bytes.Buffer
	z, ok := s.writers.Get().(*flate.Writer)
	if !ok {
		if z, err = flate.NewWriterDict(&small, flate.BestCompression, []byte(dictionary)); err != nil {
			return "", fmt.Errorf("seal visit: %w", err)
		}
	}
	defer s.writers.Put(z)
	z.Reset(&small) // keeps the dictionary
	z.Write(plain)  // a bytes.Buffer takes everything
	z.Close()
	out := b64.EncodeToString(s.aead.Seal([]byte{1}, nil, small.Bytes(), []byte(use+" "+s.issuer)))
	if len(out) > s.limit {
		return "", errTooLarge
	}
	return out, nil
}

// open is the reverse of seal. Whatever is wrong with the text is one error.
func (s *sealer) open(use, text string) (*request, error) {
	if len(text) > s.limit {
		return nil, errTooLarge
	}
	raw, err := b64.DecodeString(text)
	if err != nil || len(raw) == 0 || raw[0] != 1 {
		return nil, errors.New("not a sealed request")
	}
	small, err := s.aead.Open(nil, nil, raw[1:], []byte(use+" "+s.issuer))
	if err != nil {
		return nil, errors.New("not a sealed request of this provider")
	}
	z, ok := s.readers.Get().(flate.Resetter)
	if !ok {
		z = flate.NewReader(nil).(flate.Resetter)
	}
	defer s.readers.Put(z)
	if err := z.Reset(bytes.NewReader(small), []byte(dictionary)); err != nil {
		return nil, fmt.Errorf("sealed request: %w", err)
	}
	plain, err := io.ReadAll(z.(io.Reader))
	if err != nil {
		return nil, fmt.Errorf("sealed request: %w", err)
	}
	q := new(request)
	if err := json.Unmarshal(plain, q); err != nil {
		return nil, fmt.Errorf("sealed request: %w", err)
	}
	return q, nil
}

const flowCookie = "f"

// surelyFits is a length of a query whose request is never too large to be sealed.
const surelyFits = 1000

// bind makes q a visit of this browser, from now on. It is sealed here only if it
// might be too large: a request must not be let in or not by what the customer
// has yet to be asked.
func (p *Provider) bind(w http.ResponseWriter, r *http.Request, q *request) (*web.Visit, error) {
	q.ID, q.Began = store.NewID(), p.now().UnixMilli()
	if p.deps.Edition != nil {
		q.Edition = p.deps.Edition(q.Brand)
	}
	flow := p.deps.Site.Cookie(r, flowCookie)
	if len(flow) < 26 || len(flow) > 64 {
		flow = rand.Text()
	}
	q.Flow = hashFlow(flow)
	v := q.visit("")
	if len(r.URL.RawQuery) > surelyFits {
		if err := p.Seal(v); err != nil {
			return nil, err
		}
	}
	// One cookie for all tabs of the browser; each new visit keeps it alive.
	p.deps.Site.SetCookie(w, flowCookie, flow, p.cfg.VisitLife)
	return v, nil
}

// Seal makes a visit that has just begun fit to stand in the address of a page. A
// visit that leaves again at once does not need it, and it costs.
func (p *Provider) Seal(v *web.Visit) (err error) {
	if v.Sealed == "" {
		v.Sealed, err = p.seal.seal(sealedVisit, requestOf(v))
	}
	return err
}

func hashFlow(cookie string) []byte {
	sum := sha256.Sum256([]byte(cookie))
	return sum[:12]
}

// BeginOwn begins a visit that ends at a page of our own: a path below the
// mount prefix, such as "/preferences". brand may be "".
func (p *Provider) BeginOwn(w http.ResponseWriter, r *http.Request, end, brand string) (*web.Visit, error) {
	return p.beginOwn(w, r, &request{End: end, Brand: brand})
}

// BeginLinked begins a visit of our own to which a link to a brand's campaign led.
func (p *Provider) BeginLinked(w http.ResponseWriter, r *http.Request, end, brand, campaign string) (*web.Visit, error) {
	return p.beginOwn(w, r, &request{End: end, Brand: brand, Ask: campaign})
}

func (p *Provider) beginOwn(w http.ResponseWriter, r *http.Request, q *request) (*web.Visit, error) {
	end := q.End
	if !strings.HasPrefix(end, "/") || strings.HasPrefix(end, "//") || strings.ContainsFunc(end, func(c rune) bool { return c == '\\' || c < ' ' || c == 0x7f }) {
		return nil, fmt.Errorf("a visit cannot end at %q", end)
	}
	v, err := p.bind(w, r, q)
	if err == nil {
		err = p.Seal(v)
	}
	return v, err
}

// Open returns the visit that a request stands in: of the form, or else of the
// query. A text that is missing or not ours is the problem visit.broken, one of
// another browser visit.other_browser, one too old visit.expired; a form that
// cannot be read is that of web.Site.ParseForm.
func (p *Provider) Open(r *http.Request) (*web.Visit, error) {
	sealed := ""
	if r.Method == http.MethodPost {
		form, err := p.deps.Site.ParseForm(nil, r)
		if err != nil {
			return nil, err
		}
		sealed = form.Get("visit")
	}
	if sealed == "" {
		sealed = r.URL.Query().Get("visit")
	}
	q, err := p.seal.open(sealedVisit, sealed)
	if err != nil {
		return nil, &problem.Problem{Code: "visit.broken", Status: http.StatusBadRequest, Err: err}
	}
	// A visit handed to somebody else must not sign them in as the sender, nor
	// the sender as them.
	flow := p.deps.Site.Cookie(r, flowCookie)
	if subtle.ConstantTimeCompare(hashFlow(flow), q.Flow) != 1 {
		return nil, &problem.Problem{Code: "visit.other_browser", Status: http.StatusForbidden}
	}
	if age := p.now().Sub(q.began()); age > p.cfg.VisitLife {
		return nil, &problem.Problem{Code: "visit.expired", Status: http.StatusGone}
	}
	return q.visit(sealed), nil
}

// requestOf is the request inside a visit that Open, Begin or BeginOwn gave.
func requestOf(v *web.Visit) *request { return v.Request.(*request) }
