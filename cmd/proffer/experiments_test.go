package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proffer-id/proffer"
	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
	"github.com/proffer-id/proffer/screens/experiment"
)

// madeUp are customers of the demo's experiment: so many in each arm, of whom some
// answered, some of those changed it, and some declined.
func madeUp(t *testing.T, arms map[string][4]int) experiment.Report {
	t.Helper()
	cfg, err := proffer.Load("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2027, 2, 1, 9, 0, 0, 0, time.UTC)
	set := cfg.Catalogue().Set("kopi")
	tally := experiment.New(set, set.Campaign("right_bag"), diag.Period{Days: 30}, now)
	for arm, n := range arms {
		for i := range n[0] {
			c := experiment.Customer{Arm: arm}
			e := experiment.Entry{Question: "cups", Outcome: catalogue.Answered, Value: catalogue.Amount(1), Campaign: "right_bag", Arm: arm,
				At: now.AddDate(0, 0, -40), Asked: now.AddDate(0, 0, -40).Add(-time.Duration(4+i%9) * time.Second)}
			switch {
			case i < n[1]:
				c.Entries = append(c.Entries, e)
				if i < n[2] {
					e.Campaign, e.Arm, e.At, e.Value = "", "", now.AddDate(0, 0, -20), catalogue.Amount(2)
					c.Entries = append(c.Entries, e)
				}
			case i < n[1]+n[3]:
				e.Outcome, e.Value = catalogue.Declined, catalogue.Value{}
				c.Entries = append(c.Entries, e)
			}
			tally.Add(c)
		}
	}
	return tally.Report()
}

func printed(r experiment.Report) string {
	var b bytes.Buffer
	printExperiment(&b, &r)
	return b.String()
}

// The manual's example is what the command prints of such customers.
func TestExperimentsManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/campaigns.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "```text\n")
	want, _, ok := strings.Cut(after, "```\n")
	if !ok {
		t.Fatal("the manual has no example")
	}
	if d := cmp.Diff(want, printed(madeUp(t, map[string][4]int{"both": {402, 217, 15, 12}, "cups_only": {389, 241, 34, 5}}))); d != "" {
		t.Error(d)
	}
}

func TestExperimentsPrinted(t *testing.T) {
	if got := printed(madeUp(t, nil)); !strings.Contains(got, "Fewer than 10 customers have been asked so far") || !strings.Contains(got, "! Do not stop early: fewer than the 800 customers") || strings.Contains(got, "compared") {
		t.Errorf("nobody:\n%s", got)
	}
	if got := printed(madeUp(t, map[string][4]int{"both": {300, 100, 20, 20}, "cups_only": {4, 4, 0, 0}})); !strings.Contains(got, "fewer than 10\n") || strings.Contains(got, "304") || strings.Contains(got, "of 4 ") {
		t.Errorf("a handful in one arm:\n%s", got)
	}
	if got := printed(madeUp(t, map[string][4]int{"both": {402, 100, 20, 20}, "cups_only": {401, 300, 20, 20}})); strings.Contains(got, "!") || strings.Contains(got, "too early") || !strings.Contains(got, "answered a question                more of them, by 44 to 56 points") {
		t.Errorf("the end:\n%s", got)
	}
	var b bytes.Buffer
	listExperiments(&b, []experiment.Report{madeUp(t, map[string][4]int{"both": {402, 100, 20, 20}, "cups_only": {401, 300, 20, 20}}), madeUp(t, nil)})
	if want := "BRAND  CAMPAIGN   ARMS                   ASKED          PLANNED  \nkopi   right_bag  both 50, cups_only 50  803            800      as many as planned were asked\nkopi   right_bag  both 50, cups_only 50  fewer than 10  800      running: do not stop early\n\nproffer experiments CAMPAIGN looks at one closely.\n"; b.String() != want {
		t.Errorf("the list:\n%s", cmp.Diff(want, b.String()))
	}
	var said []string
	now := time.Unix(0, 0)
	read := progress(writes(func(s string) { said = append(said, s) }), 5*time.Second, func() time.Time { now = now.Add(2 * time.Second); return now })
	for i := range 6 {
		read(1000 * i)
	}
	if len(said) != 2 || !strings.Contains(said[1], "5,000") {
		t.Errorf("%q", said)
	}
}

type writes func(string)

func (w writes) Write(b []byte) (int, error) { w(string(b)); return len(b), nil }

// The command reads the store of the configuration, and says what it cannot do.
func TestExperiments(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, proffer.Example()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "config.example.yaml")
	ask := func(args ...string) (int, string, string) {
		return command(append([]string{"experiments", "--config", file}, args...)...)
	}
	if code, _, errs := ask(); code != 1 || !strings.Contains(errs, "the store is not there") {
		t.Errorf("no store: exit %d, %s", code, errs)
	}
	cfg, err := proffer.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cfg.MakeSecrets(); err != nil {
		t.Fatal(err)
	}
	db, err := openStore(t.Context(), cfg, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		args      []string
		code      int
		out, errs string
	}{
		{nil, 0, "kopi   right_bag  both 50, cups_only 50  fewer than 10  800", ""},
		{[]string{"right_bag"}, 0, "right_bag of kopi, an experiment with 2 arms: both 50, cups_only 50\nFewer than 10 customers", ""},
		{[]string{"right_bg"}, 1, "", `there is no campaign "right_bg"; did you mean "right_bag"?`},
		{[]string{"home_coffee"}, 1, "", "the campaign home_coffee has no arms"},
		{[]string{"--brand", "sole"}, 0, "There is no experiment", ""},
		{[]string{"--brand", "solo"}, 1, "", `no brand "solo" has a screen set; did you mean "sole"?`},
		{[]string{"--window", "never"}, 1, "", "has to end"},
		{[]string{"--window", "soon"}, 2, "", "write a period"},
	} {
		if code, out, errs := ask(x.args...); code != x.code || !strings.Contains(out, x.out) || !strings.Contains(errs, x.errs) {
			t.Errorf("%q: exit %d\n%s\n%s", x.args, code, out, errs)
		}
	}
	code, out, _ := ask("right_bag", "--json")
	var got proffer.Counted
	if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil {
		t.Fatalf("exit %d, %v:\n%s", code, err, out)
	}
	if len(got.Reports) != 1 || got.Reports[0].Planned != 800 || len(got.Reports[0].Arms) != 2 || !got.Reports[0].Early || got.Reports[0].Arms[0].Did[experiment.Finished].Hidden != experiment.FewOf {
		t.Errorf("%+v", got)
	}
}
