//go:build !servers

package post

const everyCase = 13 // a spread of the fault table, since fsync takes its time
