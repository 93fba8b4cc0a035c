# SPDX-License-Identifier: Apache-2.0
# Each target does all the set-up it needs. PYTHON=... picks the interpreter for .venv.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup build test check format demo bench clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

setup:  ## system packages (apt), .venv with the pinned Python packages
	@tools/setup

build: setup  ## build/bin/litmus and the Python module
	@tools/build release

test: build  ## C++ unit tests, the same under ASan and UBSan, Python tests
	@tools/test

check: build  ## formatting, lint, types, folder dependencies, generated files
	@tools/check

format: setup  ## format C++ and Python in place
	@tools/format

demo: setup  ## record, show and export a test of this computer
	@tools/build release litmus _core
	@.venv/bin/python examples/host_check/host_check.py

bench: build  ## benchmarks: figures beside their budgets
	@tools/build release litmus_bench
	@.venv/bin/python bench/run.py

clean:  ## remove build/ and .venv/
	rm -rf build .venv
