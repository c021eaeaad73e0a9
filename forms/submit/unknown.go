package submit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A later version of the program may name more in a report than this one
// knows, at any depth. What it does not know is kept as JSON of the same
// shape: objects with the unknown members alone, arrays with an object for
// each entry.

// unknown returns what of raw the type t has no field for, nil if nothing. It
// refuses a member that differs from a field by case alone: encoding/json
// would take it for the field.
func unknown(raw json.RawMessage, t reflect.Type) (json.RawMessage, error) {
	switch fields := jsonFields(t); {
	case fields != nil:
		return unknownMembers(raw, fields)
	case t.Kind() == reflect.Slice && jsonFields(t.Elem()) != nil:
		return unknownEntries(raw, t.Elem())
	}
	return nil, nil
}

func unknownMembers(raw json.RawMessage, fields map[string]reflect.Type) (json.RawMessage, error) {
	var have map[string]json.RawMessage
	if err := json.Unmarshal(raw, &have); err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	for name, v := range have {
		t, known := fields[name]
		if !known {
			for f := range fields {
				if strings.EqualFold(f, name) {
					return nil, fmt.Errorf("member %.80q for %s", name, f)
				}
			}
			out[name] = v
			continue
		}
		inside, err := unknown(v, t)
		if err != nil {
			return nil, err
		}
		if inside != nil {
			out[name] = inside
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return encode(out)
}

func unknownEntries(raw json.RawMessage, t reflect.Type) (json.RawMessage, error) {
	var have []json.RawMessage
	if err := json.Unmarshal(raw, &have); err != nil {
		return nil, err
	}
	out := make([]json.RawMessage, len(have))
	some := false
	for i, v := range have {
		inside, err := unknown(v, t)
		if err != nil {
			return nil, err
		}
		if out[i] = inside; inside == nil {
			out[i] = json.RawMessage("{}")
		}
		some = some || inside != nil
	}
	if !some {
		return nil, nil
	}
	return encode(out)
}

// restored puts what unknown returned back into known, the JSON of a t. What t
// has a field for stays as it is, and so do arrays that have another length now.
func restored(known, kept json.RawMessage, t reflect.Type) (json.RawMessage, error) {
	switch fields := jsonFields(t); {
	case fields != nil:
		return restoredMembers(known, kept, fields)
	case t.Kind() == reflect.Slice && jsonFields(t.Elem()) != nil:
		return restoredEntries(known, kept, t.Elem())
	}
	return known, nil
}

func restoredMembers(known, kept json.RawMessage, fields map[string]reflect.Type) (json.RawMessage, error) {
	var more map[string]json.RawMessage
	if json.Unmarshal(kept, &more) != nil || len(more) == 0 {
		return known, nil // not of this shape any more
	}
	var out bytes.Buffer
	write := func(name string, v json.RawMessage) error {
		key, err := encode(name)
		if err != nil {
			return err
		}
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(v)
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(known))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return known, err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string)
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, err
		}
		if inside := more[name]; inside != nil {
			if v, err = restored(v, inside, fields[name]); err != nil {
				return nil, err
			}
		}
		if err := write(name, v); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		if fields[name] == nil {
			if err := write(name, more[name]); err != nil {
				return nil, err
			}
		}
	}
	return slices.Concat([]byte("{"), out.Bytes(), []byte("}")), nil
}

func restoredEntries(known, kept json.RawMessage, t reflect.Type) (json.RawMessage, error) {
	var have, more []json.RawMessage
	if err := json.Unmarshal(known, &have); err != nil {
		return nil, err
	}
	if json.Unmarshal(kept, &more) != nil || len(have) != len(more) {
		return known, nil
	}
	for i := range have {
		var err error
		if have[i], err = restored(have[i], more[i], t); err != nil {
			return nil, err
		}
	}
	return encode(have)
}

// jsonFields are the members of a struct that encoding/json writes field by
// field, by name; nil for other types.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return nil
	}
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" {
			fields[name] = f.Type
		}
	}
	return fields
}
