package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// A bbolt file begins with two meta pages, written in turn. After a header of
// 16 bytes each has
//
//	magic(4) version(4) page size(4) flags(4) root(16) freelist(8) pages(8) txid(8) checksum(8)
//
// in the byte order of the machine, which is little-endian wherever we run.
const (
	metaAt    = 16
	metaSize  = 64
	metaMagic = 0xED0CDAED
)

// inspect finds out whether bbolt can open a file. Reading one that is shorter
// than its meta pages say would end the process with SIGBUS, and a file that
// is something else would be overwritten or read as noise.
func inspect(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	switch {
	case !info.Mode().IsRegular():
		return errors.New("it is not a file")
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("others may read or write it (mode %04o): chmod 600 it", info.Mode().Perm())
	case info.Size() == 0:
		return errors.New("it is empty, which no store ever is; put its backup there, or delete it to begin a new one")
	}
	var sound, magic bool
	for size := int64(1 << 10); size <= 1<<16; size <<= 1 {
		// The first meta page stands at 0 whatever the size; the second tells it.
		for _, at := range []int64{0, size} {
			m, err := readMeta(f, at)
			if err != nil {
				return err
			}
			magic = magic || m.magic
			if !m.sound || int64(m.pageSize) != size {
				continue
			}
			sound = true
			if m.pages > uint64(info.Size()/size) {
				return fmt.Errorf("it is cut off: %d bytes of at least %d are there; put its backup there", info.Size(), m.pages*uint64(size))
			}
		}
	}
	switch {
	case sound:
		return nil
	case magic:
		return errors.New("it is damaged: neither of its first two pages is sound; put its backup there")
	}
	return errors.New("it is not a store of ours; is it the right file?")
}

type meta struct {
	magic    bool // it says that it is a meta page
	sound    bool // and its checksum bears it out
	pageSize uint32
	pages    uint64 // of the file that are in use
}

func readMeta(f *os.File, at int64) (meta, error) {
	var b [metaAt + metaSize]byte
	switch _, err := f.ReadAt(b[:], at); {
	case errors.Is(err, io.EOF):
		return meta{}, nil
	case err != nil:
		return meta{}, err
	}
	p, le := b[metaAt:], binary.LittleEndian
	h := fnv.New64a()
	h.Write(p[:56])
	m := meta{magic: le.Uint32(p) == metaMagic, pageSize: le.Uint32(p[8:]), pages: le.Uint64(p[40:])}
	m.sound = m.magic && le.Uint32(p[4:]) == 2 && le.Uint64(p[56:]) == h.Sum64()
	return m, nil
}
