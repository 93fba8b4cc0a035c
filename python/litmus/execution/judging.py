# SPDX-License-Identifier: Apache-2.0
"""Values held against limits: what the pytest plugin and other frameworks record as a measurement."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from litmus import _core
from litmus.data.events import MeasurementRecorded
from litmus.data.measurement import Measurement
from litmus.data.outcomes import Comparator, Outcome
from litmus.errors import InvalidArgumentError
from litmus.execution.verify import LimitFailure, MissingValueError

Limits = dict[str, Any]
"""low, high, nominal, comparator, units, characteristic_id, spec_ref: as `_core.checked_limit` has it."""

_checked_before: dict[tuple[Any, ...], Limits] = {}
_KEPT = 1000
__tracebackhide__ = True  # what is raised here is about the line that called


def plain_limit(value: Any) -> Any:
    """A `Limit` as the mapping that a sidecar would have."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    return value


def checked_limit(name: str, limit: Any) -> Limits:
    """A limit of a call, checked; in a loop it is the same again and again.

    Args:
        name: of the measurement.
        limit: a `Limit` or a mapping.

    Raises:
        InvalidArgumentError: it cannot be used.
    """
    plain = plain_limit(limit)
    if not isinstance(plain, Mapping):
        raise InvalidArgumentError(f"{name}: limit: expected a Limit or a dict, found {limit!r}")
    key = tuple((field, value.__class__, value) for field, value in plain.items())
    try:
        known = _checked_before.get(key)
    except TypeError:  # a list as a bound: to be refused
        return _core.checked_limit(plain, f"limit of {name!r}")
    if known is None:
        known = _core.checked_limit(plain, f"limit of {name!r}")
        if len(_checked_before) < _KEPT:
            _checked_before[key] = known
    return known


def checked_outcome(name: str, outcome: str) -> Outcome:
    """An outcome of a call.

    Raises:
        InvalidArgumentError: there is none of that name.
    """
    try:
        return Outcome(outcome)
    except ValueError:
        known = ", ".join(Outcome)
        raise InvalidArgumentError(
            f"{name}: outcome: expected one of {known}, found {outcome!r}"
        ) from None


def planned_limit(
    test: _core.ResolvedTest,
    name: str,
    context: Any,
    params: Mapping[str, Any],
    ambient: str | None,
    characteristic: str | None,
) -> Limits | None:
    """The limit that markers, files and the product give.

    Args:
        test: what they say together.
        name: of the measurement.
        context: what a `callable` is called with.
        params: the parameters that apply now.
        ambient: id of the characteristic in scope.
        characteristic: look under this one only.

    Returns:
        None where there is none.

    Raises:
        MissingLimitError: there is an entry, but it gives none for these parameters.
    """
    found = test.limit(name, params, ambient, characteristic)
    if found is None or "callable" not in found:
        return found
    from litmus.instruments.drivers import import_from_project

    place = found["callable"]
    module_name, _, function_name = place.partition(":")
    try:
        function: Callable[..., Any] = getattr(import_from_project(module_name), function_name)
    except (ImportError, AttributeError) as error:
        raise InvalidArgumentError(f"limit {name!r}: {place}: {error}") from error
    given = plain_limit(function(context))
    if not isinstance(given, Mapping):
        raise InvalidArgumentError(f"limit {name!r}: {place} returned {given!r}, expected a Limit")
    return _core.checked_limit(given, f"{place} for {name!r}")


def judged(name: str, value: Any, limit: Limits | None, without_limit: Outcome) -> Measurement:
    """The measurement, with its outcome and the time now.

    A missing value, NaN included, is `errored` where there is a limit.

    Args:
        name: what was measured.
        value: a number or a text of one, a bool, another text, None.
        limit: checked; None: there is none.
        without_limit: the outcome if there is none.

    Raises:
        InvalidArgumentError: a value of another type, or one that the limit cannot be compared with.
    """
    if type(name) is not str or not name.strip():
        raise InvalidArgumentError(f"expected the name of a measurement, found {name!r}")
    if limit is None:
        number, text, boolean = _as_value(name, value, None)
        return Measurement(
            name=name,
            value=number,
            value_text=text,
            value_bool=boolean,
            outcome=without_limit,
            timestamp=datetime.now(UTC),
        )
    low, high, nominal = limit["low"], limit["high"], limit["nominal"]
    comparator = limit["comparator"] or Comparator.GELE
    number, text, boolean = _as_value(name, value, nominal)
    shown: Any = text if text is not None else number if boolean is None else boolean
    if shown is None or shown != shown:
        outcome = Outcome.ERRORED
    else:
        try:
            outcome = _core.judge(shown, low, high, nominal, comparator)
        except InvalidArgumentError as error:
            raise InvalidArgumentError(f"measurement {name!r} = {value!r}: {error}") from None
    kind = nominal.__class__
    return Measurement(
        name=name,
        value=number,
        units=limit["units"],
        limit_low=low,
        limit_high=high,
        limit_nominal=nominal if kind is float or kind is int else None,
        outcome=outcome,
        characteristic_id=limit["characteristic_id"],
        spec_ref=limit["spec_ref"],
        limit_comparator=Comparator(comparator),
        timestamp=datetime.now(UTC),
        value_text=text,
        value_bool=boolean,
        limit_nominal_text=nominal if kind is str else None,
        limit_nominal_bool=nominal if kind is bool else None,
    )


