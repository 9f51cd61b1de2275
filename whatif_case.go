package proffer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// customer is the place where the customer is written.
func (q WhatIf) customer(out *diag.Findings) diag.Node {
	if q.Text == nil {
		return q.node.To(out)
	}
	var whole any
	return diag.Decode(q.File, q.Text, &whole, out)
}

// A caseFile is one case of `proffer screens test`.
type caseFile struct {
	Client   string `diag:"required"`
	At       moment `diag:"required"`
	Locale   string
	Customer written
}

// ReadCase reads a case: a customer, a client and a time. The error lists what is
// wrong with the file but for the customer, which Foresee reads.
func ReadCase(file string, text []byte) (WhatIf, error) {
	var found diag.Findings
	var c caseFile
	node := diag.Decode(file, text, &c, &found)
	if err := found.Err(); err != nil {
		return WhatIf{}, err
	}
	q := WhatIf{Client: c.Client, At: c.At.Time, Locale: c.Locale, File: file, node: node.Field("customer")}
	return q, nil
}

// Brief is what a case holds a visit to, on lines that do not change with our
// sentences: the pages in order with what is done on them, how it ends, what each
// place gets, and what is withheld for which reason.
func (f *Foreseen) Brief() string {
	var b strings.Builder
	for _, s := range f.Steps {
		fmt.Fprintf(&b, "%s", s.Path)
		if s.Arm != "" {
			fmt.Fprintf(&b, " arm %s", s.Arm)
		}
		for _, c := range s.Carried {
			fmt.Fprintf(&b, " %s %s %s", c.Question, map[bool]string{true: "kept", false: "forgotten"}[c.Kept], briefJSON(c.Value))
		}
		for _, q := range s.Questions {
			fmt.Fprintf(&b, " %s %s", q.Question, q.Does)
			if q.Value != nil {
				fmt.Fprintf(&b, " %s", briefJSON(q.Value))
			}
		}
		for _, c := range s.Shares {
			fmt.Fprintf(&b, " %s %s", c.Claim, map[bool]string{true: "shared", false: "kept"}[c.Shared])
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "ends %s\n", f.Ends.As)
	for _, c := range f.Looked {
		fmt.Fprintf(&b, "campaign %s %s\n", c.Campaign, c.Code)
	}
	f.IDToken.brief(&b, "id_token")
	f.UserInfo.brief(&b, "userinfo")
	return b.String()
}

func (h *Handed) brief(b *strings.Builder, where string) {
	if h == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(h.Claims)) {
		answers, ok := h.Claims[name].(map[string]any)
		if !ok {
			fmt.Fprintf(b, "%s %s %s\n", where, name, briefJSON(h.Claims[name]))
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(answers)) {
			fmt.Fprintf(b, "%s %s.%s %s\n", where, name, id, briefJSON(answers[id]))
		}
	}
	for _, w := range h.Withheld {
		fmt.Fprintf(b, "%s without %s %s\n", where, w.Claim, w.Reason)
	}
}

func briefJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
