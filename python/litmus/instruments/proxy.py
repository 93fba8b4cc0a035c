# SPDX-License-Identifier: Apache-2.0
"""Stands before a driver: passes everything through and has it recorded."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import FunctionType
from typing import Any

from litmus.errors import UnavailableError
from litmus.instruments.observers import DriverObserver
from litmus.instruments.parts import SPECIAL, is_part, with_parts
from litmus.problems import warn

SILENT = frozenset(
    {"connect", "disconnect", "close", "shutdown", "reset", "set_mock_value", "mock_values"}
)
_OWN = frozenset(
    {"_litmus_driver", "_litmus_observer", "_litmus_lock", "_litmus_methods", "_litmus_parts"}
)
# What Python looks up on the class, so that no __getattr__ sees it.
_FORWARDED = ("__call__", *SPECIAL)

_SCALARS = frozenset({type(None), bool, int, float, str, bytes})

ResourceGuard = AbstractContextManager[Any]


class _Released:
    """In the place of a driver that was let go: somebody else may have the instrument by now."""

    def __init__(self, role: str) -> None:
        self.role = role

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnavailableError(
            f"{self.role}.{name}: the instrument was released; get it with instrument({self.role!r})"
        )


class InstrumentProxy:
    """The driver as users get it: `isinstance` of the driver's class, results and exceptions unchanged.

    One call at a time goes to the driver, from whatever thread or process.
    """

    __slots__ = tuple(_OWN)

    _litmus_driver: Any
    _litmus_observer: DriverObserver
    _litmus_lock: ResourceGuard
    _litmus_methods: dict[str, Callable[..., Any]]
    _litmus_parts: "dict[str, tuple[Any, InstrumentProxy]]"

    def __init__(self, driver: Any, observer: DriverObserver, guard: ResourceGuard) -> None:
        for name, value in (
            ("_litmus_driver", driver),
            ("_litmus_observer", observer),
            ("_litmus_lock", guard),
            ("_litmus_methods", {}),
            ("_litmus_parts", {}),
        ):
            object.__setattr__(self, name, value)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._litmus_driver)

    def __getattr__(self, name: str) -> Any:
        methods = self._litmus_methods
        if name in methods:
            return methods[name]
        driver = self._litmus_driver
        if name.startswith("_") or isinstance(driver, _Released):
            return getattr(driver, name)
        with self._litmus_lock:
            try:
                value = getattr(driver, name)
            except AttributeError:
                raise
            except Exception as error:
                self._litmus_observer.emit.failed(name, error)
                raise
        if callable(value) and not isinstance(value, type):
            methods[name] = self._silent(name) if name in SILENT else self._observed(name)
            return methods[name]
        with_proxies = self._with_parts(name, value)
        if with_proxies is value and name not in SILENT:
            _observe(self._litmus_observer.on_getattr, name, value)
        return with_proxies

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(self._litmus_driver, _Released):
            getattr(self._litmus_driver, name)
        self._litmus_methods.pop(name, None)
        if type(value) is FunctionType and "_litmus_stands_for" in vars(value):
            # Our own method, given back by a test that had patched it.
            _unpatch(self._litmus_driver, name, *vars(value)["_litmus_stands_for"])
            return
        with self._litmus_lock:
            try:
                setattr(self._litmus_driver, name, value)
            except Exception as error:
                self._litmus_observer.emit.failed(name, error)
                raise
        if not name.startswith("_") and not callable(value):  # a method may be patched
            _observe(self._litmus_observer.on_setattr, name, value)

    def __delattr__(self, name: str) -> None:
        self._litmus_methods.pop(name, None)
        delattr(self._litmus_driver, name)

    def __dir__(self) -> list[str]:
        return dir(self._litmus_driver)

    def __repr__(self) -> str:
        return f"<{self._litmus_observer.role}: {self._litmus_driver!r}>"

    def __enter__(self) -> Any:
        return self  # the session connects and disconnects it

    def __exit__(self, *_: object) -> None:
        pass

    def _with_parts(self, name: str, value: Any) -> Any:
        if type(value) in _SCALARS:
            return value
        return with_parts(self._litmus_driver, name, value, self._part)

    def _part(self, name: str, value: Any) -> "InstrumentProxy":
        """The proxy of an object below the driver, the same as long as the object is."""
        known = self._litmus_parts.get(name)
        if known is None or known[0] is not value:
            observer = self._litmus_observer.below(name, value)
            known = (value, make_proxy(value, observer, self._litmus_lock))
            self._litmus_parts[name] = known
        return known[1]

    def _silent(self, name: str) -> Callable[..., Any]:
        driver, guard = self._litmus_driver, self._litmus_lock

        def call(*args: Any, **kwargs: Any) -> Any:
            with guard:
                self._require(driver, name)
                return getattr(driver, name)(*args, **kwargs)

        return call

    def _require(self, driver: Any, name: str) -> None:
        """A method that somebody has kept is of no use after the release."""
        if self._litmus_driver is not driver:
            getattr(self._litmus_driver, name)

    def _observed(self, name: str) -> Callable[..., Any]:
        driver, guard = self._litmus_driver, self._litmus_lock
        observer = self._litmus_observer
        on_call = observer.on_call

        def call(*args: Any, **kwargs: Any) -> Any:
            with guard:
                self._require(driver, name)
                try:  # looked up on each call, since tests patch drivers
                    result = getattr(driver, name)(*args, **kwargs)
                except Exception as error:
                    observer.emit.failed(name, error)
                    raise
            if type(result) not in _SCALARS and is_part(driver, result):
                return self._part(_label(name, args), result)
            _observe(on_call, name, args, kwargs, result)
            return result

        call.__name__ = name
        is_own = name in getattr(driver, "__dict__", {})
        call._litmus_stands_for = (getattr(driver, name), is_own)  # type: ignore[attr-defined]
        return call


def make_proxy(
    driver: Any, observer: DriverObserver, guard: ResourceGuard | None = None
) -> InstrumentProxy:
    """A proxy that can also be indexed, iterated over or called, if the driver can.

    Args:
        driver: the driver.
        observer: looks at what goes through.
        guard: held during each call; a lock of its own if not given.
    """
    special = {name: _forward(name) for name in _FORWARDED if hasattr(type(driver), name)}
    proxy_class = type("InstrumentProxy", (InstrumentProxy,), {"__slots__": (), **special})
    proxy: InstrumentProxy = proxy_class(driver, observer, guard or threading.RLock())
    return proxy


def retire(proxy: InstrumentProxy) -> None:
    """From now on its use is an error; waits for a call that is with the driver."""
    with proxy._litmus_lock:
        released = _Released(proxy._litmus_observer.role)
        object.__setattr__(proxy, "_litmus_driver", released)
        proxy._litmus_methods.clear()
        for _, part in proxy._litmus_parts.values():
            retire(part)


def unguarded() -> ResourceGuard:
    """For switches, which are called in the middle of other instruments' calls."""
    return nullcontext()


def _forward(name: str) -> Callable[..., Any]:
    def forwarded(self: InstrumentProxy, *args: Any) -> Any:
        with self._litmus_lock:
            result = getattr(self._litmus_driver, name)(*args)
        if name == "__iter__":
            return (self._with_parts(str(index), each) for index, each in enumerate(result))
        return self._with_parts(str(args[0]), result) if args else result

    return forwarded


def _unpatch(driver: Any, name: str, method: Any, is_own: bool) -> None:
    """As it was: the class's method, or one that the driver itself has."""
    if is_own:
        setattr(driver, name, method)
    elif name in getattr(driver, "__dict__", {}):
        delattr(driver, name)


def _label(method: str, args: tuple[Any, ...]) -> str:
    """`channel(2)` -> `channel_2`"""
    return "_".join([method, *(str(each) for each in args if type(each) in (int, str))])


def _observe(hook: Callable[..., None], *seen: Any) -> None:
    """A hook may be somebody else's; whatever it does, the call has been made."""
    try:
        hook(*seen)
    except Exception as error:
        warn(f"{seen[0]} was not recorded: {type(error).__name__}: {error}")
