# SPDX-License-Identifier: Apache-2.0
"""What a mocked method answers: a value of a station file, made callable."""

import builtins
import contextvars
import importlib
import inspect
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from litmus import _core, sweeps
from litmus.errors import InvalidArgumentError
from litmus.instruments.drivers import import_from_project

Answer = Callable[..., Any]

active_parameters: contextvars.ContextVar[Mapping[str, Any]] = contextvars.ContextVar(
    "litmus_active_parameters"
)
"""The parameters of the vector that is being executed; `by_param` and `function` look at them."""

_LIST_GENERATORS: dict[str, Callable[..., list[Any]]] = {
    "linspace": sweeps.linspace,
    "arange": sweeps.arange,
    "logspace": sweeps.logspace,
    "geomspace": sweeps.geomspace,
    "repeat": sweeps.repeat,
    "range": lambda *bounds: list(range(*bounds)),
}


def compile_answer(place: str, value: Any) -> Answer:
    """What is called instead of the method.

    Args:
        place: where the value stands, for errors: `dmm.measure_voltage`.
        value: in one of the forms of a station's `mock_config`, or a callable.

    Raises:
        InvalidArgumentError: the form has arguments that it cannot use.
    """
    if callable(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, Mapping):
        for name, (others, compile_form) in _FORMS.items():
            if name in value and set(value) <= {name, *others}:
                return compile_form(place, value)
        if len(value) == 1:
            ((name, arguments),) = value.items()
            if name in _LIST_GENERATORS:
                return _constant(_generated(place, name, arguments))
        return lambda *args, **_: _looked_up(value, args[0]) if args else None
    return _constant(value)


def property_value(value: Any) -> tuple[Any] | None:
    """The value of the form `{property: v}`; None if it is another one."""
    if isinstance(value, Mapping) and set(value) == {"property"}:
        return (value["property"],)
    return None


def _constant(value: Any) -> Answer:
    return lambda *_, **__: value


def _looked_up(table: Mapping[Any, Any], key: Any) -> Any:
    """Keys of YAML are texts: `1` and `0.10` stand for numbers as well."""
    try:
        if key in table:
            return table[key]
    except TypeError:  # a list as an argument
        return None
    for text, value in table.items():
        if str(key) == text or _same_number(text, key):
            return value
    return None


def _same_number(text: Any, key: Any) -> bool:
    if isinstance(key, str | bool) or not isinstance(text, str):
        return False
    try:
        return float(text) == float(key)
    except (TypeError, ValueError):
        return False


def _generated(place: str, name: str, arguments: Any) -> list[Any]:
    try:
        return _LIST_GENERATORS[name](*arguments)
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"{place}: {name} {arguments}: {error}") from error


def _series(place: str, values: list[Any], then: str) -> Answer:
    """One value per call; afterwards the last one again, all again, or an error."""
    if then not in ("last", "repeat", "error"):
        raise InvalidArgumentError(f"{place}: then: expected last, repeat or error, found {then}")
    if not values:
        raise InvalidArgumentError(f"{place}: expected at least one value, found an empty list")
    rest: dict[str, Iterator[Any]] = {
        "last": itertools.chain(values, itertools.repeat(values[-1])),
        "repeat": itertools.cycle(values),
        "error": iter(values),
    }
    following = rest[then]

    def answer(*_: Any, **__: Any) -> Any:
        for value in following:
            return value
        raise IndexError(f"{place}: all {len(values)} values of the mock have been given")

    return answer


def _sequence(place: str, form: Mapping[str, Any]) -> Answer:
    values = form["sequence"]
    if isinstance(values, Mapping) and len(values) == 1:
        ((name, arguments),) = values.items()
        values = _generated(place, name, arguments) if name in _LIST_GENERATORS else values
    if not isinstance(values, list):
        raise InvalidArgumentError(f"{place}: sequence: expected a list, found {values!r}")
    return _series(place, values, str(form.get("then", "last")))


