# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin: tests stay plain pytest, and every invocation is a run on record.

Loaded by pytest itself through the entry point `litmus`; `-p no:litmus` leaves it out. The hooks
here are those that pytest calls before there is a session; what a session needs is imported when
one begins.
"""

from litmus.pytest_plugin import as_it_is  # noqa: F401  (before anything else is imported)
from litmus.pytest_plugin.early import (
    pytest_addoption,
    pytest_cmdline_main,
    pytest_configure,
    pytest_load_initial_conftests,
    pytest_unconfigure,
)

__all__ = [
    "pytest_addoption",
    "pytest_cmdline_main",
    "pytest_configure",
    "pytest_load_initial_conftests",
    "pytest_unconfigure",
]
