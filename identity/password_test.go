package identity

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestGauntlet_C07_LongAndOddPasswords(t *testing.T) {
	h := open(t)
	same72 := strings.Repeat("correct horse ", 6)[:72]
	for i, c := range []struct {
		name, set, typed string
		ok               bool
	}{
		{"64 code points", strings.Repeat("กขคง", 16), strings.Repeat("กขคง", 16), true},
		{"128 code points", strings.Repeat("plumb it", 16), strings.Repeat("plumb it", 16), true},
		{"the last of 128 counts", strings.Repeat("plumb it", 16), strings.Repeat("plumb it", 15) + "plumb is", false},
		{"equal in the first 72 bytes", same72 + "staple", same72 + "battery", false},
		{"NFC and NFD", "caf\u00e9 anchor violin", "cafe\u0301 anchor violin", true},
		{"fullwidth", "plum Anchor violin", "plum \uff21nchor violin", false},
		{"case", "plum anchor violin", "Plum anchor violin", false},
		{"space at the end", "plum anchor violin", "plum anchor violin ", false},
	} {
		email := "user" + string(rune('a'+i)) + "@example.com"
		b := h.browser()
		v := b.begin()
		if got := b.post(b.at("/register", v), "/register", "email", email, "password", c.set); got.status != http.StatusSeeOther {
			t.Fatalf("%s: register: %d", c.name, got.status)
		}
		b.post(b.follow(v), "/verify", "code", codeIn(t, h.lastMail()))
		b = h.browser()
		v = b.begin()
		got := b.post(b.at("/login", v), "/login", "email", email, "password", c.typed)
		want(t, c.name, got.status == http.StatusSeeOther, c.ok)
	}

	// Refused before anything is hashed.
	b := h.browser()
	v := b.begin()
	form := b.at("/register", v)
	before := h.hasher.made.Load()
	for name, password := range map[string]string{
		"129":            strings.Repeat("a1b", 43),
		"lone surrogate": "plum \xed\xa0\x80 anchor",
		"invalid UTF-8":  "plum \xff anchor violin",
		"NUL":            "plum\x00anchor violin",
		"1 MiB":          strings.Repeat("plum", 1<<18),
	} {
		got := b.post(form, "/register", "email", "odd@example.com", "password", password)
		if got.status < 400 || got.status >= 500 {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	want(t, "hashes", h.hasher.made.Load(), before)
}

func TestCommonPasswords(t *testing.T) {
	c := newCommon()
	for _, s := range []string{
		"password", "Password1", "Passw0rd2024!", "p@ssw0rd", "12345678", "123456789", "1234567890", "11111111", "87654321", "qwertyuiop", "1q2w3e4r",
		"1qaz2wsx", "qwerty123", "iloveyou", "ILoveYou!!", "sunshine1987", "abcdefgh", "abcd1234", "aaaaaaaa", "abababab", "liverpool1", "football99",
		"dragon2026", "letmein!!", "welcome123", "20001231", "01011990", "asdfghjkl", "zxcvbnm1", "monkeymonkey", "!!!!!!!!", "nokonlake", "nok.onlake@example.com", "4dminadmin",
	} {
		if !c.has(s, "nok.onlake@example.com") && !c.has(s, "nokonlake@example.com") {
			t.Errorf("%q is not refused", s)
		}
	}
	for _, s := range []string{
		"correct horse battery staple", goodWords, "plum-anchor", "kX9#vT2q", "กาแฟดำไม่ใส่น้ำตาล", "83920174651", "sunshine over the lake", "quiet lamp orchard",
		"dragonfruitsalad", "j7q-w2m-p4z",
	} {
		if c.has(s, "nok.onlake@example.com") {
			t.Errorf("%q is refused", s)
		}
	}
}

func FuzzPassword(f *testing.F) {
	for _, s := range []string{goodWords, "cafe\u0301", "\uff21bc", "", "\x00", "\xff", strings.Repeat("ก", 129), "\u1100\u1161\u11a8"} {
		f.Add(s)
	}
	known := newCommon()
	f.Fuzz(func(t *testing.T, typed string) {
		s, ok := normalPassword(typed)
		if !ok {
			return
		}
		if !utf8.ValidString(s) || s == "" || strings.ContainsRune(s, 0) || utf8.RuneCountInString(s) > maxPassword {
			t.Fatalf("%q became %q", typed, s)
		}
		if again, ok := normalPassword(s); !ok || again != s {
			t.Fatalf("%q is not idempotent: %q, %q", typed, s, again)
		}
		if other, ok := normalPassword(norm.NFD.String(typed)); ok && other != s {
			t.Fatalf("%q and its NFD differ", typed)
		}
		known.has(s, "nok@example.com")
	})
}

func TestHashCosts(t *testing.T) {
	h, err := newHasher(Argon2{Memory: 64, Time: 1, Threads: 1}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := h.Hash(t.Context(), goodWords)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("hash %s", hash)
	}
	dear, err := newHasher(Argon2{Memory: 128, Time: 1, Threads: 1}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if right, stale, err := dear.Check(t.Context(), hash, goodWords); !right || !stale || err != nil {
		t.Errorf("right %t, stale %t, %v", right, stale, err)
	}
	if right, _, err := h.Check(t.Context(), "", ""); right || err != nil {
		t.Errorf("no hash, no password: right %t, %v", right, err)
	}
	for _, bad := range []string{"$2y$12$abc", "$argon2id$v=19$m=9999999,t=1,p=1$" + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43), "$argon2id$v=19$m=64,t=1,p=1$AA$AA", "x"} {
		if _, _, err := h.Check(t.Context(), bad, goodWords); err == nil || strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A hash at yesterday's cost is replaced when its owner signs in.
func TestRehashAtSignIn(t *testing.T) {
	h := open(t)
	h.seedOne(nok, goodWords)
	h.hasher.cost.Memory = 128
	before := h.account(nok).Password
	h.browser().signIn(nok, goodWords)
	after := h.account(nok).Password
	if after == before || !strings.Contains(after, "m=128,") {
		t.Errorf("hash is still %s", after)
	}
	h.browser().signIn(nok, goodWords)
	want(t, "hash, the second time", h.account(nok).Password, after)
}

// A full queue answers 503 at once, says when to come back and keeps the address.
func TestBusy(t *testing.T) {
	h := open(t, func(c *Config) { c.AtOnce, c.Queue = 1, 1 })
	h.seedOne(nok, goodWords)
	b := h.browser()
	v := b.begin()
	form := b.at("/login", v)
	h.hasher.permits <- struct{}{} // somebody is hashing
	h.hasher.waiting.Add(1)        // and somebody waits
	got := b.post(form, "/login", "email", nok, "password", goodWords)
	want(t, "status", got.status, http.StatusServiceUnavailable)
	want(t, "Retry-After", got.header.Get("Retry-After"), "10")
	if !strings.Contains(got.body, `value="`+nok+`"`) || !strings.Contains(got.body, "Many people are signing in") {
		t.Errorf("page:\n%s", got.body)
	}
	<-h.hasher.permits
	h.hasher.waiting.Add(-1)
	want(t, "after", b.post(form, "/login", "email", nok, "password", goodWords).status, http.StatusSeeOther)
}
