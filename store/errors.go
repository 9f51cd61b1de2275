package store

import (
	"errors"
	"fmt"
)

// Errors that a caller branches on. Others are wrapped causes.
var (
	ErrNotFound    = errors.New("not found")
	ErrUnavailable = errors.New("store unavailable")  // 503 with Retry-After
	ErrNotUnique   = errors.New("not unique")         // errors.As *NotUniqueError tells where
	ErrSealed      = errors.New("cannot be unsealed") // errors.As *SealedError tells which
)

// NotUniqueError is what Update returns when the primary key of an Insert or
// a key of a unique index is taken. Nothing of that Update was written then.
type NotUniqueError struct{ Collection, Index string } // Index "" is the primary key

func (e *NotUniqueError) Error() string {
	if e.Index == "" {
		return e.Collection + ": not unique"
	}
	return e.Collection + " by " + e.Index + ": not unique"
}

func (e *NotUniqueError) Is(target error) bool { return target == ErrNotUnique }

// SealedError lists records that are there but cannot be opened: the key of
// their account is gone, or the bytes were changed or moved. They can still be
// deleted by these keys.
type SealedError struct {
	Collection string
	Keys       []Key
}

func (e *SealedError) Error() string {
	if len(e.Keys) == 1 {
		return fmt.Sprintf("%s %s: cannot be unsealed", e.Collection, e.Keys[0])
	}
	return fmt.Sprintf("%s: %d records cannot be unsealed, the first is %s", e.Collection, len(e.Keys), e.Keys[0])
}

func (e *SealedError) Is(target error) bool { return target == ErrSealed }
