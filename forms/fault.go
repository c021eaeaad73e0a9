package forms

import "baosong/forms/expr"

// Fault is something wrong with a form; its format is the key to its words.
type Fault = expr.Fault

// Faultf makes a Fault, as fmt.Errorf makes an error.
func Faultf(format string, args ...any) error { return expr.Faultf(format, args...) }
