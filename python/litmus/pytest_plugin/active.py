# SPDX-License-Identifier: Apache-2.0
"""What a session tests, with what, where and how: decided once, before the first test."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from litmus import _core
from litmus.data.data_dir import resolve_data_dir
from litmus.git_state import GitQuestion, GitState
from litmus.problems import warn
from litmus.pytest_plugin import options
from litmus.pytest_plugin.early import files_key, profile_key
from litmus.pytest_plugin.inputs import ask_for_inputs
from litmus.pytest_plugin.options import PLACEHOLDER_SERIAL, given

if TYPE_CHECKING:
    from litmus.station import StationConfig

DEVELOPMENT = "development"


@dataclass(slots=True)
class Dut:
    """The device under test, as far as it is known."""

    serial: str | None
    part_number: str | None
    revision: str | None
    lot_number: str | None


@dataclass(slots=True)
class Slot:
    """The place of this process among the slots of a fixture."""

    id: str
    index: int
    count: int


@dataclass(slots=True)
class Active:
    """Everything may be absent, which is how a bench is brought up."""

    files: _core.ProjectFiles
    plan: _core.TestPlan
    data_dir: Path
    station: "StationConfig | None"
    product: _core.Product | None
    fixture: _core.Fixture | None
    profile: _core.Profile | None
    dut: Dut
    operator: str | None
    mock: bool
    requested_phase: str | None
    slot: Slot | None
    git: GitQuestion
    release: str | None
    serial_source: str | None = None
    """Who has read the serial number, if it was not given."""
    inputs: dict[str, Any] = field(default_factory=dict)

    @property
    def project(self) -> dict[str, Any]:
        return self.files.project

    @property
    def profile_record(self) -> dict[str, Any]:
        return self.profile.record if self.profile else {}

    @property
    def verify_requires_limit(self) -> bool:
        return self.profile_record.get("verify_requires_limit") is not False

    def is_mocked(self) -> bool:
        """The session as a whole, or one role."""
        roles = self.station.instruments.values() if self.station else ()
        return self.mock or any(role.mock for role in roles)

    def needs_serial(self) -> bool:
        """What is more than development belongs to a device that can be named."""
        return self.requested_phase not in (None, DEVELOPMENT) and not self.is_mocked()

    def test_phase(self, git: GitState) -> str:
        """The phase that the run is stamped with: what is not traceable is development."""
        if self.is_mocked() or not self.requested_phase:
            return DEVELOPMENT
        if git.commit is None:
            return self.requested_phase if self.release else DEVELOPMENT
        return self.requested_phase if git.is_clean else DEVELOPMENT


def decide(config: pytest.Config) -> Active:
    """Finds everything.

    Raises:
        LitmusError: a file is broken, or a choice is missing.
        pytest.UsageError: the command line contradicts itself.
    """
    files = config.stash[files_key]
    profile = config.stash[profile_key]
    found = files.select_station(config.getoption("--station"))
    part_number = given(config, "--dut-part-number", "LITMUS_DUT_PART_NUMBER")
    product = files.select_product(config.getoption("--product"), part_number)
    fixture = files.select_fixture(config.getoption("--fixture"), profile)
    slot = _slot(config, fixture)
    if fixture is not None and slot is not None:
        fixture = fixture.for_slot(slot.id)
    files.check_session(found[1] if found else None, profile, fixture, product)
    for warning in files.take_warnings():
        warn(warning)
    project = files.project
    data_dir = _data_dir(config, files)
    active = Active(
        files=files,
        plan=_core.TestPlan(files, profile, product, fixture, config.getoption("--guardband")),
        data_dir=data_dir,
        station=_station(found),
        product=product,
        fixture=fixture,
        profile=profile,
        dut=_dut(config, product, slot),
        operator=given(config, "--operator"),
        mock=options.mock_instruments(config, project),
        requested_phase=_requested_phase(config, profile),
        slot=slot,
        git=GitQuestion(config.rootpath, own=(data_dir,)),
        release=os.environ.get("LITMUS_RELEASE") or project.get("release"),
    )
    _check_phase(active)
    required = project.get("required_inputs") or {}
    if required and not config.option.collectonly and config.getoption("--litmus-explain") is None:
        active.inputs = ask_for_inputs(config, required)
    return active


def _check_phase(active: Active) -> None:
    station, phase = active.station, active.requested_phase or DEVELOPMENT
    if station is None or not station.supported_phases or active.is_mocked():
        return
    if phase not in station.supported_phases:
        known = ", ".join(station.supported_phases)
        warn(f"station {station.id} is for the phases {known} (supported_phases), not for {phase}")


def _station(found: tuple[str, dict[str, Any]] | None) -> "StationConfig | None":
    if found is None:
        return None
    from litmus.station import station_config  # a session without a station does not need it

    return station_config(*found)


def _data_dir(config: pytest.Config, files: _core.ProjectFiles) -> Path:
    """The option, else that of the project that the tests belong to, wherever pytest was called."""
    given_dir, of_project = config.getoption("--data-dir"), files.project.get("data_dir")
    if given_dir is None and of_project and files.project_file:
        return resolve_data_dir(Path(files.project_file).parent / of_project)
    return resolve_data_dir(given_dir)


def _requested_phase(config: pytest.Config, profile: _core.Profile | None) -> str | None:
    phase = given(config, "test_phase", "LITMUS_TEST_PHASE")
    if phase is None and profile is not None:
        phase = (profile.record.get("facets") or {}).get("test_phase")
    return phase


def _slot(config: pytest.Config, fixture: _core.Fixture | None) -> Slot | None:
    child = os.environ.get("_LITMUS_SLOT_ID")
    wanted = config.getoption("--slot")
    if wanted is not None and child is not None:
        raise pytest.UsageError("--slot: this process is already one of the slots of a session")
    if wanted is not None and config.getoption("--dut-serials") is not None:
        raise pytest.UsageError("--slot tests in one slot: give --dut-serial, not --dut-serials")
    slot = wanted or child
    if slot is None:
        return None
    known = fixture.slots if fixture else []
    if slot not in known:
        raise pytest.UsageError(
            f"--slot {slot}: the fixture has {', '.join(known) if known else 'no slots'}"
        )
    return Slot(slot, known.index(slot), len(known) if child else 1)


def _dut(config: pytest.Config, product: _core.Product | None, slot: Slot | None) -> Dut:
    record = product.record if product else {}
    serial = given(config, "--dut-serial")
    if serial is None and slot is not None:
        serial = os.environ.get(slot_serial_variable(slot.id))
    serial = (serial or os.environ.get("LITMUS_DUT_SERIAL") or "").strip()
    return Dut(
        serial=None if serial in ("", PLACEHOLDER_SERIAL) else serial,
        part_number=given(config, "--dut-part-number", "LITMUS_DUT_PART_NUMBER")
        or record.get("part_number"),
        revision=given(config, "--dut-revision", "LITMUS_DUT_REVISION") or record.get("revision"),
        lot_number=given(config, "--dut-lot-number", "LITMUS_DUT_LOT_NUMBER"),
    )


def slot_serial_variable(slot: str) -> str:
    """`LITMUS_DUT_SERIAL_SLOT_1`."""
    return "LITMUS_DUT_SERIAL_" + slot.upper().replace("-", "_")
