# SPDX-License-Identifier: Apache-2.0
"""Vectors, limits, retries and mocks for tests that pytest does not run."""

import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litmus import _core
from litmus.data.event_log import EventLog
from litmus.data.events import SessionEnded, SessionStarted
from litmus.data.measurement import Measurement
from litmus.data.models import Limit, TestStep, TestVector
from litmus.data.outcomes import Outcome
from litmus.errors import InvalidArgumentError, message_of
from litmus.execution.context import NO_FILE
from litmus.execution.harness_context import Context
from litmus.execution.harness_step import OpenStep, outcome_of
from litmus.execution.judging import (
    Limits,
    checked_limit,
    judged,
    plain_limit,
    planned_limit,
    require_passed,
)
from litmus.execution.logger import RunFacts, TestRunLogger
from litmus.execution.observing import Channels
from litmus.execution.patching import activate_parameters, mocks_of, patched
from litmus.execution.prompting import ask_on_record, with_parameters
from litmus.execution.retry import is_one_of
from litmus.execution.vectors import Vector, expand_vectors
from litmus.execution.verify import no_limit
from litmus.problems import warn
from litmus.prompts import Answer, PromptConfig, PromptType

if TYPE_CHECKING:
    from litmus.products.context import ProductContext

__all__ = ["Context", "TestHarness", "Vector", "expand_vectors"]

_CONFIG_KEYS = ("vectors", "limits", "mocks", "retry")


