# SPDX-License-Identifier: Apache-2.0
"""Hearing of assertions that hold: a verdict was asked for."""

import sys
from collections.abc import Callable
from typing import Any

from _pytest.assertion import util


class AssertionWatch:
    """Stands where rewritten assertions look whether anybody listens.

    The hook `pytest_assertion_pass` would have pytest word each assertion that holds, which costs
    more than the assertion. That one holds is all that matters here, and rewritten code asks this
    object for its truth each time: others that do listen are told, nobody else costs anything.

    Args:
        held: is called for assertions of tests and of what they use, not of this package.
    """

    def __init__(self, held: Callable[[], object]) -> None:
        self._held = held
        self._others: Any = None

    def listen(self) -> None:
        """From now on; pytest puts its own listener back when the test is over."""
        if util._assertion_pass is not self:
            self._others, util._assertion_pass = util._assertion_pass, self

    def __bool__(self) -> bool:
        # The frame before is pytest's; the one before that has the assertion.
        name = sys._getframe(2).f_globals.get("__name__", "")
        if name != "litmus" and not name.startswith("litmus."):
            self._held()
        return bool(self._others)

    def __call__(self, lineno: int, orig: str, expl: str) -> None:
        self._others(lineno, orig, expl)
