package ui

import (
	"context"
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/ui/kit"
	"baosong/ui/unit"
)

// The pages beside the drafts.
const (
	PageStart    = "start"
	PageCollect  = "collect"
	PageAccounts = "accounts"
	PageSettings = "settings"
	PageHelp     = "help"
)

// ShowPage shows a page by its name.
func (w *Window) ShowPage(name string) {
	w.page = name
	var content fyne.CanvasObject
	switch name {
	case PageCollect:
		content = w.collectPage()
	case PageAccounts:
		content = w.accountsPage(nil)
	case PageSettings:
		content = w.settingsPage()
	case PageHelp:
		content = w.helpPage()
	default:
		if w.start == nil {
			w.start = unit.NewStart(w.shell, w.begin)
		} else {
			w.start.Reload()
		}
		content = w.start.Content()
	}
	w.show(container.NewBorder(w.bar(), nil, nil, nil, content))
}

// bar is the line over the pages: the two roles, and what is always at hand.
func (w *Window) bar() fyne.CanvasObject {
	page := func(name, key string, icon fyne.Resource) kit.Action {
		return kit.Action{Label: w.Words.T(key), Icon: icon, Primary: name == w.page, Do: func() { w.ShowPage(name) }}
	}
	roles := container.NewHBox()
	for _, a := range []kit.Action{page(PageStart, "window.report", theme.DocumentCreateIcon()), page(PageCollect, "window.collect", theme.MailComposeIcon())} {
		b := kit.NewButton(a)
		if !a.Primary {
			b = kit.NewQuietButton(a)
		}
		roles.Add(b)
	}
	return container.NewVBox(container.NewBorder(nil, nil, roles, nil, kit.NewActionRow(w.Words.T("media.more"),
		page(PageAccounts, "window.accounts", theme.AccountIcon()), page(PageSettings, "window.settings", theme.SettingsIcon()),
		page(PageHelp, "window.help", theme.HelpIcon()),
	)), widget.NewSeparator())
}

// collectPage tells how reports are collected: by command, so far.
func (w *Window) collectPage() fyne.CanvasObject {
	objects := []fyne.CanvasObject{kit.NewHeading(w.Words.T("collect.title")), kit.NewText(w.Words.T("collect.text"))}
	for _, step := range []string{"account", "collect", "list", "rollup"} {
		command := w.Words.T("collect." + step + ".command")
		copied := kit.NewButton(kit.Action{Label: w.Words.T("collect.copy"), Icon: theme.ContentCopyIcon(), Do: func() {
			fyne.CurrentApp().Clipboard().SetContent(command)
			w.toast.Tell(kit.Success, w.Words.T("collect.copied"))
		}})
		objects = append(objects, kit.NewField(w.Words.T("collect."+step), "", "", container.NewBorder(nil, nil, nil, copied, kit.NewText(command))))
	}
	return kit.NewPage(objects...)
}

// accounts shows the mail accounts over a draft, and calls back afterwards.
func (w *Window) accounts(back func()) {
	e := w.editor
	leave := func() {
		w.show(e.Content())
		back()
	}
	bar := container.NewHBox(kit.NewButton(kit.Action{Label: w.Words.T("unit.back"), Icon: theme.NavigateBackIcon(), Do: leave}))
	w.show(container.NewBorder(bar, nil, nil, nil, w.accountsPage(leave)))
}

// accountsPage lists the mail accounts, and adds or changes one. Saved is called when that was done; nil stays on the page.
func (w *Window) accountsPage(saved func()) fyne.CanvasObject {
	page := kit.NewPage(kit.NewHeading(w.Words.T("account.title")))
	var draw func(accounts []mailer.Account)
	reload := func() {
		w.shell.Go(func(context.Context) func() {
			st, err := w.Desk.Home.Settings()
			return func() {
				if err != nil {
					w.shell.Fail(err)
					return
				}
				draw(st.Accounts)
			}
		})
	}
	draw = func(accounts []mailer.Account) {
		form := unit.NewAccountForm(w.shell, page, func(a mailer.Account) {
			w.toast.Tell(kit.Success, w.Words.T("account.saved", "address", a.Address.Addr))
			if saved != nil {
				saved()
			} else {
				reload()
			}
		})
		objects := []fyne.CanvasObject{kit.NewHeading(w.Words.T("account.title")), kit.NewMuted(w.Words.T("account.hint"))}
		for _, a := range accounts {
			objects = append(objects, w.accountRow(a, form, reload))
		}
		objects = append(objects, kit.NewSubheading(w.Words.T("account.add")), kit.NewPanel(form.Content()))
		page.SetObjects(objects...)
		if saved != nil && len(accounts) == 1 { // it is this one that one came for
			form.Set(accounts[0])
		}
	}
	draw(nil)
	reload()
	return page
}

