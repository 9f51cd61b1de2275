// Package errorsx stands in for github.com/ory/x/errorsx: the part of it that
// fosite uses, and nothing else. See ../README.md.
package errorsx

import "github.com/pkg/errors"

// Cause returns the innermost error of a chain of Cause methods.
func Cause(err error) error {
	for err != nil {
		c, ok := err.(interface{ Cause() error })
		if !ok || c.Cause() == nil {
			return err
		}
		err = c.Cause()
	}
	return nil
}

// WithStack adds a stack trace unless the error already has one.
func WithStack(err error) error {
	if t, ok := err.(StackTracer); ok && len(t.StackTrace()) > 0 {
		return err
	}
	return errors.WithStack(err)
}

// The carriers below are the optional methods of an error that fosite looks for.
type (
	StackTracer       interface{ StackTrace() errors.StackTrace }
	StatusCodeCarrier interface{ StatusCode() int }
	RequestIDCarrier  interface{ RequestID() string }
	ReasonCarrier     interface{ Reason() string }
	DebugCarrier      interface{ Debug() string }
	StatusCarrier     interface{ Status() string }
	DetailsCarrier    interface{ Details() map[string]any }
	IDCarrier         interface{ ID() string }
)
