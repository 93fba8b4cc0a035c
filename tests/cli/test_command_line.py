# SPDX-License-Identifier: Apache-2.0
"""What holds for every command: help, exit status, streams, terminals, closed pipes."""

import os
import re
import signal
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

Litmus = Callable[..., subprocess.CompletedProcess[str]]
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
COMMANDS = [
    ["runs"],
    ["show"],
    ["steps"],
    ["measurements"],
    ["metrics"],
    *(["metrics", name] for name in ("summary", "trend", "pareto", "cpk", "retest")),
    *(["metrics", name] for name in ("time-loss", "assets")),
    ["sql"],
    ["events"],
    ["events", "cat"],
    ["events", "tail"],
    ["events", "verify"],
    ["events", "repair"],
    ["data"],
    ["data", "path"],
    ["data", "rebuild"],
    ["data", "reindex"],
    ["channels"],
    *(["channels", name] for name in ("list", "show", "export", "tail")),
    ["station"],
    *(["station", name] for name in ("init", "list", "check", "update")),
    ["instrument"],
    *(["instrument", name] for name in ("list", "show", "identify", "cal")),
    ["discover"],
    ["catalog"],
    ["catalog", "datasheet"],
    ["completion"],
]


def test_version_is_that_of_the_package(litmus: Litmus) -> None:
    version = tomllib.loads(PYPROJECT.read_text())["project"]["version"]
    assert litmus("--version").stdout == f"litmus, version {version}\n"


@pytest.mark.parametrize("command", [[], *COMMANDS])
def test_help_has_usage_and_examples_at_every_level(litmus: Litmus, command: list[str]) -> None:
    result = litmus(*command, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert f"Usage: {' '.join(['litmus', *command])}" in result.stdout
    assert "Examples:\n  " in result.stdout


@pytest.mark.parametrize("command", [[], ["events"], ["data"]])
def test_without_a_command_help_says_what_there_is(litmus: Litmus, command: list[str]) -> None:
    assert litmus(*command).stdout == litmus(*command, "--help").stdout


def test_every_command_but_hidden_ones_stands_in_the_help_above_it(litmus: Litmus) -> None:
    for command in COMMANDS:
        assert re.search(rf"^  {command[-1]} ", litmus(*command[:-1], "--help").stdout, re.M)
    assert "complete-words" not in litmus("--help").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rnus"], "unknown command rnus (did you mean runs?); `litmus --help` lists all"),
        (["events", "veri"], "unknown command veri (did you mean verify?)"),
        (["data", "xyzzy"], "unknown command xyzzy; `litmus data --help` lists all"),
        (["runs", "--jsno"], "unknown option --jsno (did you mean --json?); see `litmus runs"),
        (["runs", "extra"], "unexpected argument extra; see `litmus runs --help`"),
        (["runs", "--limit", "many"], "--limit: expected a whole number from 1 on, found many"),
        (["runs", "--limit", "0"], "--limit: expected a whole number from 1 on, found 0"),
        (["runs", "--offset", "-1"], "--offset: expected a whole number from 0 on, found -1"),
        (["events", "tail", "-n", "-5"], "-n: expected a whole number from 0 on, found -5"),
        (["runs", "--data-dir", "/dev/null"], "the data directory /dev/null is a file"),
        (["runs", "--limit"], "--limit"),
        (["runs", "--outcome", "fail"], "--outcome: expected one of running, skipped, done"),
        (["show"], "RUN_ID is required"),
        (["show", ""], "the run id is an empty text"),
        (["show", "abc", "-o", "x"], "-o needs a format"),
        (["show", "abc", "--wide"], "--wide and --excel are for -f csv"),
        (["show", "abc", "--excel", "-f", "json"], "--wide and --excel are for -f csv"),
        (["show", "abc", "--env", "-f", "csv"], "--env is for the terminal"),
        (["show", "abc", "--attempts", "1"], "--attempts: expected all or final, found 1"),
        (["events", "cat", "--since", "yesterday"], "--since: expected a date (2026-03-10)"),
        (["events", "cat", "--json", "--jsonl"], "one of --json and --jsonl, not both"),
        (["completion", "tcsh"], "expected bash or zsh"),
        (["runs", "--data-dir", ""], "the data directory is an empty text"),
    ],
)
def test_usage_error_is_one_line_that_helps_and_status_2(
    litmus: Litmus, words: list[str], message: str
) -> None:
    result = litmus(*words)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_broken_project_file_is_an_error_with_its_line(litmus: Litmus) -> None:
    Path("litmus.yaml").write_text("name: a\ndurability: always\n")
    result = litmus("runs")
    assert result.returncode == 2
    assert "litmus.yaml:2: `durability`: expected group, step or event" in result.stderr


def test_closed_pipe_ends_quietly_with_status_141(executable: str, failed_run: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        for words in (["runs"], ["show", failed_run], ["events", "cat"], ["--help"]):
            result = subprocess.run(
                [executable, *words], stdout=pipe, stderr=subprocess.PIPE, check=False
            )
            assert (result.returncode, result.stderr) == (141, b""), words


def test_full_disk_is_an_error(executable: str) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [executable, "runs"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert result.returncode == 1
    assert b"Error: cannot write to the standard output: No space left" in result.stderr


@pytest.mark.usefixtures("failed_run")
def test_interrupt_ends_with_status_130(processes: Callable[..., subprocess.Popen[str]]) -> None:
    tail = processes("events", "tail")
    assert tail.stdout is not None
    tail.stdout.readline()  # it is under way
    tail.send_signal(signal.SIGINT)
    assert tail.wait() == 130
    assert tail.stderr is not None
    assert tail.stderr.read() == ""


def test_colors_are_for_terminals_only_and_never_with_no_color(
    litmus: Litmus,
    litmus_on_terminal: Callable[..., str],
    failed_run: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "\x1b[1;31mfailed\x1b[0m" in litmus_on_terminal("show", failed_run)
    assert "\x1b" not in litmus("show", failed_run).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in litmus_on_terminal("show", failed_run)
    assert "\x1b" not in litmus_on_terminal("runs")


@pytest.mark.usefixtures("daemon_allowed")
@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_the_terminal(
    litmus_on_terminal: Callable[..., str],
    failed_run: str,
    width: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for words in (
        *(["runs"], ["show", failed_run], ["steps"], ["measurements"], ["events", "cat"]),
        *(["metrics", "summary"], ["metrics", "cpk", "--min-samples", "1"]),
        ["sql", "FROM runs"],
    ):
        shown = litmus_on_terminal(*words, width=width)
        assert max(len(line) for line in shown.splitlines()) <= width, shown


def test_terminal_shows_local_times_and_files_utc(
    litmus: Litmus,
    litmus_on_terminal: Callable[..., str],
    failed_run: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "<+1400>-14")
    monkeypatch.setenv("NO_COLOR", "1")
    utc = re.search(
        r"Started: +\d{4}-\d\d-\d\dT(\d\d):\d\d:\d\dZ", litmus("show", failed_run).stdout
    )
    local = re.search(
        r"Started: +\d{4}-\d\d-\d\d (\d\d):\d\d:\d\d\n", litmus_on_terminal("show", failed_run)
    )
    assert utc
    assert local
    assert (int(local[1]) - int(utc[1])) % 24 == 14
