# SPDX-License-Identifier: Apache-2.0
"""Combinations of parameters: lists of values, multiplied or side by side."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from litmus import _core
from litmus.errors import InvalidArgumentError

_GENERATORS = ("linspace", "arange", "logspace", "geomspace", "repeat", "range")


class Vector(dict[str, Any]):
    """One combination. Keys that begin with `_`, such as `_limits` and `_mocks`, are no parameters."""

    def __init__(
        self,
        values: Mapping[str, Any],
        index: int | None = None,
        previous: "Vector | None" = None,
    ) -> None:
        super().__init__(values)
        self.index = index
        """Its number, from 0; None: the next one of the step."""
        self._previous = previous

    def params(self) -> dict[str, Any]:
        """The parameters alone."""
        return {name: value for name, value in self.items() if not name.startswith("_")}

    def changed(self, key: str) -> bool:
        """Whether the value differs from that of the vector before; True on the first one."""
        if self._previous is None:
            return True
        missing = object()
        return bool(self.get(key, missing) != self._previous.get(key, missing))


def expand_vectors(given: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> list[Vector]:
    """The vectors in the order of their execution.

    Args:
        given: the combinations themselves; or the values of each parameter, by its name or below
            `vectors`, and how they are joined: `expand: product` (every combination, the first
            parameter is the slowest; the default) or `zip` (side by side, lists of one length).
            Values are a list, a single value, a generator such as `{"linspace": [0, 1, 5]}`, or a
            text `"a:b:step"`: from a by step to b, b included where it is met.

    Raises:
        InvalidArgumentError: values that cannot be used, or lists of different lengths under `zip`.
    """
    if not isinstance(given, Mapping):
        return _numbered(given)
    how = given.get("expand", "product")
    named = {name: values for name, values in given.items() if name not in ("expand", "vectors")}
    below = given.get("vectors") or {}
    if not isinstance(below, Mapping):
        raise InvalidArgumentError(f"vectors: expected values by parameter, found {below!r}")
    columns = {name: _values(name, values) for name, values in {**named, **below}.items()}
    if not columns:
        return _numbered([{}])
    if how == "product":
        rows: Iterable[tuple[Any, ...]] = itertools.product(*columns.values())
    elif how == "zip":
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
            raise InvalidArgumentError(f"expand: zip: expected lists of one length, but {told}")
        rows = zip(*columns.values(), strict=True)
    else:
        raise InvalidArgumentError(f"expand: expected product or zip, found {how!r}")
    return _numbered(dict(zip(columns, row, strict=True)) for row in rows)


def _numbered(rows: Iterable[Mapping[str, Any]]) -> list[Vector]:
    vectors: list[Vector] = []
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise InvalidArgumentError(
                f"vector {index}: expected parameters by name, found {row!r}"
            )
        vectors.append(Vector(row, index, vectors[-1] if vectors else None))
    return vectors


def _values(name: str, given: Any) -> list[Any]:
    if isinstance(given, str) and given.count(":") == 2:
        return _stepped(name, given)
    if isinstance(given, Mapping):
        kinds = list(given)
        if len(kinds) != 1 or kinds[0] not in _GENERATORS:
            raise InvalidArgumentError(
                f"{name}: expected a list, or one of {', '.join(_GENERATORS)}, found {given!r}"
            )
        return list(_core.generate(kinds[0], given[kinds[0]]))
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        return [given]
    return list(given)


def _stepped(name: str, text: str) -> list[float]:
    try:
        start, stop, step = (float(part) for part in text.split(":"))
    except ValueError:
        raise InvalidArgumentError(f"{name}: expected a:b:step, found {text!r}") from None
    if step == 0 or (stop - start) * step < 0:
        raise InvalidArgumentError(f"{name}: {text}: the step does not lead from {start} to {stop}")
    count = round((stop - start) / step, 9)
    last = start + int(count) * step
    values = _core.generate("linspace", (start, last, int(count) + 1))
    whole = all(part.strip().lstrip("+-").isdigit() for part in text.split(":"))
    return [int(value) for value in values] if whole else values
