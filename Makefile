# make paper   trade on the simulated market, from a fresh clone
# make test    everything that must pass: format, lint, types, floors, tests
# make sim     24 seeds of six simulated hours, all faults, every crash point: what a check runs of
# make sim-sweeps  fail each operation of five stretches, in five ways, until they pass clean
# make plant   plant bugs in a copy of the code, and see which of them the simulation finds
# make sim-long  as many seeds as you have time for: SEEDS=0..999 DAYS=7 JOBS=2
# make bench   speed, as ratios to a baseline of the same run; LONG=1 runs the long ones in full;
#              PEERS=DIR, a folder with a run_peers.py, has other backtesters run beside ours
# make year    a journal of a year of minutes, and what everything that reads it takes: half an hour
# make drills  hold every emergency under the shipped configuration: two minutes
# make coverage  is every branch on the way of an order run by its own tests? three minutes
# make controls  write docs/controls.md from the code
# make mutants   take each control out and show that its tests notice; STALE=1: what changed
# make torture   kill a LIVE rehearsal a hundred times amid faults, then compare the books
# make soak     LIVE rehearsed over TLS for DAYS=30 simulated days: is what it takes bounded?
# make model    check the small model of an order in over a million states
# make mutants-deep   change the code where money is decided bit by bit; MODULE=…, MOST=…
# make accidents  what others lost money by, each made to happen here
# make parity-long   100,000 cycles by paper, live and backtest: any difference?
# make past-long     10,000 cycles, of which why and replay are asked at random: any untruth?
# make lock    pin the dependencies anew (needs uv)
# make clean   remove what the above made; never data/

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Set PYTHON=/path/to/python3.12 to choose; else the first of these that is new enough.
PYTHON ?=
UV ?= uv

PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
PINNED = --require-hashes --only-binary :all: --no-compile
# Nothing is resolved, built in isolation or fetched beyond what is pinned.
OURSELVES = --no-deps --no-build-isolation --editable .

.PHONY: paper test check bench year drills coverage controls parity-long past-long mutants mutants-deep lock-mutation model accidents torture soak lock clean sim sim-sweeps sim-long plant
.DELETE_ON_ERROR:

paper: $(VENV)/.runtime
	@$(BIN)/trader247 run --mode paper --speed 60

test: $(VENV)/.dev
	@$(BIN)/python scripts/check.py

check: test

sim: $(VENV)/.dev
	@$(BIN)/python scripts/check.py --only simulation

plant: $(VENV)/.dev
	@$(BIN)/python -m scripts.plant $(if $(BUG),--bug $(BUG))

SEEDS ?= 0..199
DAYS ?= 1
JOBS ?= 2
sim-sweeps: $(VENV)/.runtime
	@$(BIN)/trader247 simulate --seeds 0 --days 0.01 --tour --jobs $(JOBS)

sim-long: $(VENV)/.runtime
	@$(BIN)/trader247 simulate --seeds $(SEEDS) --days $(DAYS) --tour --jobs $(JOBS)

bench: $(VENV)/.dev
	@$(BIN)/python -m scripts.bench $(if $(LONG),--long)

year: $(VENV)/.dev
	@$(BIN)/python -m scripts.bench --long past

drills: $(VENV)/.dev
	@folder=$$(mktemp -d) && $(BIN)/trader247 drill all --config config --data $$folder; \
	code=$$?; rm -rf $$folder; exit $$code

coverage: $(VENV)/.dev
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m scripts.order_path

controls: $(VENV)/.dev
	@$(BIN)/python -m scripts.controls

parity-long: $(VENV)/.dev
	@$(BIN)/python -m scripts.parity_long

past-long: $(VENV)/.dev
	@$(BIN)/python -m scripts.past_long

mutants: $(VENV)/.dev
	@$(BIN)/python -m scripts.mutants $(if $(STALE),--stale)

# cosmic-ray has an environment of its own: it reads files, and trader247 is not installed there.
# Left out of its lock is yattag, which only its pages in HTML need, and which comes without a wheel.
$(VENV)-mutation/.tool: requirements-mutation.txt | $(BIN)/python
	@$(BIN)/python -m venv $(VENV)-mutation
	@$(VENV)-mutation/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
		$(PINNED) --no-deps --requirement requirements-mutation.txt
	@touch $@

mutants-deep: $(VENV)/.dev $(VENV)-mutation/.tool
	@nice $(BIN)/python -m scripts.mutants.deep $(if $(MODULE),--module $(MODULE)) \
		$(if $(MOST),--most $(MOST))

torture: $(VENV)/.dev
	@$(BIN)/python -m scripts.torture

soak: DAYS = 30
soak: $(VENV)/.dev
	@$(BIN)/python -m scripts.soak --days $(DAYS)

accidents: $(VENV)/.dev
	@$(BIN)/trader247 simulate --scenario all

model: $(VENV)/.dev
	@$(BIN)/python -m scripts.model

$(BIN)/python:
	@sh scripts/make_venv.sh "$(VENV)" "$(PYTHON)"

$(VENV)/.runtime: requirements.txt pyproject.toml | $(BIN)/python
	@echo "installing what trader247 needs into $(VENV) …"
	@$(PIP_INSTALL) $(PINNED) --requirement requirements.txt
	@$(PIP_INSTALL) $(OURSELVES)
	@# Where Python is told to write no bytecode, each command would compile us anew: a tenth of a second.
	@$(BIN)/python -m compileall -q src/trader247 || true
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "installing the development tools into $(VENV) …"
	@$(PIP_INSTALL) $(PINNED) --requirement requirements-dev.txt
	@touch $@

# One resolution for every supported Python and platform; the files carry hashes and no address.
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml
lock:
	$(LOCK) --upgrade --extra build --extra serve --extra data --extra report --extra sweep --output-file requirements.txt
	$(LOCK) --extra build --extra serve --extra data --extra report --extra sweep --extra dev --constraint requirements.txt --output-file requirements-dev.txt

lock-mutation:
	@echo "cosmic-ray>=8.4,<9" | $(LOCK:pyproject.toml=-) --upgrade --no-emit-package yattag \
		--output-file requirements-mutation.txt

clean:
	rm -rf $(VENV) $(VENV)-mutation build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
