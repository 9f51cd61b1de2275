package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestCookies(t *testing.T) {
	for _, c := range []struct {
		issuer, name string
		secure       bool
	}{
		{bare, `^__Host-pf_s_[A-Za-z0-9_-]{6}$`, true},
		{below, `^__Host-pf_s_[A-Za-z0-9_-]{6}$`, true},
		{local, `^pf_s_[A-Za-z0-9_-]{6}$`, false}, // a browser refuses __Host- without Secure
	} {
		s := site(t, c.issuer)
		w := httptest.NewRecorder()
		s.SetCookie(w, "s", "v", 90*time.Minute)
		s.SetCookie(w, "s", "v", 0)
		s.ClearCookie(w, "s")
		kept := w.Result().Cookies()
		for i, age := range []int{5400, 0, -1} {
			k := kept[i]
			if !regexp.MustCompile(c.name).MatchString(k.Name) || k.Name != s.CookieName("s") {
				t.Errorf("%s: the cookie is called %s", c.issuer, k.Name)
			}
			if k.Secure != c.secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" || k.MaxAge != age {
				t.Errorf("%s: cookie %d is %s", c.issuer, i, k)
			}
		}
		if kept[2].Value != "" {
			t.Errorf("%s: a cleared cookie still has a value", c.issuer)
		}
	}
}

// Two providers on one host must not take each other's cookies.
func TestCookies_ApartByIssuer(t *testing.T) {
	a, b := site(t, below), site(t, below+"2")
	if a.CookieName("s") == b.CookieName("s") || a.CookieName("s") == a.CookieName("f") {
		t.Errorf("%s and %s", a.CookieName("s"), b.CookieName("s"))
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: b.CookieName("s"), Value: "theirs"})
	if got := a.Cookie(r, "s"); got != "" {
		t.Errorf("read %q of the other provider", got)
	}
	if got := b.Cookie(r, "s"); got != "theirs" {
		t.Errorf("its own cookie is %q", got)
	}
}

// A subdomain or plain http can set pf_s_…, but not __Host-pf_s_….
func TestCookies_NoFallbackToThePlainName(t *testing.T) {
	s := site(t, bare)
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: strings.TrimPrefix(s.CookieName("s"), "__Host-"), Value: "planted"})
	if got := s.Cookie(r, "s"); got != "" {
		t.Errorf("took %q", got)
	}
}
