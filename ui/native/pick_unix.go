//go:build !windows && !darwin

package native

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// Names of the desktop portal (flatpak.github.io/xdg-desktop-portal, FileChooser and Request) and of the file
// manager's interface (freedesktop.org/wiki/Specifications/file-manager-interface).
const (
	portalName    = "org.freedesktop.portal.Desktop"
	portalPath    = "/org/freedesktop/portal/desktop"
	chooserIface  = "org.freedesktop.portal.FileChooser"
	requestIface  = "org.freedesktop.portal.Request"
	managerName   = "org.freedesktop.FileManager1"
	managerPath   = "/org/freedesktop/FileManager1"
	pickCancelled = 1
)

// pick asks the desktop portal. The call and its answer are spelled out here since the library for it reads a plus
// sign in a file's name as a space.
func pick(over Window, ask Ask) ([]string, error) {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return nil, fmt.Errorf("%w: no session bus: %w", ErrUnavailable, err)
	}
	defer conn.Close() // the connection is this request's own, so that its signals end with it
	return askPortal(conn, over, ask)
}

func askPortal(conn *dbus.Conn, over Window, ask Ask) ([]string, error) {
	const token = "baosong" // one request for each connection
	sender := strings.ReplaceAll(strings.TrimPrefix(conn.Names()[0], ":"), ".", "_")
	request := dbus.ObjectPath(portalPath + "/request/" + sender + "/" + token)
	// Listening before asking: an answer may come at once.
	err := conn.AddMatchSignal(dbus.WithMatchObjectPath(request), dbus.WithMatchInterface(requestIface))
	if err != nil {
		return nil, fmt.Errorf("%w: listen for the answer: %w", ErrUnavailable, err)
	}
	answers := make(chan *dbus.Signal, 4)
	conn.Signal(answers)

	method, options := portalOptions(ask, token)
	parent := ""
	if over != 0 {
		parent = "x11:" + strconv.FormatUint(uint64(over), 16)
	}
	var handle dbus.ObjectPath
	err = conn.Object(portalName, portalPath).Call(chooserIface+"."+method, 0, parent, ask.Title, options).Store(&handle)
	if err != nil {
		return nil, fmt.Errorf("%w: no desktop portal: %w", ErrUnavailable, err)
	}
	for signal := range answers {
		if signal.Name == requestIface+".Response" && signal.Path == request {
			return portalAnswer(signal.Body)
		}
	}
	return nil, fmt.Errorf("%w: the session bus went away", ErrUnavailable)
}

func portalOptions(ask Ask, token string) (string, map[string]dbus.Variant) {
	options := map[string]dbus.Variant{
		"handle_token": dbus.MakeVariant(token),
		"modal":        dbus.MakeVariant(true),
	}
	if ask.Accept != "" {
		options["accept_label"] = dbus.MakeVariant(strings.ReplaceAll(ask.Accept, "_", "__"))
	}
	if ask.Start != "" {
		options["current_folder"] = dbus.MakeVariant(append([]byte(ask.Start), 0))
	}
	if filters := portalFilters(ask.Filters); len(filters) > 0 && ask.Kind != Folder {
		options["filters"] = dbus.MakeVariant(filters)
	}
	switch ask.Kind {
	case Save:
		if ask.Name != "" {
			options["current_name"] = dbus.MakeVariant(ask.Name)
		}
		return "SaveFile", options
	case Files:
		options["multiple"] = dbus.MakeVariant(true)
	case Folder:
		options["directory"] = dbus.MakeVariant(true)
	}
	return "OpenFile", options
}

// portalFilter is (sa(us)): a name, and patterns of kind 0, a glob.
type portalFilter struct {
	Name     string
	Patterns []portalPattern
}

type portalPattern struct {
	Kind uint32
	Glob string
}

func portalFilters(filters []Filter) []portalFilter {
	var out []portalFilter
	for _, f := range filters {
		pf := portalFilter{Name: f.Name}
		for _, ext := range f.Extensions {
			pf.Patterns = append(pf.Patterns, portalPattern{0, "*." + anyCase(ext)})
		}
		if len(f.Extensions) == 0 {
			pf.Patterns = []portalPattern{{0, "*"}}
		}
		out = append(out, pf)
	}
	return out
}

// anyCase writes an extension as a glob that takes .JPG as well: the patterns tell case.
func anyCase(ext string) string {
	var b strings.Builder
	for _, r := range ext {
		if lower, upper := strings.ToLower(string(r)), strings.ToUpper(string(r)); lower != upper {
			b.WriteString("[" + lower + upper + "]")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// portalAnswer reads the Response signal: a code, and the URIs chosen.
func portalAnswer(body []any) ([]string, error) {
	if len(body) != 2 {
		return nil, fmt.Errorf("the portal answered with %d values", len(body))
	}
	code, ok := body[0].(uint32)
	results, isMap := body[1].(map[string]dbus.Variant)
	if !ok || !isMap {
		return nil, fmt.Errorf("the portal answered with %T, %T", body[0], body[1])
	}
	switch code {
	case 0:
	case pickCancelled:
		return nil, nil
	default:
		return nil, fmt.Errorf("%w: the portal ended with code %d", ErrUnavailable, code)
	}
	uris, ok := results["uris"].Value().([]string)
	if !ok {
		return nil, fmt.Errorf("the portal answered without files")
	}
	var paths []string
	for _, uri := range uris {
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "file" {
			return nil, fmt.Errorf("the portal answered %q, which is no file of this machine", uri)
		}
		paths = append(paths, filepath.FromSlash(u.Path))
	}
	return paths, nil
}

// reveal asks the file manager over the session bus, and opens the folder where it does not listen.
func reveal(path string) error {
	if err := showItems(path); err == nil {
		return nil
	}
	return openFolder(filepath.Dir(path))
}

func showItems(path string) error {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer conn.Close() // nothing is under way on it
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	uri := url.URL{Scheme: "file", Path: path}
	return conn.Object(managerName, managerPath).
		CallWithContext(ctx, managerName+".ShowItems", 0, []string{uri.String()}, "").Err
}

func openFolder(path string) error { return run("xdg-open", path) }

func openFile(path string) error { return run("xdg-open", path) }
