# SPDX-License-Identifier: Apache-2.0
"""What is recorded of the traffic with a driver."""

import io
import os
import threading
import unittest.mock
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from litmus.data.events import (
    DiagnosticError,
    EventBase,
    InstrumentConfigure,
    InstrumentRead,
    InstrumentSet,
)
from litmus.data.models import Waveform
from litmus.instruments.mocks import station_mock
from litmus.instruments.observers import DriverObserver, observer_for
from litmus.instruments.observers.scpi import scpi_stem
from litmus.instruments.proxy import InstrumentProxy, make_proxy
from litmus.instruments.recorder import InstrumentRecorder


class Channels:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.written: list[tuple[str, Any, dict[str, Any]]] = []

    def write(self, channel_id: str, value: Any, **facts: Any) -> str:
        self.written.append((channel_id, value, facts))
        return f"channel://{channel_id}/session/{len(self.written) - 1}"


class Observed:
    """A driver behind a proxy, and what was recorded of it."""

    def __init__(self, driver: Any, channels: Mapping[str, str] | None = None) -> None:
        self.events: list[EventBase] = []
        self.channels = Channels()
        self.kept: list[tuple[str, bytes, str]] = []
        recorder = InstrumentRecorder(
            "dmm", "GPIB0::7::INSTR", self.events.append, self.channels, self._keep
        )
        kind = observer_for(type(driver))
        observer = kind(type(driver), "dmm", recorder, channels or {}, driver)
        self.proxy: Any = make_proxy(driver, observer)

    def _keep(self, *file: Any) -> str | None:
        self.kept.append(file)
        return None if file[2] == ".bin" else f"file://_ref/{len(self.kept) - 1}"

    def told(self) -> list[tuple[Any, ...]]:
        """Kind, channel or method, value or parameters."""
        short: list[tuple[Any, ...]] = []
        for event in self.events:
            if isinstance(event, InstrumentRead):
                short.append(("read", event.channel_id, event.value))
            elif isinstance(event, InstrumentSet):
                short.append(("set", event.channel_id, event.value))
            elif isinstance(event, InstrumentConfigure):
                short.append(("configure", event.method, event.parameters))
            elif isinstance(event, DiagnosticError):
                short.append(("error", event.message))
        return short


class Generic:
    """A driver that follows the prefixes."""

    level = 1.0

    def __init__(self) -> None:
        self.answer: Any = 3.31

    def measure_voltage(self) -> Any:
        return self.answer

    def read_waveform(self, channel: Any = None) -> Any:
        del channel
        return [1.0, 2.0, 4.0]

    def set_voltage(self, value: float) -> None: ...

    def configure_range(self, range_v: float, auto: bool = False) -> None: ...

    def enable_output(self) -> str:
        return "on"

    def query_error(self) -> Any:
        raise TimeoutError("no answer")

    def reset(self) -> None: ...

    def __getitem__(self, index: int) -> int:
        return index * 2

    def __len__(self) -> int:
        return 4


def in_module(name: str, **members: Any) -> type[Any]:
    """A driver class of a third-party package."""
    return type("Driver", (), {"__module__": name, **members})


def test_a_read_gives_an_event_and_a_sample() -> None:
    dmm = Observed(Generic())
    assert dmm.proxy.measure_voltage() == 3.31
    (event,) = dmm.events
    assert event == InstrumentRead(
        instrument_role="dmm",
        channel_id="dmm.voltage",
        method="measure_voltage",
        value=3.31,
        resource="GPIB0::7::INSTR",
    )
    ((channel, value, facts),) = dmm.channels.written
    assert (channel, value) == ("dmm.voltage", 3.31)
    assert facts == {
        "source": "measure_voltage",
        "instrument_role": "dmm",
        "resource": "GPIB0::7::INSTR",
        "direction": "read",
    }


def test_sets_and_configurations_are_told() -> None:
    dmm = Observed(Generic())
    dmm.proxy.set_voltage(5)
    dmm.proxy.set_voltage(value=6)
    dmm.proxy.configure_range(10, auto=True)
    assert dmm.told() == [
        ("set", "dmm.voltage", 5),
        ("set", "dmm.voltage", 6),
        ("configure", "configure_range", {"range_v": 10, "auto": True}),
    ]
    assert [facts["direction"] for _, _, facts in dmm.channels.written] == ["set", "set"]


def test_other_names_are_silent() -> None:
    dmm = Observed(Generic())
    assert dmm.proxy.enable_output() == "on"
    dmm.proxy.reset()
    assert dmm.proxy.level == 1.0
    dmm.proxy.level = 2.0
    assert dmm.told() == []


