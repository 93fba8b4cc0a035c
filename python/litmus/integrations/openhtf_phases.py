# SPDX-License-Identifier: Apache-2.0
"""Where the phases of an OpenHTF test stand among the steps of a run."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_DEFAULT_REPEAT_LIMIT = 3  # of OpenHTF, where a phase does not say


@dataclass(frozen=True, slots=True)
class StepPlace:
    """A step's place in its run."""

    name: str
    path: str
    parent_path: str
    index: int
    vector_index: int

    def fields(self) -> dict[str, Any]:
        """As the fields that events of steps have."""
        return {
            "step_name": self.name,
            "step_path": self.path,
            "parent_path": self.parent_path,
            "step_index": self.index,
            "vector_index": self.vector_index,
        }


@dataclass(frozen=True, slots=True)
class PlacedSubtest:
    """A subtest begins or ends; it is a step around its phases."""

    place: StepPlace
    record: Any
    begins: bool


@dataclass(frozen=True, slots=True)
class PlacedPhase:
    """One execution of a phase.

    Attributes:
        retry: attempt, from 0; an execution that was repeated is an attempt of the next one.
    """

    place: StepPlace
    record: Any
    retry: int


def placed(test: Any) -> Iterator[PlacedSubtest | PlacedPhase]:
    """The phases of a test record in the order of execution, each subtest before its first phase.

    The ends of the subtests come last.
    """
    places = _Places()
    begun: dict[int, PlacedSubtest] = {}
    before: PlacedPhase | None = None
    for phase in test.phases:
        number = _subtest_of(test, phase)
        if number is not None and number not in begun:
            subtest = test.subtests[number]
            begun[number] = PlacedSubtest(places.next("", subtest.name), subtest, begins=True)
            yield begun[number]
        if before is not None and _is_repeated(before, phase):
            before = PlacedPhase(before.place, phase, before.retry + 1)
        else:
            parent = "" if number is None else begun[number].place.path
            before = PlacedPhase(places.next(parent, phase.name), phase, 0)
        yield before
    for number, subtest in enumerate(test.subtests):
        if number not in begun:
            begun[number] = PlacedSubtest(places.next("", subtest.name), subtest, begins=True)
            yield begun[number]
        yield PlacedSubtest(begun[number].place, subtest, begins=False)


def _subtest_of(test: Any, phase: Any) -> int | None:
    """Position of the subtest during which the phase began; subtests are recorded as they end."""
    for number, subtest in enumerate(test.subtests):
        ended = subtest.end_time_millis or phase.start_time_millis
        if subtest.name == phase.subtest_name and (
            subtest.start_time_millis <= phase.start_time_millis <= ended
        ):
            return number
    return None


def _is_repeated(before: PlacedPhase, phase: Any) -> bool:
    """Whether `phase` is OpenHTF's next attempt at the one before, for one of its four reasons."""
    last = before.record
    if last.descriptor_id != phase.descriptor_id or last.name != phase.name:
        return False
    if last.subtest_name != phase.subtest_name:
        return False
    options = last.options
    limit = getattr(options, "repeat_limit", None) or _DEFAULT_REPEAT_LIMIT
    if before.retry + 1 >= limit:
        return False
    failed = getattr(last.outcome, "name", "") in ("SKIP", "FAIL")
    return bool(
        getattr(last.result, "is_repeat", False)
        or getattr(options, "force_repeat", False)
        or (getattr(options, "repeat_on_measurement_fail", False) and failed)
        or (
            getattr(options, "repeat_on_timeout", False)
            and getattr(last.result, "is_timeout", False)
        )
    )


@dataclass(slots=True)
class _Places:
    """Numbers the steps: a name that comes again is the next vector of its step."""

    _index: dict[str, int] = field(default_factory=dict)
    _children: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _vectors: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def next(self, parent_path: str, name: str) -> StepPlace:
        own = name.replace("/", "_")
        path = f"{parent_path}/{own}" if parent_path else own
        if path not in self._index:
            self._index[path] = self._children[parent_path]
            self._children[parent_path] += 1
        vector_index = self._vectors[path]
        self._vectors[path] += 1
        return StepPlace(name, path, parent_path, self._index[path], vector_index)
