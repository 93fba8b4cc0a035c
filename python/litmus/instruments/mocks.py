# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for instruments."""

import inspect
from collections.abc import Mapping
from typing import Any, TypeVar

from litmus.instruments.mock_values import Answer, compile_answer, property_value

__all__ = ["Mock", "as_mock", "station_mock"]

_T = TypeVar("_T")
_MISSING = object()


class MockBehaviour:
    """What a mock is besides the class that it stands for.

    What a test assigns lies in the instance's `__dict__`, over the values: taken away, they are
    there again as they were.
    """

    _mock_model: type[Any]
    _mock_role: str
    _mock_answers: dict[str, Answer]
    _mock_plain: dict[str, Any]
    _mock_given: dict[str, Any]

    def set_mock_value(self, name: str, value: Any) -> None:
        """From now on the method answers so, or the property has the value.

        Args:
            name: of the method or property; `ch1.read` for one of an object below.
            value: in one of the forms of a station's `mock_config`.

        Raises:
            InvalidArgumentError: the value has a form that cannot be used.
        """
        part, dot, rest = name.partition(".")
        if dot:
            if not isinstance(self._mock_plain.get(part), MockBehaviour):
                self._mock_plain[part] = station_mock(f"{self._mock_role}.{part}", None, {})
            self._mock_plain[part].set_mock_value(rest, value)
            self._mock_given[name] = value
            return
        plain = property_value(value)
        if plain is None and _is_attribute(self._mock_model, name):
            plain = (value,)
        if plain is None:
            self._mock_answers[name] = compile_answer(f"{self._mock_role}.{name}", value)
            self._mock_plain.pop(name, None)
        else:
            self._mock_plain[name] = plain[0]
            self._mock_answers.pop(name, None)
        self._mock_given[name] = value
        self.__dict__.pop(name, None)

    @property
    def mock_values(self) -> dict[str, Any]:
        """The values by name, as they were given."""
        assigned = {name: v for name, v in self.__dict__.items() if not name.startswith("_mock_")}
        return self._mock_given | assigned

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_") or name in ("set_mock_value", "mock_values"):
            return object.__getattribute__(self, name)
        assigned = object.__getattribute__(self, "__dict__")
        if name in assigned:
            return assigned[name]
        answer = object.__getattribute__(self, "_mock_answers").get(name)
        if answer is not None:
            return answer
        plain = object.__getattribute__(self, "_mock_plain").get(name, _MISSING)
        if plain is not _MISSING:
            return plain
        return _unlisted(object.__getattribute__(self, "_mock_model"), type(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_mock_"):
            object.__setattr__(self, name, value)
        elif value is self._mock_answers.get(name, _MISSING):  # given back by who patched it
            self.__dict__.pop(name, None)
        else:
            self.__dict__[name] = value  # no property of the class has a say in it

    def __delattr__(self, name: str) -> None:
        if name not in self.__dict__:
            raise AttributeError(f"{type(self).__name__}: {name} was not assigned")
        del self.__dict__[name]

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __dir__(self) -> list[str]:
        return sorted({*dir(self._mock_model), *self.mock_values, "set_mock_value", "mock_values"})


def Mock(cls: type[_T], **values: Any) -> _T:  # noqa: N802  (it makes instances, like a class)
    """An instance of a subclass of `cls`, whose constructor is not run.

    Args:
        cls: the driver class; `object` for a stand-in that has every method.
        values: by method or property: a value that is returned on every call, a mapping in which the
            first argument is looked up, a callable, or another form of a station's `mock_config`.
            Methods without a value return None.

    Raises:
        InvalidArgumentError: a value has a form that cannot be used.
    """
    mock: _T = _make(cls, cls, cls.__name__, values)
    return mock


def as_mock(instrument: object) -> MockBehaviour:
    """The instrument as a mock, for type checkers.

    Raises:
        TypeError: it is none.
    """
    if isinstance(instrument, MockBehaviour):
        return instrument
    raise TypeError(f"expected a mock, found {type(instrument).__name__}")


def station_mock(role: str, driver: type[Any] | None, values: Mapping[str, Any]) -> MockBehaviour:
    """The stand-in of a role: every method is there, and properties are those of the driver."""
    mock: MockBehaviour = _make(object, driver or object, role, values)
    return mock


def unknown_names(driver: type[Any], values: Mapping[str, Any]) -> list[str]:
    """Names of a `mock_config` that the driver does not have."""
    return [name for name in values if "." not in name and not _has(driver, name)]


def _make(base: type[Any], model: type[Any], role: str, values: Mapping[str, Any]) -> Any:
    mock_class: Any = type(f"Mock{base.__name__}", (MockBehaviour, base), {})
    mock_class.__abstractmethods__ = frozenset()
    mock = mock_class.__new__(mock_class)
    for name in ("answers", "plain", "given"):
        setattr(mock, f"_mock_{name}", {})
    mock._mock_model = model
    mock._mock_role = role
    for name, value in values.items():
        mock.set_mock_value(name, value)
    return mock


def _unlisted(model: type[Any], mock_class: type[Any], name: str) -> Any:
    """What has no value: a method that returns None, a property that is None."""
    static = inspect.getattr_static(model, name, _MISSING)
    if static is _MISSING:
        if issubclass(object, model) or object in mock_class.__bases__:
            return _nothing
        if _has(model, name):
            return None
        raise AttributeError(f"{model.__name__} has no {name}")
    if callable(static) or isinstance(static, staticmethod | classmethod):
        return _nothing
    return None if hasattr(type(static), "__get__") else static


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _is_attribute(model: type[Any], name: str) -> bool:
    """A property or plain attribute, not a method."""
    static = inspect.getattr_static(model, name, _MISSING)
    if static is _MISSING:
        return _is_annotated(model, name)
    return not (callable(static) or isinstance(static, staticmethod | classmethod))


def _has(model: type[Any], name: str) -> bool:
    return inspect.getattr_static(model, name, _MISSING) is not _MISSING or _is_annotated(
        model, name
    )


def _is_annotated(model: type[Any], name: str) -> bool:
    return any(name in vars(base).get("__annotations__", {}) for base in model.__mro__)
