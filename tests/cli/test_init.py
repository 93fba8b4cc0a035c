# SPDX-License-Identifier: Apache-2.0
"""`litmus init` and `litmus new-test`: the files of a project."""

import ast
import json
import os
import pty
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

Result = subprocess.CompletedProcess[str]
Litmus = Callable[..., Result]

STARTER = {
    ".gitignore",
    "README.md",
    "fixtures/example_fixture.yaml",
    "instruments/bench_dmm_01.yaml",
    "instruments/bench_psu_01.yaml",
    "litmus.yaml",
    "products/example_product.yaml",
    "pyproject.toml",
    "stations/starter_bad_unit.yaml",
    "stations/starter_station.yaml",
    "tests/conftest.py",
    "tests/test_example.py",
    "tests/test_example.yaml",
}


def files_of(folder: Path) -> set[str]:
    """All but git's own and what is for the editor."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in (".git", ".vscode")
    }


def project(folder: Path) -> dict[str, object]:
    content = yaml.safe_load((folder / "litmus.yaml").read_text())
    assert isinstance(content, dict)
    return content


def test_a_starter_has_its_files_and_says_what_to_do_next(litmus: Litmus) -> None:
    done = litmus("init", "my-project", "--starter")
    assert done.returncode == 0, done.stderr
    folder = Path("my-project")
    assert files_of(folder) == STARTER
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {
        *("tests", "stations", "instruments", "products", "fixtures", "reports", "data"),
        *(".git", ".vscode"),
    }
    assert project(folder) == {
        "name": "my_project",
        "data_dir": "data",
        "default_station": "starter_station",
        "default_fixture": "example_fixture",
        "mock_instruments": True,
    }
    assert "tests/test_example.py" in done.stdout
    assert "cd my-project" in done.stdout
    assert "pytest" in done.stdout


def test_calibrations_of_the_starter_hold_for_a_year(litmus: Litmus) -> None:
    litmus("init", "p", "--starter", "--no-git")
    asset = yaml.safe_load(Path("p/instruments/bench_dmm_01.yaml").read_text())
    today = datetime.now(UTC).date()
    assert asset["calibration"]["last_cal"] in (today, today - timedelta(days=1))
    days = asset["calibration"]["due_date"] - asset["calibration"]["last_cal"]
    assert days == timedelta(days=365)


def test_editors_get_the_schema_of_each_kind_of_file(litmus: Litmus) -> None:
    litmus("init", "p", "--no-git")
    settings = json.loads(Path("p/.vscode/settings.json").read_text())["yaml.schemas"]
    assert settings["./.vscode/schemas/station.schema.json"] == "stations/*.yaml"
    for path in settings:
        schema = Path("p", path)
        content = schema.read_text()
        assert json.loads(content)["$schema"]
        for reference in set(content.split('"$ref": "')[1:]):
            file = reference.split("#")[0]
            assert not file or (schema.parent / file).exists(), reference


def test_what_is_there_already_is_never_changed(litmus: Litmus) -> None:
    Path("litmus.yaml").write_text("name: mine\n")
    Path("tests").mkdir()
    Path("tests/test_example.py").write_text("# mine\n")
    assert litmus("init", "--starter", "--no-git").returncode == 0
    assert Path("litmus.yaml").read_text() == "name: mine\n"
    assert Path("tests/test_example.py").read_text() == "# mine\n"
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    again = litmus("init", "--starter", "--no-git")
    assert again.returncode == 0
    assert "Created" not in again.stdout
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_a_project_file_that_was_kept_is_told_what_it_lacks(litmus: Litmus) -> None:
    litmus("init", "--starter", "--no-git")
    done = litmus("init", "--tier", "factory", "--no-git")
    assert "These lines belong into it:\n  default_profile: production\n" in done.stdout
    assert "default_station" not in done.stdout


def test_a_folder_of_that_name_is_an_error(litmus: Litmus) -> None:
    Path("taken").mkdir()
    done = litmus("init", "taken", "--starter")
    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert list(Path("taken").iterdir()) == []


def test_off_a_terminal_nothing_is_asked_and_there_is_no_starter(litmus: Litmus) -> None:
    assert litmus("init", "p").returncode == 0
    assert not any(path.endswith("_station.yaml") for path in files_of(Path("p")))
    assert project(Path("p")) == {"name": "p"}
    assert {path.name for path in Path("p").iterdir() if path.is_dir()} >= {"stations", "products"}


@pytest.mark.parametrize(
    ("answers", "starter"), [(b"\n\n", True), (b"maybe\ny\nn\n", True), (b"n\n\n", False)]
)
def test_on_a_terminal_it_asks(executable: str, answers: bytes, starter: bool) -> None:
    terminal, inner = pty.openpty()
    os.write(terminal, answers)
    command = [executable, "init", "p", "--no-git"]
    done = subprocess.run(
        command, stdin=inner, stdout=inner, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(inner)
    os.close(terminal)
    assert done.returncode == 0, done.stderr
    assert Path("p/stations/starter_station.yaml").exists() is starter


def test_yes_asks_nothing_and_makes_a_starter(litmus: Litmus) -> None:
    assert litmus("init", "p", "--yes", "--no-git").returncode == 0
    assert files_of(Path("p")) == STARTER


def test_tiers_say_how_much_there_is(litmus: Litmus) -> None:
    for tier in ("bringup", "bench", "factory"):
        assert litmus("init", tier, "--tier", tier, "--no-git").returncode == 0
    assert files_of(Path("bringup")) == {
        *(".gitignore", "README.md", "litmus.yaml", "pyproject.toml"),
        *("tests/conftest.py", "tests/test_smoke.py", "tests/test_smoke.yaml"),
    }
    assert files_of(Path("bench")) == STARTER
    profiles = {"profiles/production.yaml", "profiles/characterization.yaml"}
    assert files_of(Path("factory")) == STARTER | profiles
    assert project(Path("factory"))["default_profile"] == "production"
    assert "`profiles/`" in Path("factory/README.md").read_text()


def test_an_unknown_tier_is_a_usage_error(litmus: Litmus) -> None:
    done = litmus("init", "p", "--tier", "lab")
    assert done.returncode == 2
    assert "bringup, bench or factory" in done.stderr
    assert not Path("p").exists()


@pytest.mark.parametrize(
    ("setting", "name"),
    [("--name=Fan supply-2", "Fan_supply_2"), ("", "work")],
)
def test_the_name_is_the_one_given_else_the_folders(
    litmus: Litmus, setting: str, name: str
) -> None:
    assert litmus("init", *([setting] if setting else []), "--no-git").returncode == 0
    assert project(Path())["name"] == name


def test_in_a_repository_the_name_is_that_of_its_remote(litmus: Litmus) -> None:
    subprocess.run(["git", "init", "-q", "."], check=True)
    remote = "git@example.com:lab/fan-supply.git"
    subprocess.run(["git", "remote", "add", "origin", remote], check=True)
    Path("boards").mkdir()
    os.chdir("boards")
    assert litmus("init").returncode == 0
    assert project(Path())["name"] == "fan_supply"
    assert not Path(".git").exists(), "it is in a repository already"


@pytest.mark.parametrize("name", ["yes: no", "1st", "null", 'a "quoted" one', "true"])
def test_any_name_gives_files_that_can_be_read(litmus: Litmus, name: str) -> None:
    done = litmus("init", "--name", name, "--starter", "--no-git")
    assert done.returncode == 0, done.stderr
    assert project(Path())["name"] == name.replace(" ", "_")
    assert litmus("station", "list").returncode == 0


def test_without_git_there_is_a_warning_only(
    litmus: Litmus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = litmus("init", "p", "--starter")
    assert done.returncode == 0
    assert "git is not installed" in done.stderr
    assert files_of(Path("p")) == STARTER


def test_without_python_discovery_is_a_warning_only(
    litmus: Litmus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITMUS_PYTHON", "/nowhere/python3")
    done = litmus("init", "p", "--discover", "--no-git")
    assert done.returncode == 0
    assert "could not be looked for" in done.stderr
    assert project(Path("p")) == {"name": "p"}


def test_a_new_test_has_the_instruments_of_the_station(litmus: Litmus) -> None:
    litmus("init", "--starter", "--no-git")
    assert litmus("new-test", "test_ripple").returncode == 0
    text = Path("tests/test_ripple.py").read_text()
    [function] = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    assert function.name == "test_ripple"
    arguments = [argument.arg for argument in function.args.args]
    assert arguments == ["context", "psu", "dmm", "verify"]
    assert "dmm.measure_dc_voltage()" in text


def test_a_new_test_takes_the_roles_that_are_named(litmus: Litmus) -> None:
    litmus("init", "--starter", "--no-git")
    assert litmus("new-test", "idle", "--roles", "dmm").returncode == 0
    assert "def test_idle(context, dmm, verify):" in Path("tests/test_idle.py").read_text()
    wrong = litmus("new-test", "other", "--roles", "scope")
    assert wrong.returncode == 1
    assert "the station has psu, dmm" in wrong.stderr
    assert not Path("tests/test_other.py").exists()


def test_a_test_that_exists_is_an_error(litmus: Litmus) -> None:
    litmus("init", "--starter", "--no-git")
    before = Path("tests/test_example.py").read_text()
    done = litmus("new-test", "example")
    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert Path("tests/test_example.py").read_text() == before


def test_a_name_that_can_be_no_function_is_a_usage_error(litmus: Litmus) -> None:
    done = litmus("new-test", "../../evil")
    assert done.returncode == 2
    assert "letters, digits" in done.stderr
