# SPDX-License-Identifier: Apache-2.0
"""Mocks of one test: patches on fixtures, undone exactly."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from litmus.errors import InvalidArgumentError
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

    Raises:
        InvalidArgumentError: there is nothing to patch. Those before are undone.
    """
    with ExitStack() as undo:
        for target, keywords, source in mocks:
            fixture, _, attribute = target.partition(".")
            try:
                instrument = request.getfixturevalue(fixture)
            except pytest.FixtureLookupError:
                warn(
                    f"{source}: mock of {target}: there is no fixture {fixture}; it is passed over"
                )
                continue
            try:
                undo.enter_context(patched(instrument, attribute, keywords))
            except AttributeError as error:
                raise InvalidArgumentError(f"{source}: mock of {target}: {error}") from None
        return undo.pop_all().close