def _function(place: str, form: Mapping[str, Any]) -> Answer:
    path = str(form["function"])
    module_name, separator, name = path.partition(":")
    try:
        found = getattr(import_from_project(module_name), name) if separator else None
    except (ImportError, AttributeError) as error:
        raise InvalidArgumentError(f"{place}: function {path}: {error}") from error
    if not callable(found):
        raise InvalidArgumentError(f"{place}: expected function: package.module:name, found {path}")
    function: Answer = found
    if "params" not in inspect.signature(function).parameters:
        return function
    return lambda *args, **named: function(*args, params=active_parameters.get({}), **named)


def _by_param(place: str, form: Mapping[str, Any]) -> Answer:
    table = form["by_param"]
    if (
        not isinstance(table, Mapping)
        or len(table) != 1
        or not isinstance(next(iter(table.values())), Mapping)
    ):
        raise InvalidArgumentError(
            f"{place}: expected by_param: {{parameter: {{value: answer}}}}, found {table!r}"
        )
    ((parameter, answers),) = table.items()
    return lambda *_, **__: _looked_up(answers, active_parameters.get({}).get(parameter))


def _raises(place: str, form: Mapping[str, Any]) -> Answer:
    name = str(form["raises"])
    arguments = (form["message"],) if "message" in form else ()
    module_name, _, class_name = name.rpartition(".")
    try:
        home = importlib.import_module(module_name) if module_name else builtins
        kind = getattr(home, class_name)
    except (ImportError, AttributeError):
        kind = None
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        raise InvalidArgumentError(f"{place}: raises: expected an exception, found {name}")
    try:
        kind(*arguments)
    except Exception as error:
        raise InvalidArgumentError(
            f"{place}: raises: {name} cannot be made with "
            f"{f'message: {arguments[0]!r}' if arguments else 'no message'}: {error}"
        ) from error

    def answer(*_: Any, **__: Any) -> Any:
        raise kind(*arguments)

    return answer


def _noise(place: str, form: Mapping[str, Any]) -> Answer:
    settings = form["noise"]
    if not isinstance(settings, Mapping) or not set(settings) <= {"mean", "sigma", "seed"}:
        raise InvalidArgumentError(
            f"{place}: expected noise: {{mean, sigma, seed}}, found {settings!r}"
        )
    try:
        dice = random.Random(settings.get("seed", 0))
        mean, sigma = float(settings.get("mean", 0)), float(settings.get("sigma", 1))
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"{place}: noise {settings!r}: {error}") from error
    return lambda *_, **__: dice.gauss(mean, sigma)


def _replay(place: str, form: Mapping[str, Any]) -> Answer:
    """What was recorded, as `litmus channels export` writes it."""
    project = _core.find_project()
    file = (Path(project[0]).parent if project else Path()) / str(form["replay"])
    try:
        columns = _recorded_columns(file)
    except (OSError, ValueError) as error:
        raise InvalidArgumentError(f"{place}: replay {file}: {error}") from error
    wanted = form.get("column") or next(
        (name for name in ("value", "samples") if name in columns), next(iter(columns), None)
    )
    if wanted not in columns:
        raise InvalidArgumentError(
            f"{place}: replay {file}: expected a column {wanted}, found {', '.join(columns)}"
        )
    return _series(place, columns[wanted], str(form.get("then", "last")))


def _recorded_columns(file: Path) -> dict[str, list[Any]]:
    import pyarrow as pa
    from pyarrow import csv, parquet

    table: pa.Table
    if file.suffix == ".csv":
        table = csv.read_csv(file)
    elif file.suffix == ".parquet":
        table = parquet.read_table(file)
    elif file.suffix == ".arrow":
        with pa.ipc.open_stream(file) as stream:
            table = stream.read_all()
    else:
        raise ValueError("expected a .csv, .parquet or .arrow file")
    return {name: table[name].to_pylist() for name in table.column_names}


# The key that tells a form, the keys that may stand beside it, and what makes the answer.
_FORMS: dict[str, tuple[tuple[str, ...], Callable[[str, Mapping[str, Any]], Answer]]] = {
    "sequence": (("then",), _sequence),
    "function": ((), _function),
    "by_param": ((), _by_param),
    "raises": (("message",), _raises),
    "noise": ((), _noise),
    "replay": (("column", "then"), _replay),
}
