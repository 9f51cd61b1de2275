// Package due decides what to ask. Decide is a pure function: the definitions, what
// is known of a customer, the visit and the time give the screen that is due, or
// none, with the reason for everything that was considered.
package due
