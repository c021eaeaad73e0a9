package media

import (
	"slices"
	"strings"
)

// Format is a file format, known by content.
type Format string

// The formats that are told apart. Others have the name of their MIME type.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	HEIC Format = "heic"
	WebP Format = "webp"
	AVIF Format = "avif"
	GIF  Format = "gif"
	BMP  Format = "bmp"
	TIFF Format = "tiff"

	MP4  Format = "mp4"
	MOV  Format = "mov"
	M4V  Format = "m4v"
	ThGP Format = "3gp"
	AVI  Format = "avi"
	MKV  Format = "mkv"
	WebM Format = "webm"
	WMV  Format = "wmv"
	FLV  Format = "flv"
	MPEG Format = "mpeg"
	TS   Format = "ts"
	RMVB Format = "rmvb"
	M4A  Format = "m4a"

	PDF  Format = "pdf"
	DOC  Format = "doc"
	XLS  Format = "xls"
	PPT  Format = "ppt"
	DOCX Format = "docx"
	XLSX Format = "xlsx"
	PPTX Format = "pptx"
	OFD  Format = "ofd"
	OLE  Format = "ole"
	ZIP  Format = "zip"
	Text Format = "text"
)

// traits is what follows from a format. The first ending is the one to give a file that has a wrong one; the others
// are right too.
type traits struct {
	kind    Kind
	mime    string
	endings []string
}

func (f Format) traits() (traits, bool) {
	t, ok := map[Format]traits{
		JPEG: {Image, "image/jpeg", []string{".jpg", ".jpeg", ".jpe", ".jfif"}},
		PNG:  {Image, "image/png", []string{".png"}},
		HEIC: {Image, "image/heic", []string{".heic", ".heif", ".hif"}},
		WebP: {Image, "image/webp", []string{".webp"}},
		AVIF: {Image, "image/avif", []string{".avif"}},
		GIF:  {Image, "image/gif", []string{".gif"}},
		BMP:  {Image, "image/bmp", []string{".bmp", ".dib"}},
		TIFF: {Image, "image/tiff", []string{".tif", ".tiff"}},

		MP4:  {Video, "video/mp4", []string{".mp4", ".m4v", ".f4v"}},
		MOV:  {Video, "video/quicktime", []string{".mov", ".qt"}},
		M4V:  {Video, "video/x-m4v", []string{".m4v", ".mp4"}},
		ThGP: {Video, "video/3gpp", []string{".3gp", ".3g2", ".3gpp", ".mp4"}},
		AVI:  {Video, "video/x-msvideo", []string{".avi"}},
		MKV:  {Video, "video/x-matroska", []string{".mkv", ".mk3d"}},
		WebM: {Video, "video/webm", []string{".webm"}},
		WMV:  {Video, "video/x-ms-wmv", []string{".wmv", ".asf", ".wma"}},
		FLV:  {Video, "video/x-flv", []string{".flv"}},
		MPEG: {Video, "video/mpeg", []string{".mpg", ".mpeg", ".vob", ".dat"}},
		TS:   {Video, "video/mp2t", []string{".ts", ".mts", ".m2ts"}},
		RMVB: {Video, "application/vnd.rn-realmedia-vbr", []string{".rmvb", ".rm"}},
		M4A:  {Audio, "audio/mp4", []string{".m4a", ".mp4", ".aac"}},

		PDF:  {Document, "application/pdf", []string{".pdf", ".ai"}},
		DOC:  {Document, "application/msword", []string{".doc", ".wps", ".dot", ".wpt"}},
		XLS:  {Document, "application/vnd.ms-excel", []string{".xls", ".et", ".xlt", ".ett"}},
		PPT:  {Document, "application/vnd.ms-powerpoint", []string{".ppt", ".dps", ".pps", ".pot"}},
		DOCX: {Document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx", ".docm", ".dotx", ".wps"}},
		XLSX: {Document, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{".xlsx", ".xlsm", ".xltx", ".et"}},
		PPTX: {Document, "application/vnd.openxmlformats-officedocument.presentationml.presentation", []string{".pptx", ".pptm", ".ppsx", ".dps"}},
		OFD:  {Document, "application/ofd", []string{".ofd"}},
		OLE:  {Document, "application/x-ole-storage", []string{".doc", ".wps", ".xls", ".et", ".ppt", ".dps", ".msg"}},
		ZIP:  {Archive, "application/zip", []string{".zip", ".docx", ".xlsx", ".pptx", ".ofd", ".wps", ".uof"}},
		Text: {Document, "text/plain", []string{".txt", ".csv", ".md", ".log", ".json", ".xml", ".html", ".htm"}},
	}[f]
	return t, ok
}

// describe fills in what follows from the format. An ending that fits stays, in lower case.
func (i *Info) describe(f Format, ending string) {
	t, _ := f.traits()
	i.Format, i.Kind, i.MIME = f, t.kind, t.mime
	ending = strings.ToLower(ending)
	if slices.Contains(t.endings, ending) || len(t.endings) == 0 {
		i.Ext = ending
		return
	}
	i.Ext = t.endings[0]
}
