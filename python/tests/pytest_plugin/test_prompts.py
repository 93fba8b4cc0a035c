# SPDX-License-Identifier: Apache-2.0
"""Questions to the operator: who answers them, and what is on record."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from litmus.errors import InvalidArgumentError
from litmus.prompts import PromptConfig, PromptUnavailableError, ask, set_prompt_handler

from .conftest import Project, Recorded, on_terminal

CONFIRM = PromptConfig("Is it green?", key="led")
CHOICE = PromptConfig("Which?", "choice", ["red", "green"])
INPUT = PromptConfig("Name?", "input")


@pytest.fixture(autouse=True)
def unattended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("LITMUS_AUTO_CONFIRM", "LITMUS_PROMPT_ANSWERS", "LITMUS_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    yield
    set_prompt_handler(None)


def test_without_anybody_to_ask_a_prompt_is_an_error() -> None:
    with pytest.raises(PromptUnavailableError, match="set LITMUS_PROMPT_ANSWERS"):
        ask(CONFIRM)


def test_auto_confirm_answers_unattended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITMUS_AUTO_CONFIRM", "1")
    assert [ask(each) for each in (CONFIRM, CHOICE, INPUT)] == [True, "red", ""]
    monkeypatch.setenv("LITMUS_AUTO_CONFIRM", "cancel")
    with pytest.raises(PromptUnavailableError) as raised:
        ask(CONFIRM)
    assert raised.value.response_type == "cancelled"


@pytest.mark.parametrize("in_a_file", [False, True])
def test_prepared_answers_go_by_key_or_message(
    monkeypatch: pytest.MonkeyPatch, project: Project, in_a_file: bool
) -> None:
    answers = '{"led": "yes", "Which?": "green", "Name?": "kim"}'
    if in_a_file:
        answers = str(project.write("answers.json", answers))
    monkeypatch.setenv("LITMUS_PROMPT_ANSWERS", answers)
    assert [ask(each) for each in (CONFIRM, CHOICE, INPUT)] == [True, "green", "kim"]


@pytest.mark.parametrize(
    ("answers", "prompt", "error"),
    [
        ('{"Which?": "blue"}', CHOICE, "expected one of red, green, found 'blue'"),
        ('{"Which?"', CHOICE, "expected a JSON map"),
        ("[1]", CHOICE, "expected a JSON map or a file with one"),
        ("no/such/file", CHOICE, "expected a JSON map or a file with one"),
    ],
)
def test_prepared_answers_that_cannot_be_used_are_refused(
    monkeypatch: pytest.MonkeyPatch, answers: str, prompt: PromptConfig, error: str
) -> None:
    monkeypatch.setenv("LITMUS_PROMPT_ANSWERS", answers)
    with pytest.raises(InvalidArgumentError, match=error):
        ask(prompt)


def test_a_prepared_no_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITMUS_PROMPT_ANSWERS", '{"led": "no"}')
    with pytest.raises(PromptUnavailableError, match="cancelled"):
        ask(CONFIRM)


def test_an_installed_handler_answers_before_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITMUS_AUTO_CONFIRM", "1")
    assert set_prompt_handler(lambda prompt: prompt.message) is None
    assert ask(CHOICE) == "Which?"


def test_a_choice_needs_choices() -> None:
    with pytest.raises(InvalidArgumentError, match="expected choices"):
        PromptConfig("Which?", "choice")


class Dialogs(BaseHTTPRequestHandler):
    """A server that gives prepared answers, and `timed_out` while there is none."""

    asked: ClassVar[list[dict[str, Any]]] = []
    answers: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.asked.append({"path": self.path, **json.loads(self.rfile.read(size))})
        self._send({"dialog_id": "d1", "status": "pending"})

    def do_GET(self) -> None:
        assert self.path.startswith("/api/dialogs/d1/wait?timeout=")
        self._send(self.answers.pop(0) if self.answers else {"timed_out": True})

    def _send(self, answer: dict[str, Any]) -> None:
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Dialogs]]:
    Dialogs.asked.clear()
    Dialogs.answers.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Dialogs) as server:
        monkeypatch.setenv("LITMUS_SERVER_URL", f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever).start()
        yield Dialogs
        server.shutdown()


def test_a_server_shows_the_dialog_and_its_answer_counts(server: type[Dialogs]) -> None:
    server.answers += [
        {"timed_out": True},
        {"confirmed": True},
        {"choice": "green"},
        {"value": "kim"},
    ]
    assert [ask(each) for each in (CONFIRM, CHOICE, INPUT)] == [True, "green", "kim"]
    assert server.asked[1] == {
        "path": "/api/dialogs",
        "type": "choice",
        "title": "Question",
        "message": "Which?",
        "choices": ["red", "green"],
    }


@pytest.mark.parametrize(
    ("answer", "response"),
    [({"cancelled": True}, "cancelled"), ({"confirmed": False}, "cancelled"), (None, "timed_out")],
)
def test_a_server_may_have_no_good_answer(
    server: type[Dialogs], answer: dict[str, Any] | None, response: str
) -> None:
    server.answers += [answer] if answer else []
    with pytest.raises(PromptUnavailableError) as raised:
        ask(PromptConfig("Is it green?", timeout_seconds=0.01 if answer is None else None))
    assert raised.value.response_type == response


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITMUS_SERVER_URL", "http://127.0.0.1:1")
    with pytest.raises(PromptUnavailableError, match=r"server http://127\.0\.0\.1:1: .*refused"):
        ask(CONFIRM)


def test_a_dialog_of_a_test_has_one_id_in_server_and_events(
    project: Project, server: type[Dialogs]
) -> None:
    server.answers.append({"confirmed": True})
    project.test(ASKS)
    recorded = project.run("test_it.py::test_only")
    (opened,) = recorded.events("dialog.opened")
    (asked,) = server.asked
    assert (asked["id"], asked["run_id"]) == (str(opened.dialog_id), str(opened.run_id))
    assert asked["step_name"] == "test_only"


ASKS = """
@pytest.mark.litmus_prompts(led={"message": "Is {color} on?"},
                            which={"message": "Which?", "prompt_type": "choice", "choices": ["a", "b"]})
