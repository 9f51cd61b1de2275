// Package experiment says what the arms of a campaign came to: not only how many went
// through it, but how good what they said is. It counts customers, and is pure: what is
// known of each is handed in, and nothing is read or written here.
//
// Every share is one of customers, never of answers: customers are what was put into
// the arms by chance, and the answers of one are not independent of each other. Cells
// of fewer than Fewest customers are hidden, in numbers and in JSON alike.
//
// Start at Tally for the counting, Report for what it comes to, Wilson and Newcombe for
// the intervals.
package experiment
