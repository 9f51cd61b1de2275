// Package due decides what to ask. Next is a pure function: the definitions, what
// is known of a customer, the visit and the time give the screen that is due, or
// none; Explain says the reason for everything that was considered too.
package due
