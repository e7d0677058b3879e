# Every target sets up what it needs. A bare Debian with Python 3.11 is enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= out/autumn-2022

.PHONY: help demo setup browser test lint bench bench-registers bench-compare bench-national bench-ledger bench-notices bench-office office words soak clean

help:            ## what there is
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 12

$(BIN)/rightcall: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Rightcall needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.everything: $(BIN)/rightcall
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,dev,bench]'
	@touch $@

setup: $(VENV)/.everything   ## the environment with every extra

demo: $(BIN)/rightcall   ## check the reported call-ups of autumn 2022 against the law of their day
	$(BIN)/rightcall screen examples/reported-cases.yaml --pack ru_2022 --out $(OUT)

office: setup    ## fill an office with a made-up town of 20,000 people, and open its door
	@test -d office-data || $(BIN)/rightcall office town --people 20000 > /dev/null
	@cat office-data/town.txt
	$(BIN)/rightcall serve

AS_ROOT := $(shell test "$$(id -u)" = 0 && echo env || echo sudo -n env)
APT     := $(AS_ROOT) DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20

browser:         ## Debian's Chromium, with which pages are tried, where this machine lets it be installed
	@{ command -v chromium && command -v pdftoppm; } > /dev/null \
	|| { $(APT) update && $(APT) install -y --no-install-recommends chromium poppler-utils; } > /dev/null \
	|| echo "Chromium could not be installed: what needs it is not run, and counted as such."

test: setup browser   ## everything that is tested; the office on SQLite, and on PostgreSQL but for what asks no database: the matrix of rights, words
	RIGHTCALL_TESTS_ON=postgresql $(BIN)/python -m pytest -n 2 --dist worksteal tests/office -m "not browser and not killed" \
	  --deselect tests/office/test_rights.py::test_every_cell --ignore tests/office/test_languages.py --ignore tests/office/test_provider.py
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: setup      ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

words: setup     ## take new words of the office over into its catalogues, and compile them
	$(BIN)/python -m rightcall.office.catalogue

bench: setup     ## speed and memory, as ratios in one run
	$(BIN)/python bench/run.py $(BENCH)

bench-registers: setup   ## a roll against two million rows of registers, and a delta; minutes and memory
	$(BIN)/python bench/registers.py $(BENCH)

bench-compare: setup   ## whom a change of law touches among a million people, against one screening
	$(BIN)/python bench/compare.py $(BENCH)

bench-national: setup   ## a whole country on this machine, minutes and memory
	$(BIN)/python bench/national.py $(BENCH)

bench-ledger: setup   ## a log of a million entries verified, and the size of a receipt
	$(BIN)/python bench/ledger.py $(BENCH)

bench-notices: setup   ## ten thousand notices signed and printed; the size of codes, lists and the checking page
	$(BIN)/python bench/notices.py $(BENCH)

bench-office: setup   ## an office with a million people: every list as the least privileged and as the superuser, on both databases, and its jobs
	$(BIN)/python bench/office.py $(BENCH)
	$(BIN)/python bench/office_jobs.py

soak: setup      ## runs killed at random moments fifty times, an office a hundred times
	RIGHTCALL_KILLS=50 $(BIN)/python -m pytest -n 2 --dist worksteal tests/test_killed.py
	RIGHTCALL_KILLS=100 $(BIN)/python -m pytest -n 2 --dist worksteal tests/office/test_office_killed.py

clean:           ## remove what was made
	rm -rf $(VENV) .venv-* out bench/.work .pytest_cache .mypy_cache .ruff_cache .hypothesis
