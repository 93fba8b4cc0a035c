# SPDX-License-Identifier: Apache-2.0
"""Mocks of one test: patches on fixtures, undone exactly."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from litmus.execution.patching import patched
from litmus.problems import warn


def install(
    request: pytest.FixtureRequest, mocks: list[tuple[str, dict[str, Any], str]]
) -> Callable[[], None]:
    """Patches all of them.

    Args:
        request: of the test.
        mocks: target, keywords, and where that stands.

    Returns:
        What undoes it.
    """
    undo = ExitStack()
    for target, keywords, source in mocks:
        fixture, _, attribute = target.partition(".")
        try:
            instrument = request.getfixturevalue(fixture)
        except pytest.FixtureLookupError:
            warn(f"{source}: mock of {target}: there is no fixture {fixture}; it is passed over")
            continue
        undo.enter_context(patched(instrument, attribute, keywords))
    return undo.close