def test_an_exception_goes_to_the_caller_and_is_told() -> None:
    dmm = Observed(Generic())
    with pytest.raises(TimeoutError, match="no answer"):
        dmm.proxy.query_error()
    assert dmm.told() == [("error", "dmm.query_error: TimeoutError: no answer")]
    with pytest.raises(AttributeError, match="measure_curent"):
        dmm.proxy.measure_curent()


def test_a_waveform_is_a_claim_check_on_channel_1() -> None:
    scope = Observed(Generic())
    assert scope.proxy.read_waveform() == [1.0, 2.0, 4.0]
    assert scope.told() == [
        (
            "read",
            "dmm.ch1",
            {
                "_ref": "channel://dmm.ch1/session/0",
                "length": 3,
                "channel_id": "dmm.ch1",
                "type": "array",
                "min": 1.0,
                "max": 4.0,
                "preview": [1.0, 2.0, 4.0],
            },
        )
    ]


@pytest.mark.parametrize(
    ("arguments", "channel"), [((), "ch1"), ((2,), "ch2"), (("3",), "ch3"), (("ch4",), "ch4")]
)
def test_a_waveform_is_on_the_channel_that_was_asked_for(
    arguments: tuple[Any, ...], channel: str
) -> None:
    scope = Observed(Generic())
    scope.proxy.read_waveform(*arguments)
    scope.proxy.read_waveform(**({"channel": arguments[0]} if arguments else {}))
    assert [channel_id for channel_id, _, _ in scope.channels.written] == [f"dmm.{channel}"] * 2


def test_the_stations_word_on_channels_counts_most() -> None:
    scope = Observed(Generic(), {"waveform": "math", "enable_output": "set", "level": "control"})
    scope.proxy.read_waveform(2)
    scope.proxy.enable_output()
    scope.proxy.level = 3.0
    assert scope.proxy.level == 3.0
    assert [each[:2] for each in scope.told()] == [
        ("read", "dmm.math"),
        ("set", "dmm.enable_output"),
        ("set", "dmm.level"),
        ("read", "dmm.level"),
    ]


@pytest.mark.parametrize(
    ("value", "claim"),
    [
        (
            ([1, 2], 1e-6),
            {"length": 2, "type": "array", "sample_interval": 1e-6, "min": 1, "max": 2},
        ),
        (Waveform(dt=0.5, Y=[1.0]), {"length": 1, "sample_interval": 0.5, "min": 1.0, "max": 1.0}),
        (np.array([3, 1], dtype=np.int16), {"length": 2, "min": 1, "max": 3}),
        (np.array([np.nan, 2.0]), {"length": 2, "min": 2.0, "max": 2.0}),
        (np.ma.array([5.0, 2.0], mask=[True, False]), {"length": 2, "min": 2.0, "max": 2.0}),
        (np.arange(16), {"length": 16, "preview": [float(n) for n in range(16)]}),
        ([], {"length": 0, "type": "array"}),
        ({"volt": 1.0, "amp": 2.0}, {"length": 2, "type": "struct"}),
    ],
)
def test_arrays_and_mappings_are_claim_checks(value: Any, claim: dict[str, Any]) -> None:
    dmm = Observed(Generic())
    dmm.proxy._litmus_driver.answer = value
    assert dmm.proxy.measure_voltage() is value
    (event,) = dmm.events
    assert isinstance(event, InstrumentRead)
    assert event.value.items() >= {"_ref": "channel://dmm.voltage/session/0", **claim}.items()


@pytest.mark.parametrize(
    ("value", "stored", "samples"),
    [
        (np.float32(0.5), 0.5, 1),
        (np.bool_(True), True, 1),
        (np.array(2.5), 2.5, 1),
        (None, None, 0),
        (b"\x00\x01", "<bytes:2>", 0),
        (Decimal("1.5"), 1.5, 1),
        ([[1], [2]], "[[1], [2]]", 0),
        (1 + 2j, "(1+2j)", 0),
    ],
)
def test_what_is_no_number_has_its_text(value: Any, stored: Any, samples: int) -> None:
    dmm = Observed(Generic())
    dmm.proxy._litmus_driver.answer = value
    dmm.proxy.measure_voltage()
    assert dmm.told() == [("read", "dmm.voltage", stored)]
    assert len(dmm.channels.written) == samples


