package post

import (
	"context"
	"slices"
	"time"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/forms/submit"
	"baosong/mailer"
)

// LimitBy says what limits the size of one message.
type LimitBy string

const (
	ByOption    LimitBy = "option"    // what the person asked for
	BySender    LimitBy = "sender"    // the row of the sender's provider
	ByRecipient LimitBy = "recipient" // the row of the recipient's provider
	ByServer    LimitBy = "server"    // the SIZE the sender's server announces
	ByRefusal   LimitBy = "refusal"   // the sender's server refused a larger message
)

// ManyMessages is the number of messages above which a link to a cloud drive,
// or a folder handed over, serves everybody better.
const ManyMessages = 12

// Plan is what sending a report comes to, before anything goes out.
type Plan struct {
	Messages  []PlannedMessage
	Limit     int64 // raw bytes of files in one message
	By        LimitBy
	PhotoEdge int // pixels
	// Many says that there are over ManyMessages: offer another way.
	Many bool
}

// PlannedMessage is one message of a Plan. Sizes are estimates while photos are
// not scaled yet.
type PlannedMessage struct {
	Files   []submit.PlannedFile
	Raw     int64 // bytes of its files
	Encoded int64 // bytes as sent: base64 with line ends, header and text
}

// Encoded is the size of all messages as sent, in bytes.
func (p Plan) Encoded() int64 {
	var sum int64
	for _, m := range p.Messages {
		sum += m.Encoded
	}
	return sum
}

const (
	// base64 in lines of 76 characters: 57 bytes become 78, × 1.37
	lineRaw, lineEncoded = 57, 78
	// what header and text of a message may take; a sixteenth of a small SIZE
	textReserve = 256 << 10
	textUsual   = 16 << 10
	askPatience = 10 * time.Second // for a server to announce its SIZE
)

func encodedSize(raw int64) int64 { return raw/lineRaw*lineEncoded + lineEncoded + textUsual }

// rawSize is how many bytes of files fit into a message of the given size.
func rawSize(message int64) int64 {
	return (message - min(textReserve, message/16)) / lineEncoded * lineRaw
}

// Plan tells how a report will go out. It reads no photo and writes nothing;
// the sender's server is asked for its SIZE. The report may still have errors.
func (d *Desk) Plan(ctx context.Context, n *forms.Notice, dr *draft.Draft, opt Options) (Plan, error) {
	limit, by, err := d.limit(ctx, n, opt)
	if err != nil {
		return Plan{}, err
	}
	return d.plan(ctx, n, dr, opt, limit, by)
}

func (d *Desk) plan(ctx context.Context, n *forms.Notice, dr *draft.Draft, opt Options, limit int64, by LimitBy) (Plan, error) {
	in, err := d.input(n, dr, opt.Answers)
	if err != nil {
		return Plan{}, err
	}
	sp, err := submit.MakePlan(ctx, in, submit.Options{Limit: limit, PhotoEdge: opt.PhotoEdge})
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Limit: limit, By: by, PhotoEdge: opt.PhotoEdge, Many: len(sp.Packages) > ManyMessages}
	if p.PhotoEdge == 0 {
		p.PhotoEdge = submit.DefaultEdge
	}
	for i, k := range sp.Packages {
		m := PlannedMessage{Files: k.Files, Raw: k.Size}
		if i == 0 {
			m.Raw += sp.Beside
		}
		m.Encoded = encodedSize(m.Raw)
		p.Messages = append(p.Messages, m)
	}
	return p, nil
}

// photoEdges are the sizes photos are scaled to, in pixels: A4 in print, a
// screen, and what can still be made out.
var photoEdges = []int{submit.DefaultEdge, 2048, 1600, 1280, 1024}

// FitIn looks for the largest photos with which a report fits into the given
// number of messages, and returns the options to submit it with. Where even the
// smallest do not, it returns those, and false.
func (d *Desk) FitIn(ctx context.Context, n *forms.Notice, dr *draft.Draft, opt Options, messages int) (Options, Plan, bool, error) {
	limit, by, err := d.limit(ctx, n, opt)
	if err != nil {
		return opt, Plan{}, false, err
	}
	var p Plan
	start := opt.PhotoEdge
	if start == 0 {
		start = submit.DefaultEdge
	}
	for _, edge := range append([]int{start}, photoEdges...) {
		if edge > start {
			continue
		}
		opt.PhotoEdge = edge
		if p, err = d.plan(ctx, n, dr, opt, limit, by); err != nil {
			return opt, p, false, err
		}
		if len(p.Messages) <= messages {
			return opt, p, true, nil
		}
	}
	return opt, p, false, nil
}

// limit returns how many raw bytes of files one message may carry: the
// smallest of what the person asked for, the sender's and the recipient's row
// of the provider table, the SIZE the sender's server announces, and what it
// has refused.
func (d *Desk) limit(ctx context.Context, n *forms.Notice, opt Options) (int64, LimitBy, error) {
	if opt.Account == "" && opt.Limit > 0 { // for files, the person decides
		return opt.Limit, ByOption, nil
	}
	ps, err := d.Providers()
	if err != nil {
		return 0, "", err
	}
	type bound struct {
		limit int64
		by    LimitBy
	}
	to, _ := ps.For(n.ReportTo.Email)
	bounds := []bound{{opt.Limit, ByOption}, {to.Limit, ByRecipient}}
	if opt.Account != "" {
		a, _, _, err := d.account(opt.Account)
		if err != nil {
			return 0, "", err
		}
		sender := a.Limit
		if sender == 0 {
			row, _ := ps.For(a.Address.Addr)
			sender = row.Limit
		}
		bounds = append(bounds, bound{sender, BySender}, bound{rawSize(d.announced(ctx, a)), ByServer}, bound{a.Bound, ByRefusal})
	}
	bounds = slices.DeleteFunc(bounds, func(b bound) bool { return b.limit <= 0 })
	if len(bounds) == 0 {
		return mailer.OtherLimit, ByRecipient, nil
	}
	least := slices.MinFunc(bounds, func(a, b bound) int { return int(min(1, max(-1, a.limit-b.limit))) })
	return least.limit, least.by, nil
}

// announced returns the SIZE an account's server announces, as it says now or,
// where it cannot be reached, as it said last; 0 if it never did.
func (d *Desk) announced(ctx context.Context, a mailer.Account) int64 {
	d.mu.Lock()
	size, asked := d.sizes[a.Name]
	d.mu.Unlock()
	if asked {
		return size
	}
	ctx, stop := context.WithTimeout(ctx, askPatience)
	defer stop()
	s, err := d.Sender(a.Name)
	if err == nil {
		size, err = s.Limit(ctx)
	}
	if err != nil {
		return a.Size // that it cannot be reached is for sending to say
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sizes[a.Name] = size
	return size
}
