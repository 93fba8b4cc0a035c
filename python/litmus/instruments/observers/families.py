# SPDX-License-Identifier: Apache-2.0
"""Families of drivers whose methods are known by name."""

from collections.abc import Mapping
from typing import Any

from litmus.instruments.observers.driver_observer import DriverObserver, Kind, Rule


class PropertyObserver(DriverObserver):
    """Drivers that are used through properties and descriptors."""

    observer_protocols = ("pymeasure", "instruments", "instrumental", "ivi", "slave", "lantz")
    observes_properties = True


class NiDaqObserver(DriverObserver):
    """Tasks of NI DAQmx."""

    observer_protocols = ("nidaqmx",)
    methods = (
        ("read", Kind.READ, "data"),
        ("write", Kind.SET, "data"),
        ("add_*", Kind.CONFIGURE, None),
        ("cfg_*", Kind.CONFIGURE, None),
    )


class NiModularObserver(DriverObserver):
    """Modular instruments of NI."""

    observer_protocols = (
        "niscope",
        "nidmm",
        "nidcpower",
        "nifgen",
        "nidigital",
        "nirfsg",
        "nirfsa",
    )
    methods = (
        ("read*", Kind.READ, None),
        ("fetch*", Kind.READ, None),
        ("measure*", Kind.READ, None),
        ("write_waveform", Kind.SET, None),
        ("configure_*", Kind.CONFIGURE, None),
        ("commit", Kind.CONFIGURE, None),
        ("self_test", Kind.CONFIGURE, None),
        ("self_cal", Kind.CONFIGURE, None),
    )


class QcodesObserver(DriverObserver):
    """Instruments of QCoDeS, whose parameters are called to read and to set them."""

    observer_protocols = ("qcodes",)
    methods = (("snapshot", Kind.CONFIGURE, None),)

    def method_rule(self, name: str) -> Rule | None:
        if name in getattr(self.driver_instance, "parameters", {}):
            return Rule(Kind.CONTROL, name)
        return super().method_rule(name)


class OphydObserver(DriverObserver):
    """Devices of Ophyd: `read()` gives a value for each of their signals."""

    observer_protocols = ("ophyd",)
    methods = (
        ("get", Kind.READ, "value"),
        ("set", Kind.SET, "setpoint"),
        ("put", Kind.SET, "setpoint"),
        ("trigger", Kind.CONFIGURE, None),
        ("configure", Kind.CONFIGURE, None),
        ("stage", Kind.CONFIGURE, None),
    )

    def on_call(
        self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any
    ) -> None:
        if name == "read" and isinstance(result, Mapping):
            for signal, reading in result.items():
                value = reading.get("value") if isinstance(reading, Mapping) else reading
                self.emit.read(str(signal), value, name)
        else:
            super().on_call(name, args, kwargs, result)


class ModbusObserver(DriverObserver):
    """Registers by their address."""

    observer_protocols = ("pymodbus", "minimalmodbus")

    def on_call(
        self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any
    ) -> None:
        values = [*args, *kwargs.values()]
        if not values or not name.startswith(("read_", "write_")):
            return
        channel = f"reg_{values[0]}"
        if name.startswith("read_"):
            self.emit.read(channel, getattr(result, "registers", result), name)
        else:
            self.emit.set(channel, values[1] if len(values) > 1 else None, channel)


class MotionObserver(DriverObserver):
    """Stages and motors."""

    observer_protocols = ("thorlabs_apt", "zaber_motion", "pipython", "pylablib.devices.Thorlabs")
    methods = (
        ("move*", Kind.SET, "position"),
        ("home*", Kind.SET, "position"),
        ("get_position", Kind.READ, "position"),
    )
