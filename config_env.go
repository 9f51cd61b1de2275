package proffer

import (
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/proffer-id/proffer/internal/diag"
)

// applyEnvironment sets what PROFFER_ variables say, over what the file says.
// PROFFER_TEST_… is for the tests of Proffer itself, PROFFER_SCREENS_… for proffer
// screens; they are left alone.
func (c *Config) applyEnvironment(environ []string, out *diag.Findings) {
	environ = slices.Sorted(slices.Values(environ))
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		rest, ours := strings.CutPrefix(name, "PROFFER_")
		if !ours || strings.HasPrefix(rest, "TEST_") || strings.HasPrefix(rest, "SCREENS_") {
			continue
		}
		at := diag.Root(name, out)
		keys := strings.Split(asciiLower(rest), "__")
		into, near := setting(reflect.ValueOf(c).Elem(), keys)
		if last := keys[len(keys)-1]; !into.ok && strings.HasSuffix(last, "_file") {
			keys[len(keys)-1] = strings.TrimSuffix(last, "_file")
			if into, _ = setting(reflect.ValueOf(c).Elem(), keys); into.ok {
				text, err := os.ReadFile(value)
				if err != nil {
					at.Errorf("%s", cause(err))
					continue
				}
				if into.secret { // a password, or an address that may have one
					if info, err := os.Stat(value); err != nil {
						at.Errorf("%s", cause(err))
					} else if why := loose(info); why != "" {
						at.Errorf("%s %s", value, why)
					}
				}
				value = strings.TrimRight(string(text), "\r\n")
			}
		}
		if !into.ok {
			at.Errorf("sets no key of the configuration%s", diag.DidYouMean(name, near, nil))
			continue
		}
		into.set(name, value, out)
	}
}

// A place is a field of the configuration, or an entry of a map in it.
type place struct {
	ok     bool
	value  reflect.Value
	secret bool // taken as it stands: a secret is not YAML
}

func (p place) set(name, value string, out *diag.Findings) {
	if !p.secret {
		p.value.SetZero() // a list or map is replaced, not added to
		diag.Decode(name, []byte(value), p.value.Addr().Interface(), out)
		return
	}
	if p.value.Kind() == reflect.Slice {
		p.value.Set(reflect.ValueOf([]Secret{Secret(value)}))
		return
	}
	p.value.SetString(value)
}

// setting finds the place that keys lead to. If there is none, near are the
// variables that would lead on from the last level there is.
func setting(v reflect.Value, keys []string) (found place, near []string) {
	said := "PROFFER"
	sep := "_"
	for i, key := range keys {
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return place{}, nil
			}
			v = v.Elem()
		}
		var next place
		names := map[string]place{}
		switch v.Kind() {
		case reflect.Struct:
			names = fields(v)
		case reflect.Map:
			for _, k := range v.MapKeys() {
				if e := v.MapIndex(k); e.Kind() == reflect.Pointer && !e.IsNil() {
					names[asciiLower(strings.NewReplacer("-", "_", ".", "_").Replace(k.String()))] = place{ok: true, value: e.Elem()}
				}
			}
		}
		next = names[key]
		if !next.ok {
			for n := range names {
				variable := append([]string{said + sep + strings.ToUpper(n)}, keys[i+1:]...)
				near = append(near, strings.ToUpper(strings.Join(variable, "__")))
			}
			slices.Sort(near)
			return place{}, near
		}
		said, sep = said+sep+strings.ToUpper(key), "__"
		if i == len(keys)-1 {
			return next, nil
		}
		v = next.value
	}
	return place{}, nil
}

// fields are the settings of a struct by the key they are written under.
func fields(v reflect.Value) map[string]place {
	names := map[string]place{}
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		if key := tag.Get("env"); key != "" {
			names[key] = place{ok: true, value: v.Field(i), secret: true}
		} else if key := tag.Get("yaml"); key != "" && key != "-" {
			names[key] = place{ok: true, value: v.Field(i)}
		}
	}
	return names
}
