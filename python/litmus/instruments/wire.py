# SPDX-License-Identifier: Apache-2.0
"""How an instrument server and its clients talk: docs/formats/instrument-server.md.

A message is a length (four bytes, big-endian), that many bytes of JSON, and the buffers whose sizes
the JSON lists. Only data goes over it: reading a message runs no code of the sender.
"""

import enum
import json
import math
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litmus.data.ref import loaded_numpy, without_mask
from litmus.data.waveform import Waveform

_HEADER = struct.Struct("!I")
_LONGEST_JSON = 16 << 20
_LONG_LIST = 256  # of floats: it goes as bytes
_LONGEST_BUFFERS = 1 << 30


class ProtocolError(ConnectionError):
    """The other side does not speak the protocol, or sends more than it may."""


@dataclass(frozen=True, slots=True)
class Part:
    """Stands for a driver, or an object below it, which stays in the process of its owner."""

    label: str
    """The owner finds the object by it; empty for the driver itself."""
    driver_class: str
    """`module:Class`"""
    special: tuple[str, ...]
    """Which of `parts.SPECIAL` its class has."""


def send(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Sends a message.

    Raises:
        TypeError: it has a value that cannot be sent; the text says which.
    """
    buffers: list[bytes] = []
    body = {key: _encoded(value, buffers) for key, value in message.items()}
    text = json.dumps({"body": body, "buffers": [len(buffer) for buffer in buffers]}).encode()
    connection.sendall(b"".join((_HEADER.pack(len(text)), text, *buffers)))


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message; None when the other side has ended the connection.

    Raises:
        ProtocolError: what came is no message.
    """
    header = _received(connection, _HEADER.size)
    if header is None:
        return None
    (length,) = _HEADER.unpack(header)
    if length > _LONGEST_JSON:
        raise ProtocolError(f"expected at most {_LONGEST_JSON} bytes of JSON, found {length}")
    text = _received(connection, length)
    try:
        message = json.loads(text or b"")
        sizes = [int(size) for size in message["buffers"]]
        body = message["body"].items()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"no message: {error}") from error
    if min(sizes, default=0) < 0 or sum(sizes) > _LONGEST_BUFFERS:
        raise ProtocolError(f"expected at most {_LONGEST_BUFFERS} bytes in buffers")
    buffers = [_received(connection, size) or b"" for size in sizes]
    try:
        return {key: _decoded(value, buffers) for key, value in body}
    except (IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise ProtocolError(f"a value cannot be read: {error}") from error


def _received(connection: socket.socket, size: int) -> bytes | None:
    """So many bytes; None if the connection ended before the first one."""
    content = bytearray()
    while len(content) < size:
        piece = connection.recv(min(size - len(content), 1 << 20))
        if not piece:
            if content:
                raise ProtocolError("the connection ended in the middle of a message")
            return None
        content += piece
    return bytes(content)


def _encoded(value: Any, buffers: list[bytes]) -> Any:
    if isinstance(value, enum.Enum):
        return _encoded(value.value, buffers)
    np = loaded_numpy()
    if np is not None and isinstance(value, np.generic):
        return _encoded(value.item(), buffers)
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if isinstance(value, complex):
        return {"$complex": [_encoded(value.real, buffers), _encoded(value.imag, buffers)]}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        if len(value) >= _LONG_LIST and all(type(each) is float for each in value):
            buffers.append(struct.pack(f"<{len(value)}d", *value))
            return {"$floats": len(buffers) - 1}
        return [_encoded(element, buffers) for element in value]
    if isinstance(value, tuple):
        return {"$tuple": [_encoded(element, buffers) for element in value]}
    if isinstance(value, Mapping):
        return {"$map": [[_encoded(k, buffers), _encoded(v, buffers)] for k, v in value.items()]}
    if isinstance(value, bytes | bytearray | memoryview):
        buffers.append(bytes(value))
        return {"$bytes": len(buffers) - 1}
    if isinstance(value, Part):
        return {"$part": [value.label, value.driver_class, list(value.special)]}
    if isinstance(value, Waveform):
        parts = {"t0": value.t0, "dt": value.dt, "Y": value.Y, "attrs": value.attrs}
        return {"$waveform": {key: _encoded(part, buffers) for key, part in parts.items()}}
    if np is not None and isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        value = without_mask(value)
        buffers.append(value.tobytes())
        return {
            "$array": len(buffers) - 1,
            "dtype": value.dtype.str,
            "shape": list(value.shape),
        }
    raise TypeError(f"a {type(value).__name__} cannot be sent between processes")


def _decoded(value: Any, buffers: list[bytes]) -> Any:
    if isinstance(value, list):
        return [_decoded(element, buffers) for element in value]
    if not isinstance(value, dict):
        return value
    if "$float" in value:
        return float(value["$float"])
    if "$floats" in value:
        packed = buffers[value["$floats"]]
        return list(struct.unpack(f"<{len(packed) // 8}d", packed))
    if "$complex" in value:
        return complex(*(_decoded(part, buffers) for part in value["$complex"]))
    if "$tuple" in value:
        return tuple(_decoded(element, buffers) for element in value["$tuple"])
    if "$map" in value:
        return {_decoded(k, buffers): _decoded(v, buffers) for k, v in value["$map"]}
    if "$bytes" in value:
        return buffers[value["$bytes"]]
    if "$part" in value:
        label, driver_class, special = value["$part"]
        return Part(str(label), str(driver_class), tuple(str(name) for name in special))
    if "$waveform" in value:
        return Waveform(**{k: _decoded(v, buffers) for k, v in value["$waveform"].items()})
    import numpy as np

    dtype = np.dtype(str(value["dtype"]))
    if dtype.kind not in "biufc":
        raise ValueError(f"an array of {dtype}")
    return np.frombuffer(buffers[value["$array"]], dtype).reshape(value["shape"]).copy()
