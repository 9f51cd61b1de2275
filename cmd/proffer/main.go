// What a stranger can make the server read for one request is bounded (the
// defaults are 3,000 cookies and 10,000 parameters).

//go:debug httpcookiemaxnum=50
//go:debug urlmaxqueryparams=200

// Command proffer runs the identity provider, checks its configuration and
// shows the demo. It is the only place that opens a store's driver or a port.
// Each command stands in the file of its name.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// commands are those of the binary, in the order they are listed.
type commands struct {
	Demo    demoCommand    `cmd:"" help:"Run the provider, two shops and a mail catcher on this machine, to look at."`
	Serve   serveCommand   `cmd:"" help:"Run the provider."`
	Prepare prepareCommand `cmd:"" help:"Make the store, or bring it to this version, and end."`
	Check   checkCommand   `cmd:"" help:"Say everything that is wrong with a configuration."`
	Whatif  whatifCommand  `cmd:"" help:"Say what a visit would be: which screens, why, and what the site would get."`
	Screens screensCommand `cmd:"" help:"Work on a screen set."`

	Experiments experimentsCommand `cmd:"" help:"Say what the arms of campaigns came to, and how sure that is."`

	Version versionCommand `cmd:"" help:"Say which build this is."`
}

// streams are where a command writes.
type streams struct {
	out io.Writer // what was asked for
	err io.Writer // what went wrong, and the log
}

// errSaid is returned by a command that has said itself what is wrong.
var errSaid = errors.New("said already")

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdout, os.Stderr}))
}

// run returns the exit code: 0 done, 1 something is wrong, 2 the command cannot
// be understood, 3 another deploy came first.
func run(args []string, s streams) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("proffer"),
		kong.Description("Proffer signs your customers in, asks them a few well-chosen questions, and hands your sites what they agreed to share."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { exit = code }),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(s.err, "proffer:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	ctx, err := parser.Parse(args)
	if exit >= 0 { // --help has been printed
		return exit
	}
	if err != nil {
		fmt.Fprintf(s.err, "proffer: %s\nproffer --help lists the commands.\n", err)
		return 2
	}
	switch err := ctx.Run(s); {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return 1
	case errors.Is(err, errMoved):
		fmt.Fprintln(s.err, "proffer:", err)
		return 3
	default:
		fmt.Fprintln(s.err, "proffer:", err)
		return 1
	}
}
