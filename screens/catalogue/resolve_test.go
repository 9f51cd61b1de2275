package catalogue

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/templates"
)

func TestResolve(t *testing.T) {
	w := testCatalogue(t).Resolve(testPages(t).Say)
	r, ok := w.Screen("kopi", &Campaign{ID: "welcome"}, "coffee", "th")
	if !ok || r.Hash != sha256.Sum256(r.Bytes) {
		t.Fatal("not resolved, or another hash")
	}
	// Every word the customer reads, and nothing of another language.
	for _, word := range []string{"คุณดื่มกาแฟแบบไหน", "เพื่อให้ชั้นสินค้าของคุณเริ่มจากกาแฟที่คุณอยากสั่ง", "จัดชั้นสินค้าให้เริ่มจากสิ่งที่คุณชอบ",
		"กาแฟดำ", "โกปี้โอ", "ใส่นมข้น", "ใส่นมโอ๊ต", "อย่างอื่น", "เครื่องดื่มฟรีหนึ่งแก้วเมื่อร่วมตอบ", `"black"`, "ข้ามไปก่อน", "ขอไม่ตอบ", "ไปต่อ", "ทำไมเราจึงถาม", "จะได้รับคำตอบนี้", `"18mo"`, `"1y"`} {
		if !bytes.Contains(r.Bytes, []byte(word)) {
			t.Errorf("%s is not in it", word)
		}
	}
	if bytes.Contains(r.Bytes, []byte("How do you")) {
		t.Error("English is in it")
	}
	var doc map[string]any
	if err := json.Unmarshal(r.Bytes, &doc); err != nil {
		t.Fatal(err)
	}
	if again := canonical(doc); !bytes.Equal(again.Bytes, r.Bytes) {
		t.Errorf("not canonical:\n%s\n%s", r.Bytes, again.Bytes)
	}
	if en, _ := w.Screen("kopi", &Campaign{ID: "welcome"}, "coffee", "en"); en.Hash == r.Hash || bytes.Contains(en.Bytes, []byte(`\u`)) {
		t.Error("English is the same as Thai, or escaped")
	}
	if home, _ := w.Screen("kopi", &Campaign{ID: "home_brew"}, "home", "en"); bytes.Contains(home.Bytes, []byte("ask.decline")) || bytes.Contains(home.Bytes, []byte("offer")) {
		t.Errorf("says what is not shown: %s", home.Bytes)
	}
	if name, _ := w.Screen("kopi", &Campaign{ID: "delivery"}, "name", "en"); bytes.Contains(name.Bytes, []byte("ask.skip")) {
		t.Error("a needed question offers a skip")
	}
	edit, ok := w.Question("kopi", "coffee_milk", "th")
	if !ok || edit.Hash == r.Hash || bytes.Contains(edit.Bytes, []byte("ask.skip")) {
		t.Errorf("edit page: %s", edit.Bytes)
	}
	for _, k := range [][3]string{{"welcome", "home", "en"}, {"nothing", "coffee", "en"}, {"welcome", "coffee", "de"}, {"", "", "en"}} {
		if _, ok := w.Screen("kopi", &Campaign{ID: k[0]}, k[1], k[2]); ok {
			t.Errorf("%q is resolved", k)
		}
	}
	if _, ok := w.Question("kopi", "shoe_size", "en"); ok {
		t.Error("another brand's question is resolved")
	}
	carried, ok := w.Carried("kopi", "coffee_milk", "th")
	if !ok || carried.Hash == edit.Hash || bytes.Contains(carried.Bytes, []byte("ask.skip")) {
		t.Errorf("page of what was carried in: %s", carried.Bytes)
	}
	// Kopi: 5 screens of 3 campaigns and 5 questions twice, in 2 languages; Sole: 4 and 4.
	if n := len(w.Every()); n != 54 {
		t.Errorf("%d pages in all", n)
	}
}

// One changed word is another version; loading the same again is not.
func TestResolveVersions(t *testing.T) {
	pages := testPages(t)
	hash := func(src, lang string) Hash {
		var out diag.Findings
		s := Load("kopi.yaml", []byte(src), testOptions("kopi"), &out)
		c := Join(map[string]*Set{"kopi": s}, &out)
		if err := out.Err(); err != nil {
			t.Fatal(err)
		}
		r, ok := c.Resolve(pages.Say).Screen("kopi", &Campaign{ID: "welcome"}, "first", lang)
		if !ok {
			t.Fatal("not resolved")
		}
		return r.Hash
	}
	was := hash(small, "en")
	if hash(small+"# a comment\n", "en") != was {
		t.Error("a comment makes another version")
	}
	for old, new := range map[string]string{
		"What do you drink?": "What'll you drink?", "To sort the shelf.": "To sort it.", "sort the shelf, th": "sort things, th", "en: Tea": "en: Teas",
		"id: tea": "id: tee", "{en: A cup": "{en: A mug", "name: {en: Drink,": "name: {en: Drinks,", "kind: single": "kind: single\n    decline: false", "kind: single\n": "kind: single\n    fresh: 1y\n",
	} {
		src := strings.ReplaceAll(small, old, new)
		if old == "id: tea" {
			src = strings.ReplaceAll(src, "is: tea", "is: tee")
		}
		if src == small || hash(src, "en") == was {
			t.Errorf("%s → %s is the same version", old, new)
		}
	}
	if hash(strings.Replace(small, "ดื่มอะไร", "ดื่มอะไรดี", 1), "en") != was {
		t.Error("a Thai word changes the English version")
	}
}

func testPages(t *testing.T) *templates.Set {
	t.Helper()
	s, err := templates.New(templates.Options{Languages: []string{"en", "th"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHashText(t *testing.T) {
	h := Hash(sha256.Sum256([]byte("x")))
	b, err := h.MarshalText()
	var again Hash
	if err != nil || again.UnmarshalText(b) != nil || again != h || len(b) != 64 {
		t.Errorf("%s %v", b, err)
	}
	for _, s := range []string{"", "zz", strings.Repeat("z", 64), string(b) + "00"} {
		if again.UnmarshalText([]byte(s)) == nil {
			t.Errorf("%q is read", s)
		}
	}
	if !(Hash{}).IsZero() || h.IsZero() {
		t.Error("zero")
	}
}
