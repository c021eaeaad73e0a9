// Package bag writes, verifies and unpacks BagIt bags (RFC 8493). It writes
// version 1.0 in a zip; it reads 0.93 to 1.0 from a zip or a folder. It knows
// nothing of what is in a bag.
package bag
