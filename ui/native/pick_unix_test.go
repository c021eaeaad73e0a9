//go:build !windows && !darwin

package native

import (
	"errors"
	"fmt"
	"testing"

	"github.com/godbus/dbus/v5"
)

func TestPortalIsAskedInItsTerms(t *testing.T) {
	method, o := portalOptions(Ask{
		Kind: Files, Accept: "选_用", Start: "/tmp",
		Filters: []Filter{{"图片", []string{"jpg", "7z"}}, {"所有文件", nil}},
	}, "tok")
	if method != "OpenFile" || o["multiple"].Value() != true || o["handle_token"].Value() != "tok" {
		t.Errorf("%s with %v", method, o)
	}
	if got := o["accept_label"].Value(); got != "选__用" {
		t.Errorf("an underline marks a key: %v", got)
	}
	if got := fmt.Sprint(o["filters"].Value()); got != "[{图片 [{0 *.[jJ][pP][gG]} {0 *.7[zZ]}]} {所有文件 [{0 *}]}]" {
		t.Errorf("filters %s", got)
	}
	if sig := o["filters"].Signature().String(); sig != "a(sa(us))" {
		t.Errorf("filters have the signature %s", sig)
	}
	if got := o["current_folder"].Value().([]byte); string(got) != "/tmp\x00" {
		t.Errorf("folder %q", got)
	}
	if method, o := portalOptions(Ask{Kind: Save, Name: "汇总表.xlsx"}, "t"); method != "SaveFile" || o["current_name"].Value() != "汇总表.xlsx" {
		t.Errorf("%s with %v", method, o)
	}
	if method, o := portalOptions(Ask{Kind: Folder}, "t"); method != "OpenFile" || o["directory"].Value() != true || o["multiple"].Value() != nil {
		t.Errorf("%s with %v", method, o)
	}
}

func TestPortalAnswers(t *testing.T) {
	uris := func(u ...string) map[string]dbus.Variant {
		return map[string]dbus.Variant{"uris": dbus.MakeVariant(u)}
	}
	paths, err := portalAnswer([]any{uint32(0), uris("file:///home/u/a+b%20%E5%9B%BE.jpg", "file:///tmp/100%25.png")})
	if err != nil || fmt.Sprint(paths) != "[/home/u/a+b 图.jpg /tmp/100%.png]" {
		t.Errorf("paths %q, error %v", paths, err)
	}
	if paths, err := portalAnswer([]any{uint32(1), uris()}); err != nil || len(paths) != 0 {
		t.Errorf("giving up is %v, %v", paths, err)
	}
	for name, body := range map[string][]any{
		"code": {uint32(2), uris()}, "short": {uint32(0)}, "types": {"0", 1},
		"no files": {uint32(0), map[string]dbus.Variant{}}, "remote": {uint32(0), uris("https://example.org/a.jpg")},
	} {
		if _, err := portalAnswer(body); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := portalAnswer([]any{uint32(2), uris()}); !errors.Is(err, ErrUnavailable) {
		t.Error("a portal that fails must let the caller show its own dialog")
	}
}

func TestWithoutASessionBusThereIsNoPicker(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	if _, err := Pick(0, Ask{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("error %v, want ErrUnavailable", err)
	}
}
