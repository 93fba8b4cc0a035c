# SPDX-License-Identifier: Apache-2.0
"""What every observer does: names of methods by their prefix."""

import fnmatch
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from litmus.instruments.parts import Elsewhere
from litmus.instruments.recorder import InstrumentRecorder


class Kind(StrEnum):
    """What a call, or an access to an attribute, means."""

    READ = "read"
    SET = "set"
    CONTROL = "control"
    """Set when it is given a value, else read."""
    CONFIGURE = "configure"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a name means, and the channel below the role."""

    kind: Kind
    stem: str


_PREFIXES = {
    Kind.READ: ("measure_", "read_", "get_", "query_", "fetch_"),
    Kind.SET: ("set_", "write_"),
    Kind.CONFIGURE: ("configure_", "setup_", "init_"),
}
_VERBS = {prefix.rstrip("_"): kind for kind in (Kind.READ, Kind.SET) for prefix in _PREFIXES[kind]}
_WAVEFORMS = ("waveform", "trace")
_KINDS = frozenset(Kind)


def by_prefix(name: str) -> Rule | None:
    """The rule for every driver: `measure_voltage` is a read of `voltage`."""
    for kind, prefixes in _PREFIXES.items():
        for prefix in prefixes:
            if name.startswith(prefix) and len(name) > len(prefix):
                return Rule(kind, name.removeprefix(prefix))
    return None


class DriverObserver:
    """Looks at each interaction with a driver, after it, and records what it means.

    Families of drivers derive from it. `observer_protocols` names the packages whose drivers it is
    for; third parties register theirs in the entry point group `litmus.observers`.

    Args:
        driver_class: of the driver.
        role: of the station.
        emit: records: `read`, `set`, `configure`.
        yaml_overrides: the station's `channels:`: a kind, or another name for the channel.
        driver_instance: the driver.
    """

    observer_protocols: ClassVar[Sequence[str]] = ()
    methods: ClassVar[Sequence[tuple[str, Kind, str | None]]] = ()
    """Pattern of names, what they are, the channel (None: the name); the first that fits wins."""
    observes_properties: ClassVar[bool] = False

    def __init__(
        self,
        driver_class: type[Any],
        role: str,
        emit: InstrumentRecorder,
        yaml_overrides: Mapping[str, str],
        driver_instance: Any,
    ) -> None:
        self.driver_class = driver_class
        self.role = role
        self.emit = emit
        self.driver_instance = driver_instance
        self.is_part = False
        """Of an object below the driver, which may itself be the channel."""
        self._overrides = dict(yaml_overrides)
        self._method_rules: dict[str, Rule | None] = {}
        self._attribute_rules: dict[str, Rule | None] = {}
        self._signatures: dict[str, inspect.Signature | None] = {}

    def below(self, name: str, part: Any) -> "DriverObserver":
        """For an object that the driver has, with the station's `channels:` for it (`ch1.voltage`)."""
        start = f"{name}."
        overrides = {
            stem.removeprefix(start): word
            for stem, word in self._overrides.items()
            if stem.startswith(start)
        }
        kind = part.driver_class if isinstance(part, Elsewhere) else type(part)
        observer = type(self)(kind, self.role, self.emit.below(name), overrides, part)
        observer.is_part = True
        return observer

    def on_call(
        self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any
    ) -> None:
        """A method has returned."""
        rule = self._rule(name, self._method_rules, self.method_rule)
        if rule is not None:
            self.record(rule, name, args, kwargs, result)

    def on_getattr(self, name: str, value: Any) -> None:
        """An attribute that is no method was read."""
        rule = self._rule(name, self._attribute_rules, self.attribute_rule)
        if rule is not None and rule.kind in (Kind.READ, Kind.CONTROL):
            self.emit.read(self.channel(rule.stem, (), {}), value, name)

    def on_setattr(self, name: str, value: Any) -> None:
        """An attribute was set."""
        rule = self._rule(name, self._attribute_rules, self.attribute_rule)
        if rule is not None and rule.kind in (Kind.SET, Kind.CONTROL):
            self.emit.set(self.channel(rule.stem, (), {}), value, name)

    def method_rule(self, name: str) -> Rule | None:
        """What calling it means; None: nothing that is recorded."""
        for pattern, kind, stem in self.methods:
            if fnmatch.fnmatchcase(name, pattern):
                return Rule(kind, stem or name)
        if self.is_part and name in _VERBS:
            return Rule(_VERBS[name], "")  # scope.ch1.read(): the channel is the object
        return by_prefix(name)

    def attribute_rule(self, name: str) -> Rule | None:
        """What reading or setting it means."""
        if not self.observes_properties:
            return None
        static = inspect.getattr_static(self.driver_class, name, None)
        is_descriptor = hasattr(type(static), "__get__") and not callable(static)
        return Rule(Kind.CONTROL, name) if is_descriptor else None

    def record(
        self,
        rule: Rule,
        name: str,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        result: Any,
    ) -> None:
        """Records the call as the rule says."""
        if rule.kind is Kind.CONFIGURE:
            self.emit.configure(name, self.parameters(name, args, kwargs))
        elif rule.kind is Kind.READ or (rule.kind is Kind.CONTROL and not args and not kwargs):
            self.emit.read(self.channel(rule.stem, args, kwargs), result, name)
        else:
            value = args[0] if args else kwargs.get("value", next(iter(kwargs.values()), None))
            self.emit.set(self.channel(rule.stem, args, kwargs), value, rule.stem)

    def channel(self, stem: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        """The channel below the role: the station's word, else the waveform's channel, else the stem."""
        override = self._overrides.get(stem)
        if override is not None and override not in _KINDS:
            return override
        if stem not in _WAVEFORMS:
            return stem
        given = kwargs.get("channel", args[0] if args else None)
        if isinstance(given, int) or (isinstance(given, str) and given.isdigit()):
            return f"ch{given}"
        if isinstance(given, str) and given:
            return given
        return "" if self.is_part else "ch1"

    def parameters(
        self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The arguments by name."""
        if not args:
            return dict(kwargs)
        signature = self._signature(name)
        if signature is not None:
            try:
                return dict(signature.bind(*args, **kwargs).arguments)
            except TypeError:
                pass
        return {f"argument_{index}": value for index, value in enumerate(args)} | dict(kwargs)

    def _signature(self, name: str) -> inspect.Signature | None:
        if name not in self._signatures:
            try:
                self._signatures[name] = inspect.signature(getattr(self.driver_instance, name))
            except (AttributeError, TypeError, ValueError):
                self._signatures[name] = None
        return self._signatures[name]

    def _rule(self, name: str, known: dict[str, Rule | None], find: Any) -> Rule | None:
        try:
            return known[name]
        except KeyError:
            found: Rule | None = find(name)
            stem = found.stem if found else name
            override = self._overrides.get(stem, self._overrides.get(name))
            if override in _KINDS:
                found = Rule(Kind(override), stem)
            known[name] = found
            return found
