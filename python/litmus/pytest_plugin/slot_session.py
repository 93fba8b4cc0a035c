# SPDX-License-Identifier: Apache-2.0
"""The session of a fixture with several slots: a process for each, and what they share."""

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from litmus.data.event_log import EventLog
from litmus.data.events import EventBase, SessionEnded
from litmus.data.outcomes import Outcome, escalate_outcome
from litmus.problems import warn
from litmus.prompts import has_terminal
from litmus.pytest_plugin.active import Active, decide, slot_serial_variable
from litmus.pytest_plugin.inputs import ask_for_serial
from litmus.pytest_plugin.options import PLACEHOLDER_SERIAL
from litmus.pytest_plugin.orchestrator import Child, Orchestrator
from litmus.pytest_plugin.recording import session_started
from litmus.slots import SLOT_VARIABLE, SOCKET_VARIABLE, TERMINAL_VARIABLE

if TYPE_CHECKING:
    from litmus.instruments.pool import InstrumentPool

_SERIAL_OPTIONS = ("--dut-serial", "--dut-serials")
_GRACE_S = 5.0


def run_all_slots(config: pytest.Config, slots: list[str]) -> int:
    """Starts a process for each slot, and waits for all: 0 if all DUTs are good, 1, or 2 (stopped)."""
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend(in_=True)  # for good: the terminal is asked for the slots
    active = decide(config)
    serials = _serials(config, slots)
    _require_serials(config, active, serials)
    active.git.answer()
    session_id = uuid4()
    log = EventLog(active.data_dir, session_id)
    log.emit(session_started(active, datetime.now(UTC), slot_count=len(slots)))
    grace = (active.project.get("multi_slot") or {}).get("child_grace_seconds", _GRACE_S)
    pool, server = _share_instruments(active, session_id, log)
    try:
        children = [
            _start(config, active, session_id, slot, index, len(slots), serials[slot], server)
            for index, slot in enumerate(slots)
        ]
        orchestrator = Orchestrator(log, active.data_dir, children, float(grace))
        outcomes = orchestrator.run()
    finally:
        if server is not None:
            server.close()
        if pool is not None:
            pool.release_all()
    worst: Outcome | None = Outcome.TERMINATED if orchestrator.was_interrupted else None
    for outcome in outcomes.values():
        worst = escalate_outcome(worst, outcome)
    log.emit(SessionEnded(outcome=worst))
    log.close()
    _print_table(children, outcomes)
    if orchestrator.was_interrupted:
        return int(pytest.ExitCode.INTERRUPTED)
    is_good = worst is None or worst.severity < Outcome.FAILED.severity
    return int(pytest.ExitCode.OK if is_good else pytest.ExitCode.TESTS_FAILED)


def _serials(config: pytest.Config, slots: list[str]) -> dict[str, str]:
    """By slot; empty where none is known."""
    text = config.getoption("--dut-serials")
    if text is not None:
        return _listed_serials(text, slots)
    one = config.getoption("--dut-serial")
    found = {slot: one or os.environ.get(slot_serial_variable(slot), "") for slot in slots}
    if one is None and not all(found.values()):
        one = os.environ.get("LITMUS_DUT_SERIAL")
        found = {slot: serial or one or "" for slot, serial in found.items()}
    if one and one != PLACEHOLDER_SERIAL:
        warn(f"{len(slots)} slots, but one serial number, {one}: --dut-serials gives each its own")
    return found


def _require_serials(config: pytest.Config, active: Active, serials: dict[str, str]) -> None:
    """Outside of development each DUT has one; the slots themselves never ask."""
    if not active.needs_serial():
        return
    for slot, serial in serials.items():
        if serial in ("", PLACEHOLDER_SERIAL):
            serials[slot] = ask_for_serial(config, active.requested_phase, slot)


def _listed_serials(text: str, slots: list[str]) -> dict[str, str]:
    entries = [entry.strip() for entry in text.split(",")]
    named = [entry for entry in entries if "=" in entry]
    if named and len(named) != len(entries):
        raise pytest.UsageError(
            f"--dut-serials {text}: expected slot=serial for all, or serials in the order of the "
            "slots, found a mix"
        )
    if named:
        given = {
            name.strip(): serial.strip() for name, _, serial in (e.partition("=") for e in named)
        }
        unknown = [name for name in given if name not in slots]
        if unknown or set(given) != set(slots):
            raise pytest.UsageError(
                f"--dut-serials {text}: expected a serial for each of {', '.join(slots)}"
            )
        return given
    if len(entries) != len(slots):
        raise pytest.UsageError(
            f"--dut-serials {text}: expected {len(slots)} serials for {', '.join(slots)}, "
            f"found {len(entries)}"
        )
    return dict(zip(slots, entries, strict=True))


