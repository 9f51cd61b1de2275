// Package texts hands the words of a screen set to translators and takes them back:
// a table as CSV, a row for each text and a column for each language. It knows no
// store and no customer. Start with Of and Import.
package texts

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Table is the texts of a set in some languages, the first of which is
// translated from.
type Table struct {
	Languages []string
	Rows      []Row
}

// A Row is one text.
type Row struct {
	Key   string
	What  string   // the context: what the text is
	Words []string // by language, in the order of the table; "" where there are none
}

const (
	bom = "\uFEFF"
	// signs begin a formula in spreadsheets (CWE-1236), the wide ones too where text
	// is normalised.
	signs = "=+-@\t\r＝＋－＠"
)

// CSV is the table as spreadsheets read it: UTF-8, which a byte order mark tells
// them, every field in quotes, so that nothing is split where a semicolon or a tab
// separates, and an apostrophe before what would be taken for a formula.
func (t *Table) CSV() []byte {
	var b strings.Builder
	b.WriteString(bom)
	write := func(fields ...string) {
		for i, f := range fields {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(guard(f), `"`, `""`) + `"`)
		}
		b.WriteString("\r\n")
	}
	write(append([]string{"key", "context"}, t.Languages...)...)
	for _, r := range t.Rows {
		write(append([]string{r.Key, r.What}, r.Words...)...)
	}
	return []byte(b.String())
}

// guard puts an apostrophe before a formula, and before what has one already, so
// that unguard gives back what was there.
func guard(s string) string {
	if formula(s) || strings.HasPrefix(s, "'") {
		return "'" + s
	}
	return s
}

func unguard(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && (formula(rest) || strings.HasPrefix(rest, "'")) {
		return rest
	}
	return s
}

func formula(s string) bool {
	s = strings.TrimLeft(s, " \u00A0")
	r, size := utf8.DecodeRuneInString(s)
	return size > 0 && strings.ContainsRune(signs, r)
}

// ReadCSV reads a table as a spreadsheet saves it: with or without a byte order
// mark, separated by commas, semicolons or tabs. The error says the line.
func ReadCSV(b []byte) (*Table, error) {
	b = bytes.TrimPrefix(b, []byte(bom))
	if !utf8.Valid(b) {
		return nil, errors.New("the table is not UTF-8; save it as CSV UTF-8")
	}
	r := csv.NewReader(bytes.NewReader(b))
	first, _, _ := strings.Cut(string(b), "\n")
	for _, sep := range ";\t" {
		if !strings.Contains(first, ",") && strings.ContainsRune(first, sep) {
			r.Comma = sep
		}
	}
	head, err := r.Read()
	if err == io.EOF {
		return nil, errors.New("the table is empty")
	}
	if err != nil {
		return nil, err
	}
	if len(head) < 3 || head[0] != "key" || head[1] != "context" {
		return nil, errors.New(`the first line is not: key, context, and a language in each column after; leave it as it was exported`)
	}
	t := &Table{Languages: head[2:]}
	for i, lang := range t.Languages {
		if lang == "" || slices.Contains(t.Languages[:i], lang) {
			return nil, fmt.Errorf("column %d of the table has no language of its own", i+3)
		}
	}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		for i := range fields {
			fields[i] = unguard(fields[i])
		}
		t.Rows = append(t.Rows, Row{Key: fields[0], What: fields[1], Words: fields[2:]})
	}
}
