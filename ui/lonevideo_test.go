package ui

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"baosong/forms/media/sample"
	"baosong/ui/native"
)

// TestVideoWithoutAGalleryTellsWhatIsNotSent has a form that asks for a video, and for no photos.
func TestVideoWithoutAGalleryTellsWhatIsNotSent(t *testing.T) {
	dir := t.TempDir()
	form := filepath.Join(dir, "通知")
	if err := os.Mkdir(form, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"survey.csv":   "type,name,label\nbegin group,film,影片\nvideo,clip,短片\nend group,,\n",
		"settings.csv": "form_title,form_id\n影片征集,film-1\n",
	} {
		if err := os.WriteFile(filepath.Join(form, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	clip := write(t, filepath.Join(dir, "现场.mp4"), func(w io.Writer) error {
		return sample.Video(w, sample.VideoOptions{Location: "+43.8378+126.5495/"})
	})
	k := sit(t, t.TempDir(), local{})
	k.drop(form)
	k.tap("开始填报")
	k.shell.Pick = func(native.Window, native.Ask) ([]string, error) { return []string{clip}, nil }
	k.tap("选择文件")
	k.mustSee("现场.mp4")
	k.mustSee("发送时会去掉拍摄地点")
}