class TestHarness:
    """Runs the vectors of a test and records them through a `TestRunLogger`.

        with TestHarness.open(dut_serial="SN001", station_id="bench_1") as harness:
            with harness.step("rail_3v3"):
                harness.verify("voltage", dmm.measure_voltage(), {"low": 3.1, "units": "V"})

    or, for each vector, with retries:

        config = {"vectors": {"load": [0.1, 1.0]}, "limits": {"voltage": {"low": 3.1, "units": "V"}}}
        harness = TestHarness(config, logger, "rail_3v3", retry={"max_retries": 1})
        harness.run_all(lambda vector: measure_at(vector["load"]))

    One thread.

    Args:
        config: `vectors` (as `expand_vectors` takes them), `limits`, `mocks` and `retry`, in the
            words of a sidecar.
        logger: what records; without one nothing is stored.
        step_name: of the step where none is opened.
        retry, limits: in place of those of `config`.
        product_context: characteristics that limits refer to.
        instruments: drivers by role, which mocks patch.
        mock_instruments: stand-ins in place of the drivers.
        channel_store: where observed arrays go, in place of the logger's own channels.

    Raises:
        InvalidArgumentError: `config` cannot be used; the text names the place.
    """

    __test__ = False  # no test class, whatever pytest thinks of the name

    def __init__(
        self,
        config: Mapping[str, Any] | None = None,
        logger: TestRunLogger | None = None,
        step_name: str = "test",
        retry: Mapping[str, Any] | None = None,
        limits: Mapping[str, Any] | None = None,
        product_context: "ProductContext | None" = None,
        instruments: Mapping[str, Any] | None = None,
        mock_instruments: bool = False,
        channel_store: Channels | None = None,
    ) -> None:
        config = dict(config or {})
        if unknown := [key for key in config if key not in _CONFIG_KEYS]:
            raise InvalidArgumentError(
                f"config: expected {', '.join(_CONFIG_KEYS)}, found {', '.join(unknown)}"
            )
        self.logger = logger or TestRunLogger()
        self.product_context = product_context
        self.instruments = _mocked(instruments or {}) if mock_instruments else instruments or {}
        self.vectors = expand_vectors(config.get("vectors") or [{}])
        self.current_vector: Vector | None = None
        """The one that runs."""
        self._step_name = step_name
        self.channel_store = channel_store
        self._plan = product_context.plan if product_context is not None else _plan_of_project()
        chosen = {
            "limits": _plain((config.get("limits") if limits is None else limits) or {}),
            "mocks": list(config.get("mocks") or []),
            "retry": dict((config.get("retry") if retry is None else retry) or {}),
        }
        self._payload = {key: value for key, value in chosen.items() if value}
        self._test, _ = self._resolve({})
        self._contexts = [Context(self, self._test, {})]
        self._open_steps: list[OpenStep] = []

    @classmethod
    @contextmanager
    def open(
        cls,
        dut_serial: str | None = None,
        station_id: str | None = None,
        data_dir: str | os.PathLike[str] | None = None,
        *,
        config: Mapping[str, Any] | None = None,
        step_name: str = "test",
        product_context: "ProductContext | None" = None,
        instruments: Mapping[str, Any] | None = None,
        mock_instruments: bool = False,
        instrument_records: Mapping[str, Mapping[str, Any]] | None = None,
        **facts: Any,
    ) -> Iterator["TestHarness"]:
        """A harness with session, run and records of its own, all ended at the end of the block.

        An exception that leaves the block makes the run at least `errored` (an AssertionError
        `failed`, Ctrl-C and SystemExit `terminated`).

        Args:
            dut_serial, station_id: of the run.
            data_dir: the data directory, found as `resolve_data_dir` does.
            instrument_records: facts about them, as `TestRunLogger` has them as `instruments`.
            facts: further arguments of `TestRunLogger`.
        """
        with EventLog(data_dir) as log:
            host, pid, started_at, program = _core.this_process()
            log.emit(
                SessionStarted(
                    station_id=station_id,
                    station_hostname=host,
                    pid=pid,
                    client=program,
                    host=host,
                    process_started_at=started_at,
                )
            )
            logger = TestRunLogger(dut_serial, station_id, instruments=instrument_records, **facts)
            logger.event_log = log
            worst: Outcome | None = None
            reason: str | None = None
            try:
                yield cls(
                    config,
                    logger,
                    step_name,
                    product_context=product_context,
                    instruments=instruments,
                    mock_instruments=mock_instruments,
                )
            except BaseException as error:
                worst, reason = (
                    outcome_of(error),
                    f"{type(error).__qualname__}: {message_of(error)}",
                )
                raise
            finally:
                run = logger.finalize(worst, reason)
                log.emit(SessionEnded(outcome=run.outcome))

    # --- what there is

    @property
    def retry_config(self) -> dict[str, Any]:
        """`max_retries`, `delay` in seconds, `on`."""
        retry = self._test.retry or {}
        return {
            "max_retries": retry.get("max_retries") or 0,
            "delay": retry.get("delay") or 0.0,
            "on": retry.get("on"),
        }

    @property
    def run_context(self) -> RunFacts:
        """The user's own facts about the run."""
        return self.logger.run_context

    @property
    def context(self) -> Context:
        """Of the vector that runs, else of the step, else of the run."""
        return self._contexts[-1]

    # --- steps and vectors

    @contextmanager
    def step(self, name: str | None = None, description: str | None = None) -> Iterator[TestStep]:
        """A step: its vectors, or what is measured in it directly. It is as bad as its worst vector.

        What leaves the block makes it `failed` (AssertionError) or `errored`, and goes on.
        """
        if self._open_steps and self.current_vector is None:
            self._open_steps[-1].begin_own(self.context)  # the step inside stands below it
        opened = OpenStep(self.logger, name or self._step_name, description)
        self._open_steps.append(opened)
        self._contexts.append(self.context.child())
        try:
            yield opened.record
        except BaseException as error:
            opened.end(self.context, error)
            raise
        else:
            opened.end(self.context, None)
        finally:
            self._contexts.pop()
            self._open_steps.pop()

    @contextmanager
    def run_vector(self, vector: Mapping[str, Any]) -> Iterator[TestVector]:
        """One vector of the step that is open, or of one of its own.

        What leaves the block makes it `failed` (AssertionError) or `errored`, and goes on. One of
        `vectors` again is a retry.
        """
        if not self._open_steps:
            with self.step(), self.run_vector(vector) as record:
                yield record
            return
        given = vector if isinstance(vector, Vector) else Vector(vector)
        opened = self._open_steps[-1]
        test, payloads = self._resolve(given)
        context = self.context.child(test, given.params(), opened.known)
        record = opened.begin_vector(context, given.index, self.retry_config["max_retries"])
        before, self.current_vector = self.current_vector, given
        self._contexts.append(context)
        activate_parameters(context.active_params())
        try:
            with self._patches(test, payloads):
                yield record
        except BaseException as error:
            opened.end_vector(error)
            raise
        else:
            opened.end_vector(None)
        finally:
            opened.known = context.known
            self._contexts.pop()
            self.current_vector = before

    def run_with_retry(self, vector: Mapping[str, Any], fn: Callable[[Vector], Any]) -> TestVector:
        """Runs `fn` until it passes, at most `max_retries` + 1 times, with `delay` between.

        Args:
            vector: what `fn` is called with.
            fn: measures. What it returns is recorded: a mapping from name to value, `(name, value)`,
                a value or a list of values, named by the limits in their order; or it yields these.

        Returns:
            The last attempt. What `fn` raises is on record there; only Ctrl-C and its like go on.
        """
        if not self._open_steps:
            with self.step():
                return self.run_with_retry(vector, fn)
        given = vector if isinstance(vector, Vector) else Vector(vector)
        retry = self.retry_config
        left = retry["max_retries"]
        while True:
            record: TestVector | None = None
            raised: list[BaseException] = []
            try:
                with self.run_vector(given) as record:
                    self._record_all(fn(given))
            except Exception as error:
                if record is None:  # it has not begun
                    raise
                raised.append(error)
            is_bad = record.outcome in (Outcome.FAILED, Outcome.ERRORED)
            if not left or not is_bad or not is_one_of(raised, retry["on"]):
                return record
            left -= 1
            given.index = record.index
            time.sleep(retry["delay"])

    def run_all(self, fn: Callable[[Vector], Any], step_name: str | None = None) -> TestStep:
        """Runs `fn` at each of the vectors, as `run_with_retry` does."""
        with self.step(step_name) as record:
            for vector in self.vectors:
                self.run_with_retry(vector, fn)
        return record

    # --- what the test says

    def measure(
        self,
        name: str,
        value: Any,
        units: str | None = None,
        limit: Limit | Mapping[str, Any] | None = None,
        dut_pin: str | None = None,
        instrument_channel: str | None = None,
        fixture_connection: str | None = None,
        *,
        allow_repeat: bool = False,
    ) -> Measurement:
        """Records a value in the vector, or else the step, that is open; judged, but never raised.

        Args:
            units: of the value; those of the limit if not given.
            limit: in place of what vector (`_limits`), harness and product say. Without any limit
                the row is `done`.
            allow_repeat: the name may come again in this vector, if each of them says so.

        Raises:
            DuplicateMeasurementError: the name was measured here already.
            InvalidArgumentError: no step is open, the limit cannot be used, or is in another unit.
        """
        found = self._limit(name, limit, None)
        return self._add(
            judged(name, value, found, Outcome.DONE),
            units,
            allow_repeat,
            dut_pin=dut_pin,
            instrument_channel=instrument_channel,
            fixture_connection=fixture_connection,
        )

    def verify(
        self,
        name: str,
        value: Any,
        limit: Limit | Mapping[str, Any] | None = None,
        characteristic: str | None = None,
    ) -> Measurement:
        """As the fixture `verify`: records, judges, and raises where the value is not good.

        Raises:
            LimitFailure: the value is out of the limit; it is recorded all the same.
            MissingLimitError: there is no limit; nothing is recorded.
            MissingValueError: the value is None or not a number; it is recorded as errored.
        """
        found = self._limit(name, limit, characteristic)
        if found is None:
            raise no_limit(name)
        measurement = self._add(judged(name, value, found, Outcome.DONE), None, False)
        require_passed(measurement, value, found)
        return measurement

    def record(self, key: str, value: Any) -> None:
        """A note beside the measurements."""
        self.logger.record(key, value)

    def prompt(
        self,
        message: str,
        prompt_type: PromptType = "confirm",
        choices: list[str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Answer:
        """Asks the operator, on record; `{load}` in the message stands for the parameter.

        Raises:
            PromptUnavailableError: nobody answered.
        """
        text = with_parameters(message, self.context.active_params())
        return ask_on_record(
            PromptConfig(text, prompt_type, choices, timeout_seconds),
            self.logger.emit,
            self.logger.test_run.id,
            self._open_steps[-1].record.name if self._open_steps else None,
        )

    # --- within

    def _add(
        self, measurement: Measurement, units: str | None, allow_repeat: bool, **place: str | None
    ) -> Measurement:
        if units is not None:
            if measurement.units not in (None, units):
                raise InvalidArgumentError(
                    f"{measurement.name}: the value is in {units}, its limit in {measurement.units}: "
                    "give both in the unit that is measured"
                )
            measurement.units = units
        for field, value in place.items():
            setattr(measurement, field, value)
        self._require_step()
        return self.logger.add(measurement, allow_repeat=allow_repeat)

    def _require_step(self) -> None:
        """What stands directly in a step has a vector of its own."""
        if not self._open_steps:
            raise InvalidArgumentError(
                "no step is open: use `with harness.step(name):`, run_vector or run_all"
            )
        if self.current_vector is None:
            self._open_steps[-1].begin_own(self.context)

    def _limit(self, name: str, limit: Any, characteristic: str | None) -> Limits | None:
        if limit is not None:
            return checked_limit(name, limit)
        context = self.context
        return planned_limit(
            context._test,
            name,
            context,
            context.active_params(),
            context.ambient_characteristic,
            characteristic,
        )

    def _resolve(self, vector: Mapping[str, Any]) -> "tuple[_core.ResolvedTest, Payloads]":
        """The limits and mocks of the harness with those of the vector over them."""
        payloads = [("class", {key: value}) for key, value in self._payload.items()]
        if vector.get("_limits"):
            payloads.append(("function", {"limits": _plain(vector["_limits"])}))
        if vector.get("_mocks"):
            payloads.append(("function", {"mocks": list(vector["_mocks"])}))
        return self._plan.resolve_test(NO_FILE, [], self._step_name, payloads), payloads

    @contextmanager
    def _patches(self, test: _core.ResolvedTest, payloads: "Payloads") -> Iterator[None]:
        with ExitStack() as undo:
            for target, keywords, source in mocks_of(test, payloads):
                role, _, attribute = target.partition(".")
                if role in self.instruments:
                    undo.enter_context(patched(self.instruments[role], attribute, keywords))
                else:
                    warn(f"{source}: mock of {target}: there is no instrument {role}")
            yield

    def _record_all(self, result: Any) -> None:
        names = iter(self.context.limits or [self._step_name])
        for each in result if isinstance(result, Generator) else [result]:
            for name, value in _named(each, names):
                self.measure(name, value)


Payloads = list[tuple[str, dict[str, Any]]]


def _plan_of_project() -> _core.TestPlan:
    here = Path.cwd()
    return _core.TestPlan(_core.ProjectFiles(here, here), None, None, None, None)


def _plain(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain_limit(limit) for name, limit in limits.items()}


def _mocked(instruments: Mapping[str, Any]) -> dict[str, Any]:
    from litmus.instruments.mocks import Mock

    return {role: Mock(type(driver)) for role, driver in instruments.items()}


def _named(result: Any, names: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """What a measuring function has returned or yielded, by names."""
    if result is None:
        return
    if isinstance(result, Mapping):
        yield from result.items()
    elif isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], str):
        yield result[0], result[1]
    else:
        for value in result if isinstance(result, list) else [result]:
            name = next(names, None)
            if name is None:
                raise InvalidArgumentError(
                    f"found {value!r}, and no limit is left to name it: return (name, value) or a dict"
                )
            yield name, value
