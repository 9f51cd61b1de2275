package catalogue

import (
	"slices"

	"github.com/proffer-id/proffer/internal/diag"
)

// wordings checks the words that a screen has in place of its questions' own.
func (l *loading) wordings(s *Screen, texts diag.Map[Wording], at diag.Node) {
	for _, id := range texts.Keys {
		w, here := texts.Of[id], at.Field(id)
		if !slices.Contains(s.Ask, id) {
			at.Key(id).Errorf("this screen does not ask %q%s", clip(id), diag.DidYouMean(id, s.Ask, nil))
			continue
		}
		l.text(&w.Ask, here, "ask", false)
		l.text(&w.Hint, here, "hint", false)
		l.text(&w.Why, here, "why", false)
		if len(w.Ask)+len(w.Hint)+len(w.Why) == 0 && !here.IsMap() {
			here.Errorf("write ask, hint or why, or leave it out")
		}
		if s.Texts == nil {
			s.Texts = map[string]Wording{}
		}
		s.Texts[id] = w
	}
}
