# SPDX-License-Identifier: Apache-2.0
"""Questions to the operator within a run: as markers and YAML files word them."""

import pytest

from litmus.errors import InvalidArgumentError, NotFoundError
from litmus.execution.prompting import ask_on_record, with_parameters
from litmus.prompts import Answer, PromptConfig
from litmus.pytest_plugin.inputs import uncaptured
from litmus.pytest_plugin.session import TestSession


class Prompter:
    """The fixture `prompt`: `prompt("connect_probe")`, or `prompt()` where there is only one."""

    def __init__(self, session: TestSession, config: pytest.Config) -> None:
        self._session = session
        self._config = config

    def __call__(self, key: str | None = None) -> Answer:
        """The answer.

        Raises:
            PromptUnavailableError: nobody answered.
            NotFoundError: there is no such prompt; the text lists them.
        """
        prompts = self._session.context.resolved.test.prompts
        if key is None:
            if len(prompts) != 1:
                raise InvalidArgumentError(
                    f"prompt(): expected one prompt in scope, found {', '.join(prompts) or 'none'}"
                )
            key = next(iter(prompts))
        if key not in prompts:
            raise NotFoundError(
                f"prompt {key!r}: not among the test's prompts: {', '.join(prompts) or 'none'}"
            )
        entry = prompts[key]
        return self.ask(
            PromptConfig(
                message=with_parameters(entry["message"], self._session.context.active_params()),
                prompt_type=entry.get("prompt_type") or "confirm",
                choices=entry.get("choices"),
                timeout_seconds=entry.get("timeout_seconds"),
                key=key,
            )
        )

    def ask(self, prompt: PromptConfig) -> Answer:
        """Asks, on record."""
        recording = self._session.recording
        attempt = self._session.attempt
        with uncaptured(self._config):
            return ask_on_record(
                prompt, recording.emit, recording.run_id, attempt.plan.name if attempt else None
            )
