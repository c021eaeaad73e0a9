//go:build race

package draft

const raceDetector = true