@pytest.mark.parametrize("color", ["green"])
def test_it(prompt, color):
    assert prompt("led") is True
    assert prompt("which") == "b"
@pytest.mark.litmus_prompts(only={"message": "Ready?"})
def test_only(prompt): assert prompt() is True
"""


def dialogs(recorded: Recorded) -> list[tuple[object, ...]]:
    return [
        (event.dialog_type, event.response_type, event.value, event.choice)
        for event in recorded.events("dialog.responded")
    ]


def test_every_dialog_is_on_record(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITMUS_PROMPT_ANSWERS", '{"led": true, "which": "b", "only": true}')
    project.test(ASKS)
    recorded = project.run()
    assert recorded.outcome == "passed"
    opened = recorded.events("dialog.opened")
    assert [(event.message, event.step_name, event.title) for event in opened] == [
        ("Is green on?", "test_it", "led"),
        ("Which?", "test_it", "which"),
        ("Ready?", "test_only", "only"),
    ]
    assert dialogs(recorded) == [
        ("confirm", "answered", "True", None),
        ("choice", "answered", "b", 1),
        ("confirm", "answered", "True", None),
    ]
    assert [event.dialog_id for event in opened] == [
        event.dialog_id for event in recorded.events("dialog.responded")
    ]


def test_a_cancelled_prompt_makes_the_step_errored(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITMUS_AUTO_CONFIRM", "cancel")
    project.test(ASKS)
    recorded = project.run("-k", "only")
    assert recorded.steps["test_only"] == "errored"
    assert dialogs(recorded) == [("confirm", "cancelled", None, None)]


def test_a_prompt_of_a_sidecar_wins_and_an_unknown_one_is_an_error(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITMUS_AUTO_CONFIRM", "1")
    project.test(
        """
        @pytest.mark.litmus_prompts(a={"message": "marker"})
        def test_it(prompt):
            prompt("a")
            with pytest.raises(KeyError, match="a, b"): prompt("c")
            with pytest.raises(ValueError, match="expected one prompt in scope"): prompt()
        """
    )
    project.write("test_it.yaml", "prompts: {a: {message: sidecar}, b: {message: more}}\n")
    recorded = project.run()
    assert recorded.outcome in ("passed", "done")
    assert [event.message for event in recorded.events("dialog.opened")] == ["sidecar"]


def test_the_operator_answers_on_the_terminal_although_pytest_captures(project: Project) -> None:
    project.test(ASKS)
    recorded = on_terminal(project, b"y\nnothing\n2\ny\n")
    assert recorded.outcome == "passed", recorded.output
    assert "Is green on?" in recorded.output
    assert dialogs(recorded)[1] == ("choice", "answered", "b", 1)


def test_a_prompt_that_nobody_answers_in_time_is_an_error(project: Project) -> None:
    project.test(
        """
        @pytest.mark.litmus_prompts(p={"message": "Ready?", "timeout_seconds": 0.01})
        def test_it(prompt): prompt()
        """
    )
    recorded = on_terminal(project, b"")
    assert recorded.steps == {"test_it": "errored"}
    assert dialogs(recorded) == [("confirm", "timed_out", None, None)]


def test_the_serial_number_is_asked_for_on_a_terminal(project: Project) -> None:
    project.test("def test_it(): assert True")
    recorded = on_terminal(project, b"SN7\n", arguments=["--test-phase", "production"])
    assert recorded.run["dut_serial"] == "SN7", recorded.output
    (scanned,) = recorded.events("fixture.dut_scanned")
    assert (scanned.dut_serial, scanned.scan_source) == ("SN7", "operator")
