# SPDX-License-Identifier: Apache-2.0
"""The device file from which pyvisa-sim plays an instrument."""

import json
import os
import random
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_QUANTITIES = {"voltage": "VOLT", "current": "CURR"}
_ACCEPTED = ("OUTP ON", "OUTP OFF", "OUTP:PROT:CLE")
_INTERFACES = ("TCPIP INSTR", "TCPIP SOCKET", "GPIB INSTR", "USB INSTR", "ASRL INSTR")


def write_simulation(
    resource: str, idn: str, responses: Mapping[str, str], config: Mapping[str, Any]
) -> Path:
    """Writes the file for one instrument; the caller removes it.

    JSON is YAML, and its quoting keeps any reply as it is.
    """
    dialogues = {
        "*IDN?": str(config.get("idn", idn)),
        **{command: str(reply) for command, reply in responses.items()},
        **{str(command): str(reply) for command, reply in config.get("responses", {}).items()},
    }
    end = {interface: {"q": "\n", "r": "\n"} for interface in _INTERFACES}
    device = {
        "eom": end,
        "error": "ERROR",
        "dialogues": [
            *({"q": query, "r": reply} for query, reply in dialogues.items()),
            *({"q": command} for command in _ACCEPTED if command not in dialogues),
        ],
        "properties": {
            name: _property(scpi, float(config[name]))
            for name, scpi in _QUANTITIES.items()
            if name in config
        },
    }
    content = {
        "spec": "1.1",
        "devices": {"instrument": device},
        "resources": {resource: {"device": "instrument"}},
    }
    handle, path = tempfile.mkstemp(prefix="litmus-sim-", suffix=".yaml")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file)
    return Path(path)


def add_noise(command: str, answer: str, config: Mapping[str, Any]) -> str:
    """The answer to `MEAS:VOLT?` with the noise of `voltage`, in percent; other answers as they are."""
    for name, scpi in _QUANTITIES.items():
        percent = float(config.get("noise", {}).get(name, 0))
        if percent and command == f"MEAS:{scpi}?":
            return f"{float(answer) * (1 + random.gauss(0, percent) / 100):.6f}"
    return answer


def _property(scpi: str, value: float) -> dict[str, Any]:
    return {
        "default": value,
        "getter": {"q": f"MEAS:{scpi}?", "r": "{:.6f}"},
        "setter": {"q": f"{scpi} {{}}"},
        "specs": {"type": "float"},
    }
