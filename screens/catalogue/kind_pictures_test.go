package catalogue

import (
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
)

const pictureSet = `
purposes: {shelf: {text: {en: sort the shelf, th: จัดชั้น}}}
questions:
  wear:
    kind: pictures
    at_least: 2
    ask: {en: What do you wear most?, th: คุณใส่แบบไหนบ่อย}
    name: {en: Wear, th: แบบที่ใส่}
    why: {en: To sort by it., th: เพื่อจัดตามนั้น}
    purpose: shelf
    options:
      - {id: run, label: {en: Running, th: วิ่ง}, picture: {file: pictures/run.jpg, alt: {en: A runner, th: คนวิ่ง}}}
      - {id: walk, label: {en: Walking, th: เดิน}, picture: {file: pictures/walk.png, alt: {en: A walker, th: คนเดิน}}}
      - {id: stay, label: {en: At home, th: อยู่บ้าน}, picture: {file: pictures/walk.png, alt: {en: A sofa, th: โซฟา}}}
      - {other: true}
  colour:
    kind: pictures
    at_most: 1
    ask: {en: Which colour?, th: สีไหน}
    name: {en: Colour, th: สี}
    why: {en: To sort by it., th: เพื่อจัดตามนั้น}
    purpose: shelf
    options:
      - {id: red, label: {en: Red, th: แดง}, picture: {file: red.webp, alt: {en: A red shoe, th: รองเท้าแดง}}}
      - {id: blue, label: {en: Blue, th: น้ำเงิน}, picture: {file: blue.avif, alt: {en: A blue shoe, th: รองเท้าน้ำเงิน}}}
conditions: {runs: {answer: wear, is: run}, red: {answer: colour, any_of: [red]}}
screens: {wear: {ask: [wear]}, colour: {ask: [colour], show_if: runs}}
campaigns: {welcome: {when: [sign_in], show: [wear, colour], cooldown: 30d, lifetime: 3}}
`

// pictureFiles are files whose first bytes say what they are, whatever their names.
func pictureFiles() map[string]string {
	return map[string]string{
		"pictures/run.jpg":  "\xff\xd8\xff\xe0 run",
		"pictures/walk.png": "\x89PNG\r\n\x1a\n walk",
		"red.webp":          "RIFF\x10\x00\x00\x00WEBP red",
		"blue.avif":         "\x00\x00\x00\x1cftypavif blue",
	}
}

