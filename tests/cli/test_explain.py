# SPDX-License-Identifier: Apache-2.0
"""litmus explain."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Result, write

Litmus = Callable[..., Result]

FILES = {
    "profiles/strict.yaml": "limits: {ripple: {high: 0.1, units: V}}\n",
    "tests/test_fan.yaml": (
        "limits:\n"
        "  ripple: {high: 0.2, units: V}\n"
        "  out: {characteristic: rail}\n"
        "tests:\n"
        "  test_fan:\n"
        "    sweeps: [{vin: [10.8, 12]}]\n"
        "    mocks: [{target: dmm.read, return_value: 5}]\n"
    ),
    "tests/test_fan.py": "def test_fan(verify, vin):\n    raise RuntimeError('it was run')\n",
}


@pytest.fixture(autouse=True)
def project(fan: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("LITMUS_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    for path, text in FILES.items():
        write(path, text)


def test_each_piece_is_told_with_its_file_and_line(litmus: Litmus) -> None:
    result = litmus("explain", "tests/test_fan.py::test_fan", "--pytest=--test-profile=strict")
    assert result.returncode == 0, result.stderr
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0] == "tests/test_fan.py::test_fan"
    for what, where in [
        ("limit        ripple: v <= 0.1 V", "profiles/strict.yaml:1"),
        (
            "limit        out: 4.9 <= v <= 5.1 V",
            "tests/test_fan.yaml:3, products/board.yaml:4",
        ),
        ("sweep        vin = [10.8,12] (inner)", "tests/test_fan.yaml:6"),
        ("mock         dmm.read (return_value=5)", "tests/test_fan.yaml:7"),
        ("station      bench (`default_station` at litmus.yaml:2)", "stations/bench.yaml:1"),
        ("product      board (the only product)", "products/board.yaml:1"),
        ("fixture      f (the only fixture)", "fixtures/f.yaml:1"),
        ("profile      strict (--test-profile)", "profiles/strict.yaml:1"),
    ]:
        assert lines[lines.index(what) + 1] == f"from {where}"
    assert "in place of tests/test_fan.yaml:2" in lines


def test_nothing_is_run_and_no_run_is_recorded(litmus: Litmus, data_dir: Path) -> None:
    assert litmus("explain", "test_fan").returncode == 0
    assert not list(data_dir.glob("runs/**/*.parquet"))


def test_units_that_cannot_match_are_an_error(litmus: Litmus) -> None:
    write("profiles/strict.yaml", "limits: {ripple: {high: 100, units: mV}}\n")
    result = litmus("explain", "test_fan", "--pytest=--test-profile=strict")
    assert result.returncode == 1
    assert (
        "error        profiles/strict.yaml:1: `limits.ripple`: units that cannot match: `ripple` is in `mV` at profiles/strict.yaml:1, in `V` at "
        "tests/test_fan.yaml:2" in result.stdout
    )


def test_a_limit_of_several_places_names_each_with_its_keys(litmus: Litmus) -> None:
    write("profiles/strict.yaml", "guardband_pct: 10\nlimits: {out: {comparator: GTLT}}\n")
    said = litmus("explain", "test_fan", "--pytest=--test-profile=strict").stdout
    assert "out: 4.91 < v < 5.09 V" in said
    assert (
        "from profiles/strict.yaml:2 (comparator), tests/test_fan.yaml:3 (characteristic), "
        "products/board.yaml:4, guardband of 10 % at profiles/strict.yaml:1\n" in said
    )


def test_a_broken_sidecar_is_an_error_with_file_and_line(litmus: Litmus) -> None:
    write("tests/test_fan.yaml", "limits:\n  ripple: {hihg: 1}\n")
    result = litmus("explain", "test_fan")
    assert result.returncode == 1
    said = result.stdout + result.stderr
    assert "tests/test_fan.yaml:2: `limits.ripple.hihg`: unknown key; did you mean `high`?" in said


def test_json_is_the_same_for_programs(litmus: Litmus) -> None:
    document = json.loads(litmus("explain", "test_fan", "--json").stdout)
    (test,) = document["tests"]
    assert [limit["name"] for limit in test["limits"]] == ["ripple", "out"]
    assert {selection["what"] for selection in document["selections"]} == {
        "station",
        "product",
        "fixture",
    }


def test_a_test_is_meant_by_any_end_of_its_node_id_and_all_of_a_class_or_module_too(
    litmus: Litmus, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        "tests/test_fan.py",
        "import pytest\nclass TestFan:\n    @pytest.mark.parametrize('v', [1, 2])\n"
        "    def test_v(self, v): ...\n    def test_w(self): ...\ndef test_fan(vin): ...\n",
    )

    def explained(test: str) -> dict[str, list[int]]:
        """The values of `v` that are told, by test."""
        result = litmus("explain", test, "--json", "--pytest=--test-profile=strict")
        assert result.returncode == 0, result.stderr
        return {
            one["test"]: [
                case["parameters"]["v"]
                for limit in one["limits"]
                for case in limit["cases"]
                if "v" in case["parameters"]
            ]
            for one in json.loads(result.stdout)["tests"]
        }

    write("tests/test_fan.yaml", "limits: {x: {expr: v, tolerance_abs: 1, units: V}}\n")
    assert explained("tests/test_fan.py::TestFan::test_v[2]") == {"TestFan.test_v": [2]}
    assert explained("TestFan") == {"TestFan.test_v": [1, 2], "TestFan.test_w": []}
    monkeypatch.chdir("tests")
    assert explained("test_fan.py").keys() == {"TestFan.test_v", "TestFan.test_w", "test_fan"}


def test_a_test_that_is_not_there_is_an_error(litmus: Litmus) -> None:
    result = litmus("explain", "test_fam")
    assert result.returncode == 1
    assert result.stderr == "Error: there is no test test_fam; did you mean test_fan?\n"
