# SPDX-License-Identifier: Apache-2.0
"""Questions to the operator.

    ask(PromptConfig("Is the LED green?"))

A question goes to the handler that is installed, else to LITMUS_PROMPT_ANSWERS, to the server at
LITMUS_SERVER_URL, to LITMUS_AUTO_CONFIRM, or to the terminal.
"""

import json
import os
import select
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from litmus.errors import InvalidArgumentError, UnavailableError
from litmus.slots import slot_link

Answer: TypeAlias = bool | str
PromptType: TypeAlias = Literal["confirm", "choice", "input"]
PromptHandler: TypeAlias = Callable[["PromptConfig"], Answer]


class PromptUnavailableError(UnavailableError):
    """Nobody answered: there is nobody, the time is over, or the operator cancelled.

    Attributes:
        response_type: `cancelled`, `timed_out`, or `unavailable`.
    """

    def __init__(self, text: str, response_type: str = "unavailable") -> None:
        super().__init__(text)
        self.response_type = response_type


@dataclass(frozen=True, slots=True)
class PromptConfig:
    """One question."""

    message: str
    prompt_type: PromptType = "confirm"
    choices: list[str] | None = None
    """What can be chosen, for `choice`."""
    timeout_seconds: float | None = None
    """None: as long as it takes."""
    key: str | None = None
    """Name of the question, by which LITMUS_PROMPT_ANSWERS answers it; else its message."""
    step_name: str | None = None
    """The step that asks; a server shows it."""
    run_id: str | None = None
    """The run that asks."""
    dialog_id: str | None = None
    """Id of the question in the events of the run, if it has one."""

    def __post_init__(self) -> None:
        if self.prompt_type not in ("confirm", "choice", "input"):
            raise InvalidArgumentError(
                f"prompt: expected confirm, choice or input, found {self.prompt_type!r}"
            )
        if self.prompt_type == "choice" and not self.choices:
            raise InvalidArgumentError(f"prompt {self.message!r}: expected choices, found none")


_handler: PromptHandler | None = None


def set_prompt_handler(handler: PromptHandler | None) -> PromptHandler | None:
    """From now on it answers all questions, of any thread; None: nobody does.

    Returns:
        The handler before.
    """
    global _handler
    previous, _handler = _handler, handler
    return previous


def ask(prompt: PromptConfig) -> Answer:
    """The answer: True for `confirm`, the chosen text, or the typed text.

    Raises:
        PromptUnavailableError: nobody answered.
        InvalidArgumentError: LITMUS_PROMPT_ANSWERS has an answer that the question does not allow.
    """
    if _handler is not None:
        return _handler(prompt)
    prepared = _prepared_answers()
    for key in (prompt.key, prompt.message):
        if key is not None and key in prepared:
            return _checked(prompt, prepared[key])
    server = os.environ.get("LITMUS_SERVER_URL")
    if server:
        from litmus.server_dialogs import ask_server  # its libraries take time to load

        return ask_server(server, prompt)
    automatic = os.environ.get("LITMUS_AUTO_CONFIRM")
    if automatic:
        return _automatic(prompt, automatic)
    link = slot_link()
    if link is not None and link.has_terminal:
        return link.ask(prompt)
    if not has_terminal():
        raise PromptUnavailableError(
            f"prompt {prompt.message!r}: there is no terminal; set LITMUS_PROMPT_ANSWERS or "
            "LITMUS_AUTO_CONFIRM to run unattended"
        )
    return _ask_on_terminal(prompt)


def _prepared_answers() -> Mapping[str, Any]:
    """LITMUS_PROMPT_ANSWERS: a JSON map from key or message to answer, or a file with one."""
    text = os.environ.get("LITMUS_PROMPT_ANSWERS", "").strip()
    if not text:
        return {}
    place = "LITMUS_PROMPT_ANSWERS"
    if not text.startswith("{"):
        place = f"{place}={text}"
        try:
            text = Path(text).read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidArgumentError(
                f"{place}: expected a JSON map or a file with one: {error.strerror}"
            ) from error
    try:
        answers = json.loads(text)
    except ValueError as error:
        raise InvalidArgumentError(f"{place}: expected a JSON map: {error}") from error
    if not isinstance(answers, dict):
        raise InvalidArgumentError(f"{place}: expected a JSON map, found {type(answers).__name__}")
    return answers