func loadPictures(src string, files map[string]string) (*Set, string) {
	var out diag.Findings
	o := testOptions("kopi")
	o.Open = func(name string) ([]byte, error) {
		if b, ok := files[name]; ok {
			return []byte(b), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	s := Load("kopi.yaml", []byte(src), o, &out)
	Join(map[string]*Set{"kopi": s}, &out)
	return s, out.String()
}

func TestPictures(t *testing.T) {
	s, found := loadPictures(pictureSet, pictureFiles())
	if found != "" {
		t.Fatal(found)
	}
	var carried []string
	for _, f := range s.Files {
		carried = append(carried, f.Name+" "+f.Type)
		if !strings.HasPrefix(f.Path(), "/media/"+f.Hash.String()+".") {
			t.Errorf("%s is served at %s", f.Name, f.Path())
		}
	}
	if got := strings.Join(carried, ", "); got != "pictures/run.jpg image/jpeg, pictures/walk.png image/png, red.webp image/webp, blue.avif image/avif" {
		t.Errorf("the set carries %s", got)
	}
	for _, x := range []struct{ question, form, want string }{
		{"wear", "q.wear=walk&q.wear=run", `["run","walk"]`},
		{"wear", "q.wear=run&q.wear=other&q.wear.other=Boots", `["run","other:Boots"]`},
		{"wear", "q.wear=run", "q.wear answer.too_few"},
		{"wear", "", "q.wear answer.none"},
		{"wear", "q.wear=run&q.wear=/media/x", "q.wear answer.not_offered"},
		{"colour", "q.colour=red", `"red"`},
		{"colour", "q.colour=red&q.colour=blue", "q.colour answer.too_many"},
		{"colour", "q.colour=green", "q.colour answer.not_offered"},
		{"colour", "", "q.colour answer.none"},
	} {
		form, err := url.ParseQuery(x.form)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed(t, s.Question(x.question), form); got != x.want {
			t.Errorf("%s: %s, want %s", x.form, got, x.want)
		}
	}
	wear, colour := s.Question("wear"), s.Question("colour")
	if wear.Accepts(Word("run")) || colour.Accepts(Words([]string{"red"})) {
		t.Error("one is accepted as several, or several as one")
	}
	if got := wear.Show(Words([]string{"run", "other:Boots"}), "th", nil); got != "วิ่ง, Boots" {
		t.Errorf("shown as %q", got)
	}
	v := wear.View("th", url.Values{"q.wear": {"walk"}}, "")
	if o := v.Options[1]; o.Picture != s.Files[1].Path() || o.Alt != "คนเดิน" || !o.Checked || v.Options[3].Picture != "" || v.AtLeast != 2 {
		t.Errorf("the page has %+v", v)
	}
}

// Another picture is another screen, so that an answer's record says what was seen.
func TestPicturesAreOfTheWording(t *testing.T) {
	resolve := func(files map[string]string) Hash {
		s, found := loadPictures(pictureSet, files)
		if found != "" {
			t.Fatal(found)
		}
		var out diag.Findings
		w := Join(map[string]*Set{"kopi": s}, &out).Resolve(func(_, key string, _ ...any) string { return key })
		r, ok := w.Question("kopi", "colour", "en")
		if !ok || !strings.Contains(string(r.Bytes), `"alt":"A red shoe"`) {
			t.Errorf("the screen is %s", r.Bytes)
		}
		return r.Hash
	}
	files := pictureFiles()
	before := resolve(files)
	files["pictures/run.jpg"] += " faster"
	if resolve(files) != before {
		t.Error("another question's picture changed the screen")
	}
	files["red.webp"] += " brighter"
	if resolve(files) == before {
		t.Error("another picture is the same screen")
	}
}

func TestPictureFindings(t *testing.T) {
	for _, x := range []struct {
		name, bytes, want string
	}{
		{"too large", "\xff\xd8\xff" + strings.Repeat("x", MaxFile), "is larger than 300KiB; customers wait for it on a phone"},
		{"a script with the name of a picture", "<script>", "is no PNG, JPEG, WebP or AVIF file, whatever it is called"},
		{"SVG behind a declaration", "<?xml version='1.0'?>\n<svg/>", "is an SVG file, which can hold scripts"},
		{"GIF", "GIF89a", "is no PNG, JPEG, WebP or AVIF file, whatever it is called"},
		{"nothing", "", "is no PNG, JPEG, WebP or AVIF file, whatever it is called"},
		{"a sound in the same box", "RIFF\x10\x00\x00\x00WAVE", "is no PNG, JPEG, WebP or AVIF file, whatever it is called"},
		{"a film in the same box", "\x00\x00\x00\x1cftypisom", "is no PNG, JPEG, WebP or AVIF file, whatever it is called"},
	} {
		files := pictureFiles()
		files["pictures/run.jpg"] = x.bytes
		if _, found := loadPictures(pictureSet, files); !strings.Contains(found, "pictures/run.jpg "+x.want) {
			t.Errorf("%s: %s", x.name, found)
		}
	}
	var out diag.Findings
	Load("kopi.yaml", []byte(pictureSet), testOptions("kopi"), &out)
	if got := out.String(); !strings.Contains(got, "names a file, and there are none beside this set") {
		t.Errorf("without files: %s", got)
	}
	out = diag.Findings{}
	o := testOptions("kopi")
	o.Open = func(string) ([]byte, error) { return nil, errors.New("the disk is gone") }
	Load("kopi.yaml", []byte(pictureSet), o, &out)
	if got := out.String(); !strings.Contains(got, "pictures/run.jpg cannot be read: the disk is gone") {
		t.Errorf("without a disk: %s", got)
	}
}

func FuzzParsePictures(f *testing.F) {
	s, found := loadPictures(pictureSet, pictureFiles())
	if found != "" {
		f.Fatal(found)
	}
	for _, seed := range []string{"q.wear=run&q.wear=walk", "q.wear=other&q.wear.other=x&q.wear=run", "q.colour=red", "q.colour=red&q.colour=red"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) { fuzzParse(t, s, query) })
}
