//go:build servers

package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"baosong/mailer"
	"baosong/mailer/eml"
)

// mailpit shows what mailpit has taken, over its HTTP interface.
type mailpit struct{ url string }

func (m mailpit) get(ctx context.Context, path string) (_ []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.url+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, resp.Status)
	}
	return io.ReadAll(resp.Body)
}

func (m mailpit) ids(ctx context.Context) ([]string, error) {
	b, err := m.get(ctx, "/api/v1/messages?limit=200")
	if err != nil {
		return nil, err
	}
	var list struct{ Messages []struct{ ID string } }
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range list.Messages {
		ids = append(ids, m.ID)
	}
	slices.Reverse(ids) // oldest first
	return ids, nil
}

func (mailpit) Folders(context.Context) ([]string, error) { return []string{"INBOX"}, nil }

func (m mailpit) List(ctx context.Context, _ string, since mailer.Position, found func(mailer.Summary) error) (mailer.Position, error) {
	ids, err := m.ids(ctx)
	if err != nil {
		return since, err
	}
	for i, id := range ids[min(len(ids), int(since.UID)):] {
		raw, err := m.get(ctx, "/api/v1/message/"+id+"/raw")
		if err != nil {
			return since, err
		}
		s := mailer.Summary{UID: since.UID + uint32(i) + 1, Size: int64(len(raw))}
		msg, err := eml.Read(bytes.NewReader(raw), func(p eml.Part) error {
			s.Attachments = append(s.Attachments, p.Name)
			return nil
		})
		if err != nil {
			return since, err
		}
		s.From, s.Subject, s.Date, s.MessageID = msg.From, msg.Subject, msg.Date, msg.MessageID
		if err := found(s); err != nil {
			return since, err
		}
	}
	return mailer.Position{Validity: 1, UID: uint32(len(ids))}, nil
}

func (m mailpit) Fetch(ctx context.Context, _ string, s mailer.Summary, w io.Writer, progress mailer.Progress) error {
	ids, err := m.ids(ctx)
	if err != nil {
		return err
	}
	raw, err := m.get(ctx, "/api/v1/message/"+ids[s.UID-1]+"/raw")
	if err != nil {
		return err
	}
	n, err := w.Write(raw)
	if progress != nil {
		progress(int64(n), int64(len(raw)))
	}
	return err
}

func (mailpit) Close() error { return nil }
