# SPDX-License-Identifier: Apache-2.0
"""The command line of the plugin, and the environment variables that stand in for it."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from litmus.problems import warn

if TYPE_CHECKING:
    from _pytest.config.argparsing import OptionGroup

PLACEHOLDER_SERIAL = "DUT001"

_TEXTS = (
    ("--dut-serial", "S", f"serial number of the DUT ({PLACEHOLDER_SERIAL}: not given)"),
    ("--dut-serials", "LIST", "serial numbers by slot: slot_1=A,slot_2=B, or A,B in their order"),
    ("--slot", "ID", "test in one slot only of a fixture with several"),
    ("--dut-part-number", "P", "part number of the DUT; else that of the product"),
    ("--dut-revision", "R", "revision of the DUT; else that of the product"),
    ("--dut-lot-number", "L", "lot of the DUT"),
    ("--station", "ID|PATH", "the station: its id, or its file"),
    ("--product", "ID|PATH", "the product"),
    ("--fixture", "ID|PATH", "the fixture"),
    ("--operator", "NAME", "who tests"),
    ("--data-dir", "DIR", "where events, runs and channels go"),
    ("--test-phase", "P", "development, validation, characterization, production, ..."),
    ("--test-profile", "NAME", "the profile to use"),
)


def add_options(parser: pytest.Parser) -> None:
    """Those that every project has."""
    group = _group(parser)
    for flag, metavar, text in _TEXTS:
        group.addoption(flag, metavar=metavar, default=None, help=text)
    group.addoption(
        "--guardband",
        metavar="PCT",
        type=float,
        default=None,
        help="percent by which limits from specifications are tightened",
    )
    group.addoption(
        "--mock-instruments",
        dest="mock_instruments",
        action="store_true",
        default=None,
        help="simulate all instruments",
    )
    group.addoption(
        "--no-mock-instruments",
        dest="mock_instruments",
        action="store_false",
        default=None,
        help="use the real instruments",
    )
    group.addoption("--no-test-profile", action="store_true", default=False, help="use no profile")
    group.addoption(
        "--strict-traceability",
        action="store_true",
        default=False,
        help="fail tests whose measurements do not lead back to a step, and to a pin or specification",
    )
    group.addoption(
        "--litmus-explain",
        metavar="TEST",
        default=None,
        help="say where limits, sweeps and mocks of a test come from, and run nothing",
    )


def add_project_options(parser: pytest.Parser, names: Iterable[str], text: str) -> None:
    """One flag for each name that has none yet: `load_case` is `--load-case`."""
    group = _group(parser)
    for name in names:
        flag = "--" + name.replace("_", "-")
        try:
            group.addoption(flag, dest=destination(name), default=None, help=f"{text} {name}")
        except ValueError:  # another option has the name
            continue


def destination(name: str) -> str:
    """The attribute of the options that belongs to a facet or input."""
    return {"test_phase": "test_phase"}.get(name, "litmus_" + name.replace("-", "_"))


def given(config: pytest.Config, option: str, variable: str | None = None) -> str | None:
    """The option; if it was not given the environment variable; an empty text counts as not given."""
    value = config.getoption(option, None)
    if value is None and variable is not None:
        value = os.environ.get(variable)
    return value or None


def mock_instruments(config: pytest.Config, project: dict[str, object]) -> bool:
    """Flag, then LITMUS_MOCK_INSTRUMENTS, then `mock_instruments` of the project."""
    flag = config.getoption("mock_instruments")
    if flag is not None:
        return bool(flag)
    text = os.environ.get("LITMUS_MOCK_INSTRUMENTS", "")
    if text not in ("", "0", "1"):
        warn(f"LITMUS_MOCK_INSTRUMENTS: expected 1 or 0, found {text!r}; it is passed over")
        text = ""
    return text == "1" if text else bool(project.get("mock_instruments"))


def _group(parser: pytest.Parser) -> "OptionGroup":
    return parser.getgroup("litmus", "hardware tests (litmus)")
