# SPDX-License-Identifier: Apache-2.0
"""Shares the connected instruments of a process with others of the same user on this machine."""

import contextlib
import hmac
import os
import secrets
import socket
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litmus import _core
from litmus.instruments import wire

if TYPE_CHECKING:
    from litmus.instruments.pool import ConnectedInstrument

# The owner alone connects and disconnects.
NOT_FORWARDED = frozenset({"connect", "disconnect", "close", "shutdown"})
_GREETING_S = 5.0


class InstrumentServer:
    """Listens on loopback, for those who know the session's secret: it lies in a file that only this
    user can read. Ends with `close` or with the process.

    Each client has a thread. A call holds the lock of the instrument's address, as those of the
    owner do, until the driver has returned, whatever becomes of the client meanwhile.

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
                    while (request := wire.receive(connection)) is not None:
                        self._answer(connection, request)
        finally:
            self._clients.discard(connection)

    def _knows_the_secret(self, connection: socket.socket) -> bool:
        connection.settimeout(_GREETING_S)
        greeting = wire.receive(connection) or {}
        connection.settimeout(None)
        known = hmac.compare_digest(str(greeting.get("secret", "")), self._secret)
        wire.send(connection, {"roles": list(self._instruments)} if known else {"refused": True})
        return known

    def _answer(self, connection: socket.socket, request: dict[str, Any]) -> None:
        try:
            answer = {"value": self._done(request)}
        except Exception as error:
            answer = {"error": _described(error)}
        try:
            wire.send(connection, answer)
        except TypeError as error:
            wire.send(connection, {"error": _described(error)})

    def _done(self, request: dict[str, Any]) -> Any:
        role = request.get("role", "")
        instrument = self._instruments.get(role)
        if instrument is None:
            raise KeyError(
                f"role {role!r} is not shared; shared are {', '.join(self._instruments)}"
            )
        driver, action = instrument.proxy._litmus_driver, request.get("action")
        if action == "describe":
            observed = instrument.proxy._litmus_observer.driver_class
            return {"class": f"{observed.__module__}:{observed.__qualname__}"}
        if action == "dir":
            return [name for name in dir(driver) if not name.startswith("_")]
        name = str(request.get("name", ""))
        if name.startswith("_") or name in NOT_FORWARDED:
            raise AttributeError(f"{role}.{name} is not shared")
        with instrument.guard:
            return _acted(driver, str(action), name, request)


def _acted(driver: Any, action: str, name: str, request: dict[str, Any]) -> Any:
    if action == "call":
        return getattr(driver, name)(*request["args"], **request["kwargs"])
    if action == "set":
        setattr(driver, name, request["value"])
        return None
    if action == "get":
        value = getattr(driver, name)
        return {"callable": True} if callable(value) else {"callable": False, "value": value}
    raise ValueError(f"expected get, set, call, dir or describe, found {action}")


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
