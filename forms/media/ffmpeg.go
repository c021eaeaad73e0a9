package media

import "os/exec"

// FindFFmpeg returns where ffmpeg is, "" when it is not on the path.
func FindFFmpeg() string {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return ""
	}
	return path
}
