# SPDX-License-Identifier: Apache-2.0
"""Objects below a driver: `scope.ch1.read()`."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from litmus.errors import UnavailableError
from litmus.instruments.mocks import station_mock
from litmus.instruments.proxy import retire

from .test_observers import Observed, in_module


class Mode(enum.Enum):
    AUTO = 1


@dataclass
class Reading:
    value: float


class Volts(float):
    """A number of the driver's own."""


class Readings(list[float]): ...


class ByPin(dict[str, float]): ...


class Quantity:
    def __init__(self, value: float) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


class Channel:
    def __init__(self, level: float) -> None:
        self.level = level
        self.mode = Mode.AUTO

    def read(self) -> float:
        return self.level

    def measure_voltage(self) -> float:
        return self.level * 2

    def read_waveform(self, channel: Any = None) -> list[float]:
        del channel
        return [self.level, 0.0]

    def set(self, level: float) -> None:
        self.level = level

    def configure_range(self, range_v: float) -> None:
        del range_v

    def fetch_error(self) -> None:
        raise TimeoutError("no answer")


class Scope:
    def __init__(self) -> None:
        self.ch1 = Channel(1.0)
        self.inputs = [Channel(2.0), Channel(3.0)]
        self.by_name = {"a": Channel(4.0)}
        self.last = Reading(1.5)
        self.numbers = [1, 2]

    def channel(self, index: int) -> Channel:
        return self.inputs[index]

    def __getitem__(self, index: int) -> Channel:
        return self.inputs[index]

    def __iter__(self) -> Iterator[Channel]:
        return iter(self.inputs)


def test_what_an_object_below_a_driver_says_is_on_its_own_channel() -> None:
    scope = Observed(Scope())
    assert scope.proxy.ch1.read() == 1.0
    assert scope.proxy.ch1.measure_voltage() == 2.0
    scope.proxy.ch1.set(5.0)
    scope.proxy.ch1.configure_range(10)
    assert scope.told() == [
        ("read", "dmm.ch1", 1.0),
        ("read", "dmm.ch1.voltage", 2.0),
        ("set", "dmm.ch1", 5.0),
        ("configure", "ch1.configure_range", {"range_v": 10}),
    ]
    assert [channel for channel, _, _ in scope.channels.written] == [
        "dmm.ch1",
        "dmm.ch1.voltage",
        "dmm.ch1",
    ]


def test_its_waveform_is_that_channel() -> None:
    scope = Observed(Scope())
    scope.proxy.ch1.read_waveform()
    scope.proxy.inputs[1].read_waveform("math")
    assert [channel for channel, _, _ in scope.channels.written] == ["dmm.ch1", "dmm.inputs.1.math"]


def test_objects_in_lists_and_mappings_and_from_calls_are_seen_as_well() -> None:
    scope = Observed(Scope())
    scope.proxy.inputs[1].read()
    scope.proxy.by_name["a"].read()
    scope.proxy.channel(0).read()
    scope.proxy[1].read()
    assert scope.told() == [
        ("read", "dmm.inputs.1", 3.0),
        ("read", "dmm.by_name.a", 4.0),
        ("read", "dmm.channel_0", 2.0),
        ("read", "dmm.1", 3.0),
    ]


def test_objects_that_are_iterated_over_are_seen_as_well() -> None:
    scope = Observed(Scope())
    assert [each.read() for each in scope.proxy] == [2.0, 3.0]
    assert scope.told() == [("read", "dmm.0", 2.0), ("read", "dmm.1", 3.0)]


def test_mocks_have_objects_below_them_too() -> None:
    mock = station_mock("dmm", None, {"ch1.read": {"sequence": [1, 2]}, "ch1.level": 5, "x.y.z": 7})
    scope = Observed(mock)
    assert [scope.proxy.ch1.read(), scope.proxy.ch1.read(), scope.proxy.x.y.z()] == [1, 2, 7]
    assert scope.told() == [("read", "dmm.ch1", 1), ("read", "dmm.ch1", 2)]
    assert mock.mock_values["ch1.level"] == 5


def test_its_exceptions_are_told() -> None:
    scope = Observed(Scope())
    with pytest.raises(TimeoutError):
        scope.proxy.ch1.fetch_error()
    assert scope.told() == [("error", "dmm.ch1.fetch_error: TimeoutError: no answer")]


def test_the_stations_word_counts_below_too() -> None:
    scope = Observed(Scope(), {"ch1.voltage": "v1", "ch1.level": "read"})
    scope.proxy.ch1.measure_voltage()
    assert scope.proxy.ch1.level == 1.0
    assert scope.told() == [("read", "dmm.ch1.v1", 2.0), ("read", "dmm.ch1.level", 1.0)]


def test_it_passes_for_what_it_is_and_values_stay_values() -> None:
    driver = Scope()
    scope = Observed(driver).proxy
    assert isinstance(scope.ch1, Channel)
    assert scope.ch1 is scope.ch1
    assert scope.last is driver.last
    assert scope.numbers is driver.numbers
    assert scope.ch1.mode is Mode.AUTO
    for value in (Volts(1.5), Readings([1.0]), ByPin(vout=1.5), Quantity(1.5)):
        driver.measure_last = lambda value=value: value  # type: ignore[attr-defined]
        assert scope.measure_last() is value
    scope.ch1.level = 7.0
    assert driver.ch1.level == 7.0
    driver.ch1 = Channel(8.0)
    assert scope.ch1.read() == 8.0


def test_it_cannot_be_used_after_the_release_of_the_instrument() -> None:
    scope = Observed(Scope()).proxy
    ch1, read = scope.ch1, scope.ch1.read
    retire(scope)
    for use in (read, lambda: ch1.measure_voltage()):
        with pytest.raises(UnavailableError, match="was released"):
            use()


def test_it_follows_the_rules_of_the_drivers_family() -> None:
    level = property(lambda _self: 1.5, lambda _self, _value: None)
    channel = in_module("pymeasure.instruments.channel", level=level)()
    supply = Observed(in_module("pymeasure.instruments.acme", ch_1=channel)())
    assert supply.proxy.ch_1.level == 1.5
    supply.proxy.ch_1.level = 2.5
    assert supply.told() == [("read", "dmm.ch_1.level", 1.5), ("set", "dmm.ch_1.level", 2.5)]
