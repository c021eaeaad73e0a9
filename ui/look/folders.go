package look

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Bounds on the walk over the font folders.
const (
	maxFontDepth = 6
	maxFontFiles = 20000
)

// fontFolders returns where fonts lie on an operating system (a runtime.GOOS value), the user's own first.
func fontFolders(goos string, env func(string) string) []string {
	home := env("HOME")
	switch goos {
	case "windows":
		return present(
			joined(env("LOCALAPPDATA"), "Microsoft", "Windows", "Fonts"),
			joined(env("WINDIR"), "Fonts"),
		)
	case "darwin":
		return present(
			joined(home, "Library", "Fonts"),
			"/Library/Fonts",
			"/System/Library/Fonts",
			// Since macOS 10.15 some faces are assets that the system loads.
			"/System/Library/AssetsV2",
		)
	}
	data := env("XDG_DATA_HOME")
	if data == "" {
		data = joined(home, ".local", "share")
	}
	folders := []string{joined(data, "fonts"), joined(home, ".fonts")}
	shared := env("XDG_DATA_DIRS")
	if shared == "" {
		shared = "/usr/local/share:/usr/share"
	}
	for dir := range strings.SplitSeq(shared, ":") {
		folders = append(folders, joined(dir, "fonts"))
	}
	// Inside a sandbox the system's fonts are here.
	return present(append(folders, "/usr/share/fonts", "/run/host/fonts")...)
}

func joined(base string, parts ...string) string {
	if base == "" {
		return ""
	}
	return filepath.Join(append([]string{base}, parts...)...)
}

func present(dirs ...string) []string {
	var out []string
	for _, d := range dirs {
		if d != "" {
			out = append(out, d)
		}
	}
	return out
}

// fontFiles lists the font files below the folders: lower-case file name → path. The first folder wins.
func fontFiles(folders []string) map[string]string {
	files := map[string]string{}
	for _, root := range folders {
		base := strings.Count(filepath.ToSlash(filepath.Clean(root)), "/")
		// A folder that is missing or closed has no fonts for us; it is no error.
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				if d != nil && d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if len(files) >= maxFontFiles {
				return fs.SkipAll
			}
			if d.IsDir() {
				if strings.Count(filepath.ToSlash(path), "/")-base > maxFontDepth || foreignAsset(d.Name()) {
					return fs.SkipDir
				}
				return nil
			}
			name := strings.ToLower(d.Name())
			switch filepath.Ext(name) {
			case ".ttf", ".ttc", ".otf", ".otc":
				if _, seen := files[name]; !seen {
					files[name] = path
				}
			}
			return nil
		})
	}
	return files
}

// foreignAsset keeps the walk out of the macOS assets that hold no fonts: there are tens of thousands of files.
func foreignAsset(dir string) bool {
	return strings.HasPrefix(dir, "com_apple_MobileAsset_") && !strings.HasPrefix(dir, "com_apple_MobileAsset_Font")
}

func systemEnv(key string) string { return os.Getenv(key) }
