# SPDX-License-Identifier: Apache-2.0
"""Questions to the operator within a run, with their events."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from litmus.data.events import DialogOpened, DialogResponded, EventBase
from litmus.prompts import Answer, PromptConfig, PromptUnavailableError, ask


def ask_on_record(
    prompt: PromptConfig,
    emit: Callable[[EventBase], object],
    run_id: UUID,
    step_name: str | None,
) -> Answer:
    """The answer; question and answer are events, whoever answers.

    Raises:
        PromptUnavailableError: nobody answered.
    """
    dialog_id = uuid4()
    emit(
        DialogOpened(
            dialog_id=dialog_id,
            dialog_type=prompt.prompt_type,
            title=prompt.key or "Question",
            message=prompt.message,
            step_name=step_name,
        )
    )
    began = time.monotonic()
    response, value = "cancelled", None
    try:
        answer = ask(
            replace(prompt, dialog_id=str(dialog_id), run_id=str(run_id), step_name=step_name)
        )
        response, value = "answered", answer
        return answer
    except PromptUnavailableError as error:
        response = "timed_out" if error.response_type == "timed_out" else "cancelled"
        raise
    finally:
        emit(
            DialogResponded(
                dialog_id=dialog_id,
                dialog_type=prompt.prompt_type,
                response_type=response,
                duration_seconds=time.monotonic() - began,
                value=None if value is None else str(value),
                choice=_choice(prompt, value),
            )
        )


def with_parameters(message: str, parameters: Mapping[str, Any]) -> str:
    """`{load}` stands for the parameter; braces of other kinds stay."""
    for name, value in parameters.items():
        message = message.replace("{" + name + "}", str(value))
    return message


def _choice(prompt: PromptConfig, value: Any) -> int | None:
    choices = prompt.choices or []
    return choices.index(value) if value in choices else None
