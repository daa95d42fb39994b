# Passline. `make` alone lists what can be done. Plain POSIX make.
.POSIX:

PYTHON = python3
BIN = .venv/bin
STACK = exec $(BIN)/python -m tools.devstack
READY = .venv/.installed
ROUNDS = 3

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: $(READY) ## start the whole site; PORT, HOST, STATE_DIR, DATABASE_URL, REDIS_URL are heeded
	@$(STACK) --with-parent run

test: $(READY) ## what is checked before each change
	@$(STACK) --with-parent test

test-fast: $(READY) ## the same without browser and fault tests
	@$(STACK) --with-parent test --fast

test-all: $(READY) ## everything: also protections taken away, the image, every look of a page
	@$(STACK) --with-parent test --all

lint: $(READY) ## style of code and templates, and types
	@$(STACK) --with-parent test --only lint --only types

fix: $(READY) ## mend what the linters can mend
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .
	find templates -name '*.html' -exec $(BIN)/djade --target-version 6.1 {} +

layers: $(READY) ## who may import whom
	@$(STACK) --with-parent test --only layers

content: $(READY) ## measure every question, flashcard and text against the guide
	@$(STACK) --with-parent test --only content

count: $(READY) ## the size of the project: lines, modules, SQL, migrations, long lines of templates
	@$(BIN)/python -m tools.count

figures: $(READY) ## draw the charts of questions from their numbers
	@$(BIN)/python -m tools.figures

bench: $(READY) ## measure saving, starting, scoring; the last line is one JSON object
	@$(STACK) --with-parent bench

bench-large: $(READY) ## statistics of an exam taken by 100,000 people: seconds and memory (ATTEMPTS is heeded)
	@$(STACK) --with-parent bench large

bench-herd: $(READY) ## PEOPLE who save at once, STARTS and SUBMITS within a minute, for SECONDS: times, losses, what is busy
	@$(STACK) --with-parent bench herd

bench-growth: $(READY) ## what ANSWERS (100 million: 25 GB in STATE_DIR) make dearer: each step beside a small database
	@$(STACK) --with-parent bench growth

bench-pair: $(READY) ## measure this tree against BASE=<commit> in turns; ROUNDS and PARTS are heeded
	@exec $(BIN)/python -m tests.bench.pair "$(BASE)" --rounds "$(ROUNDS)" --parts "$(PARTS)"

simulate: $(READY) ## does the estimated chance of passing come true? 18 kinds of candidates; ARGS="--quick" or "--help"
	@exec $(BIN)/python -m tools.simulate $(ARGS)

rehearse: $(READY) ## run the production set-up in real Docker, break it, upgrade and restore it (root, Debian)
	@exec $(BIN)/python -m tools.rehearse

rehearse-wide: $(READY) ## the same for a database cluster and several webs, each on a host of its own
	@exec $(BIN)/python -m tools.rehearse.wide

lock: ## write the requirement files anew, changing as little as possible
	@$(PYTHON) tools/bootstrap.py lock

lock-upgrade: ## write the requirement files anew with the newest versions
	@$(PYTHON) tools/bootstrap.py lock --upgrade

messages: $(READY) ## collect the texts of the interface for translation, and compile them
	@$(BIN)/python -m tools.messages extract
	@$(BIN)/python -m tools.messages compile
	@$(BIN)/python -m tools.messages check

fonts: $(READY) ## make the reading face anew from its source, and the fallbacks that take as much room
	@$(BIN)/python -m tools.fonts

images: $(READY) ## draw the icons and the picture for links anew from the mark (needs Chromium)
	@$(BIN)/python -m tools.images

demo-reset: $(READY) ## delete the data under STATE_DIR (asks first, or YES=1)
	@$(STACK) reset

$(READY): requirements-dev.txt tools/uv.txt tools/bootstrap.py
	@$(PYTHON) tools/bootstrap.py

.PHONY: help run test test-fast test-all lint fix layers content count figures fonts images bench bench-large bench-herd bench-growth bench-pair simulate rehearse rehearse-wide lock lock-upgrade messages demo-reset
