# SPDX-License-Identifier: Apache-2.0
"""What will be executed: the place of every collected test in the tree of steps.

A step is known by its path and its vector index. Both are settled here, once, after collection, so
that plan and execution agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

STATION_GROUP = "@litmus_station"
"""What node ids of tests with real instruments end with where pytest-xdist hands them out."""


@dataclass(slots=True)
class ContainerPlan:
    """A class, under one of its outer conditions."""

    name: str
    path: str
    parent_path: str
    index: int
    vector_index: int
    inputs: dict[str, Any]
    file: str
    module: str | None


@dataclass(slots=True)
class StepPlan:
    """A test with one set of parameters; `inner` of them if it loops over vectors itself."""

    node_id: str
    name: str
    path: str
    parent_path: str
    index: int
    vector_index: int
    planned: int
    file: str
    module: str | None
    class_name: str | None
    function: str | None
    markers: list[str]
    inputs: dict[str, Any]
    description: str | None
    containers: tuple[ContainerPlan, ...]
    inner: Sequence[dict[str, Any]] | None = None

    def as_items(self) -> list[dict[str, Any]]:
        """As `test.steps_discovered` has it: one for each vector."""
        rows = self.inner or [{}]
        return [self._as_item(number, row) for number, row in enumerate(rows)]

    def _as_item(self, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "node_id": self.node_id,
            "file": self.file,
            "module": self.module,
            "class_name": self.class_name,
            "function": self.function,
            "step_name": self.name,
            "markers": self.markers,
            "step_path": self.path,
            "parent_path": self.parent_path,
            "step_index": self.index,
            "vector_index": self.vector_index + number,
            "vector_count_planned": self.planned,
            "inputs": {**self.inputs, **row},
        }


@dataclass(frozen=True, slots=True)
class Outer:
    """What the class of a test is swept over."""

    names: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    """Which of the declared values the test has."""


@dataclass(slots=True)
class _Place:
    """Where a test stands, before anything is counted."""

    node_id: str
    names: tuple[str, ...]
    file: str
    module: str | None


def parameters(item: pytest.Item) -> dict[str, Any]:
    """The parameters of the test; private ones, which begin with `_`, stay hidden."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return {}
    return {name: value for name, value in callspec.params.items() if not name.startswith("_")}


class Planner:
    """Gives paths and indices to tests, in the order of their execution.

    Args:
        collected: all that were found, those that are deselected later included: what a step is
            called must not depend on which others are run.
    """

    def __init__(self, collected: Iterable[pytest.Item]) -> None:
        modules: dict[str, set[str]] = defaultdict(set)
        self._places = {item: _place(item) for item in collected}
        for place in self._places.values():
            modules[place.names[0]].add(place.file)
        self._shared_names = {name for name, files in modules.items() if len(files) > 1}
        self._children: dict[str, dict[str, int]] = defaultdict(dict)
        self._conditions: dict[str, dict[Any, int]] = defaultdict(dict)
        self._next_vector: dict[str, int] = defaultdict(int)

    def plan(
        self,
        items: Sequence[pytest.Item],
        outer: Mapping[pytest.Item, Outer],
        inner: Mapping[pytest.Item, Sequence[dict[str, Any]]],
    ) -> dict[str, StepPlan]:
        """By node id.

        Args:
            items: in the order of execution.
            outer: what the class of a test is swept over.
            inner: the vectors that a test loops over itself.
        """
        plans = {
            item.nodeid: self._step(item, outer.get(item, Outer()), inner.get(item))
            for item in items
        }
        for plan in plans.values():
            plan.planned = self._next_vector[plan.path]
        return plans

    def _step(
        self,
        item: pytest.Item,
        outer: Outer,
        inner: Sequence[dict[str, Any]] | None,
    ) -> StepPlan:
        place = self._places.get(item) or _place(item)
        path = ""
        containers = []
        names = self._path_names(place)
        inputs = parameters(item)
        condition = {name: inputs[name] for name in outer.names if name in inputs}
        for name, part in zip(place.names[:-1], names[:-1], strict=True):
            containers.append(self._container(place, name, part, path, condition, outer.places))
            path = containers[-1].path
        own = f"{path}/{names[-1]}" if path else names[-1]
        count = max(1, len(inner)) if inner is not None else 1
        vector_index = self._next_vector[own]
        self._next_vector[own] += count
        function = getattr(item, "function", None)
        name = place.names[-1]
        return StepPlan(
            node_id=place.node_id,
            name=name,
            path=own,
            parent_path=path,
            index=self._index(path, own),
            vector_index=vector_index,
            planned=0,
            file=place.file,
            module=place.module,
            class_name=place.names[-2] if len(place.names) > 1 else None,
            function=name if function is not None else None,
            markers=sorted(
                {mark.name for node in item.iter_parents() for mark in node.own_markers}
            ),
            inputs=inputs,
            description=_first_line(getattr(function, "__doc__", None)),
            containers=tuple(containers),
            inner=inner,
        )

    def _container(
        self,
        place: _Place,
        name: str,
        part: str,
        parent: str,
        condition: dict[str, Any],
        places: tuple[int, ...],
    ) -> ContainerPlan:
        path = f"{parent}/{part}" if parent else part
        conditions = self._conditions[path]
        return ContainerPlan(
            name=name,
            path=path,
            parent_path=parent,
            index=self._index(parent, path),
            vector_index=conditions.setdefault(places, len(conditions)),
            inputs=condition,
            file=place.file,
            module=place.module,
        )

    def _index(self, parent: str, path: str) -> int:
        """In the order of first appearance, containers and tests alike."""
        children = self._children[parent]
        return children.setdefault(path, len(children))

    def _path_names(self, place: _Place) -> list[str]:
        names = [name.replace("/", "_") for name in place.names]
        if place.names[0] in self._shared_names:
            module = Path(place.file).with_suffix("").as_posix().replace("/", ".")
            names[0] = f"{module}::{names[0]}"
        return names


def _place(item: pytest.Item) -> _Place:
    node_id = item.nodeid.removesuffix(STATION_GROUP)
    file, _, _ = node_id.partition("::")
    own = getattr(item, "originalname", None) or item.name
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    module = getattr(getattr(item, "module", None), "__name__", None)
    return _Place(node_id, (*classes, own), file, module)


def _first_line(text: str | None) -> str | None:
    lines = (text or "").strip().splitlines()
    return lines[0].strip() if lines else None
