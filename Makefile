# Two commands do everything: `make demo` and `make test`. Both install into .venv first, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help install demo quick test test-gpu test-processors lint bench chaos publish reports pictures clean

help:
	@echo "make demo      install, run a small real ablation on embedded data, print where its report is"
	@echo "make quick     install, check style and format, run the tests that take less than two minutes together: while working"
	@echo "make test      install, check style and types, run the tests"
	@echo "make test-gpu  install, run the tests that need a GPU: every level, scores, studies (without one: says so)"
	@echo "make test-processors"
	@echo "               the numerical tests with other processors' kernels, with 1 and 2 threads each (long)"
	@echo "make bench     speed of the training step, side by side with the article's loop"
	@echo "make chaos     a study whose workers, database, disk and folders are killed, frozen, filled and damaged (long; the disk needs root)"
	@echo "make publish   the demo's report into reports/demo and its picture into docs/ (needs Chromium)"
	@echo "make reports   the published reports, their picture and their page anew from the tables in reports/ (trains nothing)"
	@echo "make pictures  of the dashboards of the demo and of a longer one, into docs/ (needs Chromium)"
	@echo "make clean     remove the virtual environment and the demo's results"

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than 3.11; use make PYTHON=python3.11"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV): about 6 GB, a minute or two on a fast line ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	touch $(STAMP)

install: $(STAMP)

demo: $(STAMP)
	DCGAN_HOME=demo $(BIN)/dcgan sweep demo
	@echo "all of it is in demo/; to go on with it: export DCGAN_HOME=$(CURDIR)/demo"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# While one works: every room, but no whole programs, no long trainings and no databases that fail.
quick: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile --ignore tests/gpu

# Three processes for two cores: the slow tests, which come first, wait for servers and other programs half of the time.
test: lint
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 10 -rs

# One process: what the tests measure of a GPU's memory would be each other's.
test-gpu: $(STAMP)
	@if $(BIN)/python tests/gpu/device.py; then $(BIN)/python -m pytest tests/gpu -rs --durations 10; fi

test-processors: $(STAMP)
	$(BIN)/python tests/processors.py

bench: $(STAMP)
	$(BIN)/python benchmarks/step.py

chaos: $(STAMP)
	$(BIN)/python -m pytest -s -o python_files=chaos.py tests/system/chaos.py

# The published report and the README's picture are the demo's own, never drawn or written by hand.
publish: demo
	rm -rf reports/demo
	cp -r demo/reports/demo reports/demo
	chromium --headless --no-sandbox --disable-gpu --disable-background-networking --hide-scrollbars \
		--user-data-dir="$$(mktemp -d)" --window-size=1100,1500 --screenshot=docs/demo-report.png \
		"file://$(CURDIR)/reports/demo/index.html"
	$(MAKE) reports

# Every document in reports/ that is finished, byte for byte, from the tables of runs that are committed there.
reports: $(STAMP)
	$(BIN)/python benchmarks/published.py

# The longer study has what the demo is too short for: losses at more than one moment.
pictures: demo
	DCGAN_HOME=demo $(BIN)/dcgan sweep demo study=demo-longer seeds=3 budget.epochs=8 tracking.tick_images=800
	DCGAN_HOME=demo $(BIN)/dcgan dashboard demo --wandb --dry-run --draw docs
	$(BIN)/python -m pytest -o python_files=pictures.py tests/system/pictures.py

clean:
	rm -rf $(VENV) demo
