# SPDX-License-Identifier: Apache-2.0
"""Completion as bash asks for it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from litmus.client import LitmusClient

Complete = Callable[[str], list[str]]

# Fills in what readline would, and prints what would be offered.
ASK = r"""
eval "$("$1" completion bash)"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
compopt() { :; }
_litmus
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def complete(executable: str) -> Complete:
    """What bash would offer at the end of the line."""

    def ask(line: str) -> list[str]:
        words = [executable, *line.split(" ")[1:]]
        result = subprocess.run(
            ["bash", "-c", ASK, "bash", executable, *words],
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stderr == ""
        return result.stdout.split()

    return ask


def test_commands_are_completed_at_every_level(complete: Complete) -> None:
    assert {"runs", "show", "metrics", "sql", "completion"} < set(complete("litmus "))
    assert complete("litmus ru") == ["runs"]
    assert complete("litmus events ") == ["cat", "tail", "verify", "repair"]


def test_options_are_completed(complete: Complete) -> None:
    assert {"--limit", "--station", "--json", "--help"} < set(complete("litmus runs --"))
    assert complete("litmus metrics cpk --mi") == ["--min-samples"]
    assert complete("litmus events cat --s") == ["--session", "--since"]


def test_values_with_choices_are_completed(complete: Complete) -> None:
    assert complete("litmus show abc -f ") == ["json", "csv"]
    assert complete("litmus show abc --format = j") == ["json"], "bash splits at ="
    assert complete("litmus completion ") == ["bash", "zsh"]
    assert complete("litmus metrics trend --period ") == ["hour", "day", "week", "month"]
    assert "test.measurement" in complete("litmus events cat --type test.")


def test_run_ids_are_completed(complete: Complete, failed_run: str) -> None:
    assert complete("litmus show ") == [failed_run[:8]]
    assert complete(f"litmus show {failed_run[:3]}") == [failed_run[:8]]
    assert complete(f"litmus show {failed_run[:10]}") == [failed_run]
    assert complete("litmus events cat --run ") == [failed_run[:8]]
    assert complete("litmus measurements ") == [failed_run[:8]]


@pytest.mark.usefixtures("daemon_allowed")
def test_running_runs_are_completed_when_there_is_a_daemon(
    complete: Complete, client: LitmusClient, litmus: Callable[..., object]
) -> None:
    run = client.start_run("SN001", "bench_1")
    litmus("runs")  # starts the daemon, which completion does not
    assert complete("litmus show ") == [str(run.id)[:8]]
    run.finish()


@pytest.mark.usefixtures("failed_run")
def test_run_ids_come_from_the_data_dir_that_was_given(complete: Complete, tmp_path: Path) -> None:
    assert complete(f"litmus show --data-dir {tmp_path} ") == []


@pytest.mark.usefixtures("failed_run")
def test_sessions_are_completed(complete: Complete, data_dir: Path) -> None:
    session = next(data_dir.glob("events/*/*.arrow")).name[:36]
    assert complete("litmus events tail --session ") == [session]
    assert complete("litmus runs --session-id ") == [session]


def test_files_and_folders_are_completed_by_bash(complete: Complete) -> None:
    Path("a_folder").mkdir()
    Path("a_file").touch()
    assert complete("litmus runs --data-dir a_") == ["a_folder"]
    assert sorted(complete("litmus events verify a_")) == ["a_file", "a_folder"]


def test_nothing_is_offered_where_nothing_fits(complete: Complete) -> None:
    assert complete("litmus runs --limit ") == []
    assert complete("litmus xyzzy --") != ["--limit"]
    assert complete("litmus runs xyz") == []