def recorded(measurement: Measurement, **where: Any) -> MeasurementRecorded:
    """Its event.

    Args:
        where: the fields of the event that a measurement does not have: step, vector, inputs, ...
    """
    return MeasurementRecorded(
        occurred_at=measurement.timestamp,
        measurement_name=measurement.name,
        measurement_timestamp=measurement.timestamp,
        step_path=measurement.step_path,
        value=measurement.value,
        value_text=measurement.value_text,
        value_bool=measurement.value_bool,
        units=measurement.units,
        outcome=measurement.outcome,
        limit_low=measurement.limit_low,
        limit_high=measurement.limit_high,
        limit_nominal=measurement.limit_nominal,
        limit_nominal_text=measurement.limit_nominal_text,
        limit_nominal_bool=measurement.limit_nominal_bool,
        limit_comparator=measurement.limit_comparator,
        characteristic_id=measurement.characteristic_id,
        spec_ref=measurement.spec_ref,
        dut_pin=measurement.dut_pin,
        fixture_connection=measurement.fixture_connection,
        instrument_name=measurement.instrument_name,
        instrument_resource=measurement.instrument_resource,
        instrument_channel=measurement.instrument_channel,
        **where,
    )


def require_passed(measurement: Measurement, value: Any, limit: Limits) -> None:
    """What `verify` adds to recording.

    Args:
        measurement: recorded.
        value: as it was given.
        limit: what it was held against.

    Raises:
        LimitFailure: it is out of the limit.
        MissingValueError: there was no value to judge.
    """
    if (failure := failure_of(measurement, value, limit)) is not None:
        raise failure


def failure_of(
    measurement: Measurement, value: Any, limit: Limits | None
) -> LimitFailure | MissingValueError | None:
    """What is wrong with a measurement; None: nothing that limits say.

    Args:
        measurement: judged.
        value: as it was given.
        limit: what it was held against.
    """
    if limit is None:
        return None
    if measurement.outcome is Outcome.ERRORED:
        return MissingValueError(f"{measurement.name}: expected a value to judge, found {value!r}")
    if measurement.outcome is Outcome.FAILED:
        return LimitFailure(measurement.name, value, limit, measurement.dut_pin)
    return None


def _as_value(name: str, value: Any, nominal: Any) -> tuple[float | None, str | None, bool | None]:
    """As a number, a text, a truth value (which is a number as well), or none of them.

    A text of a number is one, as instruments send them, unless a text is what it is held against:
    version 1.10 is not version 1.1.
    """
    kind = type(value)
    if kind is float:
        return value, None, None
    if value is None:
        return None, None, None
    if kind is bool or kind.__name__ in ("bool_", "bool"):  # NumPy's as well
        return float(value), None, bool(value)
    if isinstance(value, str):
        if isinstance(nominal, str) or "_" in value:  # `1_0` is a name, not ten
            return None, str(value), None
        try:
            return float(value), None, None
        except ValueError:
            return None, str(value), None
    if kind is int or _core.is_number(value):
        try:
            return float(value), None, None
        except (TypeError, ValueError, OverflowError) as error:  # an array, a date, 10**400
            raise InvalidArgumentError(
                f"measurement {name!r}: expected a number, found {kind.__name__} {value!r:.60}: {error}"
            ) from None
    raise InvalidArgumentError(
        f"measurement {name!r}: expected a number, a bool or a text, found {kind.__name__}; "
        "arrays go to context.observe"
    )