@pytest.mark.parametrize("value", [np.array([1 + 2j, 3j]), np.zeros((2, 3), np.int16)])
def test_an_array_that_is_no_waveform_is_kept_as_a_file(value: Any) -> None:
    dmm = Observed(Generic())
    dmm.proxy._litmus_driver.answer = value
    dmm.proxy.measure_voltage()
    ((name, content, extension),) = dmm.kept
    assert (name, extension) == ("dmm.voltage", ".npy")
    stored = np.load(io.BytesIO(content))
    assert stored.dtype == value.dtype
    assert stored.tolist() == value.tolist()
    claim = {"_ref": "file://_ref/0", "channel_id": "dmm.voltage", "length": value.size}
    shape = list(value.shape)
    assert dmm.told() == [("read", "dmm.voltage", claim | {"type": "array", "shape": shape})]


def test_the_proxy_passes_for_the_driver() -> None:
    dmm = Observed(Generic()).proxy
    assert isinstance(dmm, Generic)
    assert isinstance(dmm, InstrumentProxy)
    assert (dmm[3], len(dmm), "measure_voltage" in dir(dmm)) == (6, 4, True)
    with dmm as same:
        assert same is dmm


def test_a_patched_method_is_called_and_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    dmm = Observed(Generic())
    assert dmm.proxy.measure_voltage() == 3.31
    monkeypatch.setattr(dmm.proxy, "measure_voltage", lambda: 1.0)
    assert dmm.proxy.measure_voltage() == 1.0
    monkeypatch.setattr(Generic, "set_voltage", lambda _self, _value: "patched")
    assert dmm.proxy.set_voltage(2) == "patched"
    assert dmm.told() == [
        ("read", "dmm.voltage", 3.31),
        ("read", "dmm.voltage", 1.0),
        ("set", "dmm.voltage", 2),
    ]


@pytest.mark.parametrize("way", ["monkeypatch", "unittest"])
def test_what_a_test_has_patched_is_back_exactly(way: str) -> None:
    real, own = Generic(), Generic()
    vars(own)["measure_voltage"] = lambda: 7.0
    mock = station_mock("dmm", None, {"measure_voltage": {"sequence": [1, 2, 3]}, "range": 10})
    for driver, first, second in ((real, 3.31, 3.31), (own, 7.0, 7.0), (mock, 1, 2)):
        dmm = Observed(driver).proxy
        before = dict(vars(driver)) if driver is not mock else mock.mock_values
        assert dmm.measure_voltage() == first
        if way == "monkeypatch":
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(dmm, "measure_voltage", lambda: "patched")
                assert dmm.measure_voltage() == "patched"
                patch.setattr(dmm, "measure_voltage", lambda: "again")
                assert dmm.measure_voltage() == "again"
        else:
            with unittest.mock.patch.object(dmm, "measure_voltage", return_value="patched"):
                assert dmm.measure_voltage() == "patched"
        assert dmm.measure_voltage() == second
        assert (dict(vars(driver)) if driver is not mock else mock.mock_values) == before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Generic, "measure_voltage", lambda _self: "of the class")
        assert Observed(real).proxy.measure_voltage() == "of the class"


