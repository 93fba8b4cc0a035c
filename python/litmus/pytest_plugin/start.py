# SPDX-License-Identifier: Apache-2.0
"""Begins a session: decides what is active and registers the hooks of this kind of process."""

import os
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from litmus.pytest_plugin import fixtures
from litmus.pytest_plugin.active import decide
from litmus.pytest_plugin.collecting import Collecting
from litmus.pytest_plugin.early import addopts_key, git_key, runner_settings
from litmus.pytest_plugin.inputs import ask_for_serial
from litmus.pytest_plugin.recording import NoRecording, Recording
from litmus.pytest_plugin.running import Run
from litmus.pytest_plugin.session import TestSession, session_key
from litmus.pytest_plugin.slots import session_of_slot


def start(config: pytest.Config) -> None:
    """Registers everything. Nothing is written before the first test."""
    active = decide(config)
    config.stash[git_key] = active.git
    _narrow_selection(config)
    worker: dict[str, Any] | None = getattr(config, "workerinput", {}).get("litmus")
    if getattr(config.option, "setuponly", False):
        recording: Recording = NoRecording(active)
    elif worker is not None:
        recording = Recording(
            active,
            UUID(worker["session_id"]),
            UUID(worker["run_id"]),
            owns_session=False,
            owns_run=False,
            started_at=datetime.fromisoformat(worker["started_at"]),
        )
    elif (session_id := session_of_slot()) is not None:
        recording = Recording(active, session_id, owns_session=False)
    else:
        recording = Recording(active, _given_id("SESSION"), _given_id("RUN"))
    collecting = Collecting(active)
    session = TestSession(active, recording, collecting)
    config.stash[session_key] = session
    manager = config.pluginmanager
    manager.register(fixtures, "litmus-fixtures")
    manager.register(fixtures.role_fixtures(session), "litmus-roles")
    manager.register(Header(), "litmus-header")
    if config.getoption("--litmus-explain") is not None:
        from litmus.pytest_plugin.explain import Explain

        manager.register(collecting, "litmus-collecting")
        manager.register(Explain(session), "litmus-explain")
        return
    _require_serial(config, session)
    if worker is None and getattr(config.option, "tx", None) and config.option.dist != "no":
        from litmus.pytest_plugin.xdist import Controller

        manager.register(Controller(config, session), "litmus-controller")
        return
    manager.register(collecting, "litmus-collecting")
    manager.register(Run(session), "litmus-run")
    if worker is not None:
        from litmus.pytest_plugin.xdist import Worker

        manager.register(Worker(config, session, worker), "litmus-worker")


def _given_id(kind: str) -> UUID | None:
    """Whoever starts pytest may want to know what it will record; what tests start is not meant."""
    text = os.environ.pop(f"_LITMUS_{kind}_ID", None)
    return UUID(text) if text else None


def _narrow_selection(config: pytest.Config) -> None:
    """`markexpr` and `keyword` of project and profile, and those of the command line."""
    runner = runner_settings(config)
    for key in ("markexpr", "keyword"):
        wanted, given = runner.get(key), getattr(config.option, key)
        if wanted:
            joined = f"({wanted}) and ({given})" if given else wanted
            setattr(config.option, key, joined)


def _require_serial(config: pytest.Config, session: TestSession) -> None:
    active = session.active
    if active.dut.serial or not active.needs_serial():
        return
    if active.slot is not None or hasattr(config, "workerinput") or config.option.collectonly:
        return
    active.dut.serial = ask_for_serial(config, active.requested_phase)
    active.serial_source = "operator"


class Header:
    """What the terminal says at the start."""

    def pytest_report_header(self, config: pytest.Config) -> list[str]:
        active = config.stash[session_key].active
        lines = [f"litmus: results → {active.data_dir}"]
        if active.profile is not None:
            options: list[str] = config.stash.get(addopts_key, [])
            added = " ".join(options)
            lines.append(
                f"litmus: profile={active.profile.name}" + (f" ({added})" if added else "")
            )
        return lines
