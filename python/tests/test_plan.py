# SPDX-License-Identifier: Apache-2.0
"""What the core plans for a test, as Python asks for it."""

from pathlib import Path
from typing import Any

import pytest
from litmus import _core
from litmus.errors import InvalidArgumentError, MissingLimitError, NotFoundError

FILES = {
    "products/board.yaml": (
        "part_number: B-1\n"
        "pins: {VOUT: {name: TP4}}\n"
        "characteristics:\n"
        "  rail: {function: dc_voltage, direction: output, units: V, pin: VOUT,\n"
        "         bands: [{when: {load: {max: 1}}, value: 3.3, accuracy: {pct_reading: 5}}]}\n"
    ),
    "fixtures/f.yaml": "connections: {v: {instrument: dmm, dut_pin: VOUT}}\n",
    "profiles/production.yaml": "facets: {test_phase: production}\nguardband_pct: 10\n",
    "tests/test_fan.yaml": (
        "limits: {rail: {characteristic: rail}, fixed: {high: 2, units: A}}\n"
        "retry: {max_retries: 1}\n"
        "prompts: {seat: {message: Seat it}}\n"
        "runner: {markers: [{slow: true}]}\n"
    ),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


@pytest.fixture
def plan(project: Path) -> _core.TestPlan:
    files = _core.ProjectFiles(project, project)
    profile = files.select_profile(None, {"test_phase": "production"})
    return _core.TestPlan(
        files, profile, files.select_product(None, "b-1"), files.select_fixture(None, profile), None
    )


def resolved(plan: _core.TestPlan, project: Path, *inline: tuple[str, dict[str, Any]]) -> Any:
    return plan.resolve_test(project / "tests/test_fan.py", ["TestFan"], "test_load", inline)


def test_a_limit_is_a_dict_with_its_source(plan: _core.TestPlan, project: Path) -> None:
    test = resolved(plan, project)
    limit = test.limit("rail", {"load": 0.5}, None, None)
    assert (limit["low"], limit["high"], limit["units"]) == (3.1515, 3.4485, "V")
    assert limit["spec_ref"] == "spec @ load=0.5"
    assert "products/board.yaml:5, guardband of 10 % at " in limit["source"]
    assert test.limit("other", {}, None, None) is None


def test_an_entry_that_gives_no_limit_here_is_a_missing_limit(
    plan: _core.TestPlan, project: Path
) -> None:
    with pytest.raises(MissingLimitError, match="no band of characteristic `rail` fits load=2"):
        resolved(plan, project).limit("rail", {"load": 2}, None, None)
    assert issubclass(MissingLimitError, KeyError)


def test_characteristic_limit_serves_questions_without_a_test(plan: _core.TestPlan) -> None:
    assert plan.characteristic_limit("rail", {"load": 0}, 0, None)["low"] == 3.135
    assert plan.characteristic_limit("rail", {"load": 0}, None, "LE")["high"] == 2.97
    with pytest.raises(NotFoundError, match="did you mean `rail`"):
        plan.characteristic_limit("rial", {}, None, None)


def test_what_markers_give_is_told_by_its_payload(plan: _core.TestPlan, project: Path) -> None:
    mode = object()
    test = resolved(
        plan,
        project,
        ("class", {"sweeps": [{"vin": [1, 2]}]}),
        (
            "function",
            {"sweeps": [{"mode": [mode]}], "mocks": [{"target": "a.b", "side_effect": print}]},
        ),
    )
    assert [loop["inline"] for loop in test.outer_sweeps] == [[0, 0]]
    assert [loop["inline"] for loop in test.inner_sweeps] == [[1, 0]]
    assert test.mocks[0]["inline"] == [1, 0]
    assert test.mocks[0]["source"] == "inline marker of TestFan.test_load"
    with pytest.raises(InvalidArgumentError, match="expected module, class or function"):
        resolved(plan, project, ("method", {}))


def test_the_rest_of_a_test_comes_as_plain_values(plan: _core.TestPlan, project: Path) -> None:
    test = resolved(plan, project, ("function", {"connections": ["v"]}))
    assert test.declares_connections
    assert [connection["name"] for connection in test.connections] == ["v"]
    assert test.characteristics is None
    assert test.retry["max_retries"] == 1
    assert test.retry["delay"] == 0.0
    assert test.prompts["seat"]["prompt_type"] == "confirm"
    assert [(marker["name"], marker["value"]) for marker in test.markers] == [("slow", True)]
    assert set(test.limits) == {"rail", "fixed"}


def test_project_files_tell_what_they_chose_and_why(project: Path) -> None:
    files = _core.ProjectFiles(project, project)
    assert files.project["name"] == "litmus"
    assert files.project_file is None
    assert files.profiles == {"production": {"test_phase": "production"}}
    assert files.facet_keys == ["test_phase"]
    files.select_product("board", None)
    (selection,) = files.selections
    assert (selection["what"], selection["id"], selection["reason"]) == (
        "product",
        "board",
        "--product",
    )
    assert Path(selection["file"]) == project / "products/board.yaml"
    assert files.select_station(None) is None


def test_units_convert_or_are_refused() -> None:
    assert _core.unit_factor("mV", "V") == 1e-3
    with pytest.raises(InvalidArgumentError, match="unlike dimensions"):
        _core.unit_factor("mV", "A")
