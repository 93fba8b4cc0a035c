# SPDX-License-Identifier: Apache-2.0
"""Instruments that another process has connected and shares."""

import functools
import importlib
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from litmus.errors import LitmusError, UnauthorizedError, UnavailableError
from litmus.instruments import wire
from litmus.instruments.drivers import resolve_driver
from litmus.instruments.server import NOT_FORWARDED, secret_file

_OWN = frozenset({"_connection", "_role", "_methods", "driver_class"})


class RemoteInstrumentError(LitmusError, RuntimeError):
    """The driver, in its process, raised what this process has no class for."""


class RemoteDriver:
    """Passes calls, and reading and writing of attributes, to the driver in its owner's process.

    `disconnect` and the like do nothing: the instrument is its owner's.
    """

    def __init__(self, connection: "_Connection", role: str) -> None:
        set_own = functools.partial(object.__setattr__, self)
        set_own("_connection", connection)
        set_own("_role", role)
        set_own("_methods", {})
        try:
            described = connection.ask(role, "describe")
        except Exception:
            connection.close()
            raise
        set_own("driver_class", _class(described["class"]))

    def drop(self) -> None:
        """Lets go of the connection."""
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in NOT_FORWARDED:
            return _nothing
        methods = self._methods
        if name not in methods:
            answer = self._connection.ask(self._role, "get", name=name)
            if not answer["callable"]:
                return answer["value"]
            methods[name] = functools.partial(self._call, name)
        return methods[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or name in _OWN:
            raise AttributeError(f"{name} of a shared instrument cannot be set")
        self._connection.ask(self._role, "set", name=name, value=value)

    def __dir__(self) -> list[str]:
        names: list[str] = self._connection.ask(self._role, "dir")
        return names

    def __repr__(self) -> str:
        return f"<{self.driver_class.__name__} of {self._connection.address}>"

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._connection.ask(self._role, "call", name=name, args=list(args), kwargs=kwargs)


class _Connection:
    """One socket; a child of a fork opens its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._asking = threading.Lock()
        self._socket: socket.socket | None = None
        self._pid = 0

    def ask(self, role: str, action: str, **facts: Any) -> Any:
        with self._asking:
            try:
                connection = self._connected()
                wire.send(connection, {"role": role, "action": action, **facts})
                answer = wire.receive(connection)
            except LitmusError:
                raise
            except OSError as error:
                self._drop()
                raise UnavailableError(f"the instrument server {self.address}: {error}") from error
            if answer is None:
                self._drop()
                raise UnavailableError(f"the instrument server {self.address} has ended")
        if "error" in answer:
            raise _as_exception(answer["error"])
        return answer["value"]

    def close(self) -> None:
        with self._asking:
            self._drop()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        if self._socket is not None and self._pid == os.getpid():
            return self._socket
        host, _, port = self.address.rpartition(":")
        try:
            secret = secret_file(self.address).read_text()
        except OSError as error:
            raise UnavailableError(
                f"there is no instrument server of this user at {self.address}: {error}"
            ) from error
        connection = socket.create_connection((host, int(port)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.send(connection, {"secret": secret})
        answer = wire.receive(connection)
        if answer is None or "roles" not in answer:
            connection.close()
            raise UnauthorizedError(f"the instrument server {self.address} refused the connection")
        self._socket, self._pid = connection, os.getpid()
        return connection


def remote_instrument(address: str, role: str) -> RemoteDriver:
    """The driver of a role that another process shares.

    Args:
        address: what `start_instrument_server` returned.
        role: of the station.

    Raises:
        UnavailableError: there is no such server.
        KeyError: the role is not shared.
    """
    return RemoteDriver(_Connection(address), role)


def shared_roles() -> dict[str, Callable[[], RemoteDriver]]:
    """What the parent of this process shares with it."""
    address = os.environ.get("_LITMUS_INSTRUMENT_SERVER")
    roles = [role for role in os.environ.get("_LITMUS_SHARED_ROLES", "").split(",") if role]
    if not address:
        return {}
    return {role: functools.partial(remote_instrument, address, role) for role in roles}


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _class(path: str) -> type[Any]:
    """For the observer's rules; a class that only the owner has counts as any."""
    try:
        return resolve_driver(path)
    except LitmusError:
        return object


def _as_exception(error: dict[str, Any]) -> BaseException:
    """The same class where this process has it, with the owner's traceback as a note."""
    raised: BaseException
    try:
        kind = getattr(importlib.import_module(error["module"]), error["class"])
        if not issubclass(kind, Exception):
            raise TypeError(error["class"])
        raised = kind(*error["args"])
    except Exception:
        raised = RemoteInstrumentError(f"{error['class']}: {error['text']}")
    raised.add_note(f"In the process that has the instrument:\n{error['traceback']}")
    return raised
