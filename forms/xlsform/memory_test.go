//go:build !race

package xlsform_test

import (
	"errors"
	"fmt"
	"testing"

	"baosong/forms/xlsform"
)

// Not under the race detector, which takes memory of its own.
func TestHostileFilesAreRefusedInLittleMemory(t *testing.T) {
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			o, _ := readInChild(t, h.name, h.write)
			if o.Peak > maxMemory {
				t.Errorf("took %d MB", o.Peak>>20)
			}
			if o.Read != fmt.Sprint(h.want) && h.want != nil || h.want == nil && o.Read != "<nil>" {
				t.Errorf("read as a notice: %s, want %v", o.Read, h.want)
			}
			fill := h.want
			switch {
			case errors.Is(fill, xlsform.ErrNoForm):
				fill = xlsform.ErrNotWorkbook
			case errors.Is(fill, errBroken):
				fill = nil
			}
			if o.Fill != fmt.Sprint(fill) {
				t.Errorf("read as filled in: %s, want %v", o.Fill, fill)
			}
		})
	}
}
