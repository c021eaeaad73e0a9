package say

import (
	"errors"
	"regexp"
	"strconv"

	"baosong/mailer"
)

// reply is a row of the table of server replies: the first whose code and
// pattern match names the words.
type reply struct {
	codes   []int // empty: any
	pattern *regexp.Regexp
	key     string
}

// The patterns are what the providers' servers answer; the words for each are
// the texts error.reply.KEY and next.reply.KEY. The more telling ones come first.
var replies = []reply{
	{nil, re(`DT:SUM`), "mismatch"},
	{nil, re(`DT:SPM|MI:SPM|is spam|spam message`), "spam"},
	{nil, re(`MI:SPF|MI:DMA|MI:DMC|\bSPF\b|\bDMARC\b`), "spf"},
	{nil, re(`MI:SFQ|HL:|RP:QRC|RP:TRC|MI:STC|too frequent|frequency limit|limited.*rate|rate limit`), "frequency"},
	{nil, re(`too much fail`), "lockout"},
	{nil, re(`RP:UQT|over ?quota|mailbox.*full|insufficient storage`), "full"},
	{nil, re(`illegal attachment|attachment.*(refused|not allowed)`), "attachment"},
	{nil, re(`content denied|content rejected`), "content"},
	{nil, re(`local user only`), "local-user"},
	{[]int{501, 553}, re(`must (be )?(equal|same)|mail from must|sender.*(auth|login|mismatch)`), "sender"},
	{[]int{550, 551, 553}, re(`user (not found|unknown)|no such user|unknown user|does(n't| not) exist|invalid recipient|mailbox (not found|unavailable)`), "recipient"},
	{[]int{552}, nil, "size"},
	{[]int{550}, re(`5\.7\.30|basic auth`), "oauth"},
	{[]int{535, 534}, re(`service|未开启|not open|disabled|unavailable`), "service"},
	{[]int{535, 534}, re(`too many|frequen|later`), "lockout"},
	{[]int{535, 534}, re(`授权码|authoriz?ation code|login fail|auth(entication)? fail|invalid (login|user)|password`), "code"},
}

func re(s string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + s) }

func (r reply) matches(code int, text string) bool {
	if r.pattern != nil && !r.pattern.MatchString(text) {
		return false
	}
	if len(r.codes) == 0 {
		return true
	}
	for _, c := range r.codes {
		if c == code {
			return true
		}
	}
	return false
}

func (w *Words) mail(err error) (Advice, bool) {
	e, ok := errors.AsType[*mailer.Error](err)
	if !ok {
		return Advice{}, false
	}
	args := []any{"host", e.Host, "code", strconv.Itoa(e.Code), "text", e.Text}
	var raw string
	if e.Code != 0 {
		raw = strconv.Itoa(e.Code) + " " + e.Text
		for _, r := range replies {
			if r.matches(e.Code, e.Text) {
				return Advice{What: w.T("error.reply."+r.key, args...), Next: w.T("next.reply."+r.key, args...), Raw: raw}, true
			}
		}
	}
	return Advice{What: w.T("error.mail."+string(e.Kind), args...), Next: w.T("next.mail."+string(e.Kind), args...), Raw: raw}, true
}
