//go:build !servers

package post

const everyCase = 7 // a spread of the fault table, since fsync takes its time
