# SPDX-License-Identifier: Apache-2.0
"""What mocks answer."""

import csv
from pathlib import Path
from typing import Any

import pytest
from litmus.errors import InvalidArgumentError
from litmus.instruments.base import Instrument
from litmus.instruments.mock_values import active_parameters
from litmus.instruments.mocks import Mock, as_mock, station_mock, unknown_names


class DMM(Instrument):
    range_v = 10.0

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        raise AssertionError("the constructor of a mocked class is not run")

    def connect(self) -> None:
        raise AssertionError("there is nothing to connect to")

    def disconnect(self) -> None: ...

    def measure_voltage(self, channel: int = 1) -> float:
        del channel
        raise AssertionError("no instrument")

    @property
    def temperature(self) -> float:
        raise AssertionError("no instrument")


def station(**values: Any) -> Any:
    return station_mock("dmm", None, values)


def test_a_mock_is_an_instance_of_the_class_it_stands_for() -> None:
    dmm = Mock(DMM, measure_voltage=3.31)
    assert isinstance(dmm, DMM)
    assert type(dmm).__name__ == "MockDMM"
    with dmm as connected:
        connected.connect()
        assert connected.measure_voltage(2) == 3.31
    assert as_mock(dmm).mock_values == {"measure_voltage": 3.31}
    with pytest.raises(TypeError, match="expected a mock, found int"):
        as_mock(3)


def test_methods_without_a_value_return_none_and_unknown_names_are_errors() -> None:
    dmm = Mock(DMM)
    assert dmm.measure_voltage() is None
    assert dmm.manufacturer is None
    assert dmm.range_v == 10.0
    with pytest.raises(AttributeError, match="DMM has no measure_curent"):
        dmm.measure_curent()  # type: ignore[attr-defined]


def test_values_can_be_changed_and_assigned() -> None:
    dmm = Mock(DMM, measure_voltage=1.0, temperature=21.5)
    assert dmm.temperature == 21.5
    as_mock(dmm).set_mock_value("measure_voltage", 2.0)
    as_mock(dmm).set_mock_value("temperature", 22.0)
    assert (dmm.measure_voltage(), dmm.temperature) == (2.0, 22.0)
    dmm.serial = "MY1"
    assert dmm.serial == "MY1"


def test_the_station_stand_in_has_every_method() -> None:
    dmm = station(measure_voltage=3.31)
    assert dmm.measure_voltage("any", key="any") == 3.31
    assert dmm.enable_output(True) is None
    dmm.level = 5
    assert dmm.level == 5


def test_the_station_stand_in_learns_properties_from_the_driver() -> None:
    assert station_mock("dmm", DMM, {"temperature": 21.5}).temperature == 21.5
    assert station(temperature={"property": 21.5}).temperature == 21.5
    assert unknown_names(DMM, {"temperature": 1, "measure_volts": 2}) == ["measure_volts"]


def test_a_list_is_one_value_and_a_map_is_looked_up() -> None:
    mock = station(read_all=[1, 2, 3], read_pin={"1": 1.8, "vcc": 5.0, "0.10": "tenth"})
    assert [mock.read_all(), mock.read_all()] == [[1, 2, 3], [1, 2, 3]]
    assert [mock.read_pin(key) for key in (1, "vcc", 0.1, "gnd", [])] == [
        1.8,
        5.0,
        "tenth",
        None,
        None,
    ]
    assert mock.read_pin() is None


def test_a_callable_is_called_with_the_arguments() -> None:
    dmm = Mock(DMM, measure_voltage=lambda channel: channel * 2)
    assert dmm.measure_voltage(4) == 8


@pytest.mark.parametrize(("then", "following"), [("last", [1, 2, 2, 2]), ("repeat", [1, 2, 1, 2])])
def test_a_sequence_gives_one_value_per_call(then: str, following: list[int]) -> None:
    mock = station(measure={"sequence": [1, 2], "then": then})
    assert [mock.measure() for _ in following] == following


