package imap

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"baosong/mailer"
	"baosong/mailer/eml"
)

const (
	batchSize = 100
	batchMax  = 32 << 20 // bytes the summaries of a batch may take
	uidsMax   = 64 << 20 // bytes the list of UIDs of a folder may take, for a million messages
)

// headerFields are asked for instead of ENVELOPE, which servers build wrongly
// from headers in raw GBK.
var headerFields = []string{"From", "Sender", "Return-Path", "To", "Subject", "Date", "Message-ID"}

// List implements [mailer.Mailbox]. UIDs are asked for by range and filtered
// here, since some providers' SEARCH misses messages. found may call Fetch. An
// attachment without a name is listed by its media type.
func (m *Mailbox) List(ctx context.Context, folder string, since mailer.Position, found func(mailer.Summary) error) (mailer.Position, error) {
	pos, uids, err := m.newUIDs(ctx, folder, since)
	if err != nil {
		return pos, err
	}
	for batch := range slices.Chunk(uids, batchSize) {
		summaries, err := m.summaries(ctx, folder, batch)
		if err != nil {
			return pos, err
		}
		for _, s := range summaries {
			if err := found(s); err != nil {
				return pos, err
			}
			pos.UID = s.UID
		}
		// one that vanished meanwhile is not asked for again
		pos.UID = max(pos.UID, uint32(batch[len(batch)-1]))
	}
	return pos, nil
}

// newUIDs opens the folder and returns the UIDs after since, in ascending
// order. If the folder was renumbered, that is all of them.
func (m *Mailbox) newUIDs(ctx context.Context, folder string, since mailer.Position) (mailer.Position, []goimap.UID, error) {
	defer m.begin(ctx, uidsMax)()
	validity, next, err := m.examine(folder)
	if err != nil {
		return since, nil, err
	}
	m.validity[folder] = validity
	pos := mailer.Position{Validity: validity}
	if since.Validity == validity {
		pos.UID = since.UID
	}
	if next != 0 && pos.UID+1 >= next {
		return pos, nil, nil
	}
	var set goimap.UIDSet
	set.AddRange(goimap.UID(pos.UID+1), 0)
	cmd := m.client.Fetch(set, &goimap.FetchOptions{UID: true})
	var uids []goimap.UID
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		for item := msg.Next(); item != nil; item = msg.Next() {
			// "n:*" gives the last message even if it is before n (RFC 9051, section 9)
			if uid, ok := item.(imapclient.FetchItemDataUID); ok && uint32(uid.UID) > pos.UID {
				uids = append(uids, uid.UID)
			}
		}
	}
	if err := cmd.Close(); err != nil {
		return pos, nil, m.fail("fetch", err)
	}
	slices.Sort(uids)
	return pos, slices.Compact(uids), nil
}

// summaries asks for a batch, in ascending order of UID.
func (m *Mailbox) summaries(ctx context.Context, folder string, uids []goimap.UID) ([]mailer.Summary, error) {
	defer m.begin(ctx, batchMax)()
	if m.folder != folder { // found has fetched from another one
		if _, _, err := m.examine(folder); err != nil {
			return nil, err
		}
	}
	section := &goimap.FetchItemBodySection{Specifier: goimap.PartSpecifierHeader, HeaderFields: headerFields, Peek: true}
	cmd := m.client.Fetch(goimap.UIDSetNum(uids...), &goimap.FetchOptions{
		UID: true, RFC822Size: true,
		BodyStructure: &goimap.FetchItemBodyStructure{Extended: true},
		BodySection:   []*goimap.FetchItemBodySection{section},
	})
	var summaries []mailer.Summary
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		s, err := summary(msg)
		if err != nil {
			return nil, m.interrupted(cmd, err)
		}
		if s.UID != 0 {
			summaries = append(summaries, s)
		}
	}
	if err := cmd.Close(); err != nil {
		return nil, m.fail("fetch", err)
	}
	slices.SortFunc(summaries, func(a, b mailer.Summary) int { return cmp.Compare(a.UID, b.UID) })
	return summaries, nil
}

func summary(msg *imapclient.FetchMessageData) (mailer.Summary, error) {
	var s mailer.Summary
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			s.UID = uint32(item.UID)
		case imapclient.FetchItemDataRFC822Size:
			s.Size = item.Size
		case imapclient.FetchItemDataBodyStructure:
			s.Attachments = attachments(item.BodyStructure)
		case imapclient.FetchItemDataBodySection:
			var header bytes.Buffer
			if item.Literal == nil {
				continue
			}
			if err := copyLiteral(item.Literal, &header, nil); err != nil {
				return s, err
			}
			// a message without any of the fields is listed all the same
			if head, err := eml.ReadHead(&header); err == nil {
				s.From, s.Subject, s.Date, s.MessageID = head.From, head.Subject, head.Date, head.MessageID
			}
		}
	}
	return s, nil
}

const (
	namesMax  = 200
	levelsMax = 20
)

// attachments names the parts that are not body text, also those of messages
// forwarded inside.
func attachments(structure goimap.BodyStructure) []string {
	var names []string
	var walk func(bs goimap.BodyStructure, level int)
	walk = func(bs goimap.BodyStructure, level int) {
		if level > levelsMax || len(names) >= namesMax {
			return
		}
		switch bs := bs.(type) {
		case *goimap.BodyStructureMultiPart:
			for _, child := range bs.Children {
				walk(child, level+1)
			}
		case *goimap.BodyStructureSinglePart:
			if bs.MessageRFC822 != nil {
				walk(bs.MessageRFC822.BodyStructure, level+1)
			} else if name := partName(bs); name != "" {
				names = append(names, name)
			}
		}
	}
	walk(structure, 0)
	return names
}

func partName(bs *goimap.BodyStructureSinglePart) string {
	var params map[string]string
	disposition := bs.Disposition()
	if disposition != nil {
		params = disposition.Params
	}
	if name := eml.FileName(params, bs.Params); name != "" {
		return name
	}
	attached := disposition != nil && strings.EqualFold(disposition.Value, "attachment")
	if strings.EqualFold(bs.Type, "text") && !attached {
		return ""
	}
	return strings.ToLower(bs.MediaType())
}
