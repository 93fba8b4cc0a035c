# SPDX-License-Identifier: Apache-2.0
"""Shares the connected instruments of a process with others of the same user on this machine."""

import contextlib
import hmac
import os
import secrets
import socket
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litmus import _core
from litmus.errors import UnavailableError
from litmus.instruments import wire
from litmus.instruments.parts import SPECIAL, with_parts
from litmus.problems import warn

if TYPE_CHECKING:
    from litmus.instruments.pool import ConnectedInstrument

# The owner alone connects and disconnects.
NOT_FORWARDED = frozenset({"connect", "disconnect", "close", "shutdown"})
_GREETING_S = 5.0
SILENCE_S = 15.0
"""After so many seconds without a word a client that keeps an instrument has lost it."""


@dataclass(slots=True)
class _Client:
    """What the server knows of a connection."""

    kept: list[str] = field(default_factory=list)
    """The roles that it keeps, one entry for each time."""
    parts: dict[tuple[str, str], Any] = field(default_factory=dict)
    """The objects below drivers that it was told of, by role and label."""


class InstrumentServer:
    """Listens on loopback, for those who know the session's secret: it lies in a file that only this
    user can read. Ends with `close` or with the process.

    Each client has a thread. A call holds the lock of the instrument's address, as those of the
    owner do, until the driver has returned, whatever becomes of the client meanwhile. What a client
    keeps for longer is its thread's: it is free again when the client ends or is silent, and never
    in the middle of a call. A switch is opened before the next one gets it.

    Args:
        instruments: by role.
    """

    def __init__(self, instruments: "Mapping[str, ConnectedInstrument]") -> None:
        self._instruments = dict(instruments)
        self._secret = secrets.token_hex(32)
        self._clients: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self._secret_file = secret_file(self.address)
        self._secret_file.unlink(missing_ok=True)  # of a process that had the port and died
        handle = os.open(self._secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(self._secret)
        self._start(self._accept)

    def close(self) -> None:
        """No more calls; one that is with a driver is finished by it."""
        self._secret_file.unlink(missing_ok=True)
        for connection in (self._listener, *self._clients):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _start(self, target: Any, *arguments: Any) -> None:
        threading.Thread(
            target=target, args=arguments, name="litmus-instruments", daemon=True
        ).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            self._clients.add(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with connection, contextlib.suppress(OSError):
                if self._knows_the_secret(connection):
                    self._answer_all(connection)
        finally:
            self._clients.discard(connection)

    def _answer_all(self, connection: socket.socket) -> None:
        client = _Client()
        try:
            while (request := wire.receive(connection)) is not None:
                self._answer(connection, request, client)
                connection.settimeout(SILENCE_S if client.kept else None)
        finally:
            for role in reversed(client.kept):
                self._take_back(role)

    def _take_back(self, role: str) -> None:
        instrument = self._instruments[role]
        if instrument.config.type == "switch":
            try:
                instrument.proxy._litmus_driver.open_all()
            except Exception as error:
                warn(f"{role}: open_all failed: {type(error).__name__}: {error}")
        instrument.hold.release()

    def _knows_the_secret(self, connection: socket.socket) -> bool:
        connection.settimeout(_GREETING_S)
        greeting = wire.receive(connection) or {}
        connection.settimeout(None)
        known = hmac.compare_digest(str(greeting.get("secret", "")), self._secret)
        wire.send(connection, {"roles": list(self._instruments)} if known else {"refused": True})
        return known

    def _answer(
        self, connection: socket.socket, request: dict[str, Any], client: "_Client"
    ) -> None:
        try:
            answer = {"value": self._done(request, client)}
        except Exception as error:
            answer = {"error": _described(error)}
        try:
            wire.send(connection, answer)
        except TypeError as error:
            wire.send(connection, {"error": _described(error)})

    def _done(self, request: dict[str, Any], client: "_Client") -> Any:
        role = request.get("role", "")
        if request.get("action") == "alive":
            return None
        instrument = self._instruments.get(role)
        if instrument is None:
            raise KeyError(
                f"role {role!r} is not shared; shared are {', '.join(self._instruments)}"
            )
        driver, action = instrument.proxy._litmus_driver, request.get("action")
        if action == "hold":
            got = instrument.hold.acquire(timeout=float(request["timeout"]))
            client.kept += [role] if got else []
            return got
        if action == "release":
            client.kept.remove(role)
            return instrument.hold.release()
        if action == "describe":
            return _described_part("", driver, instrument.proxy._litmus_observer.driver_class)
        if label := str(request.get("part", "")):
            if (role, label) not in client.parts:
                raise UnavailableError(
                    f"{role}.{label} is not known on this connection: get it from the instrument again"
                )
            driver = client.parts[role, label]
        if action == "dir":
            return [name for name in dir(driver) if not name.startswith("_")]
        name = str(request.get("name", ""))
        is_special = action == "call" and name in SPECIAL
        if (name.startswith("_") and not is_special) or name in NOT_FORWARDED:
            raise AttributeError(f"{role}.{name} is not shared")

        def told_of(name: str, part: Any) -> wire.Part:
            place = f"{label}.{name}" if label else name
            client.parts[role, place] = part
            return _described_part(place, part, type(part))

        with instrument.guard:
            return _acted(driver, str(action), name, request, told_of)


def _acted(
    driver: Any,
    action: str,
    name: str,
    request: dict[str, Any],
    told_of: Callable[[str, Any], wire.Part],
) -> Any:
    if action == "call":
        args, kwargs = request["args"], request["kwargs"]
        value = getattr(driver, name)(*args, **kwargs)
        if name == "__iter__":
            value = list(value)
        return with_parts(driver, f"{name}{args}{kwargs}", value, told_of)
    if action == "set":
        setattr(driver, name, request["value"])
        return None
    if action == "get":
        value = getattr(driver, name)
        if callable(value):
            return {"callable": True}
        return {"callable": False, "value": with_parts(driver, name, value, told_of)}
    raise ValueError(
        f"expected get, set, call, dir, describe, hold, release or alive, found {action}"
    )


def _described_part(label: str, part: Any, kind: type[Any]) -> wire.Part:
    special = tuple(name for name in SPECIAL if hasattr(type(part), name))
    return wire.Part(label, f"{kind.__module__}:{kind.__qualname__}", special)


def secret_file(address: str) -> Path:
    """Where the secret of the server at the address is."""
    return Path(_core.runtime_folder()) / f"instruments-{address.rpartition(':')[2]}.secret"


def _described(error: Exception) -> dict[str, Any]:
    plain = [a if isinstance(a, int | float | str | bool | None) else str(a) for a in error.args]
    return {
        "module": type(error).__module__,
        "class": type(error).__qualname__,
        "args": plain,
        "text": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