def _checked(prompt: PromptConfig, answer: Any) -> Answer:
    if prompt.prompt_type == "confirm":
        if answer is True or str(answer).lower() in ("y", "yes", "true", "1"):
            return True
        raise cancelled(prompt)
    if prompt.prompt_type == "choice" and str(answer) not in (prompt.choices or []):
        raise InvalidArgumentError(
            f"prompt {prompt.message!r}: expected one of {', '.join(prompt.choices or [])}, "
            f"found {answer!r}"
        )
    return str(answer)


def _automatic(prompt: PromptConfig, how: str) -> Answer:
    if how == "cancel":
        raise PromptUnavailableError(
            f"prompt {prompt.message!r}: cancelled by LITMUS_AUTO_CONFIRM", "cancelled"
        )
    if prompt.prompt_type == "confirm":
        return True
    return (prompt.choices or [""])[0] if prompt.prompt_type == "choice" else ""


def has_terminal() -> bool:
    """Whether somebody can type."""
    return sys.__stdin__ is not None and sys.__stdin__.isatty()


def question_text(prompt: PromptConfig) -> str:
    """What the terminal shows, choices below each other."""
    lines = [prompt.message]
    lines += [f"  {number}  {choice}" for number, choice in enumerate(prompt.choices or [], 1)]
    return "\n".join(lines)


def answer_hint(prompt: PromptConfig) -> str:
    """What may be typed."""
    hints = {"confirm": "[y/n] ", "choice": f"[1-{len(prompt.choices or [])}] ", "input": "> "}
    return hints[prompt.prompt_type]


def understood(prompt: PromptConfig, line: str) -> Answer | None:
    """The answer that was typed; None: it is none, so ask again.

    Raises:
        PromptUnavailableError: it is a no.
    """
    line, choices = line.strip(), prompt.choices or []
    if prompt.prompt_type == "input":
        return line
    if prompt.prompt_type == "confirm":
        if line.lower() in ("n", "no"):
            raise cancelled(prompt)
        return True if line.lower() in ("y", "yes") else None
    if line in choices:
        return line
    if line.isdigit() and 1 <= int(line) <= len(choices):
        return choices[int(line) - 1]
    return None


def cancelled(prompt: PromptConfig) -> PromptUnavailableError:
    """The operator does not want to."""
    return PromptUnavailableError(f"prompt {prompt.message!r}: cancelled", "cancelled")


def timed_out(prompt: PromptConfig) -> PromptUnavailableError:
    """Nobody answered."""
    return PromptUnavailableError(
        f"prompt {prompt.message!r}: no answer in {prompt.timeout_seconds} s", "timed_out"
    )


def _ask_on_terminal(prompt: PromptConfig) -> Answer:
    end = None if prompt.timeout_seconds is None else time.monotonic() + prompt.timeout_seconds
    print(f"\n{question_text(prompt)}", file=sys.__stdout__)
    while True:
        answer = understood(prompt, _read_line(prompt, answer_hint(prompt), end))
        if answer is not None:
            return answer


def _read_line(prompt: PromptConfig, hint: str, end: float | None) -> str:
    stdin = sys.__stdin__
    if stdin is None:
        raise PromptUnavailableError(f"prompt {prompt.message!r}: the terminal has gone")
    print(hint, end="", flush=True, file=sys.__stdout__)
    if end is not None:
        ready, _, _ = select.select([stdin], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise timed_out(prompt)
    line = stdin.readline()
    if not line:  # Ctrl-D
        raise cancelled(prompt)
    return line
