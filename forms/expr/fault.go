package expr

import "fmt"

// Fault is something wrong with a form. Its format is the key by which the
// words for a person are found; see ui/say.
type Fault struct {
	Format string
	Args   []any
}

// Faultf makes a Fault, as fmt.Errorf makes an error.
func Faultf(format string, args ...any) error { return &Fault{Format: format, Args: args} }

func (f *Fault) Error() string { return fmt.Errorf(f.Format, f.Args...).Error() }

// Unwrap returns the error among the arguments, nil if there is none.
func (f *Fault) Unwrap() error {
	for _, a := range f.Args {
		if err, ok := a.(error); ok {
			return err
		}
	}
	return nil
}
