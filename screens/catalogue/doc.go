// Package catalogue is what a brand may ask, as it writes it: questions of many
// kinds, screens that show them, campaigns that say whom, when and how often. It
// knows no customer, no clock and no store.
//
// Load reads the screen set of one brand, Join checks the sets of all brands
// against each other, and both report everything that is to be put right at once. A
// Kind reads a form, checks a value and says it in words; a Condition is what
// decides over a State. Resolve gives the words of each page as shown, under whose
// hash an answer records them. Start with catalogue.go; a new kind of question is
// one more kind_<name>.go.
package catalogue
