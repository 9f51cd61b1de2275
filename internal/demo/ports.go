package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// ports are the four addresses of the demo, taken.
type ports struct {
	provider, kopi, sole, mail *port
}

// A port is one address that is listened on, by IPv4 and, where there is any,
// IPv6: browsers try both for localhost, and must not find somebody else there.
type port struct {
	number    int
	listeners []net.Listener
}

// origin is how browsers name it.
func (p *port) origin() string { return "http://localhost:" + strconv.Itoa(p.number) }

// only answers who asks for this machine by name. A page of a foreign site could
// have its own name lead here (DNS rebinding), and would then read, as its own,
// the codes in the mail.
func (p *port) only(h http.Handler) http.Handler {
	number := strconv.Itoa(p.number)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Host {
		case "localhost:" + number, "127.0.0.1:" + number, "[::1]:" + number:
			h.ServeHTTP(w, r)
		default:
			http.Error(w, "this is "+p.origin(), http.StatusMisdirectedRequest)
		}
	})
}

// listen takes four ports from the first on, or none.
func listen(first int) (*ports, error) {
	if first < 1 || first+3 > 65535 {
		return nil, fmt.Errorf("--port %d: choose one from 1 to %d, since the three after it are used too", first, 65535-3)
	}
	var taken [4]*port
	for i := range taken {
		p, err := listenOn(first + i)
		if err != nil {
			for _, p := range taken[:i] {
				p.close()
			}
			if errors.Is(err, syscall.EADDRINUSE) {
				return nil, fmt.Errorf("port %d is in use, perhaps by another demo. Stop that, or choose four others: proffer demo --port %d", first+i, (first+100)%65000)
			}
			if errors.Is(err, syscall.EACCES) {
				return nil, fmt.Errorf("port %d is not ours to use; choose one above 1023: proffer demo --port 8080", first+i)
			}
			return nil, err
		}
		taken[i] = p
	}
	return &ports{taken[0], taken[1], taken[2], taken[3]}, nil
}

func listenOn(number int) (*port, error) {
	four, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(number)))
	if err != nil {
		return nil, err
	}
	p := &port{number: number, listeners: []net.Listener{four}}
	six, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(number)))
	switch {
	case err == nil:
		p.listeners = append(p.listeners, six)
	case errors.Is(err, syscall.EADDRINUSE):
		p.close()
		return nil, err
	}
	return p, nil // a machine without IPv6 does well without
}

func (p *port) close() {
	for _, l := range p.listeners {
		l.Close()
	}
}

func (p *ports) close() {
	for _, one := range []*port{p.provider, p.kopi, p.sole, p.mail} {
		one.close()
	}
}

// moved maps the origins of the example configuration to those taken.
func (p *ports) moved() map[string]string {
	moved := map[string]string{}
	for i, one := range []*port{p.provider, p.kopi, p.sole, p.mail} {
		moved["http://localhost:"+strconv.Itoa(8080+i)] = one.origin()
	}
	return moved
}

// servers are the four HTTP servers.
type servers struct {
	log    *slog.Logger
	all    []*http.Server
	failed chan error
}

func newServers(log *slog.Logger) *servers {
	return &servers{log: log, failed: make(chan error, 8)}
}

// serve answers at a port until stop.
func (s *servers) serve(p *port, h http.Handler) {
	server := &http.Server{
		Handler:           p.only(h),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.all = append(s.all, server)
	for _, l := range p.listeners {
		go func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				s.failed <- fmt.Errorf("serve %s: %w", p.origin(), err)
			}
		}()
	}
}

// stop gives requests under way 5 seconds to end. The shops, which ask the
// provider, go first.
func (s *servers) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var errs []error
	for i := len(s.all) - 1; i >= 0; i-- {
		if err := s.all[i].Shutdown(ctx); err != nil {
			errs = append(errs, s.all[i].Close())
		}
	}
	return errors.Join(errs...)
}
