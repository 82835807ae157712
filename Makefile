PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := TMPDIR=$$(sh deploy/ram.sh) $(BIN)/pytest --dist worksteal

# what failed beside others, real processes on few cores, has to pass by itself; both are told
ALONE := echo "once more, by themselves:" && $(PYTEST) --last-failed --last-failed-no-failures none

# every process that a test starts would compile Ronda anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install run agent check test test-fast bench soak clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "ronda needs Python 3.11 or newer, $(PYTHON) is older" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || sh deploy/need.sh python3-venv
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing what Ronda needs into $(VENV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e '.[collector,metrics,postgres,cluster,snmp,dev]'
	@touch $@

run: install
	@exec $(BIN)/ronda up

# dist/ronda-agent.pyz, signed; KEY=FILE signs with another key
agent: install
	@$(BIN)/ronda playbooks agent --make dist $(if $(KEY),--key $(KEY))

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_floors.py tests/test_house.py

# half of the time of a story is waiting: more of them at once than there are cores
test: install
	@sh deploy/need.sh $(shell cat deploy/test-packages)
	@sh deploy/axe.sh $(VENV)
	$(PYTEST) -n 5 || { test $$? -eq 1 && $(ALONE); }

test-fast: install
	$(PYTEST) -n 3 -m 'not slow'

bench: install
	@sh deploy/need.sh $(shell cat deploy/test-packages) prometheus-node-exporter
	$(BIN)/python -m tests.bench

soak: install
	@sh deploy/need.sh $(shell cat deploy/test-packages) spin gcc libc6-dev
	@sh deploy/axe.sh $(VENV)
	$(PYTEST) -n 2 -m soak
	$(BIN)/python -m tests.soak

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