def test_one_call_at_a_time_goes_to_a_driver() -> None:
    class Slow:
        inside = 0
        most = 0

        def measure_voltage(self) -> None:
            Slow.inside += 1
            Slow.most = max(Slow.most, Slow.inside)
            for _ in range(200):  # gives the other threads the chance that they must not get
                os.sched_yield()
            Slow.inside -= 1

    dmm = Observed(Slow()).proxy
    threads = [threading.Thread(target=dmm.measure_voltage) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Slow.most == 1


def test_what_cannot_be_recorded_does_not_reach_the_caller() -> None:
    class Full(Channels):
        def write(self, *_: Any, **__: Any) -> str:
            raise OSError("disk full")

    dmm = Observed(Generic())
    dmm.proxy._litmus_observer.emit._channels = Full()
    with pytest.warns(UserWarning, match=r"dmm\.voltage: not in the channel store: .*disk full"):
        assert dmm.proxy.measure_voltage() == 3.31
    assert dmm.told() == [("read", "dmm.voltage", 3.31)]


class TestFamilies:
    """Rules by the module of the driver class, or of one that it derives from."""

    def test_scpi_text(self) -> None:
        driver = in_module(
            "pyvisa.resources.tcpip",
            query=lambda _self, _text: "+3.31E+00\n",
            write=lambda _self, _text: None,
            read=lambda _self: "idle",
        )()
        visa = Observed(driver)
        visa.proxy.query("MEAS:VOLT:DC? 10,0.001")
        visa.proxy.write("VOLT 3.3")
        visa.proxy.write("*RST")
        visa.proxy.write("CURV?")
        visa.proxy.read()
        assert visa.told() == [
            ("read", "dmm.meas_volt_dc", 3.31),
            ("set", "dmm.volt", 3.3),
            ("set", "dmm.rst", ""),
            ("read", "dmm.curv", None),
            ("read", "dmm.raw_read", "idle"),
        ]
        assert [scpi_stem(text) for text in ("*IDN?", ":SENS:FUNC 'VOLT'", "")] == [
            "idn",
            "sens_func",
            "command",
        ]

    def test_properties(self) -> None:
        def set_level(_self: Any, _value: float) -> None: ...

        base = in_module(
            "pymeasure.instruments", level=property(lambda _self: 1.5, set_level), plain=3
        )
        driver = type("Mine", (base,), {"__module__": "drivers.mine"})()
        supply = Observed(driver)
        assert (supply.proxy.level, supply.proxy.plain) == (1.5, 3)
        supply.proxy.level = 2.5
        assert supply.told() == [("read", "dmm.level", 1.5), ("set", "dmm.level", 2.5)]

    def test_tables_of_names(self) -> None:
        task = Observed(
            in_module(
                "nidaqmx.task",
                read=lambda _self: [1.0],
                write=lambda _self, _v: None,
                cfg_samp_clk_timing=lambda _self, **_: None,
                start=lambda _self: None,
            )()
        )
        task.proxy.read()
        task.proxy.write(2.0)
        task.proxy.cfg_samp_clk_timing(rate=1000)
        task.proxy.start()
        assert [each[:2] for each in task.told()] == [
            ("read", "dmm.data"),
            ("set", "dmm.data"),
            ("configure", "cfg_samp_clk_timing"),
        ]
        scope = Observed(in_module("niscope.session", fetch=lambda _self: 1, commit=lambda _s: 0)())
        scope.proxy.fetch()
        scope.proxy.commit()
        assert scope.told() == [("read", "dmm.fetch", 1), ("configure", "commit", {})]
        stage = Observed(
            in_module(
                "zaber_motion.ascii", move_absolute=lambda _s, _x: 0, get_position=lambda _s: 7
            )()
        )
        stage.proxy.move_absolute(7)
        stage.proxy.get_position()
        assert stage.told() == [("set", "dmm.position", 7), ("read", "dmm.position", 7)]

    def test_registers(self) -> None:
        modbus = Observed(
            in_module(
                "minimalmodbus",
                read_register=lambda _self, _address: 12,
                write_register=lambda _self, _address, _value: None,
            )()
        )
        modbus.proxy.read_register(40)
        modbus.proxy.write_register(41, 5)
        assert modbus.told() == [("read", "dmm.reg_40", 12), ("set", "dmm.reg_41", 5)]

    def test_parameters_of_qcodes(self) -> None:
        driver = in_module("qcodes.instrument", snapshot=lambda _self: {})()
        driver.voltage = lambda *value: None if value else 1.5
        driver.parameters = {"voltage": driver.voltage}
        source = Observed(driver)
        source.proxy.voltage()
        source.proxy.voltage(2.0)
        source.proxy.snapshot()
        assert source.told() == [
            ("read", "dmm.voltage", 1.5),
            ("set", "dmm.voltage", 2.0),
            ("configure", "snapshot", {}),
        ]

    def test_signals_of_ophyd(self) -> None:
        device = Observed(
            in_module(
                "ophyd.sim",
                read=lambda _self: {"motor": {"value": 1.0}, "motor_setpoint": {"value": 2.0}},
                set=lambda _self, _value: None,
            )()
        )
        device.proxy.read()
        device.proxy.set(3.0)
        assert device.told() == [
            ("read", "dmm.motor", 1.0),
            ("read", "dmm.motor_setpoint", 2.0),
            ("set", "dmm.setpoint", 3.0),
        ]


def test_third_parties_derive_observers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Beeping(DriverObserver):
        observer_protocols = ("beeper",)

        def on_call(self, name: str, args: Any, kwargs: Any, result: Any) -> None:
            del args, kwargs
            self.emit.read("beep", result, name)

    monkeypatch.setattr("litmus.instruments.observers.selection._registered", lambda: (Beeping,))
    beeper = Observed(in_module("beeper.core", beep=lambda _self: 440)())
    beeper.proxy.beep()
    assert beeper.told() == [("read", "dmm.beep", 440)]
