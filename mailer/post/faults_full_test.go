//go:build servers

package post

const everyCase = 1 // the whole fault table
