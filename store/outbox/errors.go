package outbox

import (
	"errors"

	"github.com/proffer-id/proffer/store"
)

func ignoreAbsent(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrSealed) {
		return nil
	}
	return err
}
