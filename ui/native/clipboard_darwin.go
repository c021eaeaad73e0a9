package native

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// pasteboard prints a line for each file, or one for a picture.
const pasteboard = `ObjC.import("AppKit");
function run() {
	const board = $.NSPasteboard.generalPasteboard;
	const urls = ObjC.unwrap(board.readObjectsForClassesOptions($([$.NSURL]), $({NSPasteboardURLReadingFileURLsOnlyKey: true})));
	if (urls && urls.length) return urls.map(u => "file:" + ObjC.unwrap(u.path)).join("\n");
	let data = board.dataForType("public.png");
	if (data.isNil()) {
		const tiff = board.dataForType("public.tiff");
		if (tiff.isNil()) return "";
		data = $.NSBitmapImageRep.imageRepWithData(tiff).representationUsingTypeProperties(4, $({}));
	}
	return "png:" + ObjC.unwrap(data.base64EncodedStringWithOptions(0));
}`

func clipboard(Window) (Clip, error) {
	out, err := output(maxClip*4/3, "/usr/bin/osascript", "-l", "JavaScript", "-e", pasteboard)
	if err != nil {
		return Clip{}, err
	}
	var clip Clip
	for _, line := range lines(string(out)) {
		if path, ok := strings.CutPrefix(line, "file:"); ok {
			clip.Files = append(clip.Files, path)
		}
		if text, ok := strings.CutPrefix(line, "png:"); ok {
			if clip.Picture, err = base64.StdEncoding.DecodeString(text); err != nil {
				return Clip{}, fmt.Errorf("picture: %w", err)
			}
		}
	}
	return clip, nil
}
