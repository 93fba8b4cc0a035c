# SPDX-License-Identifier: Apache-2.0
"""Instruments that another process has connected and shares."""

import functools
import importlib
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from litmus.errors import LitmusError, UnauthorizedError, UnavailableError
from litmus.instruments import wire
from litmus.instruments.drivers import resolve_driver
from litmus.instruments.parts import SPECIAL, Elsewhere
from litmus.instruments.server import NOT_FORWARDED, SILENCE_S, secret_file

_OWN = frozenset({"_connection", "_role", "_label", "_methods", "_parts", "driver_class"})
_SIGN_OF_LIFE_S = SILENCE_S / 3


class RemoteInstrumentError(LitmusError, RuntimeError):
    """The driver, in its process, raised what this process has no class for."""


class RemoteDriver(Elsewhere):
    """Passes calls, and reading and writing of attributes, to the driver in its owner's process, or
    to an object below it.

    `disconnect` and the like do nothing: the instrument is its owner's.
    """

    def __init__(self, connection: "_Connection", role: str, part: wire.Part) -> None:
        set_own = functools.partial(object.__setattr__, self)
        set_own("_connection", connection)
        set_own("_role", role)
        set_own("_label", part.label)
        set_own("_methods", {})
        set_own("_parts", {})
        set_own("driver_class", _class(part.driver_class))

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
            answer = self._asked("get", name=name)
            if not answer["callable"]:
                return self._with_parts(answer["value"])
            methods[name] = functools.partial(self._call, name)
        return methods[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or name in _OWN:
            raise AttributeError(f"{name} of a shared instrument cannot be set")
        self._asked("set", name=name, value=value)

    def __dir__(self) -> list[str]:
        names: list[str] = self._asked("dir")
        return names

    def __repr__(self) -> str:
        return f"<{self.driver_class.__name__} of {self._connection.address}>"

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._with_parts(self._asked("call", name=name, args=list(args), kwargs=kwargs))

    def _asked(self, action: str, **facts: Any) -> Any:
        return self._connection.ask(self._role, action, part=self._label, **facts)

    def _with_parts(self, value: Any) -> Any:
        """The value with what stands for each object below, always the same for the same one."""
        if isinstance(value, wire.Part):
            if value not in self._parts:
                self._parts[value] = _remote(self._connection, self._role, value)
            return self._parts[value]
        if isinstance(value, list | tuple) and any(isinstance(one, wire.Part) for one in value):
            return type(value)(self._with_parts(one) for one in value)
        if isinstance(value, dict):
            return {key: self._with_parts(one) for key, one in value.items()}
        return value


class RemoteHold:
    """Keeps an instrument of another process. Its owner takes it back when this process is gone, or
    has been silent for too long; the next call then says that the server has ended the connection.
    """

    def __init__(self, connection: "_Connection", role: str) -> None:
        self._connection = connection
        self._role = role

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        wait_s = timeout if blocking else 0
        got: bool = self._connection.ask(self._role, "hold", timeout=wait_s)
        if got:
            self._connection.keep(self._role)
        return got

    def release(self) -> None:
        self._connection.let_go(self._role)
        self._connection.ask(self._role, "release")


class _Connection:
    """One socket; a child of a fork opens its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._asking = threading.Lock()
        self._socket: socket.socket | None = None
        self._pid = 0
        self._kept: Counter[str] = Counter()
        self._nothing_kept = threading.Event()

    def keep(self, role: str) -> None:
        """From now on the server hears from us, whether or not there are calls."""
        self._kept[role] += 1
        if self._kept.total() == 1:
            self._nothing_kept = threading.Event()
            threading.Thread(
                target=self._give_signs_of_life, args=(self._nothing_kept,), daemon=True
            ).start()

    def let_go(self, role: str) -> None:
        self._kept[role] -= 1
        if self._kept.total() <= 0:
            self._kept.clear()
            self._nothing_kept.set()

    def _give_signs_of_life(self, ended: threading.Event) -> None:
        while not ended.wait(_SIGN_OF_LIFE_S):
            try:
                self.ask("", "alive")
            except LitmusError:  # the next call says so
                return

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
        self._nothing_kept.set()
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
    connection = _Connection(address)
    try:
        return _remote(connection, role, connection.ask(role, "describe"))
    except Exception:
        connection.close()
        raise


def remote_hold(driver: RemoteDriver) -> RemoteHold:
    """What keeps other processes from the driver's instrument."""
    return RemoteHold(driver._connection, driver._role)


def shared_roles() -> dict[str, Callable[[], RemoteDriver]]:
    """What the parent of this process shares with it."""
    address = os.environ.get("_LITMUS_INSTRUMENT_SERVER")
    roles = [role for role in os.environ.get("_LITMUS_SHARED_ROLES", "").split(",") if role]
    if not address:
        return {}
    return {role: functools.partial(remote_instrument, address, role) for role in roles}


def _remote(connection: "_Connection", role: str, part: wire.Part) -> RemoteDriver:
    """With the methods that Python looks up on the class, where the owner's object has them."""
    special = {name: _special(name) for name in part.special if name in SPECIAL}
    kind: type[RemoteDriver] = type("RemoteDriver", (RemoteDriver,), special)
    return kind(connection, role, part)


def _special(name: str) -> Callable[..., Any]:
    def forwarded(self: RemoteDriver, *args: Any) -> Any:
        result = self._call(name, *args)
        return iter(result) if name == "__iter__" else result

    return forwarded


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
