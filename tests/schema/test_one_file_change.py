# SPDX-License-Identifier: Apache-2.0
"""A new optional field of an event is a change of schema/events.toml and of nothing else."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
FIELD = '{ name = "humidity", type = "float?", doc = "in percent" },'


def generated(schema: Path, out: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, schema / "generate.py", "--out", out / "cpp"),
            *("--python", out / "litmus", "--docs", out / "docs"),
        ],
        check=True,
    )


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("events_with_humidity", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_one_line_reaches_cpp_python_and_the_reference_page(tmp_path: Path) -> None:
    schema = tmp_path / "schema"
    shutil.copytree(ROOT / "schema", schema)
    events = schema / "events.toml"
    text = events.read_text()
    place = text.index("fields = [", text.index('tag = "test.measurement"')) + len("fields = [")
    events.write_text(f"{text[:place]}\n  {FIELD}{text[place:]}")

    generated(schema, tmp_path)

    header = (tmp_path / "cpp/include/litmus/events.h").read_text()
    assert "std::optional<double> humidity;" in header
    visitor = (tmp_path / "cpp/model/event_fields.h").read_text()
    assert 'EventField{"humidity", Presence::kNullable}, event.humidity' in visitor
    module = load(tmp_path / "litmus/data/events.py")
    event = module.MeasurementRecorded(
        step_name="rail", step_index=0, measurement_name="voltage", humidity=41.5
    )
    assert event.humidity == 41.5
    assert "| `humidity` | number | null | in percent |" in (
        tmp_path / "docs/events.md"
    ).read_text().replace("number or null", "number")
