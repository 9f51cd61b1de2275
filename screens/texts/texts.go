package texts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
	"github.com/proffer-id/proffer/screens/catalogue"
)

// Of is the table of a set's texts: in the language that is translated from, and in
// those that are asked for, which need not be there yet; none: all there are.
func Of(set *catalogue.Set, languages ...string) *Table {
	source := set.Languages[0]
	if len(languages) == 0 {
		languages = set.Languages
	}
	t := &Table{Languages: []string{source}}
	for _, lang := range languages {
		if !slices.Contains(t.Languages, lang) {
			t.Languages = append(t.Languages, lang)
		}
	}
	for _, told := range set.Texts() {
		words := worded(told.Text, source)
		row := Row{Key: told.Key, What: told.What}
		for _, lang := range t.Languages {
			row.Words = append(row.Words, words[lang])
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// worded is a text by language; one that is written without is in the source.
func worded(t catalogue.Text, source string) catalogue.Text {
	if one, ok := t[""]; ok && len(t) == 1 {
		return catalogue.Text{source: one}
	}
	return t
}

// A Change is one that an import makes.
type Change struct{ Key, Lang, Old, New string } // Old "": there were no words

// Import is the set's file, src, with the words of a table. What was not taken is
// said, a line each: texts that are missing in the table, and such whose source
// changed since the table was made. The error is about a table that is not this
// set's, and then nothing is to be written; nor before out was checked.
func Import(set *catalogue.Set, src []byte, t *Table) (out []byte, changes []Change, said []string, err error) {
	source := set.Languages[0]
	if t.Languages[0] != source {
		return nil, nil, nil, fmt.Errorf("the table is translated from %s, the set from %s", t.Languages[0], source)
	}
	told := map[string]catalogue.Phrase{}
	var keys []string
	for _, one := range set.Texts() {
		told[one.Key] = one
		keys = append(keys, one.Key)
	}
	rows := map[string]Row{}
	for _, row := range t.Rows {
		if _, ok := told[row.Key]; !ok {
			return nil, nil, nil, fmt.Errorf("unknown key %q%s: the set has no such text", row.Key, diag.DidYouMean(row.Key, keys, nil))
		}
		if _, twice := rows[row.Key]; twice {
			return nil, nil, nil, fmt.Errorf("the key %s stands in the table twice", row.Key)
		}
		rows[row.Key] = row
	}
	var to []diag.Rewording
	for _, key := range keys {
		row, ok := rows[key]
		if !ok {
			said = append(said, key+": is missing in the table")
			continue
		}
		old := worded(told[key].Text, source)
		if row.Words[0] != old[source] {
			said = append(said, fmt.Sprintf("%s: the %s is %q by now, and %q in the table: not taken; export it again", key, source, old[source], row.Words[0]))
			continue
		}
		next := maps.Clone(old)
		for i, lang := range t.Languages[1:] {
			switch words := row.Words[i+1]; {
			case strings.TrimSpace(words) == "" && old[lang] == "" && diag.FallsBack(lang, set.Languages):
				// said in the language that it is a variety of
			case strings.TrimSpace(words) == "":
				said = append(said, fmt.Sprintf("%s: has no %s in the table", key, lang))
			case words != old[lang]:
				next[lang] = strings.TrimSpace(words)
				changes = append(changes, Change{key, lang, old[lang], next[lang]})
			}
		}
		if !maps.Equal(old, next) {
			to = append(to, diag.Rewording{At: told[key].At, Text: next, Plain: source})
		}
	}
	out, err = set.At().Reword(src, to)
	return out, changes, said, err
}
