package main

import (
	"errors"
	"flag"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the scripts compare with anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"proffer": main})
}

// Each script of testdata/script is one story of the command line.
func TestScripts(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", root+"/../..")
			port, err := scriptPort()
			e.Setenv("PORT", port)
			return err
		},
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"ready": ready, "exits": exits},
		RequireExplicitExec: true,
		UpdateScripts:       *update,
	})
}

// scriptPort is a port on which nothing listens.
func scriptPort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// ready waits for the provider on $PORT.
func ready(ts *testscript.TestScript, _ bool, _ []string) {
	for range 600 {
		res, err := http.Get("http://localhost:" + ts.Getenv("PORT") + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("the provider does not get ready")
}

// exits runs a command that must end with the exit code given first.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || strconv.Itoa(exit.ExitCode()) != args[0] {
		ts.Fatalf("ended with %v, want exit code %s", err, args[0])
	}
}
