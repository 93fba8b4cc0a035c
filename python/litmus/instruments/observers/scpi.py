# SPDX-License-Identifier: Apache-2.0
"""Drivers that take SCPI text."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from litmus.instruments.observers.driver_observer import DriverObserver


class ScpiObserver(DriverObserver):
    """`query("MEAS:VOLT:DC?")` reads `meas_volt_dc`, `write("VOLT 3.3")` sets `volt`."""

    observer_protocols: ClassVar[Sequence[str]] = (
        "pyvisa",
        "pyvisa_py",
        "vxi11",
        "litmus.instruments.visa",
        "RsInstrument",
        "easy_scpi",
    )

    def on_call(
        self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any
    ) -> None:
        text = args[0] if args else next(iter(kwargs.values()), None)
        if isinstance(text, str) and (name.startswith("query") or name == "ask"):
            self.emit.read(scpi_stem(text), typed(result), name)
        elif isinstance(text, str) and (name == "write" or name.startswith("write_")):
            self._written(name, text, args)
        elif name in ("read", "read_raw", "read_bytes") or name.startswith("read_"):
            self.emit.read("raw_read", typed(result), name)
        else:
            super().on_call(name, args, kwargs, result)

    def _written(self, name: str, text: str, args: tuple[Any, ...]) -> None:
        stem = scpi_stem(text)
        if "?" in text:  # the answer comes with the next read
            self.emit.read(stem, None, name)
            return
        _, _, rest = text.strip().partition(" ")
        self.emit.set(stem, args[1] if len(args) > 1 and not rest else typed(rest), stem)


class TektronixObserver(ScpiObserver):
    """SCPI text, and properties besides."""

    observer_protocols = ("tm_devices",)
    observes_properties = True


def scpi_stem(text: str) -> str:
    """`:MEAS:VOLT:DC? 10` is `meas_volt_dc`, `*IDN?` is `idn`."""
    words = text.split()
    mnemonic = words[0] if words else ""
    return mnemonic.strip("*?:").replace(":", "_").replace("?", "").lower() or "command"


def typed(value: Any) -> Any:
    """An answer that is a number as one, so that it can be plotted."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text
