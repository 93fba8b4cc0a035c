# SPDX-License-Identifier: Apache-2.0
"""Questions to the operator as dialogs of a running server."""

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from litmus.prompts import Answer, PromptConfig

_WAIT_S = 30.0  # of one request; the question itself waits as long as it is allowed to


def ask_server(url: str, prompt: "PromptConfig") -> "Answer":
    """Shows the dialog and waits for its answer.

    Args:
        url: of the server.
        prompt: the question.

    Raises:
        PromptUnavailableError: it was cancelled, nobody answered in time, or there is no server.
    """
    from litmus.prompts import PromptUnavailableError, cancelled, timed_out

    place = f"prompt {prompt.message!r}"
    try:
        answer = _answer(url.rstrip("/") + "/api/dialogs", prompt)
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        raise PromptUnavailableError(f"{place}: server {url}: {error}") from error
    if answer.get("timed_out"):
        raise timed_out(prompt)
    is_refused = prompt.prompt_type == "confirm" and not answer.get("confirmed")
    if answer.get("cancelled") or is_refused:
        raise cancelled(prompt)
    if prompt.prompt_type == "confirm":
        return True
    return str(answer.get("choice" if prompt.prompt_type == "choice" else "value") or "")


def _answer(dialogs: str, prompt: "PromptConfig") -> dict[str, Any]:
    given = {
        "id": prompt.dialog_id,
        "type": prompt.prompt_type,
        "title": prompt.key or "Question",
        "message": prompt.message,
        "choices": prompt.choices,
        "timeout_seconds": prompt.timeout_seconds,
        "run_id": prompt.run_id,
        "step_name": prompt.step_name,
    }
    created = _call(dialogs, {name: value for name, value in given.items() if value is not None})
    end = None if prompt.timeout_seconds is None else time.monotonic() + prompt.timeout_seconds
    while True:
        left = _WAIT_S if end is None else min(_WAIT_S, end - time.monotonic())
        if left <= 0:
            return {"timed_out": True}
        answer = _call(f"{dialogs}/{created['dialog_id']}/wait?timeout={left:.3f}")
        if not answer.get("timed_out"):
            return answer


def _call(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=2 * _WAIT_S) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        raise OSError(f"{url}: HTTP {error.code}: {error.read(200)!r}") from error
