# SPDX-License-Identifier: Apache-2.0
"""What a test is run with, and what it says besides measurements: with pytest and without."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from litmus.data.measurement import Measurement
from litmus.errors import MissingLimitError
from litmus.execution.judging import Limits

if TYPE_CHECKING:
    from litmus import _core
    from litmus.data.models import Limit

_ABSENT = object()
NO_FILE = Path(os.devnull) / "none.py"
"""In the place of a test module, for what stands in none: beside it there is no sidecar."""


class Values:
    """Of one vector."""

    __slots__ = ("inputs", "observed", "outputs", "params")

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params
        self.inputs = dict(params)
        """What was commanded: the parameters, and what `configure` added."""
        self.outputs: dict[str, Any] = {}
        """What was observed, as the rows have it: large values by reference."""
        self.observed: dict[str, Any] = {}
        """What was observed, as it was given."""


class BaseContext(ABC):
    """Parameters, configured and observed values, and the limits that apply."""

    _previous: Mapping[str, Any] | None = None
    """Of the case before: parameters, configured and observed values."""

    @property
    @abstractmethod
    def _values(self) -> Values: ...

    @property
    @abstractmethod
    def _test(self) -> "_core.ResolvedTest":
        """What markers, files and the product say."""

    @abstractmethod
    def _stored(self, key: str, value: Any) -> Any:
        """An observed value as rows have it."""

    @abstractmethod
    def _remember(self, key: str, value: Any) -> None:
        """The next case asks for it."""

    @abstractmethod
    def _limit(self, name: str) -> Limits | None: ...

    @abstractmethod
    def measure(self, name: str, value: Any, **options: Any) -> Measurement:
        """Records a value; judges it if there is a limit."""

    # --- parameters

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters of this case, read-only."""
        return MappingProxyType(self.active_params())

    def active_params(self) -> dict[str, Any]:
        """As `params`, without a copy."""
        return self._values.params

    def get_param(self, key: str, default: Any = None) -> Any:
        """A parameter; `default` if there is none of that name."""
        return self._values.params.get(key, default)

    def changed(self, key: str) -> bool:
        """Whether the parameter differs from the case before; True on the first case.

        A retry compares with the attempt before it.
        """
        if self._previous is None:
            return True
        return bool(self._values.params.get(key, _ABSENT) != self._previous.get(key, _ABSENT))

    def last(self, key: str, default: Any = None) -> Any:
        """What parameter, configured or observed value the case before had; never a measurement."""
        return (self._previous or {}).get(key, default)

    # --- what the test says

    def configure(self, key: str, value: Any) -> None:
        """A commanded value: `in_{key}` on the rows of this vector that follow."""
        self._values.inputs = {**self._values.inputs, key: value}
        self._remember(key, value)

    def configure_all(self, values: Mapping[str, Any]) -> None:
        """Several of them."""
        for key, value in values.items():
            self.configure(key, value)

    def observe(self, key: str, value: Any) -> None:
        """An ambient value: `out_{key}`. Arrays go to the channel `key`, bytes into a file."""
        self._values.outputs = {**self._values.outputs, key: self._stored(key, value)}
        self._values.observed[key] = value
        self._remember(key, value)

    def observe_all(self, values: Mapping[str, Any]) -> None:
        """Several of them."""
        for key, value in values.items():
            self.observe(key, value)

    @property
    def observations(self) -> Mapping[str, Any]:
        """What was observed in this vector."""
        return MappingProxyType(self._values.observed)

    def get_observation(self, key: str, default: Any = None) -> Any:
        return self._values.observed.get(key, default)

    # --- limits

    @property
    def limits(self) -> "RawLimits":
        """The entries by measurement, as they are written."""
        return RawLimits(self._test.limits, self.ambient_characteristic)

    def get_limit(self, name: str) -> "Limit | None":
        """What `verify` would use now; None if there is nothing."""
        try:
            found = self._limit(name)
        except MissingLimitError:
            return None
        return None if found is None else as_limit(found)

    @property
    def characteristics(self) -> tuple[str, ...]:
        """Ids of the characteristics of the product that the test is about."""
        return tuple(self._test.characteristics or ())

    @property
    def ambient_characteristic(self) -> str | None:
        """The only one in scope."""
        in_scope = self._test.characteristics
        return in_scope[0] if in_scope is not None and len(in_scope) == 1 else None


class RawLimits(Mapping[str, dict[str, Any]]):
    """Entries of the cascade by measurement name."""

    def __init__(self, entries: dict[str, dict[str, Any]], ambient: str | None) -> None:
        self._entries = entries
        self._ambient = ambient

    def for_characteristic(self, characteristic: str) -> dict[str, dict[str, Any]]:
        """Those that name it, and those that name none while it is the ambient one."""
        return {
            name: entry
            for name, entry in self._entries.items()
            if entry.get("characteristic") == characteristic
            or (entry.get("characteristic") is None and characteristic == self._ambient)
        }

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def as_limit(resolved: Limits) -> "Limit":
    """As users have it."""
    from litmus.data.models import Limit

    return Limit(
        **{name: resolved[name] for name in Limit.model_fields if resolved.get(name) is not None}
    )
