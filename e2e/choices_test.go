package e2e

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/proffer-id/proffer/e2e/browser"
)

// A brand asks with pictures, with an order, for two choices at least and for a size: each page
// is looked at in every language, empty and with a problem, and the shop receives what
// was said.
func TestChoices(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "th", "ar"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			d, err := startDemo(binary, filepath.Join(dir, "data"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.stop() })
			folder := filepath.Join(dir, "data", "brands", "kopi")
			for i, name := range []string{"cafe", "home", "office"} {
				paint(t, filepath.Join(folder, "pictures", name+".png"), color.RGBA{uint8(60 + 60*i), 90, uint8(180 - 50*i), 255})
			}
			edit(t, filepath.Join(dir, "data", "config.yaml"), "          coffee_milk: {id_token: true}\n",
				"          coffee_milk: {id_token: true}\n          place: {id_token: true}\n          matters: {id_token: true}\n          extras: {id_token: true}\n")
			edit(t, filepath.Join(folder, "set.yaml"), "show: [coffee, when, birthday]", "show: [place, matters, extras]",
				"screens:\n", "screens:\n  place: {ask: [place]}\n  matters: {ask: [matters]}\n  extras: {ask: [extras]}\n  shoes: {ask: [shoes]}\n",
				"questions:\n", choiceQuestions,
				"campaigns:\n", "campaigns:\n  fitting: {when: [link], show: [shoes]}\n  rest: {when: [sign_in], who: {answers: {at_least: 90}}, show: [coffee, when, birthday]}\n")
			d.waitSaid(t, "Your change is in force.", 1)

			p := chrome.Page(t, browser.Look{})
			register(t, p, d, d.Kopi, address(t))
			p.Look(browser.Look{Lang: lang})
			p.Reload()
			o := &tour{t: t, lang: lang, shots: os.Getenv("PROFFER_TEST_SHOTS"), p: p}

			o.stop("ask-pictures")
			o.do("continue")
			o.stop("ask-pictures-none")
			p.Tick("q.place", "home")
			o.stop("ask-pictures-chosen")
			o.do("continue")

			o.stop("ask-rank")
			p.Fill("q.matters.1", "taste")
			p.Fill("q.matters.2", "taste")
			o.do("continue")
			o.stop("ask-rank-twice")
			p.Fill("q.matters.2", "price")
			o.do("continue")

			o.stop("ask-at-least")
			p.Tick("q.extras", "sugar")
			o.do("continue")
			o.stop("ask-at-least-one")
			p.Tick("q.extras", "ice")
			o.do("continue")

			now := zp(t, received(t, p).IDToken)
			for key, want := range map[string]string{"place": "home", "matters": "[taste price]", "extras": "[sugar ice]"} {
				if got := fmt.Sprint(now[key]); got != want {
					t.Errorf("%s is %s, want %s", key, got, want)
				}
			}
			p.Open(d.Provider + "/ask/fitting?brand=kopi") // a visit of its own: three questions are enough for one
			o.stop("ask-size")
			o.do("continue")
			o.stop("ask-size-none")
			p.Fill("q.shoes", "uk:42")
			o.stop("ask-size-chosen")
			o.do("continue")
			p.Open(d.Provider + "/preferences/answers")
			p.See("UK 8")
			o.stop("answers-choices")
			p.Open(d.Provider + "/preferences/answers/place/change?brand=kopi")
			o.stop("change-pictures")
		})
	}
}

// paint writes a picture of one colour.
func paint(t *testing.T, file string, c color.Color) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewRGBA(image.Rect(0, 0, 160, 120))
	draw.Draw(m, m.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

const choiceQuestions = `questions:
  place:
    kind: pictures
    at_most: 1
    ask: {en: Where do you drink your coffee?, th: คุณดื่มกาแฟที่ไหน, ar: أين تشرب قهوتك؟}
    name: {en: Place, th: สถานที่, ar: المكان}
    why: {en: So the cup suits the place., th: เพื่อให้แก้วเหมาะกับสถานที่, ar: ليناسب الكوب المكان.}
    purpose: personalise
    options:
      - {id: cafe, label: {en: At a café, th: ที่ร้าน, ar: في المقهى}, picture: {file: pictures/cafe.png, alt: {en: A table outside, th: โต๊ะหน้าร้าน, ar: طاولة في الخارج}}}
      - {id: home, label: {en: At home, th: ที่บ้าน, ar: في البيت}, picture: {file: pictures/home.png, alt: {en: A kitchen, th: ห้องครัว, ar: مطبخ}}}
      - {id: office, label: {en: At work, th: ที่ทำงาน, ar: في العمل}, picture: {file: pictures/office.png, alt: {en: A desk, th: โต๊ะทำงาน, ar: مكتب}}}
      - {other: true}
  matters:
    kind: rank
    at_most: 3
    ask: {en: What matters most in a coffee?, th: อะไรสำคัญที่สุดในกาแฟ, ar: ما الأهم في القهوة؟}
    name: {en: What matters, th: สิ่งที่สำคัญ, ar: الأهم}
    why: {en: So the shelf begins with it., th: เพื่อจัดชั้นตามนั้น, ar: ليبدأ الرف به.}
    purpose: personalise
    options:
      - {id: taste, label: {en: Its taste, th: รสชาติ, ar: الطعم}}
      - {id: price, label: {en: Its price, th: ราคา, ar: السعر}}
      - {id: farm, label: {en: Where it comes from, th: แหล่งปลูก, ar: المصدر}}
      - {id: speed, label: {en: How quick it is, th: ความรวดเร็ว, ar: السرعة}}
  extras:
    kind: multi
    at_least: 2
    at_most: 3
    order: alphabetical
    ask: {en: What goes with your coffee?, th: คุณใส่อะไรในกาแฟ, ar: ماذا تضيف إلى قهوتك؟}
    name: {en: Extras, th: ของเพิ่ม, ar: الإضافات}
    why: {en: So it stands ready., th: เพื่อเตรียมไว้, ar: لتكون جاهزة.}
    purpose: personalise
    options:
      - {id: sugar, label: {en: Sugar, th: น้ำตาล, ar: سكر}}
      - {id: ice, label: {en: Ice, th: น้ำแข็ง, ar: ثلج}}
      - {id: cinnamon, label: {en: Cinnamon, th: อบเชย, ar: قرفة}}
      - {id: honey, label: {en: Honey, th: น้ำผึ้ง, ar: عسل}, retired: true}
  shoes:
    kind: size
    system: shoes_men
    ask: {en: Which size are your shoes?, th: คุณใส่รองเท้าเบอร์อะไร, ar: ما مقاس حذائك؟}
    name: {en: Shoe size, th: เบอร์รองเท้า, ar: مقاس الحذاء}
    hint: {en: "Between two? Choose the larger.", th: อยู่ระหว่างสองเบอร์ เลือกเบอร์ใหญ่กว่า, ar: بين مقاسين؟ الأكبر أنسب.}
    why: {en: So the house slippers fit., th: เพื่อให้รองเท้าแตะพอดี, ar: ليناسبك النعل.}
    purpose: personalise
`
