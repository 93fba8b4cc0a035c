# SPDX-License-Identifier: Apache-2.0
"""litmus validate and litmus schema."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Result, write

Litmus = Callable[..., Result]

FILES = {
    "profiles/production.yaml": "facets: {test_phase: production}\n",
    "tests/test_fan.yaml": "limits: {v: {characteristic: rail}}\n",
    "tests/test_fan.py": "def test_fan(): ...\n",
}


@pytest.fixture(autouse=True)
def project(fan: None) -> None:  # noqa: ARG001
    for path, text in FILES.items():
        write(path, text)


def test_a_project_that_is_right_passes(litmus: Litmus) -> None:
    result = litmus("validate")
    assert result.returncode == 0, result.stdout
    assert result.stdout.splitlines() == [
        "litmus.yaml OK",
        "products/board.yaml OK",
        "stations/bench.yaml OK",
        "fixtures/f.yaml OK",
        "profiles/production.yaml OK",
        "tests/test_fan.yaml OK",
        "6 passed, 0 failed",
    ]


def test_a_mistake_is_told_with_its_line_and_a_suggestion_and_fails(litmus: Litmus) -> None:
    write("tests/test_fan.yaml", "limits:\n  v: {characteristic: rial}\n  w: {hihg: 1}\n")
    result = litmus("validate", "tests")
    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        "tests/test_fan.yaml FAIL",
        "  line 3: `limits.w.hihg`: unknown key; did you mean `high`?",
        "0 passed, 1 failed",
    ]
    write("tests/test_fan.yaml", "limits:\n  v: {characteristic: rial}\n")
    assert (
        "  line 2: `limits.v.characteristic`: no product has a characteristic `rial`; did you mean `rail`?"
        in litmus("validate").stdout
    )


def test_units_that_cannot_match_are_told_as_by_explain_and_verify(litmus: Litmus) -> None:
    write("tests/test_fan.yaml", "limits:\n  rail: {low: 4850, units: mV}\n")
    result = litmus("validate")
    assert result.returncode == 1
    assert (
        "  line 2: `limits.rail`: units that cannot match: `rail` is in `mV` at "
        "tests/test_fan.yaml:2, in `V` at products/board.yaml:" in result.stdout
    )


def test_json_has_a_verdict_for_each_file(litmus: Litmus) -> None:
    write("fixtures/f.yaml", "connections: {v: {instrument: dmn}}\n")
    result = litmus("validate", "--json")
    assert result.returncode == 1
    document = json.loads(result.stdout)
    assert (document["passed"], document["failed"]) == (5, 1)
    by_file = {Path(one["file"]).name: one for one in document["files"]}
    assert by_file["board.yaml"]["status"] == "OK"
    assert by_file["f.yaml"]["status"] == "FAIL"
    assert "did you mean `dmm`?" in by_file["f.yaml"]["errors"][0]


def test_one_broken_file_never_hides_the_others(litmus: Litmus) -> None:
    write("litmus.yaml", "name: [\n")
    result = litmus("validate")
    assert result.returncode == 1
    assert "litmus.yaml FAIL" in result.stdout
    assert "products/board.yaml OK" in result.stdout


def test_a_path_that_is_not_there_is_an_error(litmus: Litmus) -> None:
    assert litmus("validate", "nowhere.yaml").returncode == 1
    assert litmus("validate", "--type", "sequence").returncode == 2


def test_schemas_are_written_for_every_kind_of_file(litmus: Litmus) -> None:
    result = litmus("schema", "export", "-o", "out")
    assert result.returncode == 0
    names = {path.name.removesuffix(".schema.json") for path in Path("out").iterdir()}
    assert names == {
        "catalog", "fixture", "instrument_asset", "product", "profile",
        "project", "sidecar", "station", "station_type",
    }  # fmt: skip
    assert len(result.stdout.splitlines()) == len(names)


def test_every_reference_of_an_exported_schema_leads_somewhere(litmus: Litmus) -> None:
    litmus("schema", "export", "-o", "out")
    schemas = {path.name: json.loads(path.read_text()) for path in Path("out").iterdir()}

    def references(value: Any) -> list[str]:
        if isinstance(value, list):
            return [found for one in value for found in references(one)]
        if not isinstance(value, dict):
            return []
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for one in value.values() for found in references(one)]

    for name, schema in schemas.items():
        for reference in references(schema):
            file, _, pointer = reference.partition("#/$defs/")
            assert pointer in schemas[file or name]["$defs"], (name, reference)


def test_refresh_keeps_the_other_settings_of_the_editor(litmus: Litmus) -> None:
    write(
        ".vscode/settings.json",
        '{"editor.tabSize": 2, "yaml.schemas": {"mine.json": "mine/*.yaml"}}',
    )
    assert litmus("schema", "refresh").returncode == 0
    settings = json.loads(Path(".vscode/settings.json").read_text())
    assert settings["editor.tabSize"] == 2
    assert settings["yaml.schemas"]["mine.json"] == "mine/*.yaml"
    assert (
        settings["yaml.schemas"]["./.vscode/schemas/sidecar.schema.json"] == "tests/**/test_*.yaml"
    )
    assert Path(".vscode/schemas/station.schema.json").exists()


def test_refresh_writes_broken_settings_anew_with_a_warning(litmus: Litmus) -> None:
    write(".vscode/settings.json", "{// mine\n")
    result = litmus("schema", "refresh")
    assert result.returncode == 0
    assert "it is written anew" in result.stderr
    assert "yaml.schemas" in json.loads(Path(".vscode/settings.json").read_text())
