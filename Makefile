# make run   opens the window; without a display, rehearses the whole trip instead
# make test  runs every test
# Both install what is missing on Debian and Ubuntu, and say so; elsewhere they say what to install.

# nodynamic: HEIC by the bundled decoder, not a library of the system.
TAGS := nodynamic
# ci: Fyne draws by software, so that no OpenGL is compiled.
TEST_TAGS := $(TAGS),ci

WINDOWS := GOOS=windows GOARCH=amd64
MINGW := x86_64-w64-mingw32-gcc

.PHONY: run test race bench bench-window screenshots lint portable windows clean

run:
	@if [ "$$(uname -s)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		echo '没有显示器，不开窗口，改为演练全过程 / no display: rehearsing the whole trip instead'; \
		CGO_ENABLED=0 go run -tags $(TAGS) . demo --out dist/demo; \
	else \
		.ci/need.sh cc gl font && \
		echo '第一次编译约需五分钟 / the first build takes about five minutes' && \
		go run -tags $(TAGS) .; \
	fi

test:
	@.ci/need.sh cc font
	go mod download
	go test -tags $(TEST_TAGS) ./...

race:
	@.ci/need.sh cc font
	go test -race -timeout 20m -tags $(TEST_TAGS) ./...

bench:
	go test -tags $(TEST_TAGS) -run '^$$' -bench . ./...

# The real window against a Fyne hello-world, on a screen of its own.
bench-window:
	@.ci/need.sh cc gl font screen
	go build -tags $(TAGS) -o dist/bench/ . ./ui/bench/testdata/hello ./ui/bench/testdata/photos
	BAOSONG=$(CURDIR)/dist/bench/baosong HELLO=$(CURDIR)/dist/bench/hello PHOTOS=$(CURDIR)/dist/bench/photos \
		go test -tags $(TEST_TAGS) -run '^$$' -bench . -benchtime 5x ./ui/bench
	go test -tags $(TEST_TAGS) -run '^$$' -bench PageOf200Photos -benchtime 100x ./ui/kit

# Every page, from one sample draft, in each size, colour and scale.
screenshots:
	@.ci/need.sh cc font
	SCREENSHOTS=$(CURDIR)/dist/screenshots go test -tags $(TEST_TAGS),screenshots -run TestScreenshots -count 1 ./ui
	@echo 'pictures in dist/screenshots'

lint:
	@.ci/need.sh cc
	@odd=$$(go tool gofumpt -l .) && [ -z "$$odd" ] || { echo "not gofumpt formatted:"; echo "$$odd"; exit 1; }
	go vet -tags $(TEST_TAGS) ./...
	go vet -tags $(TEST_TAGS),screenshots ./ui
	go tool staticcheck -tags $(TEST_TAGS) ./...

# The commands, and a look at every package, without cgo. Fyne's app package has no such build for macOS.
portable:
	@for os in linux windows darwin; do \
		export CGO_ENABLED=0 GOOS=$$os GOARCH=amd64; \
		echo "CGO_ENABLED=0 GOOS=$$os"; \
		go build -o dist/portable/$$os/ . && \
		packages=$$(go list -tags $(TEST_TAGS) -f '{{.ImportPath}} {{.Deps}}' ./...) && \
		packages=$$(echo "$$packages" | { [ $$os = darwin ] && grep -v ' fyne.io/fyne/v2/app ' || cat; } | cut -d ' ' -f 1) && \
		go vet -tags $(TEST_TAGS) $$packages || exit 1; \
	done

# baosong.exe opens the window and has no console; baosong-cli.exe has the commands, and prints.
windows:
	@.ci/need.sh mingw
	CGO_ENABLED=1 CC=$(MINGW) $(WINDOWS) go build -tags $(TAGS) -ldflags '-s -w -H windowsgui' -o dist/baosong.exe .
	CGO_ENABLED=0 $(WINDOWS) go build -tags $(TAGS) -ldflags '-s -w' -o dist/baosong-cli.exe .

clean:
	rm -rf dist
