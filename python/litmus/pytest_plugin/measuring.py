# SPDX-License-Identifier: Apache-2.0
"""`verify` and `logger.measure`: finding the limit, judging, recording."""

from typing import TYPE_CHECKING, Any

from litmus.data.measurement import Measurement
from litmus.data.outcomes import Outcome, escalate_outcome
from litmus.errors import MissingLimitError
from litmus.execution.judging import (
    Limits,
    checked_limit,
    checked_outcome,
    failure_of,
    judged,
    planned_limit,
    recorded,
    require_passed,
)
from litmus.execution.verify import DuplicateMeasurementError, no_limit

if TYPE_CHECKING:
    from litmus.pytest_plugin.context import Context

_BAD = Outcome.FAILED.severity
__tracebackhide__ = True  # what is raised here is about the line that called


def verify(
    context: "Context",
    name: str,
    value: Any,
    limit: Any = None,
    characteristic: str | None = None,
) -> Measurement:
    """Records a value and judges it.

    Args:
        context: of the test that measures.
        name: what was measured.
        value: a number, a bool or a text.
        limit: a `Limit` or a mapping; None: the one that markers, YAML files and the product give.
        characteristic: of the product; limits are looked for under it only.

    Raises:
        LimitFailure: the value is out of the limit; it is recorded all the same.
        MissingLimitError: there is no limit; nothing is recorded.
        MissingValueError: the value is None or not a number; it is recorded as errored.
        DuplicateMeasurementError: the name was measured already.
    """
    resolved = resolve(context, name, limit, characteristic)
    if resolved is None:
        if context.session.active.verify_requires_limit:
            raise no_limit(name)
        return record(context, name, value, None, Outcome.DONE, False)
    measurement = record(context, name, value, resolved, Outcome.DONE, False)
    require_passed(measurement, value, resolved)
    return measurement


def measure(
    context: "Context",
    name: str,
    value: Any,
    *,
    limit: Any = None,
    outcome: str = Outcome.DONE,
    allow_repeat: bool = False,
) -> Measurement:
    """Records a value. Judges it if there is a limit, but the test goes on, and fails at its end."""
    try:
        resolved = resolve(context, name, limit, None)
    except MissingLimitError as error:  # an entry that says nothing here
        context.session.warn(f"measure {name!r}: {error}")
        resolved = None
    return record(context, name, value, resolved, checked_outcome(name, outcome), allow_repeat)


def resolve(context: "Context", name: str, limit: Any, characteristic: str | None) -> Limits | None:
    """The limit that applies now; None: there is none."""
    if limit is not None:
        return checked_limit(name, limit)
    return planned_limit(
        context.resolved.test,
        name,
        context,
        context.active_params(),
        context.ambient_characteristic,
        characteristic,
    )


def record(
    context: "Context",
    name: str,
    value: Any,
    limit: Limits | None,
    without_limit: Outcome,
    allow_repeat: bool,
) -> Measurement:
    """Puts one row on record."""
    session = context.session
    attempt = session.require_attempt(name)
    vector = attempt.vector
    measurement = judged(name, value, limit, without_limit)
    if measurement.characteristic_id is None:
        measurement.characteristic_id = context.characteristic_of(name)
    connection = context.place_of(measurement.characteristic_id)
    place = connection or {}
    key = (name, place.get("name"))
    if key in vector.measured and not (allow_repeat and vector.measured[key]):
        raise DuplicateMeasurementError(name)
    vector.measured[key] = allow_repeat
    again = name in vector.names  # at another connection, or because both allow it
    vector.names.add(name)
    plan = attempt.plan
    measurement.step_path = plan.path
    if connection is not None:
        measurement.dut_pin = connection.get("dut_pin")
        measurement.fixture_connection = connection.get("name")
        measurement.instrument_name = connection.get("instrument")
        measurement.instrument_channel = connection.get("instrument_channel")
        measurement.instrument_resource = session.resource_of(measurement.instrument_name)
    session.recording.emit(
        recorded(
            measurement,
            step_name=plan.name,
            step_index=plan.index,
            parent_path=plan.parent_path,
            vector_index=vector.index,
            retry=attempt.retry,
            dut_pin_name=place.get("dut_pin_name"),
            net=place.get("net"),
            instrument_terminal=place.get("instrument_terminal"),
            inputs=vector.inputs,
            outputs=vector.outputs,
            custom=session.recording.metadata,
            allow_repeat=again,
        )
    )
    outcome = measurement.outcome or Outcome.DONE
    vector.worst_row = escalate_outcome(vector.worst_row, outcome)
    if outcome is not Outcome.DONE:
        vector.judged = True
    if outcome.severity >= _BAD:
        attempt.failed_rows.append(
            str(failure_of(measurement, value, limit) or f"{name}: {outcome}")
        )
    has_product = session.active.product is not None
    if has_product and measurement.spec_ref is None and not measurement.dut_pin:
        attempt.untraceable.append(name)
    return measurement
