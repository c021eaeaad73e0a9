package say

import (
	"os"
	"strings"
	"testing"
	"time"

	"baosong/forms/draft"
)

func TestHeldSaysWhere(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 5, 30, 9, 5, 0, 0, time.Local)
	for _, tt := range []struct {
		holder draft.Holder
		want   []string
	}{
		{draft.Holder{Host: host, PID: os.Getpid(), Since: at}, []string{"本程序的另一个窗口", "2024年5月30日 09:05"}},
		{draft.Holder{Host: host, PID: os.Getpid() + 1, Since: at}, []string{"这台电脑上的另一个", "进程", "2024年5月30日 09:05"}},
		{draft.Holder{Host: "SHILI-PC", PID: 4321, Since: at}, []string{"电脑“SHILI-PC”", "进程 4321", "2024年5月30日 09:05"}},
		{draft.Holder{}, []string{"另一处"}},
	} {
		got := load(t, "zh").Error(&draft.LockedError{ID: "d-aaaaaaaa", Holder: tt.holder})
		for _, want := range tt.want {
			if !strings.Contains(got.What, want) || got.Next == "" {
				t.Errorf("%+v: %s; want %s", tt.holder, got, want)
			}
		}
	}
}
