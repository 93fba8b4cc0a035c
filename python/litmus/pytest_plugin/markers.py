# SPDX-License-Identifier: Apache-2.0
"""The markers `litmus_*`: what they mean to pytest, and their payloads as a sidecar would have them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from _pytest.nodes import Node

from litmus.execution.judging import plain_limit

_DESCRIPTIONS = {
    "litmus_limits": "litmus_limits(**name=dict): limits by measurement",
    "litmus_sweeps": "litmus_sweeps([{argument: [values]}, ...]): one loop each, outermost first",
    "litmus_mocks": 'litmus_mocks([{"target": "fixture.attribute", ...}]): patches for the test',
    "litmus_characteristics": "litmus_characteristics([ids]): characteristics of the product in scope",
    "litmus_connections": "litmus_connections([names] | **role=[channels] | role='all'): wiring to iterate",
    "litmus_retry": "litmus_retry(max_retries=0, delay=0.0, on=None): attempts beyond the first",
    "litmus_prompts": "litmus_prompts(**key=dict): questions to the operator",
}

Payload = dict[str, Any]


def register_markers(config: pytest.Config) -> None:
    for description in _DESCRIPTIONS.values():
        config.addinivalue_line("markers", description)


def inline_payloads(definition: pytest.Item) -> list[tuple[str, Payload]]:
    """What the markers of a test say, with the scope they stand at, weakest first.

    Raises:
        pytest.Collector.CollectError: two markers of a kind on one test, or arguments of the wrong kind.
    """
    found = []
    for node in definition.listchain():
        marks = [mark for mark in node.own_markers if mark.name in _DESCRIPTIONS]
        if not marks:
            continue
        if node is definition:
            _refuse_second(definition, marks)
            scope = "function"
        else:
            scope = "class" if isinstance(node, pytest.Class) else "module"
        for mark in marks:
            found.append((scope, _payload(node, mark)))
    return found


def _refuse_second(node: pytest.Item, marks: Iterable[pytest.Mark]) -> None:
    names = [mark.name for mark in marks]
    for name in names:
        if names.count(name) > 1:
            raise pytest.Collector.CollectError(
                f"{node.nodeid}: expected one marker {name}, found {names.count(name)}: join them"
            )


def _payload(node: Node, mark: pytest.Mark) -> Payload:
    key = mark.name.removeprefix("litmus_")
    return {key: _READERS[key](f"{node.nodeid}: {mark.name}", mark)}


def _by_name(place: str, mark: pytest.Mark) -> Any:
    if mark.args:
        raise pytest.Collector.CollectError(f"{place}: expected name=dict, found {mark.args!r}")
    return {name: plain_limit(value) for name, value in mark.kwargs.items()}


def _list(place: str, mark: pytest.Mark) -> Any:
    if mark.kwargs:
        raise pytest.Collector.CollectError(f"{place}: expected a list, found {mark.kwargs!r}")
    if len(mark.args) == 1 and isinstance(mark.args[0], list | tuple):
        return list(mark.args[0])
    return list(mark.args)


def _sweeps(place: str, mark: pytest.Mark) -> Any:
    """Ranges, arrays and other series of values as lists; a mapping is a generator's form."""
    loops = _list(place, mark)
    for loop in loops:
        if not isinstance(loop, dict):
            raise pytest.Collector.CollectError(
                f"{place}: expected {{argument: [values]}}, found {loop!r}"
            )
    return [{name: _as_list(values) for name, values in loop.items()} for loop in loops]


def _as_list(values: Any) -> Any:
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return values
    return list(values)


def _connections(place: str, mark: pytest.Mark) -> Any:
    if mark.kwargs and mark.args:
        raise pytest.Collector.CollectError(
            f"{place}: expected names, or channels by role, found both"
        )
    return dict(mark.kwargs) if mark.kwargs else _list(place, mark)


def _retry(place: str, mark: pytest.Mark) -> Any:
    names = ("max_retries", "delay", "on")
    if len(mark.args) > len(names):
        raise pytest.Collector.CollectError(
            f"{place}: expected {', '.join(names)}, found {mark.args!r}"
        )
    payload = {**dict(zip(names, mark.args, strict=False)), **mark.kwargs}
    on = payload.get("on")
    if on is None:
        payload.pop("on", None)
    else:
        kinds = on if isinstance(on, list | tuple) else [on]
        payload["on"] = [kind.__name__ if isinstance(kind, type) else kind for kind in kinds]
    return payload


_READERS: dict[str, Callable[[str, pytest.Mark], Any]] = {
    "limits": _by_name,
    "prompts": _by_name,
    "sweeps": _sweeps,
    "mocks": _list,
    "characteristics": _list,
    "connections": _connections,
    "retry": _retry,
}