func (w *Window) accountRow(a mailer.Account, form *unit.AccountForm, reload func()) fyne.CanvasObject {
	detail := fmt.Sprintf("%s:%d　%s:%d", a.SMTP.Host, a.SMTP.Port, a.IMAP.Host, a.IMAP.Port)
	return kit.NewFileRow(theme.MailSendIcon(), a.Address.Addr, detail, []kit.Action{
		{Label: w.Words.T("account.change"), Do: func() { form.Set(a) }},
		{Label: w.Words.T("account.remove"), Danger: true, Do: func() {
			w.shell.Ask(w.Words.T("account.remove"), w.Words.T("account.remove-ask", "address", a.Address.Addr),
				kit.Action{Label: w.Words.T("account.remove"), Danger: true, Primary: true, Do: func() {
					w.shell.Go(func(context.Context) func() {
						err := w.Desk.RemoveAccount(a.Name)
						return func() {
							if err != nil {
								w.shell.Fail(err)
							}
							reload()
						}
					})
				}})
		}},
	})
}

// settingsPage is how the window looks.
func (w *Window) settingsPage() fyne.CanvasObject {
	page := kit.NewPage(kit.NewHeading(w.Words.T("settings.title")))
	w.shell.Go(func(context.Context) func() {
		st, err := w.Desk.Home.Settings()
		return func() {
			if err != nil {
				w.shell.Fail(err)
				return
			}
			w.drawSettings(page, st)
		}
	})
	return page
}

func (w *Window) drawSettings(page *kit.Page, st home.Settings) {
	change := func(set func(*home.Settings)) {
		set(&st)
		if w.Restyle != nil {
			w.Restyle(st)
		}
		saved := st
		w.shell.Go(func(context.Context) func() {
			err := w.Desk.Home.Change(func(now *home.Settings) error { // accounts may have changed meanwhile
				now.Theme, now.Scale, now.Language = saved.Theme, saved.Scale, saved.Language
				return nil
			})
			if err != nil {
				return func() { w.shell.Fail(err) }
			}
			return nil
		})
	}
	var scales []kit.Option
	for _, n := range []int{100, 125, 150, 200} {
		scales = append(scales, kit.Option{Value: strconv.Itoa(n), Label: w.Words.T("settings.percent", "n", n)})
	}
	scale := kit.NewChoice(scales, "", func(v string) {
		n, _ := strconv.Atoi(v)
		change(func(s *home.Settings) { s.Scale = n })
	})
	scale.SetValue(strconv.Itoa(max(100, st.Scale)))
	colours := kit.NewChoice([]kit.Option{
		{Value: "", Label: w.Words.T("settings.system")}, {Value: "light", Label: w.Words.T("settings.light")}, {Value: "dark", Label: w.Words.T("settings.dark")},
	}, "", func(v string) { change(func(s *home.Settings) { s.Theme = v }) })
	colours.SetValue(st.Theme)
	language := kit.NewChoice([]kit.Option{
		{Value: "zh", Label: w.Words.T("settings.language.zh")}, {Value: "en", Label: w.Words.T("settings.language.en")},
	}, "", func(v string) {
		change(func(s *home.Settings) { s.Language = v })
	})
	language.SetValue(w.Words.Lang())
	page.SetObjects(
		kit.NewHeading(w.Words.T("settings.title")),
		kit.NewField(w.Words.T("settings.scale"), "", "", scale),
		kit.NewField(w.Words.T("settings.theme"), "", "", colours),
		kit.NewField(w.Words.T("settings.language"), "", w.Words.T("settings.language-hint"), language),
		kit.NewField(w.Words.T("settings.data"), "", w.Words.T("settings.data-hint"), kit.NewText(w.Desk.Home.Dir)),
	)
}