def test_a_sequence_can_end_with_an_error() -> None:
    mock = station(measure={"sequence": {"range": [1, 3]}, "then": "error"})
    assert [mock.measure(), mock.measure()] == [1, 2]
    with pytest.raises(IndexError, match=r"dmm\.measure: all 2 values of the mock have been given"):
        mock.measure()


def test_a_function_gets_the_arguments_and_the_active_parameters() -> None:
    mock = station(
        root={"function": "math:sqrt"}, scaled={"function": f"{__name__}:scaled_by_load"}
    )
    assert mock.root(9) == 3
    token = active_parameters.set({"load": 4})
    try:
        assert mock.scaled(2) == 8
    finally:
        active_parameters.reset(token)


def scaled_by_load(value: float, params: dict[str, float]) -> float:
    return value * params["load"]


def test_a_value_can_follow_a_parameter() -> None:
    mock = station(measure={"by_param": {"load": {"0.1": 3.3, "1.0": 3.2}}})
    assert mock.measure() is None
    token = active_parameters.set({"load": 1})
    try:
        assert mock.measure() == 3.2
    finally:
        active_parameters.reset(token)


def test_an_exception_is_raised() -> None:
    mock = station(
        measure={"raises": "TimeoutError", "message": "no answer"},
        query={"raises": "pyvisa.errors.VisaIOError", "message": -1073807339},
        cancel={"raises": "concurrent.futures.CancelledError"},
    )
    with pytest.raises(TimeoutError, match="no answer"):
        mock.measure()
    with pytest.raises(Exception, match="VI_ERROR_TMO"):
        mock.query("*IDN?")


def test_noise_is_the_same_each_time() -> None:
    form = {"noise": {"mean": 3.3, "sigma": 0.01, "seed": 7}}
    first, second = station(measure=form), station(measure=form)
    values = [first.measure() for _ in range(100)]
    assert values == [second.measure() for _ in range(100)]
    assert len(set(values)) == 100
    assert sum(values) / 100 == pytest.approx(3.3, abs=0.01)


def test_list_generators_give_their_list() -> None:
    mock = station(read_waveform={"linspace": [0, 1, 1000]}, table={"linspace": [0], "other": 1})
    assert len(mock.read_waveform()) == 1000
    assert mock.table("other") == 1  # no generator: a map with two keys


def test_a_recording_is_replayed(tmp_path: Path) -> None:
    with (tmp_path / "voltage.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["timestamp", "value"], ["a", 3.31], ["b", 3.29]])
    mock = station(measure={"replay": str(tmp_path / "voltage.csv"), "then": "repeat"})
    assert [mock.measure() for _ in range(3)] == [3.31, 3.29, 3.31]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"linspace": [0, 1]}, "linspace"),
        ({"sequence": [1], "then": "stop"}, "expected last, repeat or error, found stop"),
        ({"sequence": 5}, "expected a list, found 5"),
        ({"sequence": []}, "found an empty list"),
        ({"function": "no.such:thing"}, "No module named"),
        ({"function": "math.sqrt"}, "expected function: package.module:name"),
        ({"raises": "NoSuchError"}, "expected an exception, found NoSuchError"),
        (
            {"raises": "pyvisa.errors.VisaIOError", "message": "x"},
            "cannot be made with message: 'x'",
        ),
        ({"raises": "json.JSONDecodeError"}, "cannot be made with no message"),
        ({"noise": 3}, "expected noise"),
        ({"noise": {"mean": "x"}}, "noise {'mean': 'x'}: could not convert"),
        ({"replay": 5}, "expected a .csv, .parquet or .arrow file"),
        ({"by_param": {"load": 3}}, "expected by_param"),
        ({"replay": "no.csv"}, "replay"),
        ({"replay": "no.txt"}, "expected a .csv, .parquet or .arrow file"),
    ],
)
def test_a_form_that_cannot_be_used_names_its_place(value: Any, text: str) -> None:
    with pytest.raises(InvalidArgumentError, match=text) as raised:
        station(measure_voltage=value)
    assert str(raised.value).startswith("dmm.measure_voltage: ")
