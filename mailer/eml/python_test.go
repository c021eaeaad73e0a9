package eml

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"
)

const pythonReads = `
import email, email.policy, hashlib, json, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
print(json.dumps({
  "subject": m["subject"],
  "from": m["from"].addresses[0].display_name + "|" + m["from"].addresses[0].addr_spec,
  "to": [a.display_name + "|" + a.addr_spec for a in m["to"].addresses],
  "id": m["message-id"],
  "date": m["date"].datetime.isoformat(),
  "text": m.get_body(("plain",)).get_content().replace("\r\n", "\n"),
  "html": m.get_body(("html",)).get_content(),
  "names": [a.get_filename() for a in m.iter_attachments()],
  "older": [str(email.header.make_header(email.header.decode_header(email.utils.collapse_rfc2231_value(
      email.message_from_bytes(bytes(a)).get_param("name"))))) for a in m.iter_attachments()],
  "digests": [hashlib.sha256(a.get_payload(decode=True)).hexdigest() for a in m.iter_attachments()],
  "defects": [str(d) for p in m.walk() for d in p.defects],
}))`

// What Python's email package sees is what was meant. Where there is no
// Python the reader of this package has to do; see TestReadOwn.
func TestPythonReadsOurMessages(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("no python3: not compared")
		return
	}
	m := sample()
	var want []string
	for i, name := range longNames {
		content := bytes.Repeat([]byte{byte(i)}, i*1000)
		m.Attachments = append(m.Attachments, attachment(name, content))
		want = append(want, fmt.Sprintf("%x", sha256.Sum256(content)))
	}
	cmd := exec.Command(python, "-c", pythonReads)
	cmd.Stdin = bytes.NewReader(write(t, m))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python: %v\n%s", err, stderr.String())
	}
	var got struct {
		Subject, From, ID, Date, Text, HTML string
		To, Names, Older, Digests, Defects  []string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	check := func(what, got, want string) {
		if got != want {
			t.Errorf("%s is %q, want %q", what, got, want)
		}
	}
	check("subject", got.Subject, m.Subject)
	check("from", got.From, "示例市科协|unit01@units.example")
	check("to", got.To[0], "示例组织处|collect@organizer.example")
	check("id", got.ID, "<"+m.MessageID+">")
	check("date", got.Date, "2026-11-24T09:30:00+08:00")
	check("text", got.Text, m.Text)
	check("html", got.HTML, m.HTML)
	if len(got.Defects) > 0 {
		t.Errorf("defects: %q", got.Defects)
	}
	if len(got.Names) != len(longNames) {
		t.Fatalf("%d attachments, want %d", len(got.Names), len(longNames))
	}
	for i, name := range longNames {
		check("filename", got.Names[i], name)
		check("name", got.Older[i], name)
		check("content", got.Digests[i], want[i])
	}
}
