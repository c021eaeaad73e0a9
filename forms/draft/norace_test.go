//go:build !race

package draft

const raceDetector = false
