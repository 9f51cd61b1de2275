package identity

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed common.txt
var commonWords string

// common knows the passwords that everybody tries first. It is not a list of
// passwords but of the words they are made of: who guesses adds the same digits
// and signs as who chooses, so "Passw0rd2024!" is refused with "password".
type common struct{ words map[string]bool }

func newCommon() *common {
	c := &common{words: make(map[string]bool, 1024)}
	for line := range strings.Lines(commonWords) {
		line, _, _ = strings.Cut(line, "#")
		for _, w := range strings.Fields(line) {
			c.words[w] = true
		}
	}
	return c
}

// has says whether many people use this password: it is made of one known
// word, once or more, with digits and signs around it; or of one or two
// characters only; or runs along the alphabet, the digits or the keyboard; or it
// is the person's own address.
func (c *common) has(password, email string) bool {
	s := lowerASCII(password)
	if fewCharacters(s) || runs(s) {
		return true
	}
	own := lowerASCII(email)
	local, _, _ := strings.Cut(own, "@")
	start, end := strings.TrimLeftFunc(s, aside), strings.TrimRightFunc(s, aside)
	core := strings.TrimFunc(s, aside)
	if core == "" {
		return len(s) < 12 && !mixed(s) // digits and signs only, and short
	}
	for _, form := range []string{s, start, end, core} {
		plain := plainLetters(form)
		if c.word(form) || c.word(plain) || own != "" && (form == own || form == local) {
			return true
		}
	}
	return false
}

// aside says whether r is what people put around a word: a digit or a sign.
func aside(r rune) bool { return r < 0x80 && (r < 'a' || r > 'z') }

// word says whether s is a known word, once or more, or little and repeated.
func (c *common) word(s string) bool {
	if c.words[s] || runs(s) {
		return true
	}
	for i := 3; i <= len(s)/2; i++ {
		if len(s)%i == 0 && strings.Repeat(s[:i], len(s)/i) == s && (c.words[s[:i]] || len(s) <= 16) {
			return true
		}
	}
	return false
}

// plainLetters undoes the usual spellings with digits and signs: "p@ssw0rd".
func plainLetters(s string) string {
	return strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "5", "s", "$", "s", "7", "t").Replace(s)
}

// fewCharacters says whether s has one or two different characters.
func fewCharacters(s string) bool {
	seen := []rune(s)
	slices.Sort(seen)
	return len(slices.Compact(seen)) <= 2
}

// mixed says whether a row of digits and signs has eight or more different
// ones; fewer are mostly a date, a year twice or a piece of a number.
func mixed(s string) bool {
	seen := []rune(s)
	slices.Sort(seen)
	return len(slices.Compact(seen)) >= 8
}

const rows = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn " +
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p qazwsxedcrfvtgbyhnujmikolp 1q2w3e4r5t6y7u8i9o0p zaq12wsx !@#$%^&*() qweasdzxc 1234qwerasdf poiuytrewq lkjhgfdsa mnbvcxz 9876543210 zyxwvutsrqponmlkjihgfedcba"

// runs says whether s is made of pieces, four characters or longer, of a row of
// the keyboard, the alphabet or the digits.
func runs(s string) bool {
	for s != "" {
		n := 0
		for n < len(s) && strings.Contains(rows, s[:n+1]) {
			n++
		}
		if n < 4 && !(n == 3 && len(s) == 3) {
			return false
		}
		s = s[n:]
	}
	return true
}
