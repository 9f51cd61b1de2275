package bolt_test

import (
	"testing"

	"github.com/proffer-id/proffer/store"
	"github.com/proffer-id/proffer/store/storetest"
)

func TestDriver(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Driver { return storetest.Bolt(t) })
}