def _start(
    config: pytest.Config,
    active: Active,
    session_id: UUID,
    slot: str,
    index: int,
    count: int,
    serial: str,
    server: Any,
) -> Child:
    ours, theirs = socket.socketpair()
    record = active.fixture.for_slot(slot).record if active.fixture else {}
    environment = os.environ | {
        "PYTHONUNBUFFERED": "1",
        "_LITMUS_SESSION_ID": str(session_id),
        SLOT_VARIABLE: slot,
        "_LITMUS_SLOT_INDEX": str(index),
        "_LITMUS_SLOT_COUNT": str(count),
        SOCKET_VARIABLE: str(theirs.fileno()),
        slot_serial_variable(slot): serial,
    }
    # What the user may have set is the same for all slots, and a slot must not test another's DUT.
    environment["LITMUS_FIXTURE_SLOT"] = json.dumps(record, default=str)
    environment["LITMUS_DUT_RESOURCE"] = str(record.get("dut_resource") or "")
    for name, value in active.inputs.items():
        environment["LITMUS_" + name.upper().replace("-", "_")] = str(value)
    if has_terminal():
        environment[TERMINAL_VARIABLE] = "1"
    if server is not None:
        environment["_LITMUS_INSTRUMENT_SERVER"] = server.address
        environment["_LITMUS_SHARED_ROLES"] = ",".join(server.roles)
    command = [sys.executable, "-m", "pytest", *_without_serials(config.invocation_params.args)]
    command += ["--data-dir", str(active.data_dir)]
    process = subprocess.Popen(
        command,
        cwd=config.invocation_params.dir,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(theirs.fileno(),),
        start_new_session=True,  # Ctrl-C is for the orchestrator, which stops the slots in order
    )
    theirs.close()
    return Child(slot, serial, process, ours)


def _without_serials(arguments: Any) -> list[str]:
    kept = []
    given = iter([str(argument) for argument in arguments])
    for argument in given:
        if argument in _SERIAL_OPTIONS:
            next(given, None)
        elif not argument.startswith(tuple(f"{option}=" for option in _SERIAL_OPTIONS)):
            kept.append(argument)
    return kept


def _share_instruments(
    active: Active, session_id: UUID, log: EventLog
) -> "tuple[InstrumentPool | None, Any]":
    """Connects once what several slots use, and serves it to their processes."""
    roles = _shared_roles(active)
    if not roles or active.station is None:
        return None, None
    from litmus.data.channels.lazy import LazyChannelStore
    from litmus.data.session_files import SessionFiles
    from litmus.instruments.pool import InstrumentPool
    from litmus.instruments.server import InstrumentServer

    def emit(event: EventBase) -> object:
        return log.emit(event)

    pool = InstrumentPool(
        active.station,
        session_id,
        emit,
        LazyChannelStore(active.data_dir, session_id),
        SessionFiles(active.data_dir, session_id).store,
        strict_identity=bool(active.project.get("strict_identity")),
        phase=active.requested_phase,
    )
    try:
        for role in roles:
            pool.connect(role)
    except BaseException:
        pool.release_all()
        raise
    server = InstrumentServer({role: pool.connected[role] for role in roles})
    return pool, _Served(server, roles)


class _Served:
    """A server, and what it serves."""

    def __init__(self, server: Any, roles: list[str]) -> None:
        self.address: str = server.address
        self.roles = roles
        self.close = server.close


def _shared_roles(active: Active) -> list[str]:
    """Real instruments that two slots or more use, directly or as a switch of a route."""
    if active.fixture is None or active.station is None or active.mock:
        return []
    users: dict[str, set[str]] = {}
    for slot in active.fixture.slots:
        record = active.fixture.for_slot(slot).record
        for connection in (record.get("connections") or {}).values():
            users.setdefault(connection["instrument"], set()).add(slot)
            if route := connection.get("route"):
                users.setdefault(route["switch"], set()).add(slot)
    roles = active.station.instruments
    return [
        role
        for role, slots in users.items()
        if len(slots) > 1 and role in roles and not roles[role].mock
    ]


def _print_table(children: list[Child], outcomes: dict[str, Outcome]) -> None:
    width = max(len(child.slot) for child in children)
    print()
    for child in children:
        outcome = outcomes[child.slot]
        verdict = "PASS" if outcome.severity < Outcome.FAILED.severity else "FAIL"
        print(f"{child.slot:<{width}}  {verdict}  {outcome:<10}  {child.serial}".rstrip())
