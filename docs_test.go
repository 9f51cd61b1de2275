package proffer

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
)

var fenced = regexp.MustCompile("(?ms)^```yaml( config)?\n(.*?)^```\n")

// Whatever the page on campaigns shows can be written so: each of its examples is put
// into Kopi Club's set, or into the configuration, and loads without a word against it.
// It shows every trigger and every key that there is.
func TestCampaignsManual(t *testing.T) {
	text, err := os.ReadFile("docs/campaigns.md")
	if err != nil {
		t.Fatal(err)
	}
	set, err := os.ReadFile("brands/kopi/set.yaml")
	if err != nil {
		t.Fatal(err)
	}
	head := string(set)[:strings.Index(string(set), "\ncampaigns:\n")+1]
	cfg, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var screens []string
	for _, s := range cfg.Catalogue().Set("kopi").Screens {
		screens = append(screens, s.ID)
	}
	n, campaigns := 0, ""
	for _, m := range fenced.FindAllStringSubmatch(string(text), -1) {
		n++
		if m[1] != "" {
			into := &Config{}
			var found diag.Findings
			diag.Decode("docs/campaigns.md", []byte(m[2]), into, &found)
			if s := found.String(); s != "" {
				t.Errorf("%s\n%s", m[2], s)
			}
			continue
		}
		campaigns += m[2]
		var found diag.Findings
		src := head + m[2] + "  all_the_rest: {when: [link], show: [" + strings.Join(screens, ", ") + "]}\n"
		o := catalogue.LoadOptions{Brand: "kopi", Name: catalogue.Text{"en": "Kopi Club", "th": "Kopi Club", "ar": "Kopi Club"}, Languages: []string{"en", "th", "ar"}}
		c := catalogue.Join(map[string]*catalogue.Set{"kopi": catalogue.Load("docs/campaigns.md", []byte(src), o, &found)}, &found)
		if s := found.String(); s != "" {
			t.Errorf("%s\n%s", m[2], s)
			continue
		}
		if len(c.Set("kopi").Campaigns) < 2 {
			t.Errorf("no campaign in\n%s", m[2])
		}
	}
	if n < 8 {
		t.Errorf("%d examples", n)
	}
	for _, on := range []catalogue.On{catalogue.OnRegistration, catalogue.OnSignIn, catalogue.OnMissing, catalogue.OnExpired, catalogue.OnLink, catalogue.OnAsk, catalogue.OnBetween} {
		if !regexp.MustCompile(`when: \[[^\n]*\b` + string(on) + `\b`).MatchString(campaigns) {
			t.Errorf("no example has %s", on)
		}
	}
	var schema struct {
		Defs struct {
			Campaign struct {
				Properties map[string]any `json:"properties"`
			} `json:"campaign"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(catalogue.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	keys := 0
	for key := range schema.Defs.Campaign.Properties {
		keys++
		if !strings.Contains(string(text), "`"+key+"`") && !strings.Contains(string(text), key+":") {
			t.Errorf("nothing is said of %s", key)
		}
	}
	if keys < 12 {
		t.Errorf("%d keys in the schema", keys)
	}
}

// The question that README.md shows can be added to what the demo asks: it loads beside
// the others, in every language that the configuration has.
func TestReadmeQuestion(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	set, err := os.ReadFile("brands/kopi/set.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, question, there := strings.Cut(string(text), "\n    questions:\n")
	question, _, ends := strings.Cut(question, "\n\n")
	if !there || !ends {
		t.Fatal("README.md shows no question")
	}
	src := strings.Replace(string(set), "\nquestions:\n", "\nquestions:\n"+strings.ReplaceAll("\n"+question, "\n    ", "\n")[1:]+"\n", 1)
	src = strings.Replace(src, "\nscreens:\n", "\nscreens:\n  sugar: {ask: [sugar]}\n", 1)
	src = strings.Replace(src, "show: [coffee, when, birthday]", "show: [coffee, sugar, when, birthday]", 1)
	name := catalogue.Text{}
	for _, l := range cfg.Languages {
		name[l] = "Kopi Club"
	}
	var found diag.Findings
	o := catalogue.LoadOptions{Brand: "kopi", Name: name, Languages: cfg.Languages}
	c := catalogue.Join(map[string]*catalogue.Set{"kopi": catalogue.Load("README.md", []byte(src), o, &found)}, &found)
	if s := found.String(); s != "" {
		t.Fatal(s)
	}
	asked := false
	for _, q := range c.Set("kopi").Questions {
		asked = asked || q.ID == "sugar"
	}
	if !asked {
		t.Error("the question of README.md is not in the set")
	}
}
