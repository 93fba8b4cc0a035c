# SPDX-License-Identifier: Apache-2.0
"""Patches on instruments, undone exactly."""

import sys
from typing import Any

from litmus import _core


def patched(instrument: Any, attribute: str, keywords: dict[str, Any]) -> Any:
    """A context manager that patches `attribute`, `read` or `ch1.read`, of an instrument.

    Args:
        keywords: of `unittest.mock.patch.object`.
    """
    from unittest.mock import patch  # takes time to load, and most sessions patch nothing

    holder = instrument
    *path, name = attribute.split(".")
    for part in path:
        holder = getattr(holder, part)
    return patch.object(holder, name, **keywords)


def mocks_of(
    test: _core.ResolvedTest, payloads: list[tuple[str, dict[str, Any]]]
) -> list[tuple[str, dict[str, Any], str]]:
    """Target, keywords of the patch, and where that stands.

    Args:
        test: what was resolved.
        payloads: the markers that it was resolved with: they have the Python objects themselves.
    """
    found = []
    for mock in test.mocks:
        keywords = mock["keywords"]
        if mock["inline"] is not None:
            number, index = mock["inline"]
            original = payloads[number][1]["mocks"][index]
            keywords = {name: value for name, value in original.items() if name != "target"}
        found.append((mock["target"], keywords, mock["source"]))
    return found


def activate_parameters(parameters: dict[str, Any]) -> None:
    """For mocks whose answers depend on them."""
    module = sys.modules.get("litmus.instruments.mock_values")
    if module is not None:
        module.active_parameters.set(parameters)
